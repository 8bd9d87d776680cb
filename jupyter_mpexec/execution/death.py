"""What there is to say of a run whose process is gone without a word; no middleware is needed."""

from __future__ import annotations

import dataclasses
import time

from ..events import RunFinished
from ..report import RunReport
from ..status import RunState
from .run_folder import RunFolder

__all__ = ["as_of_now", "death"]


def death(folder: RunFolder, report: RunReport, *, how: str = "") -> RunFinished:
    """Make the end that the run could not write into its journal.

    Parameters
    ----------
    folder
        Folder of the run.
    report
        What its journal tells.
    how
        How its process ended, if that is known: ``was killed by SIGKILL``.
    """
    ended = f"{how}." if how else "is gone: it was killed, or ended by the system."
    hint = f"Go on with: %pipetask resume {folder.name}"
    if report.started is None:
        hint = "It did not even begin: run the command again"
    # A run in a kernel leaves its messages in the notebook. No full stop: the last word may be copied.
    messages = f" (its messages are in {folder.output_file})." if folder.output_file.exists() else ""
    return RunFinished(
        time=report.last_event_at or time.time(),
        state=RunState.DEAD,
        error=f"The process that the run belonged to {ended}",
        hint=f"{hint}{messages}",
    )


def as_of_now(folder: RunFolder, report: RunReport, *, is_alive: bool) -> RunReport:
    """Get the report of a run with its true state, which its journal alone does not tell.

    Parameters
    ----------
    folder
        Folder of the run.
    report
        What its journal tells; it stays as it is.
    is_alive
        Whether there was a process that the run belongs to, before the journal was read.
    """
    if is_alive or report.state.is_final:
        return report
    dead = dataclasses.replace(report)
    dead.apply(death(folder, report))
    return dead
