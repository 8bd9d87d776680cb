"""Frames of paused code: their module, those that called them, and their variables."""

from __future__ import annotations

import ctypes
import inspect
import sys
from collections.abc import Iterator, Mapping
from types import CodeType, FrameType
from typing import Any

__all__ = ["callers", "innermost", "module_name", "read_locals", "write_locals"]

_WRITE_THROUGH = sys.version_info >= (3, 13)


def module_name(frame: FrameType) -> str:
    """Get the name of the module that a frame's code is in."""
    name = frame.f_globals.get("__name__")
    return name if isinstance(name, str) else ""


def callers(frame: FrameType | None) -> Iterator[FrameType]:
    """Go through a frame and those that called it, the innermost first."""
    while frame is not None:
        yield frame
        frame = frame.f_back


def innermost(thread: int | None) -> FrameType | None:
    """Get the frame that a thread is in at the moment."""
    return sys._current_frames().get(thread) if thread is not None else None


def read_locals(frame: FrameType) -> dict[str, Any]:
    """Copy the variables of a frame that stands still."""
    return dict(frame.f_locals)


def write_locals(frame: FrameType, values: Mapping[str, Any]) -> dict[str, Any]:
    """Change variables of a frame that stands still.

    Parameters
    ----------
    frame
        The frame.
    values
        New values by name.

    Returns
    -------
    rest
        Those that there is no place for in this frame: a function has a place for each variable that its source
        names, and for no other.
    """
    if (
        not frame.f_code.co_flags & inspect.CO_OPTIMIZED
    ):  # of a module or a class: its locals are a dictionary
        frame.f_locals.update(values)
        return {}
    places = _places(frame.f_code)
    fitting = {name: value for name, value in values.items() if name in places}
    if fitting:
        frame.f_locals.update(fitting)
        if not _WRITE_THROUGH:
            # Until 3.12 `f_locals` is a copy, and this is what the interpreter itself calls to take it back.
            ctypes.pythonapi.PyFrame_LocalsToFast(ctypes.py_object(frame), ctypes.c_int(0))
    return {name: value for name, value in values.items() if name not in places}


def _places(code: CodeType) -> frozenset[str]:
    return frozenset((*code.co_varnames, *code.co_cellvars, *code.co_freevars))
