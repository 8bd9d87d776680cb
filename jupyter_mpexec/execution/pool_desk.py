"""Where the quanta of a worker pool are handed out, and where their ends are taken in."""

from __future__ import annotations

import dataclasses
import logging
import pickle
import time
import uuid
from collections import deque
from collections.abc import Iterator

from lsst.daf.butler.logging import ButlerLogRecords

from ..events import Event, QuantumFailed, QuantumReset, QuantumStarted
from ..status import QuantumStatus
from .execution_model import blocked_events, identity
from .in_kernel import failure_event
from .lost_quanta import cancelled_quantum, done_quantum, lost_quantum
from .quantum_data import QuantumData
from .quantum_parcel import QuantumPacker
from .recording_executor import RecordingExecutor
from .resources import ResourceUse
from .retry_policy import RetryPolicy
from .run_control import RunControl
from .schedule import Schedule
from .shared_butler import SharedButler
from .waiting_list import WaitingList
from .wake_up import WakeUp
from .worker_crew import WorkerCrew
from .worker_messages import PruneReply, PruneRequest, QuantumDone
from .worker_process import Assignment, WorkerProcess

__all__ = ["PoolDesk"]

_LOG = logging.getLogger(__name__)


class PoolDesk:
    """Knows which worker has which quantum, and keeps the schedule and what quanta leave behind up to date.

    Parameters
    ----------
    crew
        The workers.
    schedule
        The quanta.
    recorder
        Gets what quanta leave behind.
    shared
        Butler that workers write for; None if they have their own.
    wake_up
        Wakes the thread that waits for the crew.
    timeout
        Seconds that a quantum may take.
    retry
        What is tried again.
    """

    def __init__(
        self,
        crew: WorkerCrew,
        schedule: Schedule,
        recorder: RecordingExecutor,
        shared: SharedButler | None,
        wake_up: WakeUp,
        *,
        timeout: float | None,
        retry: RetryPolicy,
    ) -> None:
        self.schedule = schedule
        self._crew = crew
        self._recorder = recorder
        self._shared = shared
        self._wake_up = wake_up
        self._timeout = timeout
        self._retry = retry
        self._packer = QuantumPacker(shared)
        self._attempts: dict[uuid.UUID, int] = {}
        self._waiting = WaitingList()
        self._interrupts: deque[uuid.UUID | None] = deque()
        self._alone: set[str] = set()

    # What goes out.

    def dispatch(self, control: RunControl) -> list[Event]:
        """Give quanta to idle workers, as far as the user lets them start."""
        for quantum_id in self._waiting.take_due():
            self.schedule.put_back(quantum_id)
        if not control.stop_reason and not self.schedule.is_finished:
            self._crew.refill()
        events: list[Event] = []
        for worker in self._crew.idle():
            quantum = self.schedule.peek()
            if quantum is None or not self._may_run_now(quantum) or not control.may_start(quantum):
                break
            self.schedule.take()
            events += map(control.note, self._give(quantum, worker))
        return events

    def _give(self, quantum: QuantumData, worker: WorkerProcess) -> Iterator[Event]:
        attempt = self._attempts[quantum.quantum_id] = self._attempts.get(quantum.quantum_id, 0) + 1
        yield QuantumStarted(**identity(quantum), worker=worker.name, pid=worker.pid, attempt=attempt)
        try:
            order = self._packer.pack(quantum, attempt, worker)
        except Exception as error:
            # Whatever cannot be sent is a failure of this quantum, not of the run.
            use, logs = ResourceUse(0.0, 0.0, 0), ButlerLogRecords([])
            event = failure_event(identity(quantum), error, use, logs, attempt=attempt, exit_code=1)
            yield from self._fail(quantum, event)
            return
        worker.assignment = Assignment(quantum, attempt)
        # If the worker is dead, its sentinel says so next.
        worker.send(order)

    def _may_run_now(self, quantum: QuantumData) -> bool:
        busy = [worker.assignment.quantum for worker in self._crew.busy() if worker.assignment]
        if not all(map(_runs_beside_others, busy)):
            return False
        if _runs_beside_others(quantum):
            return True
        if quantum.task_label not in self._alone:
            self._alone.add(quantum.task_label)
            _LOG.warning(
                "Task %s cannot run beside others (canMultiprocess is False): its quanta run alone, one by one.",
                quantum.task_label,
            )
        return not busy

    # What comes in.

    def hear(self, worker: WorkerProcess, message: object) -> Iterator[Event]:
        """Take in what a worker said; None if it has died."""
        match message:
            case QuantumDone():
                yield from self._finish(worker, message)
            case PruneRequest():
                worker.send(self._prune(message))
            case _:
                exit_code = self._crew.remove(worker)
                if worker.assignment is not None:
                    yield from self._lose(worker, exit_code)

    def end_overdue(self) -> Iterator[Event]:
        """Kill workers whose quanta have taken too long."""
        if self._timeout is None:
            return
        for worker in self._crew.busy():
            assert worker.assignment is not None, "Otherwise it is not busy."
            if time.monotonic() - worker.assignment.started >= self._timeout:
                yield from self._lose(worker, self._crew.remove(worker, kill=True), timeout=self._timeout)

    @property
    def next_deadline(self) -> float | None:
        """When something has to be done even if nothing happens, by `time.monotonic`."""
        times = [] if self._waiting.next_time is None else [self._waiting.next_time]
        if self._timeout is not None:
            times += [w.assignment.started + self._timeout for w in self._crew.busy() if w.assignment]
        return min(times, default=None)

    def _finish(self, worker: WorkerProcess, done: QuantumDone) -> Iterator[Event]:
        assert worker.assignment is not None, "It was given a quantum, and now it is done."
        quantum, attempt = worker.assignment.quantum, worker.assignment.attempt
        worker.assignment = None
        if done.worn_out:
            self._crew.remove(worker, kill=True)
        self._recorder.note(done.event.quantum_id, done_quantum(quantum, done))
        quantum.release()
        if isinstance(done.event, QuantumFailed):
            wait = self._retry.wait_after(attempt) if done.repeatable else None
            yield from self._fail(quantum, done.event, wait)
        else:
            self.schedule.succeed(quantum.quantum_id, done.event.status)
            yield done.event

    def _fail(self, quantum: QuantumData, event: QuantumFailed, wait: float | None = None) -> Iterator[Event]:
        if wait is None:
            blocked = self.schedule.fail(quantum.quantum_id)
            yield event
            yield from blocked_events(blocked, quantum.quantum_id)
        else:
            self.schedule.put_off(quantum.quantum_id)
            self._waiting.add(quantum.quantum_id, wait)
            yield dataclasses.replace(event, will_retry=True)
            yield QuantumReset(**identity(quantum))

    def _lose(
        self, worker: WorkerProcess, exit_code: int, *, timeout: float | None = None
    ) -> Iterator[Event]:
        assert worker.assignment is not None, "Otherwise nothing is lost."
        event, remains = lost_quantum(worker, exit_code, timeout=timeout)
        self._recorder.note(event.quantum_id, remains)
        yield from self._fail(worker.assignment.quantum, event)

    def _prune(self, request: PruneRequest) -> PruneReply:
        assert self._shared is not None, "Only workers with a butler of ours ask."
        try:
            self._shared.discard(pickle.loads(request.refs))
        except Exception as error:
            return PruneReply(f"{type(error).__name__}: {error}")
        return PruneReply()

    # Interrupts.

    def interrupt(self, quantum_id: uuid.UUID | None) -> None:
        """Have a running quantum (None: all of them) ended; may be called from any thread, and in signal handlers."""
        self._interrupts.append(quantum_id)
        self._wake_up.ring()

    def take_interrupts(self) -> list[uuid.UUID | None]:
        """Take what `interrupt` noted."""
        return [self._interrupts.popleft() for _ in range(len(self._interrupts))]

    def cancel(self, quantum_id: uuid.UUID | None) -> Iterator[Event]:
        """Kill the worker that runs a quantum (None: all that run any)."""
        for worker in self._crew.busy():
            assert worker.assignment is not None, "Otherwise it is not busy."
            quantum = worker.assignment.quantum
            if quantum_id in (None, quantum.quantum_id):
                self._crew.remove(worker, kill=True)
                seconds = time.monotonic() - worker.assignment.started
                event, remains = cancelled_quantum(quantum, seconds)
                self._recorder.note(event.quantum_id, remains)
                blocked = self.schedule.fail(quantum.quantum_id, QuantumStatus.CANCELLED)
                yield event
                yield from blocked_events(blocked, quantum.quantum_id)

    def close(self) -> None:
        """End what still runs, without telling anybody."""
        for _ in self.cancel(None):
            pass


def _runs_beside_others(quantum: QuantumData) -> bool:
    return bool(quantum.task_node.task_class.canMultiprocess)
