"""Whether to pause: what tracers see on the debugged thread is brought before the judge."""

from __future__ import annotations

import enum
import sys
from collections.abc import Iterable
from types import CodeType, FrameType, ModuleType
from typing import Protocol

from .breakpoints import Breakpoint, Breakpoints
from .catching import Fate, fate_of
from .frames import callers, module_name
from .plan import Plan, Returned
from .signals import DebugSignal

__all__ = ["Halt", "Interest", "Judge", "files_of", "module_names"]


class Interest(enum.Flag):
    """Which events of some code there is a use for."""

    NOTHING = 0
    LINES = enum.auto()
    STARTS = enum.auto()
    ENDS = enum.auto()
    EXCEPTIONS = enum.auto()


class Halt(Protocol):
    """Pauses the debugged thread; comes back when it is to go on, or raises what it is to raise there."""

    def __call__(
        self,
        frame: FrameType,
        kind: str,
        reason: str,
        *,
        exception: BaseException | None = None,
        returned: Returned | None = None,
    ) -> None:
        """Pause in a frame."""


class Judge:
    """Decides where one session pauses.

    Parameters
    ----------
    breakpoints
        Where the user wants it to.
    modules
        Names of the modules that are traced, their submodules included.
    halt
        What pauses.
    """

    def __init__(self, breakpoints: Breakpoints, modules: frozenset[str], halt: Halt) -> None:
        self.breakpoints = breakpoints
        self.modules = modules
        self.plan = Plan()
        # From then on nothing pauses any more: the code is being unwound.
        self.silent = False
        self._halt = halt
        self._packages = tuple(f"{name}." for name in modules)
        self._reported: BaseException | None = None
        # One that the outermost function may handle, or else let go: nobody is asked after that.
        self._doubted: BaseException | None = None

    def traces(self, frame: FrameType) -> bool:
        """Tell whether a frame is in a traced module."""
        name = module_name(frame)
        return name in self.modules or name.startswith(self._packages)

    def begin(self) -> None:
        """Forget an earlier attempt."""
        self.plan = Plan()
        self.silent = False
        self._reported = self._doubted = None

    def forget(self) -> None:
        """Let go of all frames and exceptions."""
        self.plan = Plan()
        self._reported = self._doubted = None

    def ignore(self, error: BaseException) -> None:
        """Do not pause for an exception: the user knows it already."""
        self._reported, self._doubted = error, None

    def interest(self, code: CodeType, traced: bool) -> Interest:
        """Tell which events of some code matter now."""
        wanted = Interest.NOTHING
        if self.silent:
            return wanted
        marks = self.breakpoints
        plan = self.plan
        stepping = plan.concerns(code) or (plan.anywhere and traced)
        if stepping or marks.has_lines(code):
            wanted |= Interest.LINES
        if marks.at_function(code, "entry"):
            wanted |= Interest.STARTS
        if stepping or marks.at_function(code, "exit"):
            wanted |= Interest.ENDS
        if traced and marks.exceptions != "never":
            wanted |= Interest.EXCEPTIONS
        return wanted

    def wants_line(self, code: CodeType, line: int) -> bool:
        """Tell whether a line of some code can be one to pause at."""
        plan = self.plan
        return plan.anywhere or plan.concerns(code) or bool(self.breakpoints.at_line(code, line))

    @property
    def watches_everything(self) -> bool:
        """Whether there is a use for code that is not known yet."""
        return not self.silent and (self.breakpoints.any_code or self.plan.anywhere)

    @property
    def watches_exceptions(self) -> bool:
        """Whether there is a use for exceptions as they are raised."""
        return not self.silent and self.breakpoints.exceptions != "never"

    @property
    def watches_unwinding(self) -> bool:
        """Whether there is a use for frames that an exception leaves."""
        return not self.silent and (self.plan.step is not None or self.breakpoints.any_exit or self.doubts)

    @property
    def doubts(self) -> bool:
        """Whether the outermost function may let an exception go that nobody has been told of."""
        return self._doubted is not None

    def on_line(self, frame: FrameType) -> None:
        """A line is about to run."""
        if self.silent:
            return
        code = frame.f_code
        plan = self.plan
        if reason := self._reason(self.breakpoints.at_line(code, frame.f_lineno), frame):
            self._halt(frame, "line", reason, returned=plan.returned)
        elif plan.ends_at(frame) or (plan.anywhere and self.traces(frame)):
            self._halt(frame, "step", plan.reason, returned=plan.returned)

    def on_start(self, frame: FrameType) -> None:
        """A function begins."""
        if not self.silent and (reason := self._reason(self._marks(frame, "entry"), frame)):
            self._halt(frame, "entry", reason)

    def on_return(self, frame: FrameType, value: object) -> bool:
        """A function returns; tell whether the plan has changed."""
        if self.silent:
            return False
        returned = Returned(frame.f_code.co_qualname, value)
        if reason := self._reason(self._marks(frame, "exit"), frame):
            self._halt(frame, "exit", reason, returned=returned)
        return self.plan.left(frame, returned, for_good=True)

    def on_yield(self, frame: FrameType, value: object) -> bool:
        """A generator hands out a value; tell whether the plan has changed."""
        if self.silent:
            return False
        return self.plan.left(frame, Returned(frame.f_code.co_qualname, value), for_good=False)

    def on_unwind(self, frame: FrameType, error: BaseException | None) -> bool:
        """An exception leaves a function; tell whether the plan has changed."""
        if self.silent or isinstance(error, DebugSignal):
            return False
        doubted = self._doubted
        if doubted is not None and (error is None or error is doubted) and self._is_outermost(frame):
            self._report(frame, doubted, f"leaves {frame.f_code.co_qualname}")
        elif (error is None or error is not self._reported) and (
            reason := self._reason(self._marks(frame, "exit"), frame)
        ):
            self._halt(frame, "exit", reason, exception=error)
        return self.plan.left(frame, None, for_good=True)

    def on_raise(self, frame: FrameType, error: BaseException) -> bool:
        """An exception is raised in a function, or comes into it from one that it called.

        Tells whether from now on it matters that exceptions leave functions.
        """
        # Other `BaseException`s, and those that end loops, are no failures.
        if self.silent or isinstance(error, StopIteration | StopAsyncIteration):
            return False
        if not isinstance(error, Exception):
            self._doubted = None  # this is what leaves them
            return False
        if error is self._reported or self.breakpoints.exceptions == "never" or not self.traces(frame):
            return False
        if self.breakpoints.exceptions == "uncaught":
            frames = self._up_to_outermost(frame)
            fate = fate_of(frames, error)
            if fate is Fate.DOUBTFUL and fate_of(frames[-1:], error) is fate:
                had, self._doubted = self._doubted, error
                return had is None
            if fate is not Fate.UNCAUGHT:
                return False
        self._report(frame, error, "is raised")
        return False

    def _report(self, frame: FrameType, error: BaseException, what: str) -> None:
        self._reported, self._doubted = error, None
        self._halt(frame, "exception", f"{type(error).__name__} {what}", exception=error)

    def _is_outermost(self, frame: FrameType) -> bool:
        return self.traces(frame) and not any(self.traces(one) for one in callers(frame.f_back))

    def _up_to_outermost(self, frame: FrameType) -> list[FrameType]:
        frames = list(callers(frame))
        while not self.traces(frames[-1]):
            frames.pop()
        return frames

    def _marks(self, frame: FrameType, at: str) -> list[Breakpoint]:
        return self.breakpoints.at_function(frame.f_code, "entry" if at == "entry" else "exit")

    @staticmethod
    def _reason(found: list[Breakpoint], frame: FrameType) -> str | None:
        reasons = [reason for one in found if one.enabled and (reason := one.applies(frame))]
        return "; ".join(reasons) or None


def module_names(modules: Iterable[str | ModuleType]) -> frozenset[str]:
    """Get the names of modules; notebook cells always count as traced."""
    return frozenset(m if isinstance(m, str) else m.__name__ for m in modules) | {"__main__"}


def files_of(modules: frozenset[str]) -> set[str]:
    """List the files of modules and of their submodules, as far as they are imported."""
    found = set()
    packages = tuple(f"{name}." for name in modules)
    for name, module in list(sys.modules.items()):
        if (name in modules or name.startswith(packages)) and getattr(module, "__file__", None):
            found.add(str(module.__file__))
    return found
