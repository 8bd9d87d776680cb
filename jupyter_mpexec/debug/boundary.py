"""Functions that can be made to return at once, from anywhere inside."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from .signals import ReturnSignal

__all__ = ["Boundary", "bounded"]


class Boundary:
    """One call of a function that a `ReturnSignal` can end.

    Parameters
    ----------
    name
        Name of the function.
    """

    def __init__(self, name: str) -> None:
        self.name = name


def bounded(
    function: Callable[..., Any], name: str, is_here: Callable[[], bool], stack: list[Boundary]
) -> Callable[..., Any]:
    """Make a function that can be ended with a value.

    Parameters
    ----------
    function
        What it calls.
    name
        What to call it.
    is_here
        Whether the calling thread is the debugged one; on others nothing is different.
    stack
        The boundaries that the debugged thread is inside of, the innermost last.
    """

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if not is_here():
            return function(*args, **kwargs)
        boundary = Boundary(name)
        stack.append(boundary)
        try:
            return function(*args, **kwargs)
        except ReturnSignal as signal:
            if signal.boundary is not boundary:
                raise
            return signal.value
        finally:
            stack.remove(boundary)

    return call
