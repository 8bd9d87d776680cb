"""Watching a thread with `sys.settrace`: what there is until Python 3.11."""

from __future__ import annotations

import dis
import sys
import threading
from collections.abc import Callable
from types import CodeType, FrameType
from typing import Any

from .frames import callers, innermost
from .judge import Interest, Judge
from .tracer import Tracer

__all__ = ["SettraceTracer"]

_RETURNS = frozenset({"RETURN_VALUE", "RETURN_CONST"})
_YIELDS = frozenset({"YIELD_VALUE", "RETURN_GENERATOR", "SEND"})

LocalTrace = Callable[[FrameType, str, Any], Any]


class SettraceTracer(Tracer):
    """Traces the thread only while there is something to see: breakpoints, a step, or exceptions to pause for.

    A breakpoint that is added while nothing was traced takes effect at the next pause or point that the debugged code
    announces: no other thread can begin to trace this one.
    """

    def __init__(self, judge: Judge) -> None:
        super().__init__(judge)
        # By identity: code objects compare by value. They are kept, so that no other gets the same identity.
        self._interests: dict[int, tuple[CodeType, Interest]] = {}
        self._active = False
        self._stale = False

    def start(self) -> None:
        """Begin to watch the thread that calls this."""
        self.thread = threading.get_ident()
        self.refresh()

    def stop(self) -> None:
        """Leave the thread that calls this alone."""
        sys.settrace(None)
        self._active = False
        self._interests.clear()

    def refresh(self) -> None:
        """Take in that breakpoints or the plan have changed."""
        self._interests = {}
        self._stale = not self.is_here()
        if not self._stale:
            judge = self.judge
            self._active = judge.watches_everything or judge.watches_exceptions or judge.watches_unwinding
            sys.settrace(self._on_call if self._active else None)
        if not self._active:
            return
        for frame in callers(innermost(self.thread)):
            if self._prepare(frame):
                frame.f_trace = self._on_event

    def catch_up(self) -> None:
        """Begin to trace, if somebody else has found a reason."""
        if self._stale:
            self.refresh()

    def _before_raising(self) -> None:
        """Get ready for an exception that leaves the trace function: Python then takes the function away."""
        if sys.getprofile() is None and sys.gettrace() is not None:
            sys.setprofile(self._again)

    def _again(self, frame: FrameType, event: str, arg: object) -> None:
        """Put the trace function back, at the first call or return after an exception has left it."""
        sys.setprofile(None)
        self.refresh()

    def _prepare(self, frame: FrameType) -> Interest:
        code = frame.f_code
        known = self._interests.get(id(code))
        if known is None:
            known = self._interests[id(code)] = code, self.judge.interest(code, self.judge.traces(frame))
        frame.f_trace_lines = Interest.LINES in known[1]
        return known[1]

    def _on_call(self, frame: FrameType, event: str, arg: object) -> LocalTrace | None:
        # The quick way out first: this happens at each call of anything.
        known = self._interests.get(id(frame.f_code))
        interest = self._prepare(frame) if known is None or known[1] else known[1]
        if not interest:
            return None
        # A generator that goes on is called, too.
        if Interest.STARTS in interest and _has_just_begun(frame):
            self._tell(self.judge.on_start, frame)
        return self._on_event

    def _on_event(self, frame: FrameType, event: str, arg: Any) -> LocalTrace | None:
        judge = self.judge
        if event == "line":
            self._tell(judge.on_line, frame)
        elif event == "exception":
            self._tell(judge.on_raise, frame, _exception(arg))
        elif event == "return":
            operation = _operation(frame)
            if operation in _YIELDS:
                changed = self._tell(judge.on_yield, frame, arg)
            elif operation in _RETURNS:
                changed = self._tell(judge.on_return, frame, arg)
            else:
                changed = self._tell(judge.on_unwind, frame, None)
            if changed:
                self.refresh()
        return self._on_event

    def _tell(self, judgement: Callable[..., Any], *args: object) -> Any:
        try:
            return judgement(*args)
        except BaseException:
            self._before_raising()
            raise


def _exception(arg: tuple[type[BaseException], BaseException | None, object]) -> BaseException:
    kind, value, _ = arg
    # One that C code raised may not have been made yet.
    return value if isinstance(value, BaseException) else kind(*(() if value is None else (value,)))


def _operation(frame: FrameType) -> str:
    return dis.opname[frame.f_code.co_code[frame.f_lasti]] if frame.f_lasti >= 0 else ""


def _has_just_begun(frame: FrameType) -> bool:
    code = frame.f_code.co_code
    # Only what prepares the frame comes before the first RESUME, and its argument is 0.
    operation = frame.f_lasti
    return operation < 0 or (dis.opname[code[operation]] != "RESUME" or code[operation + 1] == 0)
