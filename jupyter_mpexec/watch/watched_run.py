"""The state of a run as views need it: one byte a quantum, counts by task, and what has changed."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from itertools import groupby

from ..events import (
    Event,
    QuantumEnded,
    QuantumEvent,
    QuantumFailed,
    QuantumReset,
    QuantumStarted,
    RunFinished,
    RunStarted,
    RunStateChanged,
)
from ..report import QuantumRecord, RunReport
from ..status import QuantumStatus, RunState
from .catalogue import QuantumCatalogue
from .durations import Durations
from .run_clock import RunClock
from .timeline import Timeline

__all__ = ["CODES", "STATUSES", "WatchedRun"]

STATUSES = tuple(QuantumStatus)
"""The states of quanta by code: what is stored, and sent, is the place of a state in this tuple."""

CODES = {status: code for code, status in enumerate(STATUSES)}
"""Code of each state."""

_PENDING = CODES[QuantumStatus.PENDING]
_RUNNING = CODES[QuantumStatus.RUNNING]
_FAILED = CODES[QuantumStatus.FAILED]
_CANCELLED = CODES[QuantumStatus.CANCELLED]


class WatchedRun:
    """What views show of a run, folded from its events.

    Nothing here is safe for several threads: one thread feeds and asks it.

    Parameters
    ----------
    catalogue
        All quanta of the run.
    earlier
        Median duration of a quantum in earlier runs by task label, in seconds, where known.
    unheard
        Number of quanta by task label that there are beside those in the catalogue; they are pending.

    Attributes
    ----------
    state, error
        State of the run, and why it failed or stopped.
    codes
        State of each quantum, as its code, by position.
    counts
        Number of quanta by task (by place) and by code.
    durations
        Seconds that quanta took, and what that says of those to come.
    timeline
        Which worker did what, when.
    clock
        How long the run had gone on at a time, as the timeline shows it.
    """

    def __init__(
        self,
        catalogue: QuantumCatalogue,
        earlier: Mapping[str, float] | None = None,
        *,
        unheard: Mapping[str, int] | None = None,
    ) -> None:
        self.catalogue = catalogue
        self.state = RunState.PREPARING
        self.error = ""
        self.hint = ""
        self.started: RunStarted | None = None
        self.finished_at: float | None = None
        self.codes = bytearray([_PENDING]) * len(catalogue)
        self.counts = [[0] * len(STATUSES) for _ in catalogue.tasks]
        for number, task in enumerate(catalogue.tasks):
            self.counts[number][_PENDING] = len(task.positions) + (unheard or {}).get(task.label, 0)
        self.seconds = array("d", bytes(8 * len(catalogue)))
        self.memory = array("d", bytes(8 * len(catalogue)))
        self.starts = array("d", bytes(8 * len(catalogue)))
        self.workers: dict[int, str] = {}
        self.durations = Durations(catalogue, earlier or {})
        self.timeline = Timeline()
        self.clock = RunClock()
        self.paused_for = 0.0
        self._paused_at: float | None = None
        self._place = {task.label: number for number, task in enumerate(catalogue.tasks)}
        self._changed: set[int] = set()
        self._have_run: set[tuple[int, str]] = set()
        self._last_at = 0.0

    def adopt(self, report: RunReport) -> None:
        """Take over what a report says of a run that began before anybody watched."""
        started = report.started
        if started is None:
            return
        for begin, end in list(report.earlier_sessions):
            # In this moment, another session may begin.
            if begin < started.time:
                self.clock.begin(begin)
                self.clock.end(end)
        self.apply(started)
        known = [
            (self.catalogue.positions[record.quantum_id], record)
            for record in list(report.quanta.values())
            if record.quantum_id in self.catalogue.positions
        ]
        for position, record in known:
            self._set(position, CODES[record.status])
        ran = [(record.started, position, record) for position, record in known if record.started is not None]
        ran.sort(key=lambda item: item[0])
        for session, group in groupby(ran, key=lambda item: self.clock.session(item[0])):
            attempts = list(group)
            self._adopt_attempts(attempts)
            if (end_of_session := self.clock.end_of(session)) is not None:
                self._leave_off(end_of_session)
            for _, position, record in attempts:
                if record.status is not QuantumStatus.RUNNING:
                    self.timeline.mark(position, _CANCELLED)
        self._last_at = report.last_event_at or started.time
        self.state, self.error, self.hint = report.state, report.error, report.hint
        self.finished_at = report.worked_until if report.finished_at is not None else None
        if self.state is RunState.PAUSED:
            self._paused_at = report.last_event_at

    def _adopt_attempts(self, attempts: list[tuple[float, int, QuantumRecord]]) -> None:
        for start, position, record in attempts:
            self._start(position, start, record.worker)
        endings = [(*_ending(start, record), position, record) for start, position, record in attempts]
        for end, code, position, record in sorted(endings, key=lambda item: item[0]):
            if code != _RUNNING:
                self._end(position, end, record.duration, record.peak_memory, executed=True)
                self.timeline.mark(position, code)

    def apply(self, event: Event) -> None:
        """Take in an event; those about quanta that the catalogue does not have are passed over."""
        match event:
            case RunStarted():
                self._begin(event)
            case RunStateChanged():
                self._note_pause(event)
                self.state = event.state
            case RunFinished():
                self.state, self.error, self.hint = event.state, event.error, event.hint
                # What is written by hand afterwards is a new end, but no work of the run.
                self.finished_at = self.finished_at or event.time
            case QuantumEvent():
                position = self.catalogue.positions.get(event.quantum_id)
                if position is not None:
                    self._apply_to_quantum(position, event)
        self._last_at = event.time

    def _begin(self, event: RunStarted) -> None:
        if self.started is None:
            self.clock.begin(event.time)
        elif event.time > self.started.time:
            # Another process goes on with what was broken off, or had failed.
            ended = self.finished_at or self._last_at
            self._leave_off(ended)
            self.clock.end(ended)
            self.clock.begin(event.time)
        self.started, self.state = event, RunState.RUNNING
        self.finished_at, self.error, self.hint = None, "", ""

    def _leave_off(self, time: float) -> None:
        """Note that those are gone who were at work, and that what they did says nothing about the rate of others."""
        self.timeline.break_off(time)
        self.durations.restart()
        self._have_run.clear()
        self.paused_for, self._paused_at = 0.0, None

    def _apply_to_quantum(self, position: int, event: QuantumEvent) -> None:
        match event:
            case QuantumStarted():
                self._start(position, event.time, event.worker)
                self._set(position, _RUNNING)
            case QuantumReset():
                # Unless it is known what its last attempt came to, nothing has come of it.
                self.timeline.mark(position, _CANCELLED)
                self._set(position, CODES[event.status])
            case QuantumEnded():
                # Not if it was told by nobody, and comes to light only now, when another process goes on.
                executed = position in self.timeline.open
                self._end(position, event.time, event.duration, event.peak_memory, executed=executed)
                if isinstance(event, QuantumFailed) and event.will_retry:
                    self.timeline.mark(position, _FAILED)
                self._set(position, CODES[event.status])

    def _start(self, position: int, time: float, worker: str) -> None:
        self.starts[position] = time
        self.workers[position] = worker
        self.timeline.start(position, time, worker)

    def _end(self, position: int, time: float, duration: float, memory: int, *, executed: bool) -> None:
        self.seconds[position], self.memory[position] = duration, memory
        if executed:
            self.timeline.end(position, time, memory)
            if duration:
                place = self._place[self.catalogue.task(position).label]
                at_work = place, self.workers.get(position, "")
                self.durations.add(place, duration, is_first=at_work not in self._have_run)
                self._have_run.add(at_work)

    def _set(self, position: int, code: int) -> None:
        old = self.codes[position]
        counts = self.counts[self._place[self.catalogue.task(position).label]]
        counts[old] -= 1
        counts[code] += 1
        self.codes[position] = code
        self._changed.add(position)
        self.timeline.mark(position, code)

    def _note_pause(self, event: RunStateChanged) -> None:
        if event.state is RunState.PAUSED:
            self._paused_at = self._paused_at or event.time
        elif self._paused_at is not None:
            self.paused_for += max(0.0, event.time - self._paused_at)
            self._paused_at = None

    # What views ask.

    def take_changes(self) -> list[int]:
        """Get the positions of quanta whose state has changed since the last call, in order."""
        changed, self._changed = sorted(self._changed), set()
        return changed

    def status(self, position: int) -> QuantumStatus:
        """Get the state of a quantum."""
        return STATUSES[self.codes[position]]

    def task_counts(self, label: str) -> dict[QuantumStatus, int]:
        """Count the quanta of a task by state; states without any are left out."""
        return _named(self.counts[self._place[label]])

    @property
    def totals(self) -> dict[QuantumStatus, int]:
        """Number of quanta by state; states without any are left out."""
        return _named([sum(column) for column in zip(*self.counts, strict=True)] if self.counts else [])

    @property
    def ended(self) -> int:
        """Number of quanta in a final state."""
        return sum(n for status, n in self.totals.items() if status.is_final)

    def elapsed(self, now: float) -> float:
        """Tell how many seconds the run has taken until now, or took; what lies between its sessions is left out."""
        if self.started is None:
            return 0.0
        return self.clock.seconds(max(self.started.time, self.finished_at or now))

    def remaining(self, now: float) -> float | None:
        """Estimate the seconds until the end; None where there is nothing to go by, or nothing left to do."""
        if self.started is None or self.state.is_final:
            return None
        pause = self.paused_for + (max(0.0, now - self._paused_at) if self._paused_at else 0.0)
        running = [now - self.starts[position] for position in self.timeline.open]
        left = [counts[_PENDING] + counts[_RUNNING] for counts in self.counts]
        return self.durations.time_left(left, running, max(0.0, now - self.started.time - pause))


def _ending(start: float, record: QuantumRecord) -> tuple[float, int]:
    """Tell when the newest attempt at a quantum ended, and the code of how; that of running if it did not."""
    if record.failure is not None and record.failure.time >= start:
        return record.failure.time, _FAILED
    if record.status.is_final:
        return start + record.duration, CODES[record.status]
    if record.status is not QuantumStatus.RUNNING and record.duration:
        # It was cancelled, and is to run again.
        return start + record.duration, _CANCELLED
    return start, _RUNNING


def _named(counts: Iterable[int]) -> dict[QuantumStatus, int]:
    return {status: n for status, n in zip(STATUSES, counts, strict=False) if n}
