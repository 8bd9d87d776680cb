"""One quantum of a run, with what has to happen before it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from lsst.daf.butler import DataCoordinate, DatasetRef, Quantum
from lsst.pipe.base.pipeline_graph import TaskNode

from ..events import DataId

__all__ = ["QuantumData"]


@dataclass(kw_only=True, eq=False)
class QuantumData:
    """A quantum, its task, and the quanta that must be done before it.

    Parameters
    ----------
    quantum_id
        Identifier of the quantum in its graph.
    task_node
        Its task, with configuration and connections.
    data_coordinate
        Its data ID.
    prerequisites
        Identifiers of the quanta that it waits for.
    make_quantum
        Gives the `lsst.daf.butler.Quantum`; called when it is first needed, because building all quanta of a
        large graph takes long.
    """

    quantum_id: uuid.UUID
    task_node: TaskNode
    data_coordinate: DataCoordinate
    prerequisites: frozenset[uuid.UUID] = frozenset()
    make_quantum: Callable[[], Quantum] = field(repr=False)

    @cached_property
    def quantum(self) -> Quantum:
        """Resolved inputs and outputs of the quantum."""
        return self.make_quantum()

    @property
    def output_refs(self) -> list[DatasetRef]:
        """All datasets that it is predicted to write, metadata and log among them."""
        return [ref for refs in self.quantum.outputs.values() for ref in refs]

    def release(self) -> None:
        """Free the memory of `quantum`, which is built again if somebody asks for it."""
        self.__dict__.pop("quantum", None)

    @property
    def task_label(self) -> str:
        """Label of the task."""
        return self.task_node.label

    @property
    def data_id(self) -> DataId:
        """Required values of the data ID."""
        return dict(self.data_coordinate.required)

    @property
    def name(self) -> str:
        """Task label and data ID in one short text."""
        return f"{self.task_label}({', '.join(f'{k}={v}' for k, v in self.data_id.items())})"
