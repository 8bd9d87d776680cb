"""What unwinds paused code: not for anybody to catch, and so not an `Exception`."""

from __future__ import annotations

import contextlib
import ctypes
import sys

__all__ = ["AbandonedSignal", "DebugSignal", "ReturnSignal", "let_arrive", "send_abandoned"]


class DebugSignal(BaseException):
    """Base of the signals; `finally` blocks and context managers run as it goes by."""


class AbandonedSignal(DebugSignal):
    """Whoever steers the session has given up on this call."""


class ReturnSignal(DebugSignal):
    """The function at a boundary is to return a value now.

    Parameters
    ----------
    boundary
        The one that it is for.
    value
        What to return.
    """

    def __init__(self, boundary: object, value: object) -> None:
        super().__init__("return")
        self.boundary = boundary
        self.value = value


def send_abandoned(thread: int | None) -> None:
    """Have the signal raised in another thread as soon as it runs Python code."""
    if thread is not None:
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(AbandonedSignal))


def let_arrive() -> None:
    """Catch a signal that another thread has sent, if it has not arrived yet: it does so before the next line or call.

    Python has a way to take it back, which leaves Python 3.11 in an endless loop if it is tracing.
    """
    with contextlib.suppress(AbandonedSignal):
        for _ in range(3):
            sys.getrecursionlimit()
