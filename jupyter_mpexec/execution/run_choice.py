"""Which run is meant where none is named."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import OptionError, RunError
from ..status import RunState
from .runs import RunEntry, list_runs

__all__ = ["run_to_attach", "run_to_resume", "run_to_steer"]

_MOST_NAMED = 5


def run_to_attach() -> str:
    """Choose the only run that goes on; if none does, the last one.

    Raises
    ------
    OptionError
        Raised if several go on.
    RunError
        Raised if there are no runs.
    """
    entries = list_runs()
    alive = [entry for entry in entries if entry.is_alive]
    return _only(alive).id if alive else _last(entries).id


def run_to_steer(action: str) -> str:
    """Choose the only run that goes on.

    Parameters
    ----------
    action
        What is to be done with it, for a message.

    Raises
    ------
    OptionError
        Raised if several go on: to end the wrong one would be bad.
    RunError
        Raised if none does.
    """
    alive = [entry for entry in list_runs() if entry.is_alive]
    if not alive:
        raise RunError(f"There is no run to {action}: none goes on.", hint="%pipetask runs lists all runs.")
    return _only(alive).id


def run_to_resume() -> str:
    """Choose the only run that is paused; if none is, the one that was begun last, whatever became of it.

    Raises
    ------
    OptionError
        Raised if several are paused.
    RunError
        Raised if there are no runs.
    """
    entries = list_runs()
    paused = [entry for entry in entries if entry.is_alive and entry.state is RunState.PAUSED]
    return _only(paused).id if paused else _last(entries).id


def _only(alive: Sequence[RunEntry]) -> RunEntry:
    if len(alive) > 1:
        names = ", ".join(entry.id for entry in alive[:_MOST_NAMED])
        more = ", …" if len(alive) > _MOST_NAMED else ""
        raise OptionError(f"{len(alive)} runs go on.", hint=f"Name the one that is meant: {names}{more}")
    return alive[0]


def _last(entries: Sequence[RunEntry]) -> RunEntry:
    if not entries:
        raise RunError("There are no runs yet.", hint="%pipetask run --help tells how to begin one.")
    return entries[0]
