"""Running quanta in a worker process, one after the other."""

from __future__ import annotations

import contextlib
import dataclasses
import gc
import logging
import pickle
import sys
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from lsst.daf.butler import DatasetRef, Quantum
from lsst.daf.butler.logging import ButlerLogRecords, JsonLogFormatter
from lsst.pipe.base import InvalidQuantumError, RepeatableQuantumError
from lsst.pipe.base.pipeline_graph import TaskNode
from lsst.pipe.base.quantum_graph_executor import QuantumExecutor

from ..display.formats import bytes_
from ..errors import RunError
from ..events import QuantumEnded
from .in_kernel import ending_event, failure_event
from .log_state import LogState
from .memory_limit import MemoryLimit
from .printed_lines import keep_from_handlers, printed_lines
from .quantum_data import QuantumData
from .quantum_logging import quantum_logging
from .recording_executor import RecordingExecutor
from .resources import Stopwatch
from .single_quantum_executor import SingleQuantumExecutor
from .worker_butler import WorkerButler, WrittenReport
from .worker_messages import PruneReply, PruneRequest, QuantumDone, RunQuantum, WorkerSetup

__all__ = ["WorkerSession"]


class WorkerSession:
    """What a worker keeps from quantum to quantum: butler, executor, task nodes.

    Parameters
    ----------
    setup
        What the parent sent first.
    connection
        The pipe to the parent.
    log_file
        Where log records go as they come, so that they outlive the process.

    Attributes
    ----------
    memory_limit
        Holds while a quantum runs; None if there is none.
    """

    def __init__(self, setup: WorkerSetup, connection: Connection, log_file: str) -> None:
        self._connection = connection
        self._wants_traces = setup.wants_traces
        self._parcels: dict[str, bytes] = {}
        self._tasks: dict[str, TaskNode] = {}
        self._set_up_logging(setup)
        self._log_stream = Path(log_file).open("w")  # noqa: SIM115  # open as long as the process lives
        self._log_handler = logging.StreamHandler(self._log_stream)
        self._log_handler.setFormatter(JsonLogFormatter())
        executor: QuantumExecutor = pickle.loads(setup.executor)
        self._butler: WorkerButler | None = None
        if setup.butler is not None:
            assert isinstance(executor, SingleQuantumExecutor), "Only for those a recipe is sent."
            self._butler = WorkerButler.make(pickle.loads(setup.butler), self._ask_to_prune)
            executor = executor.using(self._butler)
        self._executor = RecordingExecutor(executor, captures=setup.captures)
        self.memory_limit: MemoryLimit | None = None

    def run(self, order: RunQuantum) -> QuantumDone:
        """Run a quantum; whatever it raises is its failure."""
        stopwatch = Stopwatch(reset_peak=True)
        logs = ButlerLogRecords([])
        exit_code, repeatable, out_of_memory = 0, False, False
        event: QuantumEnded
        with self._spooled_logs():
            try:
                quantum = self._unpack(order)
                with printed_lines(), self.memory_limit or contextlib.nullcontext():
                    result = self._executor.execute(
                        quantum.task_node, quantum.quantum, quantum_id=order.quantum_id, log_records=logs
                    )
                event = ending_event(quantum, result, stopwatch.read(), exit_code=0)
            except BaseException as error:
                # A task that calls sys.exit() ends itself, not the worker.
                exit_code = _exit_code(error)
                repeatable = isinstance(error, RepeatableQuantumError)
                event = failure_event(
                    _identity(order),
                    error,
                    stopwatch.read(),
                    logs,
                    attempt=order.attempt,
                    exit_code=exit_code,
                )
                if self.memory_limit is not None and self.memory_limit.was_hit_by(error):
                    out_of_memory = True
                    event = dataclasses.replace(event, message=_about_memory(error, self.memory_limit))
        traces = self._executor.take(str(order.quantum_id))
        report = WrittenReport()
        if self._butler is not None:
            report = self._butler.report(succeeded=exit_code == 0)
        return QuantumDone(
            event=event,
            written=report.dataset_ids,
            records=report.records,
            traces=pickle.dumps((traces.metadata, logs)) if self._wants_traces else None,
            capsule=traces.capsule.to_json() if traces.capsule is not None else "",
            repeatable=repeatable,
            worn_out=out_of_memory or self._holds_on_to_too_much(),
        )

    def _holds_on_to_too_much(self) -> bool:
        """Tell whether the next quantum would be refused what it may have, because of quanta that are over."""
        limit = self.memory_limit
        if limit is None or not limit.is_half_used_up():
            return False
        gc.collect()
        return limit.is_half_used_up()

    def _unpack(self, order: RunQuantum) -> QuantumData:
        if order.task is not None:
            self._parcels[order.task_label] = order.task
        # If it cannot be loaded, it fails again for the next quantum, with the same explanation.
        node = self._tasks.get(order.task_label) or _load_task(self._parcels[order.task_label])
        self._tasks[order.task_label] = node
        parts: dict[str, Any] = pickle.loads(order.quantum)
        quantum = Quantum(taskName=node.task_class_name, taskClass=node.task_class, **parts)
        if self._butler is not None:
            self._butler.expect(quantum, order.records)
        assert quantum.dataId is not None, "Only quanta outside graphs have no data ID."
        return QuantumData(
            quantum_id=order.quantum_id,
            task_node=node,
            data_coordinate=quantum.dataId,
            make_quantum=lambda: quantum,
        )

    @contextlib.contextmanager
    def _spooled_logs(self) -> Any:
        self._log_stream.seek(0)
        self._log_stream.truncate()
        root = logging.getLogger()
        root.addHandler(self._log_handler)
        try:
            yield
        finally:
            root.removeHandler(self._log_handler)

    def _set_up_logging(self, setup: WorkerSetup) -> None:
        state: LogState = pickle.loads(setup.logging)
        state.apply()
        keep_from_handlers()
        # For as long as the process lives.
        self._logging = contextlib.ExitStack()
        self._logging.enter_context(quantum_logging())

    def _ask_to_prune(self, refs: list[DatasetRef]) -> None:
        self._connection.send(PruneRequest(pickle.dumps(refs)))
        reply = self._connection.recv()
        assert isinstance(reply, PruneReply), "The parent answers before it sends anything else."
        if reply.error:
            raise RunError(f"Existing outputs cannot be removed: {reply.error}")


def _identity(order: RunQuantum) -> dict[str, object]:
    return {
        "time": time.time(),
        "quantum_id": str(order.quantum_id),
        "task_label": order.task_label,
        "data_id": order.data_id,
    }


def _about_memory(error: BaseException, limit: MemoryLimit) -> str:
    refused = f"{error}. " if str(error) else ""
    return (
        f"{refused}The quantum needs more memory than its worker may have, which is {bytes_(limit.size)} (max_memory, "
        "--max-memory). Give each worker more, or make the task need less."
    )


def _load_task(parcel: bytes) -> TaskNode:
    main_classes, node = pickle.loads(parcel)
    # A stored configuration names its classes by module: those of a notebook must be found in `__main__`.
    main = sys.modules["__main__"]
    for name, value in pickle.loads(main_classes).items():
        setattr(main, name, value)
    task_node: TaskNode = pickle.loads(node)
    return task_node


def _exit_code(error: BaseException) -> int:
    """The exit code that upstream's process would have had."""
    if isinstance(error, SystemExit) and isinstance(error.code, int):
        return error.code or 1
    return int(error.EXIT_CODE) if isinstance(error, InvalidQuantumError) else 1
