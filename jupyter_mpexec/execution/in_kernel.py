"""The simplest execution model: quanta run one after the other, in this process, on the thread that asks."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import threading
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from lsst.daf.butler.logging import ButlerLogRecords
from lsst.pipe.base import InvalidQuantumError, QuantumSuccessCaveats, RepeatableQuantumError
from lsst.pipe.base.quantum_graph_executor import QuantumExecutionResult, QuantumExecutor
from lsst.utils.introspection import get_full_type_name

from ..debug.value_text import error_message
from ..events import (
    Event,
    QuantumCancelled,
    QuantumEnded,
    QuantumFailed,
    QuantumFinished,
    QuantumReset,
    QuantumSkipped,
    QuantumStarted,
)
from ..status import QuantumStatus
from .errors import QuantumCancelledError
from .execution_model import blocked_events, identity
from .interrupts import Interrupts
from .quantum_data import QuantumData
from .resources import ResourceUse, Stopwatch
from .retry_policy import RetryPolicy
from .run_control import RunControl
from .schedule import Schedule
from .sequential import SequentialModel
from .task_traceback import task_traceback

__all__ = ["InKernelModel", "all_lines", "ending_event", "failure_event", "last_lines"]

_LOG_LINES = 50


class InKernelModel(SequentialModel):
    """Runs quanta in this process.

    Parameters
    ----------
    quantum_executor
        Runs one quantum; what it raises is the failure of that quantum.
    retry
        What is tried again.

    Notes
    -----
    An interrupt (■, Ctrl-C, `RunControl.stop` with ``interrupt=True``, `RunControl.cancel` of the running quantum) ends
    the quantum as cancelled.
    """

    def __init__(self, quantum_executor: QuantumExecutor, *, retry: RetryPolicy | None = None) -> None:
        self._executor = quantum_executor
        self._retry = retry or RetryPolicy()
        self._running: uuid.UUID | None = None
        self._attempts: dict[uuid.UUID, int] = {}

    def execute(self, quanta: Iterable[QuantumData], control: RunControl) -> Iterator[Event]:
        """Run quanta; see `ExecutionModel.execute`."""
        self._interrupts = Interrupts(lambda: control.stop("interrupted"))
        control.set_interrupter(self._interrupt)
        try:
            with self._interrupts.handle_signals():
                yield from super().execute(quanta, control)
        finally:
            control.set_interrupter(None)

    def _interrupt(self, quantum_id: uuid.UUID | None) -> None:
        if quantum_id is None or quantum_id == self._running:
            self._interrupts.interrupt()

    def run_one(self, quantum: QuantumData, schedule: Schedule) -> Iterator[Event]:
        """Run one quantum; see `SequentialModel.run_one`."""
        quantum_id = quantum.quantum_id
        attempt = self._attempts[quantum_id] = self._attempts.get(quantum_id, 0) + 1
        yield QuantumStarted(
            **identity(quantum), worker=threading.current_thread().name, pid=os.getpid(), attempt=attempt
        )
        log_records = ButlerLogRecords([])
        stopwatch = Stopwatch()
        event: Event
        self._running = quantum_id
        try:
            result = self._interrupts.run(
                lambda: self._executor.execute(
                    quantum.task_node, quantum.quantum, quantum_id=quantum_id, log_records=log_records
                )
            )
        except QuantumCancelledError:
            blocked = schedule.fail(quantum_id, QuantumStatus.CANCELLED)
            event = QuantumCancelled(**identity(quantum), **vars(stopwatch.read()), reason="interrupted")
        except (Exception, SystemExit, KeyboardInterrupt) as error:
            # A task that calls sys.exit() has failed; it does not end the notebook, or the run.
            event = failure_event(identity(quantum), error, stopwatch.read(), log_records, attempt=attempt)
            wait = self._retry.wait_after(attempt) if isinstance(error, RepeatableQuantumError) else None
            if wait is not None:
                yield from self._try_again(quantum, event, wait, schedule)
                return
            blocked = schedule.fail(quantum_id)
        else:
            schedule.succeed(quantum_id)
            blocked = []
            event = ending_event(quantum, result, stopwatch.read())
        finally:
            self._running = None
        yield event
        yield from blocked_events(blocked, quantum_id)

    def _try_again(
        self, quantum: QuantumData, event: QuantumFailed, wait: float, schedule: Schedule
    ) -> Iterator[Event]:
        yield dataclasses.replace(event, will_retry=True)
        schedule.put_off(quantum.quantum_id)
        yield QuantumReset(**identity(quantum))
        with contextlib.suppress(QuantumCancelledError):
            self._interrupts.run(lambda: time.sleep(wait))
        schedule.put_back(quantum.quantum_id)


def ending_event(
    quantum: QuantumData, result: QuantumExecutionResult, use: ResourceUse, *, exit_code: int | None = None
) -> QuantumEnded:
    """Turn the result of a quantum into the event that tells of it."""
    common = {**identity(quantum), **vars(use), "exit_code": exit_code}
    if result.skipped_existing:
        return QuantumSkipped(**common, reason="existing")
    caveats = 0
    if result.adjusted_no_work:
        caveats = QuantumSuccessCaveats.from_adjust_quantum_no_work().value
    elif result.task_metadata is not None and "quantum" in result.task_metadata:
        caveats = int(result.task_metadata["quantum"].get("caveats", 0))
    no_work = bool(QuantumSuccessCaveats(caveats) & QuantumSuccessCaveats.NO_WORK)
    return QuantumFinished(**common, no_work=no_work, caveats=caveats)


def failure_event(
    whose: Mapping[str, Any],
    error: BaseException,
    use: ResourceUse,
    log_records: ButlerLogRecords,
    *,
    attempt: int,
    exit_code: int | None = None,
) -> QuantumFailed:
    """Turn the exception that ended a quantum into the event that tells of it.

    Parameters
    ----------
    whose
        Identity of the quantum.
    error
        The exception.
    use
        What the quantum used until then.
    log_records
        What it logged.
    attempt
        1 for the first try.
    exit_code
        Exit code that the failure stands for; None in the kernel.
    """
    if isinstance(error, InvalidQuantumError):
        error.add_note(
            "The quantum graph does not fit the repository or the task; other quanta would fail as well."
        )
    return QuantumFailed(
        **whose,
        **vars(use),
        exception=get_full_type_name(error),
        message=error_message(error),
        traceback=task_traceback(error),
        log=last_lines(log_records),
        exit_code=exit_code,
        attempt=attempt,
    )


def last_lines(log_records: ButlerLogRecords) -> str:
    """Format the last records of a log."""
    return all_lines(log_records[-_LOG_LINES:])


def all_lines(log_records: Iterable[Any]) -> str:
    """Format the records of a log."""
    return "\n".join(
        f"{record.asctime:%H:%M:%S} {record.levelname} {record.name}: {record.message}"
        for record in log_records
    )
