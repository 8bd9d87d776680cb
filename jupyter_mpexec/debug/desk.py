"""Where the debugged thread and those who steer it meet: one lock, the state, the pause, and the next command."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from enum import StrEnum
from typing import Any, NamedTuple

from jupyter_mpexec.errors import DebugError

from .pause import Pause

__all__ = ["Command", "Desk", "SessionState"]

_SLICE = 0.5

_PATIENCE = 3.0
"""Seconds for which code that is to be given up is held for those who look."""


class SessionState(StrEnum):
    """How far a session is."""

    READY = "ready"
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    FAILED = "failed"
    ABANDONED = "abandoned"


class Command(NamedTuple):
    """What the debugged thread is to do next.

    Parameters
    ----------
    verb
        ``"step"``, ``"raise"``, ``"return"`` or ``"abandon"``.
    argument
        How to step, or what to raise or return.
    """

    verb: str
    argument: Any = None


class Desk:
    """The shared state of a session; whoever changes it holds `lock`.

    Parameters
    ----------
    name
        Name of the session.
    """

    def __init__(self, name: str) -> None:
        # Taken without the condition, whose own way in is Python code: an interrupt that came between would keep it.
        self.lock = threading.RLock()
        self._changed = threading.Condition(self.lock)
        self.state = SessionState.READY
        self.pause: Pause | None = None
        # From the beginning of a pause until its command is taken, which is later than it is given.
        self.standing = False
        self._name = name
        self._command: Command | None = None
        self._lookers: list[int] = []

    @property
    def is_live(self) -> bool:
        """Whether the call runs or is paused."""
        return self.state in (SessionState.RUNNING, SessionState.PAUSED)

    def enter(self, state: SessionState) -> None:
        """Change the state to one that is no pause, and tell those who wait."""
        with self.lock:
            self.state = state
            self.pause = self._command = None
            self._changed.notify_all()

    def wait(self, timeout: float | None) -> bool:
        """Wait until the call does not run; False if it still does after so many seconds."""
        end = None if timeout is None else time.monotonic() + timeout
        with self.lock:
            if threading.get_ident() in self._lookers:
                raise DebugError("Code that is evaluated in a pause cannot wait for the next one.")
            # In slices: not every kind of interrupt wakes a thread that waits for a lock.
            while self.state is SessionState.RUNNING:
                left = _SLICE if end is None else min(_SLICE, end - time.monotonic())
                if left <= 0:
                    return False
                self._changed.wait(left)
        return True

    def paused(self) -> Pause:
        """Get the pause, or say that there is none."""
        pause = self.pause
        if pause is None:
            hint = "`wait()` for the next pause." if self.state is SessionState.RUNNING else ""
            raise DebugError(f"{self._name} is {self.state}, not paused.", hint=hint)
        return pause

    def send(self, command: Command) -> None:
        """Have the paused thread go on; it counts as running from now on."""
        with self.lock:
            self.enter(SessionState.RUNNING)
            self._command = command

    def stand_still(self, pause: Pause) -> None:
        """Begin a pause, on the debugged thread."""
        with self.lock:
            self.pause = pause
            self._command = None
            self.standing = True
            self.state = SessionState.PAUSED
            self._changed.notify_all()

    def next_command(self, pause: Pause) -> Command:
        """Wait on the debugged thread until there is a command and nobody looks any more.

        To be given up, code is held for a few seconds only: what is evaluated may never end, or wait for this code.
        """
        end: float | None = None
        with self.lock:
            while (command := self._command) is None or self._lookers:
                left = None
                if command is not None and command.verb == "abandon":
                    end = end or time.monotonic() + _PATIENCE
                    if (left := end - time.monotonic()) <= 0:
                        break
                self._changed.wait(left)
            self._command = None
            self.standing = False
            # Those who still look do so at a pause that is over, and keep the code from nothing any more.
            self._lookers = []
            pause.close()
            return command

    @contextlib.contextmanager
    def still(self, pause: Pause) -> Iterator[None]:
        """Make sure that the code stands still as long as somebody looks; fails if it has gone on."""
        me = threading.get_ident()
        with self.lock:
            if pause is not self.pause and (me not in self._lookers or pause.is_over):
                raise self._over()
            lookers = self._lookers
            lookers.append(me)
        try:
            yield
        finally:
            with self.lock:
                lookers.remove(me)
                self._changed.notify_all()

    @contextlib.contextmanager
    def handling(self, pause: Pause) -> Iterator[None]:
        """Read or change variables in no time: the code cannot be given up meanwhile; fails if it has been."""
        with self.lock:
            if pause.is_over:
                raise self._over()
            yield

    def _over(self) -> DebugError:
        return DebugError(f"This pause is over: {self._name} is {self.state}.")
