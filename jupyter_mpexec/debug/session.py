"""A call that can be paused, looked into, changed and steered, while the rest of the process goes on."""

from __future__ import annotations

import contextvars
import logging
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from types import ModuleType
from typing import Any

from jupyter_mpexec.errors import DebugError

from . import current
from .breakpoints import Breakpoints
from .collisions import check_collisions
from .debugged_call import DebuggedCall, Outcome
from .desk import Command, Desk, SessionState
from .judge import files_of, module_names
from .pause import Pause
from .places import plain_function
from .session_view import session_forms

__all__ = ["DebugSession", "SessionState"]

_LOG = logging.getLogger(__name__)


class DebugSession:
    """Runs a call on a thread of its own, where it can be paused and steered from any other thread.

    While it is paused, the thread stands still in the middle of the code; expressions are evaluated on the thread that
    asks. Every wait has a way out: `wait` ends with a kernel interrupt, and paused code with `abandon`.

    Parameters
    ----------
    call
        What to debug; it takes no arguments.
    name
        Name of the session, for people.
    modules
        Modules, or their names, whose code is stepped through; their submodules count as well, and so do notebook
        cells. Other code is passed over. Without any: the module of `call`.
    on_change
        Called with the session after each change, on whichever thread made it; must be quick.
    remarks
        Tells, in sentences, what stands in the way of the call at that moment, or is to be known beside it.

    Notes
    -----
    On Python 3.12 and later, code that has no breakpoint runs at full speed. On 3.11 all pure Python code on the
    session's thread is slower while there is a breakpoint or exceptions are to pause. Threads that the call starts are
    not traced. The call's code is paused between lines: a C function that is running, such as a long computation of
    NumPy, first has to end.
    """

    def __init__(
        self,
        call: Callable[[], object],
        *,
        name: str,
        modules: Iterable[str | ModuleType] = (),
        on_change: Callable[[DebugSession], object] | None = None,
        remarks: Callable[[], Iterable[str]] = tuple,
    ) -> None:
        self.name = name
        self.number = current.next_number()
        self.watches: list[str] = []
        self._collisions: tuple[str, ...] = ()
        self._on_change = on_change
        self._remarks = remarks
        traced = module_names(tuple(modules) or (plain_function(call).__module__,))
        self._desk = Desk(name)
        self._attempt = 0
        self._again = False
        self._pause_first = False
        self._outcome: Outcome | None = None
        self.breakpoints = Breakpoints(lambda: files_of(traced), self._breakpoints_changed)
        self._debugged = DebuggedCall(
            call,
            name=name,
            desk=self._desk,
            breakpoints=self.breakpoints,
            modules=traced,
            watches=lambda: tuple(self.watches),
            on_pause=self._on_pause,
        )

    # What there is to see.

    @property
    def state(self) -> SessionState:
        """How far it is."""
        return self._desk.state

    @property
    def is_live(self) -> bool:
        """Whether it runs or is paused."""
        return self._desk.is_live

    @property
    def pause(self) -> Pause | None:
        """The pause it is in; None while it runs, and before and after."""
        return self._desk.pause

    @property
    def notices(self) -> tuple[str, ...]:
        """What its user ought to know: other debuggers in the way, breakpoints that are not where they were wanted."""
        return (*self.remarks, *self._collisions, *self.breakpoints.notes)

    @property
    def remarks(self) -> tuple[str, ...]:
        """What stands in the way of the call at this moment, or is to be known beside it."""
        return tuple(self._remarks())

    @property
    def attempt(self) -> int:
        """How often the call has been started."""
        return self._attempt

    @property
    def error(self) -> BaseException | None:
        """What the call has failed with."""
        return self._outcome.error if self._outcome is not None else None

    def result(self) -> Any:
        """Get what the call has returned.

        Raises
        ------
        DebugError
            If it has not ended, or was abandoned. If it has failed, its own exception is raised.
        """
        match self._desk.state:
            case SessionState.FINISHED:
                return self._outcome.value if self._outcome is not None else None
            case SessionState.FAILED:
                assert self.error is not None
                raise self.error
            case SessionState.ABANDONED:
                raise DebugError(
                    f"{self.name} was abandoned, and has no result.", hint="`restart()` begins anew."
                )
            case state:
                raise DebugError(f"{self.name} is {state}, and has no result yet.", hint="`wait()` for it.")

    # Beginning and ending.

    def start(self, *, pause_first: bool = False) -> None:
        """Begin.

        Parameters
        ----------
        pause_first
            Pause at the first line of a traced module.

        Raises
        ------
        DebuggerCollisionError
            If another debugger is in the way.
        DebugError
            If it runs already.
        """
        with self._desk.lock:
            if self.is_live:
                raise DebugError(
                    f"{self.name} is {self._desk.state} already.", hint="`restart()` begins anew."
                )
            self._collisions = check_collisions()
            self._reset(pause_first)
            context = contextvars.copy_context()
            name = f"jupyter_mpexec debug {self.name}"
            thread = threading.Thread(target=context.run, args=(self._run,), name=name, daemon=True)
            thread.start()
        current.note(self)
        self._tell()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it is paused or has ended; an interrupt ends the wait, and nothing else.

        If it is not paused then, `remarks` are logged.

        Parameters
        ----------
        timeout
            For how many seconds; without one, for ever.

        Returns
        -------
        done
            Whether it is paused or has ended.
        """
        done = self.settle(timeout)
        for remark in self.remarks if self._desk.pause is None else ():
            _LOG.warning("%s", remark)
        return done

    def settle(self, timeout: float | None = None) -> bool:
        """Wait as `wait` does, and log nothing: for who shows the session."""
        if self._debugged.is_here():
            raise DebugError("The debugged code cannot wait for itself.")
        return self._desk.wait(timeout)

    def abandon(self) -> None:
        """Give up: the code is unwound, so that `finally` blocks and context managers run. Does not wait.

        Code that runs is unwound as soon as the next line of Python begins; a pause ends at the latest a few seconds
        later, even if something is still being evaluated there. From then on nothing pauses any more. Should the code
        have caught this, points that it announces unwind it again, and so does asking again after a second.
        """
        with self._desk.lock:
            self._again = False  # also a new attempt that was to follow
            attempt = self._attempt
        self._give_up(attempt)

    def _give_up(self, attempt: int) -> None:
        with self._desk.lock:
            if not self.is_live or attempt != self._attempt:
                return
            self._debugged.abandon()
        self._tell()

    def restart(self, *, pause_first: bool = False) -> None:
        """Abandon it if it is under way, and begin anew, with all breakpoints. Does not wait."""
        with self._desk.lock:
            attempt = self._attempt
            if live := self.is_live:
                self._again = True
                self._pause_first = pause_first
        if live:
            self._give_up(attempt)
        else:
            self.start(pause_first=pause_first)

    # Steering.

    def resume(self) -> None:
        """Go on until the next breakpoint."""
        self._go(Command("step"))

    def step_over(self) -> None:
        """Go on to the next line of this function, or else of one that called it."""
        self._go(Command("step", "over"))

    def step_into(self) -> None:
        """Go on to the next line of any traced function."""
        self._go(Command("step", "into"))

    def step_out(self) -> None:
        """Go on to the next line of a function that called this one."""
        self._go(Command("step", "out"))

    def raise_error(self, error: BaseException | type[BaseException]) -> None:
        """Raise an exception at the current line.

        Until Python 3.11, what comes right after it in the function that catches it is not seen by the debugger, until
        the next call or return.
        """
        if isinstance(error, type):
            error = error()
        if not isinstance(error, BaseException):
            raise DebugError(f"{error!r} is no exception.")
        self._go(Command("raise", error))

    def return_value(self, value: object) -> None:
        """Make a function return a value at once.

        Python cannot make any function return. It is the innermost one that was wrapped by `boundary`, or else the
        whole call: `Pause.returns_from` names it. Everything inside is unwound by a signal that is no `Exception`.
        """
        self._go(Command("return", value))

    def break_in(self) -> None:
        """Pause at the next line of a traced module, wherever that is.

        Until Python 3.11, this waits for a point that the code announces, unless it is traced anyway.
        """
        with self._desk.lock:
            if self._desk.state is not SessionState.RUNNING:
                raise DebugError(f"{self.name} is {self._desk.state}, not running.")
            self._debugged.break_in()

    # Looking.

    def evaluate(self, source: str, frame: int = 0) -> object:
        """Run source as if it stood at the current line, on the thread that calls this.

        The function's variables may be read and assigned; a name that the function does not have is kept until it goes
        on. The code does not go on before this has ended.

        Parameters
        ----------
        source
            Statements; if the last one is an expression, it gives the value.
        frame
            Place of the frame in the stack; 0 is the innermost.

        Returns
        -------
        value
            Value of the last expression, or None.
        """
        pause = self._desk.paused()
        try:
            return pause.evaluate(source, frame)
        finally:
            self._tell()

    # For the debugged code.

    def pause_here(self, reason: str, *, point: str = "", otherwise: str = "") -> bool:
        """Pause where this is called from, in the innermost frame of a traced module.

        Parameters
        ----------
        reason
            What is about to happen, for people.
        point
            Name of this kind of points: it then pauses only if there is a breakpoint for them. Without a name, it
            always does.
        otherwise
            Name of the function to pause in if no traced module has called this.

        Returns
        -------
        paused
            Whether it did. On any other thread than the session's it does nothing.
        """
        return self._debugged.point(sys._getframe(1), reason, point, otherwise)

    def pause_soon(self, reason: str, *, point: str) -> None:
        """Pause at the next line of a traced module: in what is about to be called; see `pause_here`."""
        self._debugged.point_soon(reason, point)

    def boundary(self, function: Callable[..., Any], name: str = "") -> Callable[..., Any]:
        """Wrap a function so that `return_value` can end it; nothing else about it changes.

        Parameters
        ----------
        function
            The function or bound method.
        name
            What to call it.
        """
        return self._debugged.boundary(function, name or getattr(function, "__qualname__", repr(function)))

    # Inside.

    def _run(self) -> None:
        while True:
            outcome = self._debugged.run()
            with self._desk.lock:
                again, self._again = self._again, False
                if again:
                    self._reset(self._pause_first)
                else:
                    self._outcome = outcome
                    self._desk.enter(outcome.state)
            self._tell()
            if not again:
                return

    def _reset(self, pause_first: bool) -> None:
        self._attempt += 1
        self._outcome = None
        self._debugged.begin(pause_first)
        self._desk.enter(SessionState.RUNNING)

    def _go(self, command: Command) -> None:
        with self._desk.lock:
            self._desk.paused()
            if command.verb == "return" and not self._debugged.boundaries:
                raise DebugError("There is no function here that could return.")
            self._desk.send(command)
        self._tell()

    def _breakpoints_changed(self) -> None:
        self._debugged.refresh()
        self._tell()

    def _on_pause(self) -> None:
        current.note(self)
        self._tell()

    def _tell(self) -> None:
        if self._on_change is not None:
            try:
                self._on_change(self)
            except Exception:
                _LOG.exception("A listener of the debug session %s failed.", self.name)

    def __repr__(self) -> str:
        pause = self._desk.pause
        line = f"{self.name}: {self._desk.state}{f', {pause.reason}' if pause else ''}"
        return f"<DebugSession {'. '.join([line, *self.remarks])}>"

    def _repr_mimebundle_(self, **kwargs: object) -> Mapping[str, str]:
        return session_forms(self)
