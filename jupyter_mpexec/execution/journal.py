"""The append-only record of a run on disk, from which its whole state can be rebuilt."""

from __future__ import annotations

import errno
import os
import re
import secrets
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from ..errors import JournalError
from ..events import SCHEMA_VERSION, Event, RunStarted, event_from_json, event_to_json
from ..report import RunReport

__all__ = ["Journal", "new_run_folder", "runs_folder"]

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
            with self.path.open(encoding="utf-8") as stream:
                for number, line in enumerate(stream, start=1):
                    if not line.endswith("\n"):
                        return
                    yield self._parse(line, number)
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

    def _parse(self, line: str, number: int) -> Event:
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


def runs_folder() -> Path:
    """Get the folder that holds the folders of all runs of this user.

    ``JUPYTER_MPEXEC_DATA`` if that is set, otherwise a folder under Jupyter's data directory.
    """
    chosen = os.environ.get("JUPYTER_MPEXEC_DATA")
    if chosen:
        return Path(chosen).expanduser() / "runs"
    from jupyter_core.paths import jupyter_data_dir

    return Path(jupyter_data_dir()) / "mpexec" / "runs"


def new_run_folder(name: str) -> Path:
    """Make a folder for a new run.

    Parameters
    ----------
    name
        Something to know the run by, such as its output collection.

    Raises
    ------
    JournalError
        Raised if the folder cannot be made.
    """
    stem = re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-")[-60:] or "run"
    stamp = time.strftime("%Y%m%dT%H%M%S")
    folder = runs_folder() / f"{stem}-{stamp}-{secrets.token_hex(3)}"
    try:
        folder.mkdir(parents=True, mode=0o700)
    except OSError as error:
        raise JournalError(
            f"No folder for the run can be made: {error}.",
            hint="Set JUPYTER_MPEXEC_DATA to a folder that you may write to.",
        ) from error
    return folder


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
