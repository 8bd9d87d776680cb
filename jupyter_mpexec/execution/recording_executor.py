"""Keeping what a quantum leaves behind, beside its result."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from lsst.daf.butler import Quantum
from lsst.daf.butler.logging import ButlerLogRecords
from lsst.pipe.base import TaskMetadata
from lsst.pipe.base.pipeline_graph import TaskNode
from lsst.pipe.base.quantum_graph_executor import QuantumExecutionResult, QuantumExecutor

__all__ = ["RecordingExecutor"]


class RecordingExecutor(QuantumExecutor):
    """Passes quanta on to another executor, and keeps metadata and log of the last one.

    Parameters
    ----------
    executor
        Does the work.
    on_error
        Called with the exception of a quantum that failed, while its frames are still alive.
    """

    def __init__(
        self, executor: QuantumExecutor, on_error: Callable[[Exception], object] | None = None
    ) -> None:
        self._executor = executor
        self._on_error = on_error
        self._last: tuple[str, TaskMetadata | None, ButlerLogRecords | None] = ("", None, None)

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
        self._last = (str(quantum_id), None, log_records)
        try:
            given: Any = self._executor.execute(
                task_node, quantum, quantum_id=quantum_id, log_records=log_records
            )
        except Exception as error:
            if self._on_error is not None:
                self._on_error(error)
            raise
        # Executors written against the older interface return a plain pair.
        result = given if isinstance(given, QuantumExecutionResult) else QuantumExecutionResult(*given)
        self._last = (str(quantum_id), result.task_metadata, log_records)
        return result

    def take(self, quantum_id: str) -> tuple[TaskMetadata | None, ButlerLogRecords | None]:
        """Get what the quantum left, if it was the last to be executed; and forget it."""
        last_id, metadata, log_records = self._last
        if last_id != quantum_id:
            return None, None
        self._last = ("", None, None)
        return metadata, log_records
