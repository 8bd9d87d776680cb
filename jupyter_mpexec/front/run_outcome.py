"""What a cell that followed a run ends with: the run, or an error after the run has been shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from IPython.display import display

from .last_run import LAST_RUN

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from jupyter_mpexec.execution.run import Run

__all__ = ["keep_run", "show_outcome"]


def keep_run(shell: InteractiveShell, run: Run) -> Run:
    """Put a run into the notebook variable for the last one."""
    shell.push({LAST_RUN: run})
    return run


def show_outcome(shell: InteractiveShell, run: Run) -> Run:
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
        display(run)
        error.hint = f"{error.hint} The run is in the variable {LAST_RUN}.".strip()
        raise error
    return run
