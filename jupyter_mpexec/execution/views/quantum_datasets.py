"""What a quantum reads and writes, as dataset refs, and which of that exists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from lsst.daf.butler import (
    DataCoordinate,
    DatasetNotFoundError,
    DatasetRef,
    MissingCollectionError,
    MissingDatasetTypeError,
)

if TYPE_CHECKING:
    from lsst.daf.butler import Butler

    from jupyter_mpexec.execution.built_graph import BuiltQuantumGraph

__all__ = ["QuantumDataset", "get_line", "quantum_datasets", "read_named"]


@dataclass(frozen=True)
class QuantumDataset:
    """A dataset that a quantum reads or writes.

    Parameters
    ----------
    ref
        The dataset.
    role
        Whether it is read or written; logs and metadata, which every task writes, are apart.
    exists
        Whether it is in the datastore.
    """

    ref: DatasetRef
    role: Literal["input", "output", "record"]
    exists: bool

    @property
    def data_id(self) -> Mapping[str, int | str]:
        """Required values of its data ID."""
        return dict(self.ref.dataId.required)


def quantum_datasets(built: BuiltQuantumGraph, quantum_id: str, butler: Butler) -> list[QuantumDataset]:
    """List the datasets of a quantum: inputs, outputs, then log and metadata.

    Parameters
    ----------
    built
        The graph; no quantum of it is built.
    quantum_id
        The quantum.
    butler
        Tells what exists.
    """
    quantum = built.components.quantum_datasets[UUID(quantum_id)]
    types = built.pipeline_graph.dataset_types
    task = built.pipeline_graph.tasks[quantum.task_label]
    automatic = {
        edge.parent_dataset_type_name for edge in (task.log_output, task.metadata_output) if edge is not None
    }
    found: dict[DatasetRef, Literal["input", "output", "record"]] = {}
    for is_read, connections in ((True, quantum.inputs), (False, quantum.outputs)):
        for dataset in (dataset for several in connections.values() for dataset in several):
            dataset_type = types[dataset.dataset_type_name].dataset_type
            data_id = DataCoordinate.from_full_values(dataset_type.dimensions, tuple(dataset.data_coordinate))
            ref = DatasetRef(dataset_type, data_id, run=dataset.run, id=dataset.dataset_id)
            written = "record" if dataset_type.name in automatic else "output"
            found.setdefault(ref, "input" if is_read else written)  # type: ignore[arg-type]  # one of the three
    stored = butler.stored_many(found)
    order = ("input", "output", "record")
    listed = sorted(found, key=lambda ref: (order.index(found[ref]), ref))
    return [QuantumDataset(ref, found[ref], stored[ref]) for ref in listed]


def read_named(butler: Butler, name: str, data_id: Mapping[str, int | str], run: str) -> Any:
    """Read a dataset of which no graph is at hand.

    Parameters
    ----------
    butler
        Reads it.
    name, data_id
        Dataset type and data ID.
    run
        Collection that it is in.

    Returns
    -------
    value
        The dataset; None if there is none.
    """
    try:
        return butler.get(name, dict(data_id), collections=run)
    except (DatasetNotFoundError, MissingCollectionError, MissingDatasetTypeError, FileNotFoundError):
        return None


def get_line(dataset: QuantumDataset) -> str:
    """Write the Python code that reads a dataset of the last run."""
    values = "".join(f", {name}={value!r}" for name, value in dataset.data_id.items())
    # The output of the run may not hold the collections of inputs, and may have newer outputs of another run.
    where = f"collections={dataset.ref.run!r}"
    return f"_run.butler().get({dataset.ref.datasetType.name!r}{values}, {where})"
