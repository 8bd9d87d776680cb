"""The simplest execution model: quanta run one after the other, in this process, on the thread that asks."""

from __future__ import annotations

import threading
import traceback
import uuid
from collections.abc import Iterable, Iterator

from lsst.daf.butler.logging import ButlerLogRecords
from lsst.pipe.base import InvalidQuantumError, QuantumSuccessCaveats
from lsst.pipe.base.quantum_graph_executor import QuantumExecutionResult, QuantumExecutor
from lsst.utils.introspection import get_full_type_name

from ..events import (
    Event,
    QuantumCancelled,
    QuantumFailed,
    QuantumFinished,
    QuantumSkipped,
    QuantumStarted,
)
from ..status import QuantumStatus
from .errors import QuantumCancelledError
from .execution_model import blocked_events, identity
from .interrupts import Interrupts
from .quantum_data import QuantumData
from .resources import ResourceUse, Stopwatch
from .run_control import RunControl
from .schedule import Schedule
from .sequential import SequentialModel

__all__ = ["InKernelModel", "ending_event", "failure_event"]

_LOG_LINES = 50


class InKernelModel(SequentialModel):
    """Runs quanta in this process.

    Parameters
    ----------
    quantum_executor
        Runs one quantum; what it raises is the failure of that quantum.

    Notes
    -----
    An interrupt (■, Ctrl-C, `RunControl.stop` with ``interrupt=True``, `RunControl.cancel` of the running quantum) ends
    the quantum as cancelled.
    """

    def __init__(self, quantum_executor: QuantumExecutor) -> None:
        self._executor = quantum_executor
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
        yield QuantumStarted(**identity(quantum), worker=threading.current_thread().name, attempt=attempt)
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
        except Exception as error:
            blocked = schedule.fail(quantum_id)
            event = failure_event(quantum, error, stopwatch.read(), log_records, attempt=attempt)
        else:
            schedule.succeed(quantum_id)
            blocked = []
            event = ending_event(quantum, result, stopwatch.read())
        finally:
            self._running = None
        yield event
        yield from blocked_events(blocked, quantum_id)


def ending_event(quantum: QuantumData, result: QuantumExecutionResult, use: ResourceUse) -> Event:
    """Turn the result of a quantum into the event that tells of it."""
    if result.skipped_existing:
        return QuantumSkipped(**identity(quantum), **vars(use), reason="existing")
    caveats = 0
    if result.adjusted_no_work:
        caveats = QuantumSuccessCaveats.from_adjust_quantum_no_work().value
    elif result.task_metadata is not None and "quantum" in result.task_metadata:
        caveats = int(result.task_metadata["quantum"].get("caveats", 0))
    no_work = bool(QuantumSuccessCaveats(caveats) & QuantumSuccessCaveats.NO_WORK)
    return QuantumFinished(**identity(quantum), **vars(use), no_work=no_work, caveats=caveats)


def failure_event(
    quantum: QuantumData,
    error: Exception,
    use: ResourceUse,
    log_records: ButlerLogRecords,
    *,
    attempt: int,
    exit_code: int | None = None,
) -> QuantumFailed:
    """Turn the exception that ended a quantum into the event that tells of it."""
    if isinstance(error, InvalidQuantumError):
        error.add_note(
            "The quantum graph does not fit the repository or the task; other quanta would fail as well."
        )
    return QuantumFailed(
        **identity(quantum),
        **vars(use),
        exception=get_full_type_name(error),
        message=str(error),
        traceback="".join(traceback.format_exception(error)),
        log="\n".join(
            f"{record.asctime:%H:%M:%S} {record.levelname} {record.name}: {record.message}"
            for record in log_records[-_LOG_LINES:]
        ),
        exit_code=exit_code,
        attempt=attempt,
    )
