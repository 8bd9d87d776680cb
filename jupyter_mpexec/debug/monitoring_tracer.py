"""Watching threads with `sys.monitoring`, from Python 3.12 on: code of no interest runs at full speed."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from functools import reduce
from operator import or_
from types import CodeType, FrameType
from typing import TYPE_CHECKING, Any

from jupyter_mpexec.errors import DebuggerCollisionError

from .frames import callers, innermost
from .judge import Interest, Judge
from .tracer import Tracer

__all__ = ["MonitoringTracer"]

_NAME = "jupyter_mpexec"

if TYPE_CHECKING:
    # Type checkers look at this with the oldest Python, which has none of it.
    monitoring: Any = None
else:
    monitoring = sys.monitoring

_EVENTS = monitoring.events
_DISCOVER = _EVENTS.PY_START | _EVENTS.PY_RESUME
_LOCAL = {
    Interest.LINES: _EVENTS.LINE,
    Interest.ENDS: _EVENTS.PY_RETURN | _EVENTS.PY_YIELD,
    # Starts and exceptions are told for all code at once: Python has no other way for exceptions, and finds code
    # that is not known yet by its start.
}


class MonitoringTracer(Tracer):
    """One of possibly several watched threads; they share a tool ID and the events, which go to all threads."""

    def __init__(self, judge: Judge) -> None:
        super().__init__(judge)
        self.known: dict[int, tuple[CodeType, bool]] = {}
        self.passed_over: dict[int, CodeType] = {}

    def start(self) -> None:
        """Begin to watch the thread that calls this."""
        self.thread = threading.get_ident()
        _tool.attach(self)

    def stop(self) -> None:
        """Leave the thread that calls this alone."""
        _tool.detach(self)

    def refresh(self) -> None:
        """Take in that breakpoints or the plan have changed."""
        _tool.refresh()

    def catch_up(self) -> None:
        """Do nothing: here any thread can do it all."""

    def interest(self, code: CodeType) -> Interest:
        """Tell which events of some code its judge wants."""
        known = self.known.get(id(code))
        return self.judge.interest(code, known is not None and known[1])


class _Tool:
    """The tool ID, and who uses it."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._tracers: dict[int, MonitoringTracer] = {}
        self._id: int | None = None
        self._instrumented: dict[int, CodeType] = {}
        # Files that may have a breakpoint, and whether any code may be stepped through: most code is neither.
        self._files: dict[str, bool] = {}
        self._marked: frozenset[int] = frozenset()
        self._anywhere = False
        # Goes up with each change: an event that is under way then must not be switched off.
        self._version = 0

    def attach(self, tracer: MonitoringTracer) -> None:
        with self._lock:
            if self._id is None:
                self._id = self._take_id()
            self._tracers = {**self._tracers, tracer.thread: tracer}
            self.refresh()

    def detach(self, tracer: MonitoringTracer) -> None:
        with self._lock:
            self._tracers = {k: t for k, t in self._tracers.items() if t is not tracer}
            self.refresh()
            if not self._tracers and self._id is not None:
                for event in self._callbacks():
                    monitoring.register_callback(self._id, event, None)
                monitoring.free_tool_id(self._id)
                self._id = None

    def refresh(self) -> None:
        with self._lock:
            if self._id is None:
                return
            self._version += 1
            judges = [tracer.judge for tracer in self._tracers.values()]
            self._files = {}
            self._marked = frozenset().union(*(judge.breakpoints.marked for judge in judges))
            self._anywhere = any(judge.plan.step is not None for judge in judges)
            for code in list(self._instrumented.values()):
                self._instrument(code)
            # Functions that have begun already are not going to be discovered by their start.
            for tracer in self._tracers.values():
                for frame in callers(innermost(tracer.thread)):
                    self._discover(frame)
            events = 0
            if any(judge.watches_everything for judge in judges):
                events |= _DISCOVER
            if any(judge.watches_exceptions for judge in judges):
                events |= _EVENTS.RAISE
            if any(judge.watches_unwinding for judge in judges):
                events |= _EVENTS.PY_UNWIND
            if any(judge.plan.anywhere for judge in judges):
                events |= _EVENTS.PY_THROW
            monitoring.set_events(self._id, events)
            monitoring.restart_events()

    def _take_id(self) -> int:
        # The others are meant for debuggers, coverage, profilers and optimisers.
        for number in (3, 4):
            if monitoring.get_tool(number) is None:
                monitoring.use_tool_id(number, _NAME)
                for event, callback in self._callbacks().items():
                    monitoring.register_callback(number, event, callback)
                return number
        names = ", ".join(str(monitoring.get_tool(number)) for number in (3, 4))
        raise DebuggerCollisionError(
            f"Python has no monitoring tool ID left: {names} use them.",
            hint="End those, or restart the kernel.",
        )

    def _callbacks(self) -> dict[int, Callable[..., object]]:
        return {
            _EVENTS.PY_START: self._on_start,
            _EVENTS.PY_RESUME: self._on_resume,
            _EVENTS.PY_THROW: self._on_throw,
            _EVENTS.LINE: self._on_line,
            _EVENTS.PY_RETURN: self._on_return,
            _EVENTS.PY_YIELD: self._on_yield,
            _EVENTS.PY_UNWIND: self._on_unwind,
            _EVENTS.RAISE: self._on_raise,
        }

    def _discover(self, frame: FrameType) -> Interest:
        """Get to know some code, and have the events told that are wanted of it."""
        code = frame.f_code
        for tracer in self._tracers.values():
            if id(code) not in tracer.known:
                tracer.known[id(code)] = code, tracer.judge.traces(frame)
        return self._instrument(code)

    def _instrument(self, code: CodeType) -> Interest:
        wanted = reduce(or_, (t.interest(code) for t in self._tracers.values()), Interest.NOTHING)
        events = reduce(or_, (event for interest, event in _LOCAL.items() if interest in wanted), 0)
        if events or id(code) in self._instrumented:
            assert self._id is not None
            if monitoring.get_local_events(self._id, code) != events:
                monitoring.set_local_events(self._id, code, events)
        if events:
            self._instrumented[id(code)] = code
        else:
            self._instrumented.pop(id(code), None)
        return wanted

    def _here(self) -> MonitoringTracer | None:
        return self._tracers.get(threading.get_ident())

    def _concerns(self, code: CodeType) -> bool:
        """Tell whether anybody may want to be told of some code; quickly, for all code is asked about once."""
        if self._anywhere or id(code) in self._marked:
            return True
        files, name = self._files, code.co_filename
        found = files.get(name)
        if found is None:
            found = files[name] = any(t.judge.breakpoints.has_lines_in(name) for t in self._tracers.values())
        return found

    def _on_start(self, code: CodeType, offset: int) -> object:
        version = self._version
        if not self._concerns(code) and version == self._version:
            return monitoring.DISABLE
        frame = sys._getframe(1)
        with self._lock:
            wanted = self._discover(frame)
        if Interest.STARTS in wanted:
            if tracer := self._here():
                tracer.judge.on_start(frame)
            return None
        return monitoring.DISABLE if version == self._version else None

    def _on_resume(self, code: CodeType, offset: int) -> object:
        version = self._version
        if not self._concerns(code) and version == self._version:
            return monitoring.DISABLE
        with self._lock:
            self._discover(sys._getframe(1))
        return monitoring.DISABLE if version == self._version else None

    def _on_throw(self, code: CodeType, offset: int, error: BaseException) -> None:
        with self._lock:
            self._discover(sys._getframe(1))

    def _on_line(self, code: CodeType, line: int) -> object:
        version = self._version
        if tracer := self._here():
            tracer.judge.on_line(sys._getframe(1))
        if version != self._version or any(t.judge.wants_line(code, line) for t in self._tracers.values()):
            return None
        return monitoring.DISABLE

    def _on_return(self, code: CodeType, offset: int, value: object) -> None:
        if (tracer := self._here()) and tracer.judge.on_return(sys._getframe(1), value):
            self.refresh()

    def _on_yield(self, code: CodeType, offset: int, value: object) -> None:
        if (tracer := self._here()) and tracer.judge.on_yield(sys._getframe(1), value):
            self.refresh()

    def _on_unwind(self, code: CodeType, offset: int, error: BaseException) -> None:
        if (tracer := self._here()) and tracer.judge.on_unwind(sys._getframe(1), error):
            self.refresh()

    def _on_raise(self, code: CodeType, offset: int, error: BaseException) -> None:
        tracer = self._here()
        # Libraries raise and catch exceptions by the thousand, and Python has no way not to be told of these.
        if tracer is None or id(code) in tracer.passed_over:
            return
        frame = sys._getframe(1)
        if tracer.judge.traces(frame):
            if tracer.judge.on_raise(frame, error):
                self.refresh()
        else:
            tracer.passed_over[id(code)] = code


_tool = _Tool()
