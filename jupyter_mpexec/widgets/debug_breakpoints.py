"""The list of breakpoints, and what can be done with the selected one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import ipywidgets

from jupyter_mpexec.display import formats
from jupyter_mpexec.display.frame_page import short_file

from .debug_places import HINT
from .debug_view import BreakpointView
from .explained_button import ExplainedButton
from .picks import Pick, Picks

__all__ = ["DebugBreakpoints", "breakpoint_rows"]

_POINTS = {
    "entry": "first line of the task",
    "get": "each read of a dataset",
    "put": "each write of a dataset",
    "subtasks": "entry and exit of each subtask",
}

_EXCEPTIONS = (
    ("pause where the task does not catch them", "uncaught"),
    ("pause, every one of them", "every"),
    ("never pause", "never"),
)


class DebugBreakpoints:
    """A list to pick from, buttons for the picked one, and a line to add another.

    Parameters
    ----------
    on_change
        Called with a number, ``"toggle"``, ``"remove"`` or ``"condition"``, and a condition.
    on_add
        Called with a place and a condition.
    on_exceptions
        Called with the name of a mode.
    """

    def __init__(
        self,
        on_change: Callable[[int, str, str], object],
        on_add: Callable[[str, str], object],
        on_exceptions: Callable[[str], object],
    ) -> None:
        self._filling = False
        self._all: Sequence[BreakpointView] = ()
        self._chosen = -1
        self.list = Picks(label="Breakpoints: Enter selects one", on_pick=self._pick)
        self.list.add_class("jmpx-debug-stack")
        self.place = ipywidgets.Text(placeholder=HINT, description="Place", layout={"flex": "2 1 260px"})
        self.condition = ipywidgets.Text(
            placeholder="always; or an expression, such as  flux < 0",
            description="if",
            layout={"flex": "1 1 180px"},
        )
        for text in (self.place, self.condition):
            text.style.description_width = "initial"
        add = ipywidgets.Button(description="Add", icon="plus", tooltip="Pause at this place, too")
        add.on_click(lambda _: on_add(self.place.value, self.condition.value))
        self._set = ExplainedButton(
            description="Set condition", tooltip="Pause at the selected place only if this is true"
        )
        self._toggle = ExplainedButton(
            description="Disable", tooltip="Leave it in the list, and do not pause there"
        )
        self._remove = ExplainedButton(description="Remove", icon="trash", tooltip="Take it off the list")
        for button, change in ((self._set, "condition"), (self._toggle, "toggle"), (self._remove, "remove")):
            button.on_click(lambda _, change=change: on_change(self._chosen, change, self.condition.value))
        row = ipywidgets.HBox([self.place, self.condition, add, self._set, self._toggle, self._remove])
        row.add_class("jmpx-buttons")
        self.exceptions = ipywidgets.Dropdown(
            options=_EXCEPTIONS,
            description="Exceptions",
            tooltip="Which exceptions pause, from now on",
            layout={"width": "400px", "max_width": "100%"},
        )
        self.exceptions.style.description_width = "initial"
        self.exceptions.observe(
            lambda change: None if self._filling else on_exceptions(change["new"]), "value"
        )
        title = ipywidgets.HTML("<div class='jmpx-debug-title'>Breakpoints</div>")
        self.widget = ipywidgets.VBox([title, self.list, row, self.exceptions])
        self._offer()

    def show(self, breakpoints: Sequence[BreakpointView], exceptions: str) -> None:
        """Show other breakpoints, and which exceptions pause."""
        self._filling = True
        self.exceptions.value = exceptions
        self._filling = False
        self._all = breakpoints
        if self._chosen not in [one.number for one in breakpoints]:
            self._chosen = -1
        self._offer()

    def _pick(self, index: int) -> None:
        if index < len(self._all):
            self._chosen = self._all[index].number
            self.condition.value = self._all[index].condition
            self._offer()

    def _offer(self) -> None:
        numbers = [one.number for one in self._all]
        at = numbers.index(self._chosen) if self._chosen in numbers else -1
        self.list.show(breakpoint_rows(self._all), at)
        for button in (self._set, self._toggle, self._remove):
            button.offer("Select a breakpoint in the list first." if at < 0 else "")
        self._toggle.description = "Enable" if at >= 0 and not self._all[at].enabled else "Disable"


def breakpoint_rows(breakpoints: Sequence[BreakpointView]) -> list[Pick]:
    """Write breakpoints: mark, place with condition, and how often they paused."""
    rows: list[Pick] = []
    for one in breakpoints:
        where = _POINTS.get(
            one.where, one.where.replace(one.file, short_file(one.file)) if one.file else one.where
        )
        condition = f" if {one.condition}" if one.condition else ""
        note = f" ({one.note})" if one.note else ""
        hits = formats.plural(one.hits, "pause") if one.hits else ""
        mark = "jmpd-stop" if one.enabled else "jmpd-stop-off"
        rows.append((("", f"{where}{condition}{note}", hits), [mark], "" if one.enabled else "disabled"))
    return rows or [(("", "none: it pauses at exceptions only, as chosen below", ""), ["jmpd-none"], "")]
