"""Keeping what quanta leave behind, beside their results."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from lsst.daf.butler import Quantum
from lsst.daf.butler.logging import ButlerLogRecords
from lsst.pipe.base.pipeline_graph import TaskNode
from lsst.pipe.base.quantum_graph_executor import QuantumExecutionResult, QuantumExecutor

from .quantum_remains import QuantumRemains
from .workbench.capsule_capture import capture_failure

__all__ = ["RecordingExecutor"]


class RecordingExecutor(QuantumExecutor):
    """Passes quanta on to another executor, and keeps what they leave until it is taken.

    Parameters
    ----------
    executor
        Does the work.
    on_error
        Called with the exception of a quantum that failed, while its frames are still alive.
    wants_traces
        Somebody will ask for metadata and logs; a model that gets them from other processes has to fetch them.
    captures
        Describe failures with their frames.

    Attributes
    ----------
    executor, wants_traces, captures
        As given.
    """

    def __init__(
        self,
        executor: QuantumExecutor,
        on_error: Callable[[Exception], object] | None = None,
        *,
        wants_traces: bool = False,
        captures: bool = False,
    ) -> None:
        self.captures = captures
        self.executor = executor
        self.wants_traces = wants_traces
        self._on_error = on_error
        self._remains: dict[str, QuantumRemains] = {}

    def execute(
        self,
        task_node: TaskNode,
        /,
        quantum: Quantum,
        quantum_id: uuid.UUID | None = None,
        *,
        log_records: ButlerLogRecords | None = None,
    ) -> QuantumExecutionResult:
        """Execute a quantum; see `lsst.pipe.base.quantum_graph_executor.QuantumExecutor.execute`."""
        self.note(str(quantum_id), QuantumRemains(logs=log_records))
        try:
            given: Any = self.executor.execute(
                task_node, quantum, quantum_id=quantum_id, log_records=log_records
            )
        except (Exception, SystemExit) as error:
            if self.captures:
                capsule = capture_failure(error, task_node, quantum, quantum_id, log_records)
                self.note(str(quantum_id), QuantumRemains(logs=log_records, capsule=capsule))
            if self._on_error is not None and isinstance(error, Exception):
                self._on_error(error)
            raise
        # Executors written against the older interface return a plain pair.
        result = given if isinstance(given, QuantumExecutionResult) else QuantumExecutionResult(*given)
        self.note(str(quantum_id), QuantumRemains(metadata=result.task_metadata, logs=log_records))
        return result

    def note(self, quantum_id: str, remains: QuantumRemains) -> None:
        """Keep what a quantum left, wherever it ran."""
        self._remains[quantum_id] = remains

    def take(self, quantum_id: str) -> QuantumRemains:
        """Get what a quantum left, and forget it; nothing at all if it left nothing."""
        return self._remains.pop(quantum_id, QuantumRemains())

    def take_all(self) -> list[QuantumRemains]:
        """Get what nobody has taken."""
        remains = list(self._remains.values())
        self._remains.clear()
        return remains
