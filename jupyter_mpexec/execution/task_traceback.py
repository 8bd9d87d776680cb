"""Tracebacks for the people who wrote the task."""

from __future__ import annotations

import itertools
import traceback
from pathlib import Path

from ..long_text import MESSAGE, TRACEBACK, trim

__all__ = ["task_traceback"]

_EXECUTION = Path(__file__).parent
_PACKAGE = f"{_EXECUTION.parent}/"
_WRAPPERS = (str(_EXECUTION / "workbench" / "debugging.py"), str(_EXECUTION.parent / "debug" / "boundary.py"))
"""Files of functions that stand around those of a task while it is debugged."""


def task_traceback(error: BaseException) -> str:
    """Format the traceback of a failed quantum without the frames that only lead from the executor to the task.

    Of a very long one it is the beginning and the end.

    Parameters
    ----------
    error
        What the quantum raised. Errors that come from the executor itself keep all their frames.
    """
    formatted = traceback.TracebackException.from_exception(error)
    frames = list(formatted.stack)
    # Only the way there: a task may come back to us, when it reads a dataset.
    inside = list(itertools.dropwhile(lambda frame: frame.filename.startswith(_PACKAGE), frames))
    if shown := [frame for frame in inside if frame.filename not in _WRAPPERS]:
        formatted.stack = traceback.StackSummary.from_list(shown)
    # One by one: a message as long as a book must not leave any of the frames out.
    pieces = (trim(piece, MESSAGE) for piece in formatted.format())
    return trim("".join(pieces), TRACEBACK)
