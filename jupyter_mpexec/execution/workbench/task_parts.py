"""The tasks that a task consists of, and their classes: those that were written, and those that patches have made."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lsst.pipe.base import Task

__all__ = ["own_class", "patched_methods", "real_classes", "subtasks_of"]

_PATCHED = "__patched_methods__"


def subtasks_of(task: Task) -> Iterator[Task]:
    """Give a task, and all tasks that it consists of."""
    seen: set[int] = set()
    stack = [task]
    while stack:
        each = stack.pop()
        if id(each) not in seen:
            seen.add(id(each))
            yield each
            stack.extend(value for value in vars(each).values() if isinstance(value, Task))


def real_classes(task: Task) -> list[type]:
    """List the classes that a task is of, without the one that patches have made for it."""
    return [cls for cls in type(task).__mro__ if _PATCHED not in vars(cls)]


def own_class(task: Task) -> type:
    """Get a class that no other task has; it is made when it is first asked for."""
    cls = type(task)
    if _PATCHED not in vars(cls):
        attributes: dict[str, Any] = {
            "__module__": cls.__module__,
            "__qualname__": cls.__qualname__,
            "__doc__": cls.__doc__,
            _PATCHED: {},
        }
        metaclass: Any = type(cls)
        task.__class__ = metaclass(cls.__name__, (cls,), attributes)
    return type(task)


def patched_methods(task: Task) -> dict[str, type]:
    """Get the methods that a task has of its own, with the real class that each is a new version for."""
    found: dict[str, type] = vars(type(task)).get(_PATCHED, {})
    return found
