"""The state of a run, folded from its events.

`RunReport` is all that a progress bar, a panel or the final page needs to know. It is built from events alone, so a run
that is re-opened from its journal looks exactly as it did live.
"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from .events import (
    DataId,
    Event,
    QuantaIngested,
    QuantumBlocked,
    QuantumEnded,
    QuantumEvent,
    QuantumFailed,
    QuantumFinished,
    QuantumReset,
    QuantumStarted,
    RunFinished,
    RunStarted,
    RunStateChanged,
)
from .status import QuantumStatus, RunState

__all__ = ["QuantumRecord", "RunReport", "TaskSummary"]


@dataclass(kw_only=True)
class QuantumRecord:
    """What is known of one quantum that has been heard of.

    Parameters
    ----------
    quantum_id, task_label, data_id
        Which one it is.
    status
        Its state.
    attempt
        How often it was started.
    worker, host, pid
        Who ran it last: name of the thread or process, host, and process (0 if unknown).
    started
        Time of its last start, in seconds since the Unix epoch; None if it never started.
    finished_at
        Time at which its outputs were made, by running it or by a promotion; None before.
    duration, cpu_time
        Seconds of wall and processor time of the last attempt.
    peak_memory
        Bytes; 0 if unknown.
    failure
        The event of its last failure.
    blocked_by
        Identifier of the quantum whose failure blocks it; empty if none does.
    lacks_outputs
        It succeeded, but did not write all the outputs that were predicted.
    ingested
        Its outputs are in the registry.
    promoted
        Its outputs come from a rerun by hand.
    patch
        How that differed from the run; see `~jupyter_mpexec.events.QuantumFinished`.
    """

    quantum_id: str
    task_label: str
    data_id: DataId
    status: QuantumStatus = QuantumStatus.PENDING
    attempt: int = 0
    worker: str = ""
    host: str = ""
    pid: int = 0
    started: float | None = None
    finished_at: float | None = None
    duration: float = 0.0
    cpu_time: float = 0.0
    peak_memory: int = 0
    failure: QuantumFailed | None = None
    blocked_by: str = ""
    lacks_outputs: bool = False
    ingested: bool = False
    promoted: bool = False
    patch: Mapping[str, Any] = field(default_factory=dict)

    @property
    def changes(self) -> tuple[str, ...]:
        """What was different when it was run by hand: methods, and config fields with their new values."""
        methods = tuple(method["name"] for method in self.patch.get("methods", ()))
        return methods + tuple(f"{name}={new}" for name, (_, new) in self.patch.get("config", {}).items())

    @property
    def name(self) -> str:
        """Task label and data ID in one short text."""
        return f"{self.task_label}({', '.join(f'{k}={v}' for k, v in self.data_id.items())})"

    def __repr__(self) -> str:
        return f"<{self.name}: {self.status}>"


@dataclass(frozen=True, kw_only=True)
class TaskSummary:
    """One row of the report: all quanta of a task.

    Parameters
    ----------
    label
        Label of the task.
    total
        Number of its quanta.
    counts
        Number of quanta by status; adds up to `total`.
    total_time, median_time, longest_time
        Seconds of wall time of the quanta that were executed.
    peak_memory
        Bytes; 0 if unknown.
    """

    label: str
    total: int
    counts: Mapping[QuantumStatus, int]
    total_time: float
    median_time: float
    longest_time: float
    peak_memory: int

    @property
    def ended(self) -> int:
        """Number of quanta in a final state."""
        return sum(n for status, n in self.counts.items() if status.is_final)


@dataclass(kw_only=True)
class RunReport:
    """State of a run, as far as its events tell.

    Parameters
    ----------
    started
        The first event; None before it arrived.
    state
        State of the run.
    error
        Why the run as a whole failed or stopped; empty otherwise.
    hint
        What to do about it.
    reason
        Why the run is paused or stopping, if anything is known of that.
    quanta
        Records of all quanta that an event has named, by quantum ID.
    finished_at
        Time of the end; None while the run goes on. What is written by hand afterwards is a new end.
    last_event_at
        Time of the newest event.
    earlier_sessions
        When the run began and ended, each time before it was gone on with.
    """

    started: RunStarted | None = None
    state: RunState = RunState.PREPARING
    error: str = ""
    hint: str = ""
    reason: str = ""
    quanta: dict[str, QuantumRecord] = field(default_factory=dict)
    finished_at: float | None = None
    last_event_at: float | None = None
    earlier_sessions: list[tuple[float, float]] = field(default_factory=list)
    _left_off_at: float | None = field(default=None, repr=False)
    _counts: dict[str, Counter[QuantumStatus]] = field(default_factory=dict, repr=False)

    @classmethod
    def from_events(cls, events: Iterable[Event]) -> Self:
        """Fold a whole journal."""
        report = cls()
        for event in events:
            report.apply(event)
        return report

    def apply(self, event: Event) -> None:
        """Take in one more event."""
        match event:
            case RunStarted():
                if self.started is not None:
                    self.earlier_sessions.append((self.started.time, self.worked_until or self.started.time))
                self.started = event
                self._left_off_at = None
                self.state = RunState.RUNNING
                self.finished_at = None
                self.error = self.hint = ""
                for label, total in event.quanta.items():
                    self._counts.setdefault(label, Counter())[QuantumStatus.PENDING] += total - sum(
                        self._counts[label].values()
                    )
            case RunStateChanged():
                self.state, self.reason = event.state, event.reason
            case RunFinished():
                self.state, self.error, self.hint = event.state, event.error, event.hint
                self.reason = ""
                self.finished_at = event.time
                self.leave_off(event.time)
            case QuantaIngested():
                for quantum_id in event.quantum_ids:
                    if quantum_id in self.quanta:
                        self.quanta[quantum_id].ingested = True
            case QuantumEvent():
                self._apply_to_quantum(event)
        self.last_event_at = event.time

    def leave_off(self, time: float) -> None:
        """Note that nobody works any more, whatever is written by hand after that, until the run is gone on with."""
        if self._left_off_at is None:
            self._left_off_at = time

    def _apply_to_quantum(self, event: QuantumEvent) -> None:
        record = self.quanta.get(event.quantum_id)
        counts = self._counts.setdefault(event.task_label, Counter())
        if record is None:
            if not counts[QuantumStatus.PENDING]:
                # More than the run announced, or it announced nothing.
                counts[QuantumStatus.PENDING] += 1
            record = self.quanta[event.quantum_id] = QuantumRecord(
                quantum_id=event.quantum_id, task_label=event.task_label, data_id=event.data_id
            )
        old = record.status
        match event:
            case QuantumStarted():
                record.status = QuantumStatus.RUNNING
                record.ingested = record.promoted = False
                record.patch = {}
                record.started, record.worker, record.attempt = event.time, event.worker, event.attempt
                # A run that was gone on with may have begun on another host.
                record.host = self.started.host if self.started is not None else ""
                record.pid = event.pid
            case QuantumReset():
                record.status = event.status
                record.blocked_by = ""
                # What was ingested, of a quantum that failed or was blocked, is removed before it runs again.
                record.ingested = False
            case QuantumEnded():
                record.status = event.status
                record.duration, record.cpu_time = event.duration, event.cpu_time
                record.peak_memory = event.peak_memory
                record.lacks_outputs = isinstance(event, QuantumFinished) and event.lacks_outputs
                record.promoted, record.patch = False, {}
                if isinstance(event, QuantumFinished):
                    record.promoted, record.patch = event.promoted, event.patch
                    record.finished_at = event.time
                if isinstance(event, QuantumFailed):
                    record.failure = event
                elif isinstance(event, QuantumBlocked):
                    record.blocked_by = event.blocked_by
        counts[old] -= 1
        counts[record.status] += 1

    @property
    def run_id(self) -> str:
        """Identifier of the run; empty before it started."""
        return self.started.run_id if self.started else ""

    @property
    def total(self) -> int:
        """Number of quanta in the graph."""
        return sum(sum(counts.values()) for counts in self._counts.values())

    @property
    def counts(self) -> dict[QuantumStatus, int]:
        """Number of quanta by status, all tasks together; statuses without any are left out."""
        summed: Counter[QuantumStatus] = Counter()
        for counts in self._counts.values():
            summed.update(counts)
        return {status: summed[status] for status in QuantumStatus if summed[status]}

    @property
    def ended(self) -> int:
        """Number of quanta in a final state."""
        return sum(n for status, n in self.counts.items() if status.is_final)

    @property
    def failures(self) -> list[QuantumRecord]:
        """Quanta that failed, in the order in which they did."""
        failed = [r for r in list(self.quanta.values()) if r.status is QuantumStatus.FAILED]
        return sorted(failed, key=lambda r: r.failure.time if r.failure else 0.0)

    @property
    def patched(self) -> list[QuantumRecord]:
        """Quanta whose outputs were made with other code or another configuration than the run has."""
        return [record for record in list(self.quanta.values()) if record.patch]

    @property
    def began_at(self) -> float | None:
        """When the run first began, in seconds since the Unix epoch; None before."""
        if self.earlier_sessions:
            return self.earlier_sessions[0][0]
        return self.started.time if self.started is not None else None

    @property
    def sessions(self) -> int:
        """How often the run was begun, or gone on with."""
        return len(self.earlier_sessions) + (self.started is not None)

    @property
    def worked_until(self) -> float | None:
        """When the run ended, or the newest event; what is written by hand after the end does not count."""
        return self._left_off_at if self._left_off_at is not None else self.last_event_at

    @property
    def elapsed(self) -> float:
        """Seconds that the run took to its end, or to the newest event; what lies between its sessions is left out."""
        return self.elapsed_at(self.worked_until or 0.0)

    def elapsed_at(self, now: float) -> float:
        """Tell how many seconds the run had gone on at a time that is not before its newest session."""
        if self.started is None:
            return 0.0
        earlier = sum(max(0.0, end - begin) for begin, end in self.earlier_sessions)
        return earlier + max(0.0, now - self.started.time)

    @property
    def tasks(self) -> list[TaskSummary]:
        """One summary a task, in pipeline order."""
        executed: dict[str, list[QuantumRecord]] = {}
        # While the run goes on, its thread adds to them.
        for record in list(self.quanta.values()):
            if record.duration:
                executed.setdefault(record.task_label, []).append(record)
        return [_summarise(label, counts, executed.get(label, [])) for label, counts in self._counts.items()]


def _summarise(label: str, counts: Counter[QuantumStatus], executed: list[QuantumRecord]) -> TaskSummary:
    times = [record.duration for record in executed]
    return TaskSummary(
        label=label,
        total=sum(counts.values()),
        counts={status: counts[status] for status in QuantumStatus if counts[status]},
        total_time=sum(times),
        median_time=statistics.median(times) if times else 0.0,
        longest_time=max(times, default=0.0),
        peak_memory=max((record.peak_memory for record in executed), default=0),
    )
