"""What unwinds paused code: not for anybody to catch, and so not an `Exception`."""

from __future__ import annotations

__all__ = ["AbandonedSignal", "DebugSignal", "ReturnSignal"]


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
