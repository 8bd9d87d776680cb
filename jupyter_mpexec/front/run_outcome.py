"""What a cell that followed a run ends with: the run, or an error after the run has been shown."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from IPython.display import display

from jupyter_mpexec.status import RunState

from .following import follow_on
from .formatters import has_panel_here
from .last_run import LAST_RUN

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from jupyter_mpexec.errors import NothingLeftError
    from jupyter_mpexec.execution.run import Run
    from jupyter_mpexec.options import RunOptions

__all__ = ["keep_run", "nothing_left", "show_outcome"]


def keep_run(shell: InteractiveShell, run: Run) -> Run:
    """Put a run into the notebook variable for the last one."""
    follow_on(shell, run)
    return run


def nothing_left(shell: InteractiveShell, options: RunOptions, error: NothingLeftError) -> Run | None:
    """Say that all has been run before; gives back the run that has done it, if it is known, and succeeded."""
    from jupyter_mpexec.execution.earlier_run import find_earlier_run
    from jupyter_mpexec.execution.runs import look

    sys.stdout.write(f"{error.message}\n")
    earlier = find_earlier_run(options)
    if earlier is None or earlier.entry.state is not RunState.SUCCEEDED:
        return None
    return keep_run(shell, look(earlier.entry.id))


def show_outcome(run: Run) -> Run:
    """Give back a run that has succeeded, or show it and fail.

    Raises
    ------
    RunError
        Raised if it did not succeed.
    """
    from jupyter_mpexec.execution import pipetask

    error = pipetask.failure_of(run)
    if error is not None:
        # The cell has no value when it fails, so the run must be shown before.
        if not has_panel_here(run):
            display(run)
        error.hint = f"{error.hint} The run is in the variable {LAST_RUN}.".strip()
        raise error
    return run
