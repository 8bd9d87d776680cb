"""Which methods of a task have been written anew, so that breakpoints find them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from types import FunctionType

from lsst.pipe.base import Task

from ...debug.places import absolute, plain_function
from ...debug.source import code_lines
from ...debug.versions import Versions
from ...errors import BreakpointError
from .task_parts import patched_methods, subtasks_of

__all__ = ["PATCH_FILE", "PatchedVersions", "note_version"]

PATCH_FILE = "<patch "
"""How the names begin that the texts of patches go by."""

_FIRST = "__first_version__"


def note_version(first: object, new: object) -> None:
    """Have a new version of a method remember the first one."""
    for old_function, new_function in _functions(first, new):
        vars(new_function)[_FIRST] = old_function


class PatchedVersions(Versions):
    """The versions of methods that one task uses.

    Parameters
    ----------
    task
        The task, with its patches.
    """

    def __init__(self, task: Task) -> None:
        self._replaced: dict[FunctionType, list[FunctionType]] = {}
        for each in subtasks_of(task):
            own = type(each)
            for method, owner in patched_methods(each).items():
                for first, new in _functions(getattr(owner, method), vars(own)[method]):
                    self._replaced.setdefault(first, []).append(new)

    def of(self, function: FunctionType) -> set[FunctionType]:
        """Get the versions that may run; also the new one of a method that is named by an older one."""
        known = super().of(function) | super().of(vars(function).get(_FIRST, function))
        return known | {new for one in known for new in self._replaced.get(one, ())}

    def has_line(self, file: str, line: int) -> bool:
        """Tell whether the task uses the code there."""
        if file.startswith(PATCH_FILE):
            return any(new.__code__.co_filename == file for news in self._replaced.values() for new in news)
        return not any(_is_in(first, file, line) for first in self._replaced)


def _functions(first: object, new: object) -> Iterator[tuple[FunctionType, FunctionType]]:
    with contextlib.suppress(BreakpointError):  # not everything that a class has is a function
        yield plain_function(first), plain_function(new)


def _is_in(function: FunctionType, file: str, line: int) -> bool:
    code = function.__code__
    first, last = code_lines(code)
    return absolute(code.co_filename) == file and first <= line <= last
