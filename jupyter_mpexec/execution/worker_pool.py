"""Running quanta in worker processes: as many at once as there are workers, the longest chains of quanta first."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import Literal

from lsst.pipe.base.quantum_graph_executor import QuantumExecutor

from ..events import Event, QuantumFinished, QuantumSkipped
from .critical_path import lengths_to_end
from .execution_model import ExecutionModel, StateWatch, obey
from .interrupts import Interrupts
from .pool_desk import PoolDesk
from .quantum_data import QuantumData
from .quantum_parcel import pack_setup
from .recording_executor import RecordingExecutor
from .retry_policy import RetryPolicy
from .run_control import RunControl
from .schedule import Schedule
from .shared_butler import SharedButler
from .single_quantum_executor import SingleQuantumExecutor
from .wake_up import WakeUp
from .worker_crew import WorkerCrew

__all__ = ["WorkerPoolModel"]


class WorkerPoolModel(ExecutionModel):
    """Runs quanta in worker processes on this machine, which stay for the whole run.

    Parameters
    ----------
    quantum_executor
        Runs one quantum, in a worker. Our `SingleQuantumExecutor` on a shared butler gets a butler of its own in each
        worker; any other executor is pickled as it is, and writes with whatever it has.
    processes
        Number of workers; ignored if `crew` is given.
    start_method
        How they are started, ``spawn`` by default; ignored if `crew` is given.
    timeout
        Seconds that a quantum may take; then its worker is killed, and replaced.
    retry
        What is tried again.
    crew
        Workers that were started before.

    Notes
    -----
    An interrupt (■, Ctrl-C, `RunControl.stop` with ``interrupt=True``, `RunControl.cancel` of a running quantum) kills
    the workers of the quanta that it is about; they end as cancelled.
    """

    def __init__(
        self,
        quantum_executor: QuantumExecutor,
        *,
        processes: int = 2,
        start_method: Literal["spawn", "forkserver"] | None = None,
        timeout: float | None = None,
        retry: RetryPolicy | None = None,
        crew: WorkerCrew | None = None,
    ) -> None:
        self._executor = quantum_executor
        self._processes = processes
        self._start_method: Literal["spawn", "forkserver"] | None = start_method
        self._timeout = timeout
        self._retry = retry or RetryPolicy()
        self._crew = crew

    def execute(self, quanta: Iterable[QuantumData], control: RunControl) -> Iterator[Event]:
        """Run quanta; see `ExecutionModel.execute`."""
        crew = self._crew or WorkerCrew(self._processes, start_method=self._start_method)
        wake_up = WakeUp()
        desk: PoolDesk | None = None
        try:
            desk = self._open_desk(list(quanta), crew, wake_up)
            control.set_interrupter(desk.interrupt)
            control.set_waker(wake_up.ring)
            with Interrupts(lambda: control.stop("interrupted", interrupt=True)).handle_signals():
                yield from self._execute(desk, crew, wake_up, control)
        finally:
            control.set_interrupter(None)
            control.set_waker(None)
            if desk is not None:
                desk.close()
            if self._crew is None:
                crew.end()
            wake_up.close()

    def _open_desk(self, quanta: list[QuantumData], crew: WorkerCrew, wake_up: WakeUp) -> PoolDesk:
        recorder = self._executor
        if not isinstance(recorder, RecordingExecutor):
            recorder = RecordingExecutor(recorder)
        inner = recorder.executor
        butler = inner.butler if isinstance(inner, SingleQuantumExecutor) else None
        shared = butler if isinstance(butler, SharedButler) else None
        crew.set_up(pack_setup(inner, shared, wants_traces=recorder.wants_traces, captures=recorder.captures))
        lengths = lengths_to_end(quanta)
        schedule = Schedule(quanta, lambda quantum: -lengths[quantum.quantum_id])
        return PoolDesk(crew, schedule, recorder, shared, wake_up, timeout=self._timeout, retry=self._retry)

    def _execute(
        self, desk: PoolDesk, crew: WorkerCrew, wake_up: WakeUp, control: RunControl
    ) -> Iterator[Event]:
        watch = StateWatch()
        events: list[Event] = []
        while True:
            # In this order: an interrupt is noted after the command that it belongs to.
            interrupts = desk.take_interrupts()
            events += obey(control.take_commands(), desk.schedule, control)
            for quantum_id in interrupts:
                events += desk.cancel(quantum_id)
            events += watch(control)
            # Work goes out before the news of what ended is told, because telling may take time; but not where the
            # listener may want to end the run, or has files to remove first.
            telling_first = not all(isinstance(event, (QuantumFinished, QuantumSkipped)) for event in events)
            started = [] if telling_first else desk.dispatch(control)
            yield from events
            yield from started
            events = []
            if telling_first:
                continue
            if desk.schedule.is_finished or (control.stop_reason and not crew.busy()):
                return
            deadline = desk.next_deadline
            timeout = None if deadline is None else max(0.0, deadline - time.monotonic())
            for worker, message in crew.wait(wake_up, timeout):
                events += map(control.note, desk.hear(worker, message))
            events += map(control.note, desk.end_overdue())
