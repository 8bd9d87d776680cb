"""How far a run is, in numbers: what a list of many runs needs, without reading each journal word by word."""

from __future__ import annotations

import dataclasses
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

__all__ = ["JournalSummary", "SummaryTail", "summarise"]

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
        started = report.started
        if started is not None and report.began_at is not None:
            # That of the newest session, but a run begins once.
            started = dataclasses.replace(started, time=report.began_at)
        return cls(started=started, state=report.state, counts=report.counts, finished_at=report.finished_at)

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
    return SummaryTail(journal).read()


class SummaryTail:
    """Keeps count of a journal as it grows: each line is read once.

    It remembers the state of each quantum only while the run goes on (about 150 bytes a quantum). Should a run that was
    over be gone on with, its journal is read once more from its beginning.

    Parameters
    ----------
    journal
        The journal; it need not exist yet.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._scan = _Scan()

    @property
    def offset(self) -> int:
        """How many bytes of the journal need not be read any more."""
        return self._scan.offset

    @property
    def n_known(self) -> int:
        """Number of quanta that are remembered."""
        return len(self._scan.statuses)

    def read(self) -> JournalSummary:
        """Read how far the run is.

        Raises
        ------
        JournalError
            Raised if there is no journal, or it is not one that this version can read.
        """
        journal = self._journal
        try:
            with journal.path.open("rb") as stream:
                if not self._scan.offset:
                    started = _first(journal, stream)
                    finished = _last(journal, stream)
                    if finished is not None and finished.counts:
                        counts = {QuantumStatus(status): n for status, n in finished.counts.items()}
                        return JournalSummary(
                            started=started, state=finished.state, counts=counts, finished_at=finished.time
                        )
                self._scan.go_on(journal, stream)
        except OSError as error:
            raise JournalError(f"There is no run in {journal.folder}: {error.strerror}.") from error
        summary = self._scan.summary()
        if summary.state.is_final:
            self._scan = _Scan()
        return summary


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


@dataclass
class _Scan:
    """What the lines up to an offset have told."""

    offset: int = 0
    lines: int = 0
    statuses: dict[bytes, QuantumStatus] = field(default_factory=dict)
    counts: Counter[QuantumStatus] = field(default_factory=Counter)
    started: RunStarted | None = None
    announced: int = 0
    state: RunState = RunState.PREPARING
    finished_at: float | None = None

    def go_on(self, journal: Journal, stream: BinaryIO) -> None:
        """Read the lines that are new."""
        stream.seek(self.offset)
        for number, line in _lines(stream, self.lines + 1):
            self._take(journal, number, line)
            self.offset += len(line)
            self.lines = number

    def _take(self, journal: Journal, number: int, line: bytes) -> None:
        found = _QUANTUM_LINE.match(line)
        if found is not None and (status := _status(found[1], line)) is not None:
            self._count(found[2], status)
            return
        if line.startswith(_INGESTED_LINE):
            return
        match journal.parse(line.decode(), number):
            case RunStarted() as event:
                self.started = self.started or event
                self.announced = sum(event.quanta.values())
                self.state, self.finished_at = RunState.RUNNING, None
            case RunStateChanged() as event:
                self.state = event.state
            case RunFinished() as event:
                self.state, self.finished_at = event.state, event.time
            case QuantumEvent() as event:
                status = getattr(event, "status", QuantumStatus.PENDING)
                self._count(event.quantum_id.encode(), status)
            case _:
                pass

    def _count(self, quantum_id: bytes, status: QuantumStatus) -> None:
        old = self.statuses.get(quantum_id)
        if old is not None:
            self.counts[old] -= 1
        self.counts[status] += 1
        self.statuses[quantum_id] = status

    def summary(self) -> JournalSummary:
        """Sum up."""
        counts = self.counts.copy()
        counts[QuantumStatus.PENDING] += max(0, self.announced - len(self.statuses))
        return JournalSummary(
            started=self.started,
            state=self.state,
            counts={status: counts[status] for status in QuantumStatus if counts[status]},
            finished_at=self.finished_at,
        )


def _status(kind: bytes, line: bytes) -> QuantumStatus | None:
    if kind == QuantumFinished.kind.encode():
        return QuantumStatus.NO_WORK if b'"no_work":true' in line else QuantumStatus.SUCCEEDED
    if kind == QuantumReset.kind.encode():
        return QuantumStatus.HELD if b'"held":true' in line else QuantumStatus.PENDING
    return _STATUS.get(kind)


def _lines(stream: BinaryIO, first: int = 1) -> Iterator[tuple[int, bytes]]:
    """Read whole lines; a last one that was cut off is left out."""
    for number, line in enumerate(stream, start=first):
        if line.endswith(b"\n"):
            yield number, line
