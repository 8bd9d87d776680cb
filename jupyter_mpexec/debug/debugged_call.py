"""The call that is debugged, as its own thread sees it: it runs, stands still, does what it is told, and ends."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import Any, NamedTuple

from .boundary import Boundary, bounded
from .breakpoints import Breakpoints
from .desk import Command, Desk, SessionState
from .frames import callers
from .judge import Judge
from .pause import Pause
from .plan import Plan, Returned, Step
from .signals import AbandonedSignal, ReturnSignal, let_arrive, send_abandoned
from .tracebacks import without_own_frames
from .tracer import Tracer, make_tracer

__all__ = ["DebuggedCall", "Outcome"]

_AGAIN = 1.0
"""Seconds after which a second request to give up is no button that was pressed twice."""


class Outcome(NamedTuple):
    """How a call has ended.

    Parameters
    ----------
    state
        Finished, failed or abandoned.
    value
        What it returned.
    error
        What it failed with.
    """

    state: SessionState
    value: object = None
    error: BaseException | None = None


class DebuggedCall:
    """Runs a call as often as it is asked to, and pauses in it.

    Parameters
    ----------
    call
        What to run.
    name
        Name of the session.
    desk
        Where its thread meets those who steer it.
    breakpoints
        Where to pause.
    modules
        Names of the traced modules.
    watches
        Returns the expressions to watch.
    on_pause
        Called on its thread at the beginning of each pause.
    """

    def __init__(
        self,
        call: Callable[[], object],
        *,
        name: str,
        desk: Desk,
        breakpoints: Breakpoints,
        modules: frozenset[str],
        watches: Callable[[], tuple[str, ...]],
        on_pause: Callable[[], None],
    ) -> None:
        self.judge = Judge(breakpoints, modules, self.halt)
        self.boundaries: list[Boundary] = []
        self.abandoning = False
        self._call = call
        self._name = name
        self._desk = desk
        self._watches = watches
        self._on_pause = on_pause
        self._thread = 0
        self._tracer: Tracer | None = None
        self._pauses = 0
        self._abandoned = 0.0
        # Whether a signal from another thread would reach the call, and nothing but the call.
        self._listening = False

    def begin(self, pause_first: bool) -> None:
        """Forget an earlier attempt; the caller holds the desk's lock."""
        self.abandoning = False
        self._pauses = 0
        self.judge.begin()
        self.judge.breakpoints.find_functions()
        if pause_first:
            self.judge.plan = Plan("into", "first line", through_points=True)

    def run(self) -> Outcome:
        """Run the call on the thread that calls this."""
        self._thread = threading.get_ident()
        try:
            try:
                self._tracer = make_tracer(self.judge)
                self._tracer.start()
                with self._desk.lock:
                    if self.abandoning:
                        raise AbandonedSignal
                    self._listening = True
                outcome = Outcome(SessionState.FINISHED, self.boundary(self._call, "the whole call")())
            finally:
                self._end()
        except AbandonedSignal:
            self._end()
            return Outcome(SessionState.ABANDONED)
        except BaseException as error:
            outcome = Outcome(
                SessionState.FAILED, None, error.with_traceback(without_own_frames(error.__traceback__))
            )
        # It may have caught the signal, and ended as if nothing had been.
        return Outcome(SessionState.ABANDONED) if self.abandoning else outcome

    def is_here(self) -> bool:
        """Tell whether this is its thread."""
        return threading.get_ident() == self._thread

    def abandon(self) -> None:
        """Have it unwound; the caller holds the desk's lock.

        If the code has caught the signal, it gets another one. Not at once: `finally` blocks are to run to their end.
        """
        now = time.monotonic()
        if self.abandoning and now - self._abandoned < _AGAIN:
            return
        self.abandoning = True
        self._abandoned = now
        if self._desk.standing:  # perhaps with another command, which it has not taken yet
            self._desk.send(Command("abandon"))
            return
        self.judge.silent = True
        if self._listening:
            send_abandoned(self._thread)

    def break_in(self) -> None:
        """Have it pause at the next traced line."""
        self.judge.plan = Plan("into", "asked to pause")
        self.refresh()

    def refresh(self) -> None:
        """Take in that breakpoints or the plan have changed."""
        if (tracer := self._tracer) is not None:
            tracer.refresh()

    def boundary(self, function: Callable[..., Any], name: str) -> Callable[..., Any]:
        """Wrap a function so that it can be made to return."""
        return bounded(function, name, self.is_here, self.boundaries)

    def point(self, caller: FrameType, reason: str, name: str, otherwise: str = "") -> bool:
        """Pause in the innermost traced frame, if points of this name are to; tell whether it did.

        Where none is traced, it is the innermost one of the function named `otherwise`, or that of the caller.
        """
        if not self._reaches(name):
            return False
        frames = tuple(callers(caller))
        named = next((f for f in frames if otherwise and f.f_code.co_name == otherwise), caller)
        self.halt(next((f for f in frames if self.judge.traces(f)), named), "point", reason)
        return True

    def point_soon(self, reason: str, name: str) -> None:
        """Pause at the next traced line, if points of this name are to."""
        if self._reaches(name):
            self.judge.plan = Plan("into", reason, through_points=True)
            self.refresh()

    def _reaches(self, name: str) -> bool:
        if not self.is_here() or not self._listening or self._tracer is None:
            return False
        if self.abandoning:
            raise AbandonedSignal
        self._tracer.catch_up()
        found = self.judge.breakpoints.at_point(name) if name else []
        for one in found:
            one.hits += 1
        return bool(found) or not name

    def halt(
        self,
        frame: FrameType,
        kind: str,
        reason: str,
        *,
        exception: BaseException | None = None,
        returned: Returned | None = None,
    ) -> None:
        """Stand still in a frame until there is a command, and do what it says."""
        with self._desk.lock:
            if self.abandoning:
                self._unwind()
            self._pauses += 1
            pause = Pause(
                session=self._name,
                number=self._pauses,
                kind=kind,
                reason=reason,
                frames=tuple(f for f in callers(frame) if f is frame or self.judge.traces(f)),
                exception=exception,
                returned=returned,
                returns_from=self.boundaries[-1].name if self.boundaries else "",
                watches=self._watches,
                still=self._desk.still,
                handling=self._desk.handling,
            )
            self._desk.stand_still(pause)
        self._on_pause()
        self._obey(self._desk.next_command(pause), frame, at_point=kind == "point")

    def _obey(self, command: Command, frame: FrameType, *, at_point: bool) -> None:
        step: Step | None = command.argument if command.verb == "step" else None
        if not (at_point and self.judge.plan.through_points and command.verb == "step"):
            self.judge.plan = Plan.begin(step, frame, self.judge.traces)
        if command.verb == "abandon":
            self._unwind()
        self.refresh()
        if command.verb == "raise":
            self.judge.ignore(command.argument)
            raise command.argument
        if command.verb == "return":
            raise ReturnSignal(self.boundaries[-1], command.argument)

    def _unwind(self) -> None:
        self.judge.silent = True
        let_arrive()  # one signal is enough
        self.refresh()
        raise AbandonedSignal

    def _end(self) -> None:
        with self._desk.lock:
            self._listening = False
        let_arrive()
        self._thread = 0
        if self._tracer is not None:
            self._tracer.stop()
            self._tracer = None
        self.judge.forget()
        self.boundaries.clear()
