"""What the five steps of executing a quantum hand to each other."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any

from lsst.daf.butler import DataCoordinate, LimitedButler, Quantum
from lsst.daf.butler.logging import ButlerLogRecords
from lsst.pipe.base import TaskMetadata
from lsst.pipe.base.pipeline_graph import TaskNode

__all__ = ["QuantumAttempt"]


@dataclass(kw_only=True)
class QuantumAttempt:
    """One attempt to execute one quantum.

    Parameters
    ----------
    task_node
        The task, with configuration and connections.
    quantum
        Inputs and outputs; `SingleQuantumExecutor.update_quantum_inputs` replaces it by one without inputs that do
        not exist.
    quantum_id
        Identifier in the graph, if known.
    butler
        Reads inputs and writes outputs.
    log_records
        Where log records are collected; None to stream them to a file.
    metadata
        The ``quantum`` part of the metadata: times, memory, caveats.
    outputs_put
        Identifiers of the datasets that the task has written so far.
    log_extra
        What is stored with the log beside the log records (an upstream model).
    """

    task_node: TaskNode
    quantum: Quantum
    quantum_id: uuid.UUID | None
    butler: LimitedButler
    log_records: ButlerLogRecords | None = None
    metadata: TaskMetadata = field(default_factory=TaskMetadata)
    outputs_put: list[uuid.UUID] = field(default_factory=list)
    log_extra: Any = None

    @property
    def data_id(self) -> DataCoordinate:
        """Data ID of the quantum."""
        assert self.quantum.dataId is not None, "Every quantum of a graph has one."
        return self.quantum.dataId

    @property
    def name(self) -> str:
        """Task label and data ID, for messages."""
        data_id = ", ".join(f"{key}={value}" for key, value in self.data_id.required.items())
        return f"{self.task_node.label}({data_id})"
