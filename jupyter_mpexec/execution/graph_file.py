"""Read quantum graph files, new (``.qg``) and old (``.qgraph``)."""

from __future__ import annotations

import os
from collections.abc import Iterable
from uuid import UUID

from lsst.daf.butler import Butler
from lsst.pipe.base import BuildId, QuantumGraph
from lsst.pipe.base.quantum_graph import PredictedQuantumGraph, PredictedQuantumGraphComponents
from lsst.resources import ResourcePath

from jupyter_mpexec.errors import QuantumGraphError, TaskNotFoundError, UsageError, sentence

from .zipfile_fix import mend_zipfile

__all__ = ["read_graph"]


def read_graph(
    uri: str | os.PathLike[str] | ResourcePath,
    butler: Butler,
    *,
    quantum_ids: Iterable[UUID | str] | None = None,
    graph_id: str | None = None,
) -> PredictedQuantumGraphComponents:
    """Read a quantum graph file.

    Parameters
    ----------
    uri
        Path or URI, ending in ``.qg`` or ``.qgraph``.
    butler
        Client of the repository that the graph is for: the old format needs its dimensions.
    quantum_ids
        Read these quanta only; what is read is then a complete graph of its own.
    graph_id
        Identifier that an old graph must have.

    Raises
    ------
    QuantumGraphError
        Raised if there is no such file, it is damaged, or has no such quantum.
    TaskNotFoundError
        Raised if the class of a task cannot be imported.
    """
    location = ResourcePath(uri if isinstance(uri, str | ResourcePath) else os.fspath(uri))
    name = location.ospath if location.isLocal else str(location)
    extension = location.getExtension()
    if extension not in (".qg", ".qgraph"):
        raise QuantumGraphError(f"A quantum graph file has a name that ends in .qg or .qgraph: {name}.")
    chosen = None if quantum_ids is None else _as_uuids(quantum_ids)
    try:
        if not location.exists():
            raise QuantumGraphError(f"There is no quantum graph file {name}.")
        if extension == ".qg":
            return _read_new(location, chosen)
        return _read_old(location, butler, chosen, graph_id)
    except (QuantumGraphError, MemoryError):
        raise
    except ImportError as error:
        raise TaskNotFoundError(
            f"A task of the quantum graph {name} cannot be imported: {str(error).rstrip('.')}.",
            hint="Check that its package is installed in this environment.",
        ) from error
    except Exception as error:  # a damaged file can fail in any of five parsers
        missing = [str(quantum_id) for quantum_id in chosen or () if str(quantum_id) in str(error)]
        if missing:
            raise QuantumGraphError(
                f"The quantum graph {name} has no quantum {', '.join(missing)}."
            ) from error
        raise _damaged(name, error) from error


def _read_new(location: ResourcePath, quantum_ids: list[UUID] | None) -> PredictedQuantumGraphComponents:
    mend_zipfile()
    with PredictedQuantumGraph.open(location) as reader:
        if quantum_ids is None:
            reader.read_all()
            return reader.components
        reader.read_execution_quanta(quantum_ids)
        components: PredictedQuantumGraphComponents = reader.components
    components.set_thin_graph()
    components.set_header_counts()
    return components


def _read_old(
    location: ResourcePath, butler: Butler, quantum_ids: list[UUID] | None, graph_id: str | None
) -> PredictedQuantumGraphComponents:
    graph = QuantumGraph.loadUri(
        location,
        butler.dimensions,
        nodes=quantum_ids,
        graphID=BuildId(graph_id) if graph_id is not None else None,
    )
    return PredictedQuantumGraphComponents.from_old_quantum_graph(graph)


def _as_uuids(quantum_ids: Iterable[UUID | str]) -> list[UUID]:
    try:
        return [each if isinstance(each, UUID) else UUID(each) for each in quantum_ids]
    except (ValueError, AttributeError) as error:
        raise UsageError(f"A quantum ID is not a UUID: {sentence(error)}") from error


def _damaged(name: str, error: Exception) -> QuantumGraphError:
    reason = " ".join(str(error).split())[:300].rstrip(".") or type(error).__name__
    return QuantumGraphError(
        f"The quantum graph {name} cannot be read: {reason}.",
        hint="The file is damaged, or was written by a version that does not fit: build the graph again.",
    )
