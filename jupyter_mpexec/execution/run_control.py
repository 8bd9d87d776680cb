"""Steering a run: pause, resume, step, stop, cancel, retry, skip, hold, and breakpoints.

Whoever holds the handle (a button, another cell, a signal handler) only leaves a note here. The execution model reads
the notes between quanta, on its own thread, and does what they say.
"""

from __future__ import annotations

import threading
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from ..errors import RunError, UsageError
from ..events import Event, QuantumFinished
from ..status import RunState
from .run_breakpoints import RunBreakpoint, RunBreakpoints, When

if TYPE_CHECKING:
    from .quantum_data import QuantumData

__all__ = ["Command", "RunControl"]


Action = Literal["cancel", "retry", "skip", "hold", "release", "adopt", "prefer"]


@dataclass(frozen=True)
class Command:
    """A wish about some quanta, waiting for the execution model.

    Parameters
    ----------
    action
        What to do with them.
    quantum_ids
        Which; empty means all that it makes sense for.
    reason
        Why, for the log; may be empty.
    """

    action: Action
    quantum_ids: frozenset[uuid.UUID]
    reason: str = ""


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
        self._changes = self._seen = 0
        self._paused = False
        self._pause_reason = ""
        self._breakpoints = RunBreakpoints()
        self._promotions: dict[uuid.UUID, Mapping[str, Any]] = {}
        self._steps = 0
        self._stopping = False
        self._reason = ""
        self._closed = False
        self._is_done = False
        self._interrupter: Callable[[uuid.UUID | None], None] | None = None
        self._waker: Callable[[], None] | None = None

    # What users call.

    def pause(self) -> None:
        """Let no further quantum start; those under way go on to their end."""
        with self._change():
            self._paused, self._steps, self._pause_reason = True, 0, ""

    def resume(self) -> None:
        """Go on after a pause."""
        with self._change():
            self._paused, self._steps, self._pause_reason = False, 0, ""

    def step(self, count: int = 1) -> None:
        """Let exactly `count` more quanta start, then be paused."""
        if count < 1:
            raise ValueError("A step is at least one quantum.")
        with self._change():
            self._steps = self._steps + count if self._paused else count
            self._paused, self._pause_reason = True, ""

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

    def hold(self, *quantum_ids: uuid.UUID) -> None:
        """Take quanta out for a while, so that they can be debugged; the others go on. Those under way are not held."""
        self._command("hold", self._some(quantum_ids, "hold"))

    def release(self, *quantum_ids: uuid.UUID, reason: str = "") -> None:
        """Give quanta that were held back to the run, which runs them; a reason is for the log.

        A wish to hold them that the run has not come to yet is taken back.
        """
        with self._changed:
            # One that failed would else be held, and then run again.
            self._commands = deque(
                replace(command, quantum_ids=command.quantum_ids.difference(quantum_ids))
                if command.action == "hold"
                else command
                for command in self._commands
                if command.action != "hold" or not command.quantum_ids.issubset(quantum_ids)
            )
        self._command("release", self._some(quantum_ids, "release"), reason)

    def prefer(self, *quantum_ids: uuid.UUID) -> None:
        """Run these before all others, as soon as they are ready."""
        self._command("prefer", self._some(quantum_ids, "prefer"))

    def adopt(self, quantum_id: uuid.UUID, *, promotion: Mapping[str, Any]) -> None:
        """Take over what somebody has written for a quantum that is held; it counts as done, and dependents go on.

        Parameters
        ----------
        quantum_id
            The quantum.
        promotion
            What was written, and how (see `workbench.promotion_record`).

        Raises
        ------
        UsageError
            Raised if it is none.
        """
        try:
            QuantumFinished(
                time=0.0, quantum_id="", task_label="", data_id={}, **dict(promotion.get("event", {}))
            )
        except (TypeError, ValueError, AttributeError) as error:
            # Here, and not on the thread of the run, which it would end.
            raise UsageError(f"This is no promotion: {error}.") from error
        with self._changed:
            self._promotions[quantum_id] = promotion
        self._command("adopt", [quantum_id])

    def add_breakpoint(
        self,
        when: When = "before",
        *,
        task_label: str = "",
        where: str = "",
        quantum_ids: Iterable[uuid.UUID | str] = (),
        once: bool = False,
    ) -> int:
        """Have the run paused where quanta come to; returns the number of the breakpoint.

        Parameters
        ----------
        when
            ``"before"`` or ``"after"`` a quantum, or after one that ``"failed"`` or found ``"no_work"``.
        task_label
            Only quanta of this task.
        where
            Only quanta whose data ID matches, such as ``visit = 42 AND detector IN (1, 2)``.
        quantum_ids
            Only these quanta.
        once
            Take the breakpoint away when the run is paused by it.

        Raises
        ------
        UsageError, QueryError
            Raised if it cannot be understood.
        """
        breakpoint_ = RunBreakpoint.make(
            when, task_label=task_label, where=where, quantum_ids=quantum_ids, once=once
        )
        with self._change():
            return self._breakpoints.add(breakpoint_)

    def remove_breakpoint(self, number: int | None = None) -> None:
        """Take away a breakpoint, or all of them."""
        with self._change():
            self._breakpoints.remove(number)

    def list_breakpoints(self) -> list[dict[str, Any]]:
        """List the breakpoints as plain records, with their numbers."""
        with self._changed:
            return self._breakpoints.records()

    @property
    def pause_reason(self) -> str:
        """Which breakpoint paused the run; empty if somebody did, or it is not paused."""
        return self._pause_reason

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

    def may_start(self, quantum: QuantumData | None = None) -> bool:
        """Ask before each quantum; an answer of `True` uses up one step while the run is paused.

        Parameters
        ----------
        quantum
            Which one: there may be a breakpoint before it.
        """
        with self._changed:
            if self._stopping or (self._paused and not self._steps):
                return False
            if self._paused:
                self._steps -= 1
            elif quantum is not None and (reason := self._breakpoints.before(quantum)):
                self._pause_at(reason)
                return False
            if quantum is not None:
                self._breakpoints.passed(quantum)
            return True

    def note(self, event: Event) -> Event:
        """Tell of an event before anything else is started: there may be a breakpoint after it."""
        with self._changed:
            if not self._stopping and (reason := self._breakpoints.after(event)):
                self._pause_at(reason)
        return event

    def _pause_at(self, reason: str) -> None:
        self._paused, self._steps, self._pause_reason = True, 0, reason
        # The model is to look again, and tell.
        self._changes += 1
        self._changed.notify_all()
        if self._waker is not None:
            self._waker()

    def take_commands(self) -> list[Command]:
        """Take all waiting commands, oldest first."""
        with self._changed:
            self._seen = self._changes
            commands = list(self._commands)
            self._commands.clear()
            return commands

    def take_promotion(self, quantum_id: uuid.UUID) -> Mapping[str, Any]:
        """Take what was said of a quantum that is adopted."""
        with self._changed:
            return self._promotions.pop(quantum_id, {})

    def peek_promotion(self, quantum_id: uuid.UUID) -> Mapping[str, Any]:
        """Look at what was said of a quantum that is to be adopted."""
        with self._changed:
            return self._promotions.get(quantum_id, {})

    def wait(self, timeout: float | None = None) -> None:
        """Sleep until something changes (or has changed since the commands were last taken)."""
        with self._changed:
            self._changed.wait_for(lambda: self._changes != self._seen, timeout)

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

    def close(self, *, is_done: bool = False) -> None:
        """Refuse commands from now on: the run is over.

        Parameters
        ----------
        is_done
            Whether there is nothing left to do.
        """
        with self._changed:
            self._closed = True
            self._is_done = is_done
            self._interrupter = self._waker = None

    def _command(self, action: Action, quantum_ids: Iterable[uuid.UUID], reason: str = "") -> None:
        with self._change():
            self._commands.append(Command(action, frozenset(quantum_ids), reason))

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
            if self._control._is_done:
                raise RunError("This run is over: it has succeeded, and nothing is left to do.")
            raise RunError("This run is over.", hint="Run what is not done with `run.again()`.")

    def __exit__(self, *_: object) -> None:
        self._control._changes += 1
        self._control._changed.notify_all()
        waker = self._control._waker
        self._control._changed.release()
        if waker is not None:
            waker()
