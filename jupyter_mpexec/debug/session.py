"""A call that can be paused, looked into, changed and steered, while the rest of the process goes on."""

from __future__ import annotations

import contextlib
import contextvars
import ctypes
import logging
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from types import FrameType, ModuleType
from typing import Any, NamedTuple

from jupyter_mpexec.display.pause_page import session_bundle
from jupyter_mpexec.errors import DebugError

from . import current
from .boundary import Boundary, bounded
from .breakpoints import Breakpoints
from .collisions import check_collisions
from .frames import callers
from .judge import Judge, module_names
from .pause import Pause
from .places import plain_function
from .plan import Plan, Returned, Step
from .signals import AbandonedSignal, ReturnSignal
from .tracebacks import without_own_frames
from .tracer import Tracer, make_tracer

__all__ = ["DebugSession", "SessionState"]

_LOG = logging.getLogger(__name__)
_SLICE = 0.5


class SessionState(StrEnum):
    """How far a session is."""

    READY = "ready"
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    FAILED = "failed"
    ABANDONED = "abandoned"


class _Command(NamedTuple):
    """What the debugged thread is to do next."""

    verb: str
    argument: Any = None


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
    ) -> None:
        self.name = name
        self.watches: list[str] = []
        self.notices: tuple[str, ...] = ()
        self._call = call
        self._on_change = on_change
        self._modules = module_names(tuple(modules) or (plain_function(call).__module__,))
        self._condition = threading.Condition()
        self._state = SessionState.READY
        self._pause: Pause | None = None
        self._command: _Command | None = None
        self._lookers: list[int] = []
        self._boundaries: list[Boundary] = []
        self._thread: threading.Thread | None = None
        self._tracer: Tracer | None = None
        self._attempt = 0
        self._pauses = 0
        self._abandoning = False
        self._again = False
        self._listening = False
        self._pause_first = False
        self._value: object = None
        self._error: BaseException | None = None
        self.breakpoints = Breakpoints(self._files, self._breakpoints_changed)
        self._judge = Judge(self.breakpoints, self._modules, self._halt)

    # What there is to see.

    @property
    def state(self) -> SessionState:
        """How far it is."""
        return self._state

    @property
    def is_live(self) -> bool:
        """Whether it runs or is paused."""
        return self._state in (SessionState.RUNNING, SessionState.PAUSED)

    @property
    def pause(self) -> Pause | None:
        """The pause it is in; None while it runs, and before and after."""
        return self._pause

    @property
    def attempt(self) -> int:
        """How often the call has been started."""
        return self._attempt

    @property
    def error(self) -> BaseException | None:
        """What the call has failed with."""
        return self._error

    def result(self) -> Any:
        """Get what the call has returned.

        Raises
        ------
        DebugError
            If it has not ended, or was abandoned. If it has failed, its own exception is raised.
        """
        match self._state:
            case SessionState.FINISHED:
                return self._value
            case SessionState.FAILED:
                assert self._error is not None
                raise self._error
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
        with self._condition:
            if self.is_live:
                raise DebugError(f"{self.name} is {self._state} already.", hint="`restart()` begins anew.")
            self.notices = check_collisions()
            self._reset(pause_first)
            context = contextvars.copy_context()
            self._thread = threading.Thread(
                target=context.run,
                args=(self._run,),
                name=f"jupyter_mpexec debug {self.name}",
                daemon=True,
            )
            self._thread.start()
        current.note(self)
        self._tell()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it is paused or has ended; an interrupt ends the wait, and nothing else.

        Parameters
        ----------
        timeout
            For how many seconds; without one, for ever.

        Returns
        -------
        done
            Whether it is paused or has ended.
        """
        with self._condition:
            if threading.get_ident() in self._lookers or self._is_here():
                raise DebugError("Code that is evaluated in a pause cannot wait for the next one.")
            return self._wait_until(lambda: self._state is not SessionState.RUNNING, timeout)

    def _wait_until(self, done: Callable[[], bool], timeout: float | None) -> bool:
        # In slices: not every kind of interrupt wakes a thread that waits for a lock.
        end = None if timeout is None else time.monotonic() + timeout
        while not done():
            left = _SLICE if end is None else min(_SLICE, end - time.monotonic())
            if left <= 0:
                return False
            self._condition.wait(left)
        return True

    def abandon(self) -> None:
        """Give up: the code is unwound, so that `finally` blocks and context managers run. Does not wait.

        Code that runs is unwound as soon as the next line of Python begins. From then on nothing pauses any more, and
        points that the code announces unwind it again, should it have caught this.
        """
        self._give_up(self._attempt)

    def _give_up(self, attempt: int) -> None:
        with self._condition:
            if not self.is_live or self._abandoning or attempt != self._attempt:
                return
            self._abandoning = True
            if self._state is SessionState.PAUSED:
                self._send(_Command("abandon"))
            else:
                self._judge.silent = True
                if self._listening and self._thread is not None:
                    _interrupt(self._thread.ident)
        self._tell()

    def restart(self, *, pause_first: bool = False) -> None:
        """Abandon it if it is under way, and begin anew, with all breakpoints. Does not wait."""
        with self._condition:
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
        self._go(_Command("step"))

    def step_over(self) -> None:
        """Go on to the next line of this function, or else of one that called it."""
        self._go(_Command("step", "over"))

    def step_into(self) -> None:
        """Go on to the next line of any traced function."""
        self._go(_Command("step", "into"))

    def step_out(self) -> None:
        """Go on to the next line of a function that called this one."""
        self._go(_Command("step", "out"))

    def raise_error(self, error: BaseException | type[BaseException]) -> None:
        """Raise an exception at the current line.

        Until Python 3.11, what comes right after it in the function that catches it is not seen by the debugger, until
        the next call or return.
        """
        if isinstance(error, type):
            error = error()
        if not isinstance(error, BaseException):
            raise DebugError(f"{error!r} is no exception.")
        self._go(_Command("raise", error))

    def return_value(self, value: object) -> None:
        """Make a function return a value at once.

        Python cannot make any function return. It is the innermost one that was wrapped by `boundary`, or else the
        whole call: `Pause.returns_from` names it. Everything inside is unwound by a signal that is no `Exception`.
        """
        self._go(_Command("return", value))

    def break_in(self) -> None:
        """Pause at the next line of a traced module, wherever that is.

        Until Python 3.11, this waits for a point that the code announces, unless it is traced anyway.
        """
        with self._condition:
            if self._state is not SessionState.RUNNING:
                raise DebugError(f"{self.name} is {self._state}, not running.")
            self._judge.plan = Plan("into", "asked to pause")
        self._refresh()

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
        pause = self._paused()
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
        if not self._reaches(point):
            return False
        outside = sys._getframe(1)
        named = next((f for f in callers(outside) if otherwise and f.f_code.co_name == otherwise), outside)
        frame = next((f for f in callers(outside) if self._judge.traces(f)), named)
        self._halt(frame, "point", reason)
        return True

    def pause_soon(self, reason: str, *, point: str) -> None:
        """Pause at the next line of a traced module: what is about to be called; see `pause_here`."""
        if self._reaches(point):
            self._judge.plan = Plan("into", reason)
            self._refresh()

    def _reaches(self, point: str) -> bool:
        if not self._is_here() or not self._listening:
            return False
        if self._abandoning:
            raise AbandonedSignal
        assert self._tracer is not None
        self._tracer.catch_up()
        found = self.breakpoints.at_point(point) if point else []
        for one in found:
            one.hits += 1
        return bool(found) or not point

    def boundary(self, function: Callable[..., Any], name: str = "") -> Callable[..., Any]:
        """Wrap a function so that `return_value` can end it; nothing else about it changes.

        Parameters
        ----------
        function
            The function or bound method.
        name
            What to call it.
        """
        return bounded(
            function,
            name or getattr(function, "__qualname__", repr(function)),
            self._is_here,
            self._boundaries,
        )

    # On the debugged thread.

    def _run(self) -> None:
        while True:
            state, value, error = self._try()
            with self._condition:
                again, self._again = self._again, False
                if again:
                    self._reset(self._pause_first)
                else:
                    self._value, self._error, self._pause = value, error, None
                    self._state = state
                self._condition.notify_all()
            self._tell()
            if not again:
                return

    def _try(self) -> tuple[SessionState, object, BaseException | None]:
        error: BaseException | None = None
        value: object = None
        try:
            try:
                self._tracer = make_tracer(self._judge)
                self._tracer.start()
                with self._condition:
                    if self._abandoning:
                        raise AbandonedSignal
                    self._listening = True
                value = self.boundary(self._call, "the whole call")()
            finally:
                self._end()
        except AbandonedSignal:
            self._end()
            return SessionState.ABANDONED, None, None
        except BaseException as raised:
            error = raised.with_traceback(without_own_frames(raised.__traceback__))
        # It may have caught the signal and returned as if nothing had been.
        if self._abandoning:
            return SessionState.ABANDONED, None, None
        return (SessionState.FINISHED, value, None) if error is None else (SessionState.FAILED, None, error)

    def _end(self) -> None:
        with self._condition:
            self._listening = False
        _let_arrive()
        if self._tracer is not None:
            self._tracer.stop()
            self._tracer = None
        self._judge.forget()
        self._boundaries.clear()

    def _halt(
        self,
        frame: FrameType,
        kind: str,
        reason: str,
        *,
        exception: BaseException | None = None,
        returned: Returned | None = None,
    ) -> None:
        frames = tuple(f for f in callers(frame) if f is frame or self._judge.traces(f))
        with self._condition:
            if self._abandoning:
                self._unwind()
            self._pauses += 1
            pause = self._pause = Pause(
                session=self.name,
                number=self._pauses,
                kind=kind,
                reason=reason,
                frames=frames,
                exception=exception,
                returned=returned,
                returns_from=self._boundaries[-1].name if self._boundaries else "",
                watches=lambda: tuple(self.watches),
                still=self._still,
            )
            self._command = None
            self._state = SessionState.PAUSED
            self._condition.notify_all()
        current.note(self)
        self._tell()
        with self._condition:
            self._condition.wait_for(lambda: self._command is not None and not self._lookers)
            command, self._command = self._command, None
            pause.close()
        assert command is not None
        self._obey(command, frame)

    def _obey(self, command: _Command, frame: FrameType) -> None:
        step: Step | None = command.argument if command.verb == "step" else None
        self._judge.plan = Plan.begin(step, frame, self._judge.traces)
        if command.verb == "abandon":
            self._unwind()
        self._refresh()
        if command.verb == "raise":
            self._judge.ignore(command.argument)
            raise command.argument
        if command.verb == "return":
            raise ReturnSignal(self._boundaries[-1], command.argument)

    def _unwind(self) -> None:
        self._judge.silent = True
        _let_arrive()
        self._refresh()
        raise AbandonedSignal

    # Inside.

    def _reset(self, pause_first: bool) -> None:
        self._attempt += 1
        self._pauses = 0
        self._abandoning = False
        self._pause = self._command = None
        self._value = self._error = None
        self._state = SessionState.RUNNING
        self.breakpoints.find_functions()
        self._judge.begin()
        if pause_first:
            self._judge.plan = Plan("into", "first line")

    def _go(self, command: _Command) -> None:
        with self._condition:
            self._paused()
            if command.verb == "return" and not self._boundaries:
                raise DebugError("There is no function here that could return.")
            self._send(command)
        self._tell()

    def _send(self, command: _Command) -> None:
        self._command = command
        self._state = SessionState.RUNNING
        self._pause = None
        self._condition.notify_all()

    def _paused(self) -> Pause:
        pause = self._pause
        if pause is None:
            hint = "`wait()` for the next pause." if self._state is SessionState.RUNNING else ""
            raise DebugError(f"{self.name} is {self._state}, not paused.", hint=hint)
        return pause

    @contextlib.contextmanager
    def _still(self, pause: Pause) -> Iterator[None]:
        me = threading.get_ident()
        with self._condition:
            if pause is not self._pause and me not in self._lookers:
                raise DebugError(f"This pause is over: {self.name} is {self._state}.")
            self._lookers.append(me)
        try:
            yield
        finally:
            with self._condition:
                self._lookers.remove(me)
                self._condition.notify_all()

    def _is_here(self) -> bool:
        return self._thread is not None and threading.get_ident() == self._thread.ident

    def _files(self) -> set[str]:
        found = set()
        packages = tuple(f"{name}." for name in self._modules)
        for name, module in list(sys.modules.items()):
            if (name in self._modules or name.startswith(packages)) and getattr(module, "__file__", None):
                found.add(str(module.__file__))
        return found

    def _breakpoints_changed(self) -> None:
        self._refresh()
        self._tell()

    def _refresh(self) -> None:
        if (tracer := self._tracer) is not None:
            tracer.refresh()

    def _tell(self) -> None:
        if self._on_change is not None:
            try:
                self._on_change(self)
            except Exception:
                _LOG.exception("A listener of the debug session %s failed.", self.name)

    def __repr__(self) -> str:
        return f"<DebugSession {self.name}: {self._state}{f', {self._pause.reason}' if self._pause else ''}>"

    def _repr_mimebundle_(self, **kwargs: object) -> Mapping[str, str]:
        pause = self._pause
        error = "" if self._error is None else f"{type(self._error).__name__}: {self._error}"
        return session_bundle(
            self.name, self._state.value, error, self.notices, pause.view() if pause else None
        )


def _interrupt(thread: int | None) -> None:
    """Have the signal raised in another thread as soon as it runs Python code."""
    if thread is not None:
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(AbandonedSignal))


def _let_arrive() -> None:
    """Catch a signal that another thread has sent, if it has not arrived yet: it does so before the next line or call.

    Python has a way to take it back, which leaves Python 3.11 in an endless loop if it is tracing.
    """
    with contextlib.suppress(AbandonedSignal):
        for _ in range(3):
            sys.getrecursionlimit()
