"""How far a run is, in numbers: what a list of many runs needs, without reading each journal word by word."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

from ..errors import JournalError
from ..events import (
    QuantaIngested,
    QuantumBlocked,
    QuantumCancelled,
    QuantumEvent,
    QuantumFailed,
    QuantumFinished,
    QuantumReset,
    QuantumSkipped,
    QuantumStarted,
    RunFinished,
    RunLogged,
    RunStarted,
    RunStateChanged,
)
from ..report import RunReport
from ..status import QuantumStatus, RunState
from .journal import Journal

__all__ = ["JournalSummary", "summarise"]

_TAIL = 65536

_QUANTUM_LINE = re.compile(rb'\{"event":"(Quantum[A-Za-z]+)","time":[^,]+,"quantum_id":"([^"]+)",')
"""How the journal writes an event of a quantum; what does not look like that is read as JSON."""

_INGESTED_LINE = b'{"event":"%s",' % QuantaIngested.kind.encode()

_STATUS = {
    cls.kind.encode(): cls.status
    for cls in (
        QuantumStarted,
        QuantumFailed,
        QuantumSkipped,
        QuantumBlocked,
        QuantumCancelled,
    )
}


@dataclass(frozen=True, kw_only=True)
class JournalSummary:
    """State of a run in numbers.

    Parameters
    ----------
    started
        The first event; None if the run did not begin.
    state
        State of the run, as far as its journal tells.
    counts
        Number of quanta by status.
    finished_at
        Time of the end; None if there was none.
    """

    started: RunStarted | None = None
    state: RunState = RunState.PREPARING
    counts: Mapping[QuantumStatus, int] = field(default_factory=dict)
    finished_at: float | None = None

    @classmethod
    def of(cls, report: RunReport) -> JournalSummary:
        """Sum up what has been read word by word."""
        return cls(
            started=report.started, state=report.state, counts=report.counts, finished_at=report.finished_at
        )

    @property
    def total(self) -> int:
        """Number of quanta in the graph."""
        return sum(self.counts.values())

    @property
    def done(self) -> int:
        """Number of quanta that need not run any more."""
        return sum(n for status, n in self.counts.items() if status.is_success)


def summarise(journal: Journal) -> JournalSummary:
    """Read how far a run is: of one that is over its beginning and its end only.

    Raises
    ------
    JournalError
        Raised if there is no journal, or it is not one that this version can read.
    """
    try:
        with journal.path.open("rb") as stream:
            started = _first(journal, stream)
            finished = _last(journal, stream)
            if finished is not None and finished.counts:
                counts = {QuantumStatus(status): n for status, n in finished.counts.items()}
                return JournalSummary(
                    started=started, state=finished.state, counts=counts, finished_at=finished.time
                )
            stream.seek(0)
            return _scan(journal, stream)
    except OSError as error:
        raise JournalError(f"There is no run in {journal.folder}: {error.strerror}.") from error


def _first(journal: Journal, stream: BinaryIO) -> RunStarted | None:
    for number, line in _lines(stream):
        event = journal.parse(line.decode(), number)
        if isinstance(event, RunStarted):
            return event
        if not isinstance(event, RunLogged):
            return None
    return None


def _last(journal: Journal, stream: BinaryIO) -> RunFinished | None:
    """Get the end of a run that has not been gone on with since."""
    size = stream.seek(0, os.SEEK_END)
    stream.seek(max(0, size - _TAIL))
    *lines, _ = stream.read().split(b"\n")
    # The first one may be cut off: it is not looked at.
    for line in reversed(lines[0 if size <= _TAIL else 1 :]):
        event = journal.parse(line.decode(), 0)
        if isinstance(event, RunFinished):
            return event
        if not isinstance(event, RunLogged):
            return None
    return None


def _scan(journal: Journal, stream: BinaryIO) -> JournalSummary:
    statuses: dict[bytes, QuantumStatus] = {}
    started: RunStarted | None = None
    announced = 0
    state = RunState.PREPARING
    finished_at: float | None = None
    for number, line in _lines(stream):
        found = _QUANTUM_LINE.match(line)
        if found is not None and (status := _status(found[1], line)) is not None:
            statuses[found[2]] = status
            continue
        if line.startswith(_INGESTED_LINE):
            continue
        match journal.parse(line.decode(), number):
            case RunStarted() as event:
                started = started or event
                announced = sum(event.quanta.values())
                state, finished_at = RunState.RUNNING, None
            case RunStateChanged() as event:
                state = event.state
            case RunFinished() as event:
                state, finished_at = event.state, event.time
            case QuantumEvent() as event:
                status = getattr(event, "status", QuantumStatus.PENDING)
                statuses[event.quantum_id.encode()] = status
            case _:
                pass
    counts = Counter(statuses.values())
    counts[QuantumStatus.PENDING] += max(0, announced - len(statuses))
    return JournalSummary(
        started=started,
        state=state,
        counts={status: counts[status] for status in QuantumStatus if counts[status]},
        finished_at=finished_at,
    )


def _status(kind: bytes, line: bytes) -> QuantumStatus | None:
    if kind == QuantumFinished.kind.encode():
        return QuantumStatus.NO_WORK if b'"no_work":true' in line else QuantumStatus.SUCCEEDED
    if kind == QuantumReset.kind.encode():
        return QuantumStatus.HELD if b'"held":true' in line else QuantumStatus.PENDING
    return _STATUS.get(kind)


def _lines(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Read whole lines; a last one that was cut off is left out."""
    for number, line in enumerate(stream, start=1):
        if line.endswith(b"\n"):
            yield number, line
