"""What is said to somebody who steers a run that is over."""

from __future__ import annotations

from ..errors import JournalError, RunError
from ..status import RunState
from .journal_summary import summarise
from .run_folder import RunFolder

__all__ = ["over_error"]

_ENDINGS = {RunState.FAILED: "it has failed", RunState.STOPPED: "it was stopped"}

_WAYS_ON = {RunState.FAILED: "retry"}
"""Unlike `resume`, it takes classes of tasks as they are now: the cause may have been mended."""


def over_error(folder: RunFolder) -> RunError:
    """Make the error: how the run ended, and how to go on if there is anything left to do.

    Parameters
    ----------
    folder
        Folder of the run, which may be gone.
    """
    name = folder.name
    try:
        state = summarise(folder.journal).state
    except JournalError:
        state = RunState.DEAD
    if state is RunState.SUCCEEDED:
        return RunError(f"The run {name} is over: it has succeeded, and nothing is left to do.")
    return RunError(
        f"The run {name} is over: {_ENDINGS.get(state, 'it was broken off')}.",
        hint=f"Run what is not done with: %pipetask {_WAYS_ON.get(state, 'resume')} {name}",
    )
