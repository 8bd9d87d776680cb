"""Errors that callers of upstream's executors already catch."""

from __future__ import annotations

from lsst.pipe.base.mp_graph_executor import MPGraphExecutorError, MPTimeoutError

from ..errors import RunError

__all__ = ["GraphExecutionError", "QuantumCancelledError", "QuantumTimeoutError", "WorkerDiedError"]


class GraphExecutionError(RunError, MPGraphExecutorError):
    """At least one quantum failed, or the graph could not be executed at all."""


class QuantumTimeoutError(GraphExecutionError, MPTimeoutError):
    """Quanta took longer than they were allowed to."""


class WorkerDiedError(GraphExecutionError):
    """A worker process ended in the middle of a quantum."""


class QuantumCancelledError(KeyboardInterrupt):
    """Raised inside a running quantum to end it.

    It derives from `KeyboardInterrupt`, so that a task that handles every `Exception` does not swallow it.
    """
