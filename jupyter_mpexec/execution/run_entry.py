"""What the folder of a run tells of it, without reading it word by word; no middleware is needed."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from ..errors import JournalError
from ..status import RunState
from .journal import Journal
from .journal_summary import JournalSummary, summarise
from .run_folder import RunFolder, runs_folder

__all__ = ["RunEntry", "remove_runs", "run_entry", "run_folders"]


@dataclass(frozen=True, kw_only=True, repr=False)
class RunEntry:
    """One run in the list.

    Parameters
    ----------
    folder
        Where it is kept.
    summary
        How far it is; None if its journal cannot be read, for the reason that `trouble` gives.
    is_alive
        There is a process that it belongs to.
    trouble
        Why there is no summary; empty if there is one.
    """

    folder: RunFolder
    summary: JournalSummary | None
    is_alive: bool
    trouble: str = ""

    def __repr__(self) -> str:
        return f"RunEntry({self.id!r}, {self.state})"

    @property
    def id(self) -> str:
        """Identifier of the run."""
        return self.folder.name

    @property
    def state(self) -> RunState:
        """State of the run; dead if it came to no end, and there is no process any more."""
        if self.summary is None:
            return RunState.DEAD
        state = self.summary.state
        if self.is_alive and state.is_final:
            # It is just being resumed.
            return RunState.PREPARING
        return state if self.is_alive or state.is_final else RunState.DEAD

    @property
    def has_begun(self) -> bool:
        """Whether it came so far that quanta could run."""
        return self.summary is not None and self.summary.started is not None

    @property
    def started_at(self) -> float:
        """When it first began, in seconds since the Unix epoch."""
        if self.summary is not None and self.summary.started is not None:
            return self.summary.started.time
        return self.folder.path.stat().st_mtime


def run_folders() -> Iterator[RunFolder]:
    """Iterate over the folders of all runs of this user, in no order."""
    place = runs_folder()
    if place.is_dir():
        for path in place.iterdir():
            if path.is_dir():
                yield RunFolder(path)


def run_entry(folder: RunFolder, *, summarise: Callable[[Journal], JournalSummary] = summarise) -> RunEntry:
    """Look how far a run is.

    Parameters
    ----------
    folder
        Its folder.
    summarise
        Reads the journal.
    """
    is_alive = False
    try:
        # In this order: what has ended since is at least not taken for dead.
        is_alive = folder.is_alive
        return RunEntry(folder=folder, summary=summarise(folder.journal), is_alive=is_alive)
    except JournalError as error:
        if isinstance(error.__cause__, FileNotFoundError):
            # Its process has not come so far yet, or never did.
            return RunEntry(folder=folder, summary=JournalSummary(), is_alive=is_alive)
        return RunEntry(folder=folder, summary=None, is_alive=is_alive, trouble=error.message)


def remove_runs(folders: Iterable[RunFolder]) -> None:
    """Remove the folders of runs, all of them or none.

    Raises
    ------
    JournalError
        Raised if one of them still goes on.
    """
    chosen = list(folders)
    locks = []
    try:
        # All of them or none.
        locks = [folder.own() for folder in chosen]
        for folder in chosen:
            folder.tidy_up()
            shutil.rmtree(folder.path)
    finally:
        for lock in locks:
            lock.release()
