"""The quantum that a panel debugs: its session, what is looked at of it, and what comes of it. No widgets here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_mpexec.debug import (
    Breakpoints,
    DebugSession,
    FrameSummary,
    Pause,
    SessionState,
    Variable,
    summarize_traceback,
)
from jupyter_mpexec.errors import DebugError, RunError
from jupyter_mpexec.status import QuantumStatus

from . import debug_lines as lines
from .debug_outlook import outlook
from .debug_past import error_text, kept_failure
from .debug_places import Place, parse_place
from .debug_view import DebugView, as_breakpoint_view
from .panel_context import PanelContext

if TYPE_CHECKING:
    from jupyter_mpexec.execution.workbench.attempt import Attempt
    from jupyter_mpexec.execution.workbench.open_quantum import OpenQuantum

__all__ = ["DebugBench"]

_EXECUTION = str(Path(__file__).parents[1] / "execution")
_MOST_LINES = 400
_GRACE = 0.3
"""Seconds that a step may take before anybody is told that the code runs: most are over at once."""


class DebugBench:
    """Opens, debugs, compares and promotes a quantum.

    Its methods wait for what they do, so they are called on threads of their own: those that steer on one, those that
    look on another.

    Parameters
    ----------
    context
        The run.
    on_change
        Called from any thread when there may be something new to see.

    Attributes
    ----------
    quantum_id, name
        The quantum that is meant.
    quantum
        The quantum that is open; None before the first start.
    session
        Its session.
    frame
        Index of the frame that is looked at; 0 is the innermost.
    """

    def __init__(self, context: PanelContext, on_change: Callable[[], object]) -> None:
        self._context = context
        self._on_change = on_change
        self.quantum_id = ""
        self.name = ""
        self.quantum: OpenQuantum | None = None
        self._told = False
        self.session: DebugSession | None = None
        self._stops: DebugSession | None = None
        self.frame = 0
        self._past: tuple[FrameSummary, ...] = ()
        self._problem = ""
        self._pause: object = None

    # Choosing a quantum.

    @property
    def is_busy(self) -> bool:
        """Whether a session is under way, so that no other quantum can be chosen."""
        return self.session is not None and self.session.is_live

    @property
    def is_worth_keeping(self) -> bool:
        """Whether something would be lost if another quantum were chosen."""
        return self.is_busy or self.attempt is not None

    def choose(self, quantum_id: str, name: str) -> None:
        """Turn to a quantum; what is kept of its failure can be looked at at once."""
        if self.is_busy:
            raise RunError(
                f"{self.name} is still being debugged.", hint="Continue to its end, or abandon it, first."
            )
        self.give_back()
        self.quantum_id, self.name, self._told = quantum_id, name, False
        self.quantum = self.session = self._stops = self._pause = None
        self._look_back_at(*kept_failure(self._context.run, quantum_id))
        self._on_change()

    def _look_back_at(self, frames: Sequence[FrameSummary], problem: str) -> None:
        # The innermost first, as in a pause.
        self._past, self._problem, self.frame = tuple(reversed(frames)), problem, 0

    def fields(self) -> dict[str, Any]:
        """List the fields of the configuration, with their values."""
        from jupyter_mpexec.execution.config_leaves import config_leaves

        return {leaf.name: leaf.value for leaf in config_leaves(self._open().config)}

    def configure(self, values: Mapping[str, Any]) -> str:
        """Use other values of configuration fields for reruns; returns the same in code."""
        opening = self._opening()
        self._open().configure(values)
        self._told = True
        self._on_change()
        return f"{opening}{lines.QUANTUM}.configure({dict(values)!r})"

    # Steering.

    def start(self, pause_at: Sequence[str], places: Sequence[Place]) -> str:
        """Open the quantum and start; returns the same in code."""
        if self.is_busy:
            raise RunError(f"{self.name} is being debugged already.")
        opening = self._opening()
        self._debug(self._open(), pause_at, places)
        self._told = True
        return f"{opening}{lines.start_line(pause_at, list(places))}"

    def rerun(self) -> str:
        """Run it once more, with patches as they are now, and without pauses; returns the same in code."""
        if self.is_busy:
            raise RunError(
                f"{self.name} is being debugged.", hint="Continue to its end, or abandon it, first."
            )
        opened = self._open()
        kept = self._stops
        self._debug(opened, (), ())
        # Breakpoints are not lost: they pause again when the quantum is debugged again.
        self._stops = kept or self._stops
        return f"{lines.QUANTUM}.rerun()"

    def _opening(self) -> str:
        """Open the quantum if it is not open; returns the same in code, unless that has been told."""
        opened = self._open()
        return "" if self._told else f"{lines.open_line(self._context.run, opened)}; "

    def _open(self) -> OpenQuantum:
        if self.quantum is None:
            self.quantum = lines.opened_in_notebook(self._context.run, self.quantum_id)
        if self.quantum is None:
            self.quantum = self._context.run.quantum(self.quantum_id)
        lines.push({lines.QUANTUM: self.quantum})
        return self.quantum

    def _debug(self, opened: OpenQuantum, pause_at: Sequence[str], places: Sequence[Place]) -> None:
        wanted: Any = tuple(pause_at)
        self.session = self._stops = session = opened.debug(
            list(places), pause_at=wanted, on_change=lambda _: self._on_change(), start=False
        )
        self._past, self._problem, self.frame = (), "", 0
        lines.push({lines.SESSION: session})
        session.start()

    def steer(self, verb: str) -> str:
        """Step, go on, abandon or restart, as named by the method of the session; returns the same in code."""
        if verb == "restart":
            assert self._stops is not None, "Offered after a start only."
            if self.session is not self._stops:
                # A plain rerun: of one quantum there is one session at a time.
                self.abandon()
            self.session = self._stops
            self._past, self._problem, self.frame = (), "", 0
            lines.push({lines.SESSION: self.session})
        getattr(self._live(), verb)()
        return f"{lines.SESSION}.{verb}()"

    def raise_error(self, source: str) -> str:
        """Raise what an expression gives in the frame; returns the same in code."""
        error: Any = self._live().evaluate(source, self.frame)
        self._live().raise_error(error)
        return f"{lines.SESSION}.raise_error({lines.evaluate_code(source, self.frame)})"

    def return_value(self, source: str) -> str:
        """Make a function return what an expression gives in the frame; returns the same in code."""
        value = self._live().evaluate(source or "None", self.frame)
        self._live().return_value(value)
        return f"{lines.SESSION}.return_value({lines.evaluate_code(source or 'None', self.frame)})"

    def evaluate(self, source: str) -> tuple[object, str]:
        """Evaluate in the frame that is looked at; returns the value, and the same in code."""
        return self._live().evaluate(source, self.frame), lines.evaluate_code(source, self.frame)

    def _live(self) -> DebugSession:
        if self.session is None:
            raise DebugError("Nothing is being debugged.", hint="Press Start.")
        return self.session

    # Breakpoints and watches.

    @property
    def _breakpoints(self) -> Breakpoints:
        if self._stops is None:
            raise DebugError("Nothing is being debugged.", hint="Press Start.")
        return self._stops.breakpoints

    def set_exceptions(self, mode: str) -> str:
        """Have other exceptions pause, from now on; returns the same in code."""
        chosen: Any = mode  # checked there
        self._breakpoints.exceptions = chosen
        return f"{lines.SESSION}.breakpoints.exceptions = {mode!r}"

    def toggle_line(self, file: str, line: int) -> str:
        """Add a breakpoint at a line, or remove those that are there; returns the same in code."""
        points = self._breakpoints
        there = [one for one in points if one.at == "line" and (one.file, one.line) == (file, line)]
        for one in there:
            points.remove(one)
        if there:
            return f"{lines.SESSION}.breakpoints.remove({there[0].number})"
        points.add(f"{file}:{line}")
        return f"{lines.SESSION}.breakpoints.add({f'{file}:{line}'!r})"

    def add_breakpoint(self, text: str, condition: str) -> str:
        """Add a breakpoint as it is typed; returns the same in code."""
        from jupyter_mpexec.execution.workbench.debugging import add_breakpoint

        assert self.quantum is not None, "There is a session."
        place = parse_place(text)
        assert self._stops is not None, "There is a session."
        one = add_breakpoint(self._stops, place, self.quantum.task, condition=condition)
        return lines.breakpoint_line(one)

    def change_breakpoint(self, number: int, change: str, condition: str = "") -> str:
        """Toggle, remove, or set the condition of a breakpoint; returns the same in code."""
        points = self._breakpoints
        one = next((each for each in points if each.number == number), None)
        if one is None:
            raise DebugError("No breakpoint is selected.", hint="Click one in the list first.")
        if change == "remove":
            points.remove(one)
            return f"{lines.SESSION}.breakpoints.remove({number})"
        found = f"next(b for b in {lines.SESSION}.breakpoints if b.number == {number})"
        if change == "toggle":
            one.enabled = not one.enabled
            return f"{found}.enabled = {one.enabled}"
        points.set_condition(one, condition)
        return f"{lines.SESSION}.breakpoints.set_condition({found}, {condition!r})"

    def watch(self, source: str) -> str:
        """Watch an expression, or no longer; returns the same in code."""
        watches = self._live().watches
        change = "remove" if source in watches else "append"
        getattr(watches, change)(source)
        self._on_change()
        return f"{lines.SESSION}.watches.{change}({source!r})"

    # What comes of it.

    @property
    def attempt(self) -> Attempt | None:
        """The newest rerun."""
        return self.quantum.attempts[-1] if self.quantum is not None and self.quantum.attempts else None

    def promote(self) -> str:
        """Write the newest rerun to the output run; returns the same in code."""
        if self.quantum is None or self.is_busy:
            raise RunError("There is nothing to promote yet.", hint="Continue to the end of the rerun first.")
        self.quantum.promote()
        self._on_change()
        return f"{lines.QUANTUM}.promote()"

    def discard(self) -> str:
        """Forget reruns and patches; returns the same in code."""
        if self.is_busy:
            raise RunError(
                f"{self.name} is being debugged.", hint="Continue to its end, or abandon it, first."
            )
        if self.quantum is not None:
            self.quantum.discard()
        self.session = self._stops = None
        self._look_back_at(*kept_failure(self._context.run, self.quantum_id))
        self._on_change()
        return f"{lines.QUANTUM}.discard()"

    def abandon(self) -> None:
        """Abandon what is under way, if anything is; does not wait."""
        if self.session is not None:
            self.session.abandon()

    def give_back(self) -> None:
        """Give a quantum that is held back to its run; its reruns stay in the notebook's variable."""
        opened = self.quantum
        if opened is None or opened.status is not QuantumStatus.HELD or opened.run.state.is_final:
            return
        opened.run.control.release(opened.id)

    # Looking.

    def look(self) -> DebugView:
        """Describe how things are; short moments of running between two pauses are waited for."""
        session, opened = self.session, self.quantum
        if session is None:
            remarks = opened.remarks if opened is not None else outlook(self._context, self.quantum_id)
            return self._view(
                state="chosen", config=_changes(opened), notices=remarks, **self._view_of_past()
            )
        if session.state is SessionState.RUNNING:
            session.settle(_GRACE)
        common: dict[str, Any] = {
            "breakpoints": [as_breakpoint_view(one) for one in self._breakpoints],
            "exceptions": self._breakpoints.exceptions,
            "notices": session.notices,
            "patches": [patch.name for patch in opened.patches] if opened is not None else [],
            "config": _changes(opened),
            "attempts": len(opened.attempts) if opened is not None else 0,
        }
        pause = session.pause
        if pause is not None:
            if pause is not self._pause:
                self._pause, self.frame = pause, 0
            try:
                index = min(self.frame, len(pause.stack) - 1)
                return self._view(
                    state="paused",
                    reason=pause.reason,
                    problem=error_text(pause.exception),
                    returned=_returned_text(pause),
                    returns_from=pause.returns_from,
                    number=pause.number,
                    stack=[(f.function, f.file, f.line) for f in pause.stack],
                    frame=index,
                    summary=pause.summary(index, source_lines=_MOST_LINES),
                    watches=pause.watches(index),
                    **common,
                )
            except DebugError:
                # It has gone on meanwhile; there will be another look.
                return self._view(state="running", **common)
        state = session.state
        if state is SessionState.RUNNING:
            return self._view(state="running", **common)
        attempt = self.attempt
        if state is SessionState.FINISHED and attempt is not None and attempt.error is not None:
            if not self._past:
                error = attempt.error
                frames = summarize_traceback(error.__traceback__)
                of_task = [frame for frame in frames if not frame.file.startswith(_EXECUTION)]
                self._look_back_at(of_task, error_text(error))
            return self._view(state=state.value, **common, **self._view_of_past())
        return self._view(state=state.value, problem=error_text(session.error), **common)

    def _view(self, **values: Any) -> DebugView:
        return DebugView(quantum_id=self.quantum_id, name=self.name, **values)

    def _view_of_past(self) -> dict[str, Any]:
        if not self._past:
            return {"problem": self._problem}
        index = min(self.frame, len(self._past) - 1)
        return {
            "past": True,
            "problem": self._problem,
            "stack": [(f.function, f.file, f.line) for f in self._past],
            "frame": index,
            "summary": self._past[index],
        }


def _returned_text(pause: Pause) -> str:
    if pause.returned is None:
        return ""
    return f"{pause.returned.function} → {Variable.of('', pause.returned.value).text}"


def _changes(opened: OpenQuantum | None) -> list[str]:
    """Write what differs from the configuration of the run, a line a field."""
    changes = opened.config_changes() if opened is not None else {}
    return [f"{name} = {new!r}" for name, (_, new) in changes.items()]
