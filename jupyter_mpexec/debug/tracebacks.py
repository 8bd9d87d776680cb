"""Tracebacks without the frames of the debugger."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

__all__ = ["without_own_frames"]

_FOLDER = f"{Path(__file__).parent}/"


def without_own_frames(traceback: TracebackType | None) -> TracebackType | None:
    """Leave out the frames of this package, wherever they are in a traceback."""
    kept = []
    while traceback is not None:
        if not traceback.tb_frame.f_code.co_filename.startswith(_FOLDER):
            kept.append(traceback)
        traceback = traceback.tb_next
    result: TracebackType | None = None
    for one in reversed(kept):
        result = TracebackType(result, one.tb_frame, one.tb_lasti, one.tb_lineno)
    return result
