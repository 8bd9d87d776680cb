"""Reading the datasets of one quantum, wherever its run has come to."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

from lsst.daf.butler import Butler, DatasetRef, LimitedButler, Quantum, QuantumBackedButler

from ..built_graph import BuiltQuantumGraph
from ..middleware import butler_config, export_datastore_records
from ..repository import open_butler
from ..shared_butler import can_share

__all__ = ["DatasetReader", "datasets_of"]


class DatasetReader:
    """Opens butlers that read what a quantum reads and writes, from the registry or from where it is predicted to be.

    Outputs of a run that goes on may not be in the registry yet.

    Parameters
    ----------
    built
        The graph, with its repository.
    quantum
        The quantum.
    """

    def __init__(self, built: BuiltQuantumGraph, quantum: Quantum) -> None:
        self._built = built
        self._quantum = quantum
        self._local = threading.local()

    @contextlib.contextmanager
    def opened(self) -> Iterator[LimitedButler]:
        """Give a butler for this thread; within the context, the same one each time."""
        opened: LimitedButler | None = getattr(self._local, "butler", None)
        if opened is not None:
            yield opened
            return
        with open_butler(self._built.repository) as full, self._reader(full) as butler:
            self._local.butler = butler
            try:
                yield butler
            finally:
                self._local.butler = None

    def _reader(self, full: Butler) -> contextlib.AbstractContextManager[LimitedButler]:
        config = butler_config(full)
        if config is None or not can_share(full):
            return contextlib.nullcontext(full)
        refs = datasets_of(self._quantum)
        return QuantumBackedButler.from_predicted(
            config=config,
            predicted_inputs=[ref.id for ref in refs],
            predicted_outputs=[],
            dimensions=full.dimensions,
            datastore_records=export_datastore_records(full, refs),
            dataset_types={
                name: node.dataset_type
                for name, node in self._built.pipeline_graph.dataset_types.items()
                if node is not None
            },
        )


def datasets_of(quantum: Quantum) -> list[DatasetRef]:
    """List what a quantum reads and writes, init-inputs too; whole datasets in place of components."""
    refs = [*quantum.initInputs.values()]
    for datasets in (*quantum.inputs.values(), *quantum.outputs.values()):
        refs.extend(ref.makeCompositeRef() if ref.isComponent() else ref for ref in datasets)
    return list(dict.fromkeys(refs))
