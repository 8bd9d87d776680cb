"""Watching a thread with `sys.settrace`: what there is until Python 3.11."""

from __future__ import annotations

import dis
import sys
import threading
from collections.abc import Callable
from types import CodeType, FrameType
from typing import Any, NamedTuple

from .frames import callers, innermost
from .judge import Interest, Judge
from .tracer import Tracer

__all__ = ["SettraceTracer"]

_RETURNS = frozenset({"RETURN_VALUE", "RETURN_CONST"})
_YIELDS = frozenset({"YIELD_VALUE", "RETURN_GENERATOR", "SEND"})
_GOES_ON = _RETURNS | _YIELDS

LocalTrace = Callable[[FrameType, str, Any], Any]


class _Known(NamedTuple):
    """What to do with some code."""

    code: CodeType
    trace: LocalTrace | None
    lines: bool
    starts: bool


class SettraceTracer(Tracer):
    """Traces the thread only while there is something to see: breakpoints, a step, or exceptions to pause for.

    A breakpoint that is added while nothing was traced takes effect at the next pause or point that the debugged code
    announces: no other thread can begin to trace this one.
    """

    def __init__(self, judge: Judge) -> None:
        super().__init__(judge)
        # By identity: code objects compare by value. They are kept, so that no other gets the same identity.
        self._known: dict[int, _Known] = {}
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
        self._known = {}

    def refresh(self) -> None:
        """Take in that breakpoints or the plan have changed."""
        self._known = {}
        self._stale = not self.is_here()
        if not self._stale:
            judge = self.judge
            self._active = judge.watches_everything or judge.watches_exceptions or judge.watches_unwinding
            sys.settrace(self._on_call if self._active else None)
        if not self._active:
            return
        for frame in callers(innermost(self.thread)):
            known = self._look_up(frame)
            if known.trace is not None:
                frame.f_trace = known.trace
                frame.f_trace_lines = known.lines

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

    def _look_up(self, frame: FrameType) -> _Known:
        code = frame.f_code
        interest = self.judge.interest(code, self.judge.traces(frame))
        trace: LocalTrace | None = None
        if interest == Interest.EXCEPTIONS:
            trace = self._on_exception
        elif interest:
            trace = self._on_event
        known = _Known(code, trace, Interest.LINES in interest, Interest.STARTS in interest)
        self._known[id(code)] = known
        return known

    def _on_call(self, frame: FrameType, event: str, arg: object) -> LocalTrace | None:
        # This happens at each call of anything: it has to be quick.
        known = self._known.get(id(frame.f_code)) or self._look_up(frame)
        if known.trace is None:
            return None
        frame.f_trace_lines = known.lines
        # A generator that goes on is called, too.
        if known.starts and _has_just_begun(frame):
            self._tell(self.judge.on_start, frame)
            return self._on_event
        return known.trace

    def _on_exception(self, frame: FrameType, event: str, arg: Any) -> LocalTrace | None:
        if event == "exception":
            self._tell(self.judge.on_raise, frame, _exception(arg))
        elif event == "return" and arg is None and self.judge.doubts and _operation(frame) not in _GOES_ON:
            self._tell(self.judge.on_unwind, frame, None)
        return frame.f_trace  # another one, if that has led to a step

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
