"""The append-only record of a run on disk, from which its whole state can be rebuilt."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Iterator
from pathlib import Path

from ..errors import JournalError
from ..event_json import event_from_json, event_to_json
from ..events import SCHEMA_VERSION, Event, RunStarted
from ..report import RunReport

__all__ = ["Journal", "JournalTail"]

_NAME = "journal.jsonl"


class Journal:
    """One line of JSON an event, in a folder of the run's own.

    A journal is a hook: calling it with an event appends it, and it is on its way to the disk before the call returns.

    Parameters
    ----------
    folder
        The run's folder; made if it does not exist, readable by its owner only.

    Examples
    --------
    >>> import tempfile
    >>> from jupyter_mpexec.events import RunFinished
    >>> from jupyter_mpexec.status import RunState
    >>> journal = Journal(Path(tempfile.mkdtemp()) / "my-run")
    >>> journal(RunFinished(time=0.0, state=RunState.SUCCEEDED))
    >>> [event.kind for event in journal.read()]
    ['RunFinished']
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = Path(folder)
        self._lock = threading.Lock()
        self._ready = False

    @property
    def path(self) -> Path:
        """The file."""
        return self.folder / _NAME

    def __call__(self, event: Event) -> None:
        """Append an event.

        Raises
        ------
        JournalError
            Raised if the file cannot be written.
        """
        line = (event_to_json(event) + "\n").encode()
        with self._lock:
            try:
                if not self._ready:
                    self._make_ready()
                # Opened each time: a run can last for days, and its folder may be on a network disk.
                descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
                try:
                    if os.write(descriptor, line) < len(line):
                        raise OSError(errno.ENOSPC, "the disk is full")
                finally:
                    os.close(descriptor)
            except OSError as error:
                # Half a line may have been written: it has to go before anything is appended.
                self._ready = False
                raise JournalError(
                    f"The journal of the run cannot be written: {error}.",
                    hint="Set JUPYTER_MPEXEC_DATA to a folder on a disk with space that you may write to.",
                ) from error

    def read(self) -> Iterator[Event]:
        """Read all events, oldest first; a last line that was cut off is left out.

        Raises
        ------
        JournalError
            Raised if there is no journal, or it is not one that this version can read.
        """
        try:
            with self.path.open(encoding="utf-8", errors="replace") as stream:
                for number, line in enumerate(stream, start=1):
                    if not line.endswith("\n"):
                        return
                    yield self.parse(line, number)
        except OSError as error:
            raise JournalError(f"There is no run in {self.folder}: {error.strerror}.") from error

    def report(self) -> RunReport:
        """Rebuild the state of the run."""
        return RunReport.from_events(self.read())

    def _make_ready(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self.path.exists():
            _drop_torn_line(self.path)
        self._ready = True

    def parse(self, line: str, number: int) -> Event:
        """Turn a line into an event.

        Raises
        ------
        JournalError
            Raised if it is none that this version can read.
        """
        try:
            event = event_from_json(line)
        except ValueError as error:
            raise JournalError(
                f"Line {number} of {self.path} is damaged, or from a later version of jupyter_mpexec."
            ) from error
        if isinstance(event, RunStarted) and event.schema > SCHEMA_VERSION:
            raise JournalError(
                f"{self.path} was written by a later version of jupyter_mpexec (schema {event.schema}; "
                f"this one reads up to {SCHEMA_VERSION})."
            )
        return event


class JournalTail:
    """Reads a journal as it grows.

    Parameters
    ----------
    journal
        The journal; it need not exist yet.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._offset = 0
        self._lines = 0

    @property
    def offset(self) -> int:
        """How many bytes of the journal have been read."""
        return self._offset

    def read(self) -> list[Event]:
        """Get the events that are new since the last call, oldest first.

        Raises
        ------
        JournalError
            Raised if they are not ones that this version can read.
        """
        return list(self.events())

    def events(self) -> Iterator[Event]:
        """Iterate over the events that are new, oldest first; one that was taken is not new any more.

        Raises
        ------
        JournalError
            Raised if they are not ones that this version can read.
        """
        try:
            with self._journal.path.open("rb") as stream:
                if stream.seek(0, os.SEEK_END) <= self._offset:
                    # Nothing new; or half a line was there, which has been taken away.
                    return
                stream.seek(self._offset)
                for line in stream:
                    if not line.endswith(b"\n"):
                        return
                    event = self._journal.parse(line.decode(errors="replace"), self._lines + 1)
                    self._lines += 1
                    self._offset += len(line)
                    yield event
        except FileNotFoundError:
            return
        except OSError as error:
            raise JournalError(f"{self._journal.path} cannot be read: {error.strerror}.") from error


def _drop_torn_line(path: Path) -> None:
    # What was killed while it wrote leaves half a line; appending to that would lose the next event too.
    with path.open("rb+") as stream:
        size = stream.seek(0, os.SEEK_END)
        if not size:
            return
        position = size
        while position:
            start = max(0, position - 65536)
            stream.seek(start)
            newline = stream.read(position - start).rfind(b"\n")
            if newline >= 0:
                stream.truncate(start + newline + 1)
                return
            position = start
        stream.truncate(0)
