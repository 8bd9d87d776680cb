"""The reports of runs that are looked at, read from their journals as these grow."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from jupyter_mpexec.errors import JournalError, RunError
from jupyter_mpexec.execution.journal import Journal, JournalTail
from jupyter_mpexec.report import RunReport

__all__ = ["RunReports"]

_MOST_QUANTA = 250_000
_LONGEST_JOURNAL = 2**30


@dataclass
class _Reading:
    inode: int
    tail: JournalTail
    report: RunReport = field(default_factory=RunReport)
    lock: threading.Lock = field(default_factory=threading.Lock)


class RunReports:
    """Reads each line of a journal once, however often somebody asks, and from however many tabs.

    Parameters
    ----------
    most_quanta
        How many quanta the reports that are kept may have, all together (they take about a kilobyte each); the one
        that was asked for last is always kept.
    """

    def __init__(self, most_quanta: int = _MOST_QUANTA) -> None:
        self._most_quanta = most_quanta
        self._lock = threading.Lock()
        self._known: dict[Path, _Reading] = {}

    @contextmanager
    def open(self, journal: Journal) -> Iterator[RunReport]:
        """Get the report of a run as of now; it stays as it is until the end of the ``with`` block.

        Raises
        ------
        JournalError
            Raised if there is no journal, or it is not one that this version can read.
        RunError
            Raised if the journal is too large.
        """
        reading = self._reading(journal)
        with reading.lock:
            for event in reading.tail.events():
                reading.report.apply(event)
            yield reading.report
        self._forget_some()

    def forget(self, journal: Journal) -> None:
        """Forget a run that was removed."""
        with self._lock:
            self._known.pop(journal.path, None)

    def _reading(self, journal: Journal) -> _Reading:
        try:
            about = journal.path.stat()
        except OSError as error:
            raise JournalError(f"There is no run in {journal.folder}: {error.strerror}.") from error
        if about.st_size > _LONGEST_JOURNAL:
            raise RunError(
                "The journal of this run is too large to be shown here.", hint="Attach to it in a notebook."
            )
        with self._lock:
            known = self._known.pop(journal.path, None)
            if known is None or known.inode != about.st_ino or known.tail.offset > about.st_size:
                known = _Reading(about.st_ino, JournalTail(journal))
            # The last one in the dictionary is the one that was asked for last.
            self._known[journal.path] = known
            return known

    def _forget_some(self) -> None:
        with self._lock:
            quanta = sum(len(reading.report.quanta) for reading in self._known.values())
            for path in list(self._known)[:-1]:
                if quanta <= self._most_quanta:
                    return
                quanta -= len(self._known.pop(path).report.quanta)
