"""The folder of a run: where everything is that outlives the process that made it."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
import time
from pathlib import Path

from ..errors import JournalError
from .file_lock import FileLock
from .journal import Journal

__all__ = ["RunFolder", "new_run_folder", "runs_folder"]

_SECONDS_TO_BEGIN = 1.0
"""Somebody who only asks whether a run is alive holds its lock for a moment."""


class RunFolder:
    """The files of a run.

    Parameters
    ----------
    path
        The folder; only its owner may look into it.

    Attributes
    ----------
    path
        The folder.
    journal
        What happened.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self.journal = Journal(self.path)

    @property
    def name(self) -> str:
        """Identifier of the run."""
        return self.path.name

    @property
    def graph_file(self) -> Path:
        """The quantum graph."""
        return self.path / "graph.qg"

    @property
    def request_file(self) -> Path:
        """How the graph is to be executed (see `run_request`)."""
        return self.path / "request.json"

    @property
    def objects_file(self) -> Path:
        """What only Python can read: classes from a notebook, the executor of quanta, settings of logging."""
        return self.path / "objects.pickle"

    @property
    def control_file(self) -> Path:
        """Where the process that the run belongs to takes commands, and the token for it."""
        return self.path / "control.json"

    @property
    def socket(self) -> Path:
        """The socket for commands."""
        return self.path / "control.sock"

    @property
    def output_file(self) -> Path:
        """Standard output and error of runner and workers."""
        return self.path / "runner.log"

    @property
    def failures(self) -> Path:
        """Folder with what is kept of failures (see `workbench.failure_capsule`)."""
        return self.path / "failures"

    @property
    def temporary_link(self) -> Path:
        """Link to the folder for temporary files of the processes of the run."""
        return self.path / "temporary"

    @property
    def go_file(self) -> Path:
        """Is there when everything is ready, and the run may begin."""
        return self.path / "go"

    @property
    def asker_lock(self) -> FileLock:
        """Held by the process that asked for the run, until it has made everything ready."""
        return FileLock(self.path / "asker.lock")

    @property
    def owner_lock(self) -> FileLock:
        """Held by the process that the run belongs to."""
        return FileLock(self.path / "owner.lock")

    @property
    def workers_lock(self) -> FileLock:
        """Shared by its worker processes."""
        return FileLock(self.path / "workers.lock")

    @property
    def holders(self) -> Path:
        """Folder with a locked file for each process that holds quanta (see `holders`)."""
        return self.path / "holders"

    @property
    def is_alive(self) -> bool:
        """Whether there is a process that the run belongs to.

        Raises
        ------
        JournalError
            Raised if that cannot be found out.
        """
        try:
            return self.owner_lock.is_taken
        except OSError as error:
            raise JournalError(
                f"Whether the run {self.name} goes on cannot be found out: {error.strerror}.",
                hint=f"See who may read {self.path}.",
            ) from error

    def own(self) -> FileLock:
        """Make the run belong to this process, until the lock is released or the process ends.

        Raises
        ------
        JournalError
            Raised if it belongs to another one.
        """
        lock = self.owner_lock
        try:
            acquired = lock.acquire(seconds=_SECONDS_TO_BEGIN)
        except OSError as error:
            raise JournalError(
                f"Files in {self.path} cannot be locked: {error.strerror}.",
                hint="Set JUPYTER_MPEXEC_DATA to a folder on a local disk.",
            ) from error
        if not acquired:
            raise JournalError(
                f"The run {self.name} goes on in another process.",
                hint=f"Watch it with: %pipetask attach {self.name}",
            )
        return lock

    def tidy_up(self) -> None:
        """Remove what a process has left that was killed; only for who owns the run, or knows that nobody does."""
        for file in (self.control_file, self.socket):
            file.unlink(missing_ok=True)
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(self.temporary_link.readlink(), ignore_errors=True)
        self.temporary_link.unlink(missing_ok=True)


def runs_folder() -> Path:
    """Get the folder that holds the folders of all runs of this user.

    ``JUPYTER_MPEXEC_DATA`` if that is set, otherwise a folder under Jupyter's data directory.
    """
    chosen = os.environ.get("JUPYTER_MPEXEC_DATA")
    if chosen:
        return Path(chosen).expanduser() / "runs"
    from jupyter_core.paths import jupyter_data_dir

    return Path(jupyter_data_dir()) / "mpexec" / "runs"


def new_run_folder(name: str) -> RunFolder:
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
    return RunFolder(folder)
