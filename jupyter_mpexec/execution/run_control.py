"""Steering a run: pause, resume, step, stop, cancel, retry, skip.

Whoever holds the handle (a button, another cell, a signal handler) only leaves a note here. The execution model reads
the notes between quanta, on its own thread, and does what they say.
"""

from __future__ import annotations

import threading
import uuid
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from ..errors import RunError
from ..status import RunState

__all__ = ["Command", "RunControl"]


@dataclass(frozen=True)
class Command:
    """A wish about some quanta, waiting for the execution model.

    Parameters
    ----------
    action
        What to do with them.
    quantum_ids
        Which; empty means all that it makes sense for.
    """

    action: Literal["cancel", "retry", "skip"]
    quantum_ids: frozenset[uuid.UUID]


class RunControl:
    """The handle that a run is steered with; every method may be called from any thread.

    Examples
    --------
    >>> control = RunControl()
    >>> control.pause()
    >>> control.may_start()
    False
    >>> control.step()
    >>> control.may_start(), control.may_start()
    (True, False)
    """

    def __init__(self) -> None:
        # A signal handler may call `stop` while this very thread holds the lock: it must be re-entrant.
        self._changed = threading.Condition(threading.RLock())
        self._commands: deque[Command] = deque()
        self._paused = False
        self._steps = 0
        self._stopping = False
        self._reason = ""
        self._closed = False
        self._interrupter: Callable[[uuid.UUID | None], None] | None = None
        self._waker: Callable[[], None] | None = None

    # What users call.

    def pause(self) -> None:
        """Let no further quantum start; those under way go on to their end."""
        with self._change():
            self._paused, self._steps = True, 0

    def resume(self) -> None:
        """Go on after a pause."""
        with self._change():
            self._paused, self._steps = False, 0

    def step(self, count: int = 1) -> None:
        """Let exactly `count` more quanta start, then be paused."""
        if count < 1:
            raise ValueError("A step is at least one quantum.")
        with self._change():
            self._steps = self._steps + count if self._paused else count
            self._paused = True

    def stop(self, reason: str = "stopped by the user", *, interrupt: bool = False) -> None:
        """End the run early.

        Parameters
        ----------
        reason
            Why, for the report.
        interrupt
            End the quanta under way too (they count as cancelled), instead of waiting for them.
        """
        with self._change():
            self._stopping = True
            self._reason = self._reason or reason
            interrupter = self._interrupter
        if interrupt and interrupter is not None:
            interrupter(None)

    def cancel(self, *quantum_ids: uuid.UUID) -> None:
        """Take quanta out of the run; one that is under way is interrupted. Quanta that need them are blocked."""
        self._command("cancel", self._some(quantum_ids, "cancel"))
        with self._changed:
            interrupter = self._interrupter
        if interrupter is not None:
            for quantum_id in quantum_ids:
                interrupter(quantum_id)

    def retry(self, *quantum_ids: uuid.UUID) -> None:
        """Run quanta that failed or were cancelled once more (all of them, if none is named), and what they blocked."""
        self._command("retry", quantum_ids)

    def skip(self, *quantum_ids: uuid.UUID) -> None:
        """Do not run quanta, but let those that depend on them go on as well as they can."""
        self._command("skip", self._some(quantum_ids, "skip"))

    @property
    def state(self) -> RunState:
        """What the user has asked for: `RUNNING`, `PAUSED` or `STOPPING`."""
        with self._changed:
            if self._stopping:
                return RunState.STOPPING
            return RunState.PAUSED if self._paused else RunState.RUNNING

    @property
    def stop_reason(self) -> str:
        """Why the run was asked to stop; empty if it was not."""
        return self._reason

    # What execution models call.

    def may_start(self) -> bool:
        """Ask before each quantum; an answer of `True` uses up one step while the run is paused."""
        with self._changed:
            if self._stopping:
                return False
            if not self._paused:
                return True
            if self._steps:
                self._steps -= 1
                return True
            return False

    def take_commands(self) -> list[Command]:
        """Take all waiting commands, oldest first."""
        with self._changed:
            commands = list(self._commands)
            self._commands.clear()
            return commands

    def wait(self, timeout: float | None = None) -> None:
        """Sleep until something changes (or has changed since the commands were last taken)."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._commands or self._stopping or self._steps or not self._paused, timeout
            )

    def set_interrupter(self, interrupter: Callable[[uuid.UUID | None], None] | None) -> None:
        """Say how a quantum under way can be interrupted (None: all that are under way)."""
        with self._changed:
            self._interrupter = interrupter

    def set_waker(self, waker: Callable[[], None] | None) -> None:
        """Say whom to tell of every change: a model that waits for other things too cannot use `wait`.

        The waker is called on whatever thread the change comes from, in signal handlers too; it must be quick.
        """
        with self._changed:
            self._waker = waker

    def close(self) -> None:
        """Refuse commands from now on: the run is over."""
        with self._changed:
            self._closed = True
            self._interrupter = self._waker = None

    def _command(self, action: Literal["cancel", "retry", "skip"], quantum_ids: Iterable[uuid.UUID]) -> None:
        with self._change():
            self._commands.append(Command(action, frozenset(quantum_ids)))

    @staticmethod
    def _some(quantum_ids: tuple[uuid.UUID, ...], action: str) -> tuple[uuid.UUID, ...]:
        if not quantum_ids:
            raise ValueError(f"Name at least one quantum to {action}.")
        return quantum_ids

    def _change(self) -> _Change:
        return _Change(self)


class _Change:
    """Holds the lock around a change, refuses it once the run is over, and wakes whoever waits."""

    def __init__(self, control: RunControl) -> None:
        self._control = control

    def __enter__(self) -> None:
        self._control._changed.acquire()
        if self._control._closed:
            self._control._changed.release()
            raise RunError("This run is over.", hint="If anything in it is not done, `run.again()` runs it.")

    def __exit__(self, *_: object) -> None:
        self._control._changed.notify_all()
        waker = self._control._waker
        self._control._changed.release()
        if waker is not None:
            waker()
