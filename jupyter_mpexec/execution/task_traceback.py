"""Tracebacks for the people who wrote the task."""

from __future__ import annotations

import traceback
from pathlib import Path

__all__ = ["task_traceback"]

_HERE = str(Path(__file__).parent)


def task_traceback(error: BaseException) -> str:
    """Format the traceback of a failed quantum without the frames that only lead from the executor to the task.

    Parameters
    ----------
    error
        What the quantum raised. Errors that come from the executor itself keep all their frames.
    """
    formatted = traceback.TracebackException.from_exception(error)
    ours = [n for n, frame in enumerate(formatted.stack) if frame.filename.startswith(_HERE)]
    if ours and ours[-1] + 1 < len(formatted.stack):
        formatted.stack = traceback.StackSummary.from_list(list(formatted.stack)[ours[-1] + 1 :])
    return "".join(formatted.format())
