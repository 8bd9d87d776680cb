"""The head of a panel: state, counts and times, and the buttons that steer the run."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable

import ipywidgets

from jupyter_mpexec.status import QuantumStatus, RunState

from .explained_button import ExplainedButton
from .panel_actions import PAUSE, RESUME, RETRY, STEP, STOP, Action, line_for_report
from .panel_context import PanelContext
from .panel_html import HeaderView, copyable, header_html
from .panel_reasons import why_not_run

__all__ = ["PanelHeader", "workers"]

EXPORT = "Export report"

STAYS = 20.0
"""Seconds that the code for a button stays, at least; then it goes with the run."""


class PanelHeader:
    """State and buttons.

    Parameters
    ----------
    context
        The run.
    on_new_run
        Called, on the thread of commands, with the handle that goes on where this one has ended.
    """

    def __init__(self, context: PanelContext, on_new_run: Callable[..., object]) -> None:
        self._context = context
        self._on_new_run = on_new_run
        self._shown = ""
        self._state = ipywidgets.HTML(header_html(self._view()))
        self._line = ipywidgets.HTML("")
        self._line_until = float("inf")
        self._buttons: dict[str, ExplainedButton] = {}
        for action in (PAUSE, STEP, RESUME, STOP, RETRY):
            self._add(action.label, action.icon, action.tooltip, functools.partial(self._steer, action))
        self._add(EXPORT, "file-text-o", "Write the report to an HTML file", self._export)
        for action in (PAUSE, RESUME):
            # One is disabled when the other is not: whoever has pressed one with the keyboard stands on the other then.
            self._buttons[action.label].add_class("jmpx-pair")
        self._enable(self._view())
        self._row = ipywidgets.HBox(list(self._buttons.values()))
        self._row.add_class("jmpx-buttons")
        self.widget = ipywidgets.VBox([self._state, self._row, self._line])

    def add_button(self, button: ipywidgets.Button) -> None:
        """Put a button after the others."""
        self._row.children = (*self._row.children, button)

    def _add(self, label: str, icon: str, tooltip: str, callback: Callable[[], object]) -> None:
        button = ExplainedButton(description=label, icon=icon, tooltip=tooltip)
        button.on_click(lambda _: callback())
        self._buttons[label] = button

    # Callbacks: they only leave notes.

    def _steer(self, action: Action) -> None:
        clicked_for = self._context.run

        def steer() -> None:
            run = self._context.run
            if run is not clicked_for:
                # The second click of two: the first one has begun another run already.
                return
            # Before the run changes its state, on which it depends.
            line = action.line(run)
            again = action.do(run)
            self.show_line(line)
            if again is not None:
                self._on_new_run(again)

        self._context.commands.do(steer)

    def _export(self) -> None:
        def export() -> None:
            run = self._context.run
            path = run.export_report()
            self.show_line(line_for_report(run, path.name), label=f"Written: {path}")
            # Where the file is may be looked up later.
            self._line_until = float("inf")

        self._context.commands.do(export)

    def show_line(self, line: str, *, label: str = "The same in code") -> None:
        """Show the code that does what was just done."""
        self._context.on_success()
        self._line.value = copyable(line, label=label)
        self._line_until = time.monotonic() + STAYS
        self._context.wake()

    # What the clock calls.

    def is_due(self) -> bool:
        """Tell whether there is news."""
        return self._context.is_seen() and (header_html(self._view()) != self._shown or self._line_is_old())

    def update(self) -> int:
        """Show the news."""
        view = self._view()
        self._shown = header_html(view)
        self._state.value = self._shown
        messages = 1 + self._enable(view)
        if self._line_is_old():
            self._line.value, self._line_until = "", float("inf")
            messages += 1
        return messages

    def _line_is_old(self) -> bool:
        watched = self._context.watched
        return watched is not None and watched.state.is_final and time.monotonic() >= self._line_until

    def _enable(self, view: HeaderView) -> int:
        reasons = why_not_run(view.state)
        return sum(
            self._buttons[label].offer("" if enabled else reasons.get(label, "The run has not begun yet."))
            for label, enabled in _enabled(view).items()
        )

    def _view(self) -> HeaderView:
        run, watched, now = self._context.run, self._context.watched, time.time()
        if watched is None:
            report = run.report
            # While the run goes on, its thread changes the counts.
            is_over = report.state.is_final
            return HeaderView(
                state=report.state, error=report.error, hint=report.hint, output=run.output_run,
                counts=report.counts if is_over else {}, elapsed=_calm(report.elapsed, now_ticks=not is_over),
                remaining=None, busy=0, processes=0,
            )  # fmt: skip
        return HeaderView(
            state=watched.state,
            error=watched.error,
            hint=watched.hint,
            output=run.output or run.output_run,
            counts=watched.totals,
            elapsed=_calm(watched.elapsed(now), now_ticks=not watched.state.is_final),
            remaining=_rounded(watched.remaining(now)),
            busy=watched.timeline.busy,
            processes=workers(_asked_for(run.options), len(watched.timeline.lanes)),
        )


def workers(asked_for: int, lanes: int) -> int:
    """Count the workers of a run.

    Parameters
    ----------
    asked_for
        Number of processes that the options say; with one, a model of somebody else may have more all the same.
    lanes
        Number of workers that have ever done anything, also those that have died, or had the run before.
    """
    return asked_for if asked_for > 1 else max(asked_for, lanes)


def _asked_for(options: object) -> int:
    return int(getattr(options, "processes", 1))


def _calm(seconds: float, *, now_ticks: bool) -> float:
    # Whole seconds, so that the header need not change ten times a second.
    return float(int(seconds)) if now_ticks else seconds


def _rounded(seconds: float | None) -> float | None:
    if seconds is None:
        return None
    step = 1 if seconds < 20 else 5 if seconds < 120 else 30
    return max(1.0, float(round(seconds / step) * step))


def _enabled(view: HeaderView) -> dict[str, bool]:
    alive = not view.state.is_final and view.state is not RunState.STOPPING
    paused = view.state is RunState.PAUSED
    wrong = (QuantumStatus.FAILED, QuantumStatus.BLOCKED, QuantumStatus.CANCELLED)
    return {
        PAUSE.label: alive and not paused,
        STEP.label: alive,
        RESUME.label: (alive and paused) or view.state in (RunState.DEAD, RunState.STOPPED),
        STOP.label: not view.state.is_final,
        RETRY.label: any(view.counts.get(status) for status in wrong),
        EXPORT: view.state is not RunState.PREPARING,
    }
