"""How far all runs are, in numbers, read from their journals as these grow."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path

from jupyter_mpexec.errors import JournalError
from jupyter_mpexec.execution.journal import Journal
from jupyter_mpexec.execution.journal_summary import JournalSummary, SummaryTail

__all__ = ["RunSummaries"]

_MOST_QUANTA = 500_000


@dataclass
class _Reading:
    inode: int
    tail: SummaryTail
    stamp: tuple[int, int] = (0, 0)
    found: JournalSummary | JournalError | None = None


class RunSummaries:
    """Reads journals that have changed, and of those that grow only what is new.

    Parameters
    ----------
    most_quanta
        Of how many quanta it may remember the state, of all runs together that go on; what is above that is read
        again each time it has changed.
    """

    def __init__(self, most_quanta: int = _MOST_QUANTA) -> None:
        self._most_quanta = most_quanta
        self._lock = threading.Lock()
        self._known: dict[Path, _Reading] = {}
        self._n_known = 0

    def __call__(self, journal: Journal) -> JournalSummary:
        """Read how far a run is.

        Raises
        ------
        JournalError
            Raised if there is no journal, or it is not one that this version can read.
        """
        # Two lists that are asked for at the same time would read the same.
        with self._lock:
            try:
                about = journal.path.stat()
            except OSError as error:
                raise JournalError(f"There is no run in {journal.folder}: {error.strerror}.") from error
            reading = self._known.get(journal.path)
            if reading is None or reading.inode != about.st_ino or reading.tail.offset > about.st_size:
                self._forget(journal.path)
                reading = self._known[journal.path] = _Reading(about.st_ino, SummaryTail(journal))
            stamp = (about.st_size, about.st_mtime_ns)
            if reading.found is None or reading.stamp != stamp:
                reading.found, reading.stamp = self._read(journal, reading), stamp
        if isinstance(reading.found, JournalError):
            # Each time another one: it is changed by being raised.
            raise JournalError(reading.found.message, hint=reading.found.hint)
        return reading.found

    def keep_only(self, paths: set[Path]) -> None:
        """Forget runs that are gone."""
        with self._lock:
            for path in self._known.keys() - paths:
                self._forget(path)

    def _read(self, journal: Journal, reading: _Reading) -> JournalSummary | JournalError:
        self._n_known -= reading.tail.n_known
        try:
            return reading.tail.read()
        except JournalError as error:
            reading.tail = SummaryTail(journal)
            if isinstance(error.__cause__, OSError):
                # Somebody may give the permission that was missing, which does not change the file.
                raise
            return error
        finally:
            if self._n_known + reading.tail.n_known > self._most_quanta:
                # Those that are kept already stay: if they gave way in turn, each would be read again each time.
                reading.tail = SummaryTail(journal)
            self._n_known += reading.tail.n_known

    def _forget(self, path: Path) -> None:
        reading = self._known.pop(path, None)
        if reading is not None:
            self._n_known -= reading.tail.n_known
