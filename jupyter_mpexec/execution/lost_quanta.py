"""What is said of quanta whose worker process is gone, and what they may have left."""

from __future__ import annotations

import pickle
import time
from collections.abc import Iterable

from lsst.daf.butler import DatasetRef
from lsst.pipe.base import ExceptionInfo
from lsst.utils.introspection import get_full_type_name

from ..display.formats import bytes_
from ..events import QuantumCancelled, QuantumFailed
from .errors import GraphExecutionError, QuantumTimeoutError, WorkerDiedError
from .execution_model import identity
from .in_kernel import last_lines
from .quantum_data import QuantumData
from .quantum_remains import QuantumRemains
from .workbench.failure_capsule import FailureCapsule
from .worker_messages import QuantumDone
from .worker_process import WorkerProcess, describe_exit

__all__ = ["cancelled_quantum", "done_quantum", "lost_quantum"]


def done_quantum(quantum: QuantumData, done: QuantumDone) -> QuantumRemains:
    """Tell what a quantum left that came to an end of its own."""
    metadata, logs = pickle.loads(done.traces) if done.traces else (None, None)
    written = frozenset(done.written)
    return QuantumRemains(
        metadata=metadata,
        logs=logs,
        written=tuple(ref for ref in quantum.output_refs if ref.id in written) if written else (),
        records=pickle.loads(done.records) if done.records else None,
        capsule=FailureCapsule.from_json(done.capsule) if done.capsule else None,
    )


def cancelled_quantum(quantum: QuantumData, seconds: float) -> tuple[QuantumCancelled, QuantumRemains]:
    """Tell that a quantum was ended because somebody wished so."""
    event = QuantumCancelled(**identity(quantum), duration=seconds, reason="interrupted")
    return event, QuantumRemains(doubtful=tuple(quantum.output_refs))


def lost_quantum(
    worker: WorkerProcess, exit_code: int, *, timeout: float | None = None
) -> tuple[QuantumFailed, QuantumRemains]:
    """Tell of the failure of a quantum whose worker has died.

    Parameters
    ----------
    worker
        The worker.
    exit_code
        Its exit code.
    timeout
        Seconds that the quantum was allowed, if it was killed because it took more.
    """
    assert worker.assignment is not None, "An idle worker has no quantum to lose."
    quantum = worker.assignment.quantum
    logs, place = worker.last_words()
    error: type[GraphExecutionError] = WorkerDiedError
    message = f"The worker process {describe_exit(exit_code)}."
    if exit_code < 0 and worker.max_memory is not None:
        message += (
            f" It was allowed {bytes_(worker.max_memory)} of memory (max_memory, --max-memory), and may have needed "
            "more: give each worker more, or make the task need less."
        )
    if timeout is not None:
        error, message = QuantumTimeoutError, f"It took longer than {timeout:g} s, and was ended."
    exception = ExceptionInfo(type_name=get_full_type_name(error), message=message, metadata={})
    logs.extra = {"exception": exception.model_dump()}
    event = QuantumFailed(
        **identity(quantum),
        duration=time.monotonic() - worker.assignment.started,
        exception=exception.type_name,
        message=message,
        traceback=place,
        log=last_lines(logs),
        exit_code=exit_code,
        timed_out=timeout is not None,
        attempt=worker.assignment.attempt,
    )
    return event, QuantumRemains(logs=logs, doubtful=tuple(quantum.output_refs), log_ref=_log_ref(quantum))


def _log_ref(quantum: QuantumData) -> DatasetRef | None:
    edge = quantum.task_node.log_output
    if edge is None:
        return None
    refs: Iterable[DatasetRef] = quantum.quantum.outputs.get(edge.dataset_type_name, ())
    return next(iter(refs), None)
