"""The buttons that steer a debugged quantum."""

from __future__ import annotations

from collections.abc import Callable

import ipywidgets

from .debug_view import DebugView
from .explained_button import ExplainedButton
from .on_enter import on_enter

__all__ = ["DebugControls"]

_STEPS = (
    ("resume", "Continue", "play", "Go on until the next breakpoint (F8)"),
    ("step_over", "Step over", "share", "Go on to the next line of this function (F10)"),
    ("step_into", "Step into", "level-down", "Go on into the function that is called next (F11)"),
    ("step_out", "Step out", "level-up", "Go on until this function has returned (Shift+F11)"),
)
_ENDS = (
    ("abandon", "Abandon", "stop", "Give this rerun up; nothing of it is written"),
    (
        "restart",
        "Restart",
        "repeat",
        "Begin this rerun anew, with all breakpoints, and with patches as they are now",
    ),
)

_RUNS = "The code runs: wait for the next pause, or abandon it."


class DebugControls:
    """Buttons for steps and ends, and a line for what is to be raised or returned.

    Parameters
    ----------
    on_steer
        Called with the name of a method of the session.
    on_raise, on_return
        Called with an expression.
    """

    def __init__(
        self,
        on_steer: Callable[[str], object],
        on_raise: Callable[[str], object],
        on_return: Callable[[str], object],
    ) -> None:
        self._buttons = {verb: _button(label, icon, tip) for verb, label, icon, tip in (*_STEPS, *_ENDS)}
        for verb, button in self._buttons.items():
            button.on_click(lambda _, verb=verb: on_steer(verb))
        self._buttons["resume"].add_class("jmpx-main")
        self._ends = {
            "raise": _button("Raise…", "bolt", "Raise an exception at the current line"),
            "return": _button("Return…", "reply", "Make a function return a value of yours at once"),
        }
        self._asked = ""
        self._do = {"raise": on_raise, "return": on_return}
        self._returns_from = ""
        self._text = ipywidgets.Text(layout={"flex": "1 1 300px"})
        self._text.style.description_width = "initial"
        on_enter(self._text, self._answer)
        ok = _button("Go", "check", "Do it")
        ok.on_click(lambda _: self._answer())
        cancel = _button("Cancel", "", "Do nothing")
        cancel.on_click(lambda _: self._ask(""))
        for what, button in self._ends.items():
            button.on_click(lambda _, what=what: self._ask(what))
        self._question = ipywidgets.HBox([self._text, ok, cancel])
        self._question.add_class("jmpx-buttons")
        self._question.layout.display = "none"
        steps = [self._buttons[verb] for verb, *_ in _STEPS]
        ends = [self._buttons[verb] for verb, *_ in _ENDS]
        row = ipywidgets.HBox([*steps, *self._ends.values(), *ends])
        row.add_class("jmpx-buttons")
        self.widget = ipywidgets.VBox([row, self._question])
        self.widget.layout.display = "none"

    def show(self, view: DebugView) -> None:
        """Offer what can be done now."""
        self.widget.layout.display = "" if view.is_live else "none"
        for verb, button in self._buttons.items():
            button.offer("" if view.is_paused or verb in ("abandon", "restart") else _RUNS)
        self._ends["raise"].offer("" if view.is_paused else _RUNS)
        nowhere = (
            "" if view.returns_from else "It stands in no method of a task that could be made to return."
        )
        self._ends["return"].offer(nowhere if view.is_paused else _RUNS)
        self._returns_from = view.returns_from
        if not view.is_paused and self._asked:
            self._ask("")

    def _ask(self, what: str) -> None:
        self._asked = what
        self._question.layout.display = "" if what else "none"
        if what == "raise":
            self._text.description = "Raise"
            self._text.placeholder = 'ValueError("no stars")'
        elif what == "return":
            self._text.description = f"Return from {self._returns_from}"
            self._text.placeholder = "None, or any expression in this frame"

    def _answer(self) -> None:
        if self._asked:
            self._do[self._asked](self._text.value.strip() or self._text.placeholder.partition(",")[0])
            self._ask("")


def _button(label: str, icon: str, tooltip: str) -> ExplainedButton:
    return ExplainedButton(description=label, icon=icon, tooltip=tooltip)
