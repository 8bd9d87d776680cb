"""The quanta as a table: failed first, filtered and sorted, with buttons for those that are selected."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, cast

import ipywidgets

from jupyter_mpexec.display import formats
from jupyter_mpexec.display.status_style import READING_ORDER, status_style
from jupyter_mpexec.errors import JupyterMpexecError
from jupyter_mpexec.status import QuantumStatus, RunState
from jupyter_mpexec.watch.data_id_order import distinguishing_order
from jupyter_mpexec.watch.quantum_table import SORT_KEYS, SortKey, TableQuery, quantum_table
from jupyter_mpexec.watch.watched_run import WatchedRun

from .canvas import QuantumRows
from .explained_button import ExplainedButton
from .filter_remark import filter_remark
from .panel_actions import line_for_quanta, steer_quanta
from .panel_context import PanelContext
from .panel_html import error_html
from .panel_reasons import check_picked, why_not_quantum
from .quantum_rows import Row
from .selection import Selection

__all__ = ["QuantumTablePane"]

PAGE = 200
"""Rows that are shown at a time."""

PACE = 1.0
"""Seconds between two tables, at least: a table that moves all the time cannot be read."""


class QuantumTablePane:
    """A table with filters above it.

    Parameters
    ----------
    context
        The run.
    selection
        What is selected in the panel.
    show_line
        Shows the code that does what a button did.
    is_visible
        Tells whether anybody sees it.
    """

    def __init__(
        self,
        context: PanelContext,
        selection: Selection,
        show_line: Callable[[str], object],
        is_visible: Callable[[], bool],
    ) -> None:
        self._context = context
        self._selection = selection
        self._show_line = show_line
        self._is_visible = is_visible
        self._stale = False
        self._shown_state = RunState.PREPARING
        self._next_at = 0.0
        self._page = 0
        self._rows: list[Row] = []
        self._order: dict[str, tuple[int, ...]] = {}
        self._task = ipywidgets.Dropdown(options=[("all", "")], description="Task", layout={"width": "180px"})
        self._status = ipywidgets.Dropdown(
            options=[("all", ""), *((status_style(s).word, s.value) for s in READING_ORDER)],
            description="State",
            layout={"width": "140px"},
        )
        self._where = ipywidgets.Text(
            placeholder="visit = 42 AND detector IN (1..4)",
            description="Data ID",
            continuous_update=False,
            layout={"width": "290px"},
        )
        self._sort = ipywidgets.Dropdown(
            options=[("failed first", "attention"), *((f"by {key}", key) for key in SORT_KEYS[1:])],
            description="Order",
            layout={"width": "170px"},
        )
        for control in (self._task, self._status, self._where, self._sort):
            control.style.description_width = "initial"
            control.observe(lambda _: self._ask(), "value")
        self.rows = QuantumRows(label="Quanta of the run")
        self.rows.observe(self._picked, "selected")
        self._number = ipywidgets.HTML("")
        self._remark = ipywidgets.HTML("")
        self._earlier = _button("Previous page", "angle-left", "", lambda: self._turn(-1))
        self._later = _button("Next page", "angle-right", "", lambda: self._turn(1))
        self._buttons = {
            "retry": _button("Rerun", "repeat", "Run the selected quanta once more", lambda: self._steer("retry")),
            "cancel": _button("Cancel", "ban", "Take the selected quanta out", lambda: self._steer("cancel")),
            "skip": _button(
                "Skip", "forward", "Do not run the selected quanta; those that need them go on",
                lambda: self._steer("skip"),
            ),
        }  # fmt: skip
        for button in self._buttons.values():
            button.offer("The quanta of the run are being looked up.")
        filters = ipywidgets.HBox([self._task, self._status, self._where, self._sort])
        self._pages = ipywidgets.HBox([self._earlier, self._later])
        self._pages.add_class("jmpx-buttons")
        self._pages.layout.display = "none"
        foot = ipywidgets.HBox([*self._buttons.values(), self._pages, self._number])
        for box in (filters, foot):
            box.add_class("jmpx-buttons")
        self.widget = ipywidgets.VBox([filters, self._remark, self.rows, foot])
        self.widget.add_class("jmpx-quanta")

    # Callbacks.

    def _ask(self) -> None:
        self._page, self._stale, self._next_at = 0, True, 0.0
        self._context.wake()

    def _turn(self, pages: int) -> None:
        self._page, self._stale, self._next_at = max(0, self._page + pages), True, 0.0
        self._context.wake()

    def _picked(self, change: dict[str, Any]) -> None:
        if len(change["new"]) == 1:
            self._selection.select_quantum(change["new"][0])

    def _steer(self, action: str) -> None:
        def steer() -> None:
            watched, picked = self._context.watched, list(self.rows.selected)
            if watched is not None and not watched.state.is_final:
                check_picked(action, [watched.status(position) for position in picked])
            ids = [watched.catalogue.ids[position] for position in picked] if watched is not None else []
            steer_quanta(self._context.run, action, ids)
            self._show_line(line_for_quanta(self._context.run, action, ids))

        self._context.commands.do(steer)

    # On the thread of the clock.

    def begin(self, watched: WatchedRun) -> None:
        """Start with a run."""
        labels = [task.label for task in watched.catalogue.tasks]
        self._task.options = [("all", ""), *((label, label) for label in labels)]
        self._order.clear()
        self._stale = True

    def note(self, changed: list[int]) -> None:
        """Take in which quanta have changed."""
        self._stale = self._stale or bool(changed)

    def is_due(self) -> bool:
        """Tell whether there is news that somebody sees."""
        watched = self._context.watched
        news = self._stale or (watched is not None and watched.state != self._shown_state)
        return news and watched is not None and self._is_visible() and time.monotonic() >= self._next_at

    def update(self) -> int:
        """Show the rows as they are now."""
        watched = self._context.watched
        assert watched is not None, "Nothing is stale before."
        self._stale, self._shown_state = False, watched.state
        start = time.monotonic()
        found, remark = self._find(watched)
        last = max(0, (len(found) - 1) // PAGE)
        self._page = min(self._page, last)
        shown = found[self._page * PAGE : (self._page + 1) * PAGE]
        rows = [self._row(watched, position) for position in shown]
        messages = 0
        if self._remark.value != remark:
            self._remark.value = remark
            messages += 1
        if rows != self._rows:
            self._rows = rows
            self.rows.show(rows)
            messages += 1
        text = formats.plural(len(found), "quantum", "quanta")
        pages = "" if last else "none"
        if self._pages.layout.display != pages:
            self._pages.layout.display = pages
            messages += 1
        for action, reason in why_not_quantum(watched.state).items():
            messages += self._buttons[action].offer(reason)
        if last:
            text += f", page {self._page + 1} of {last + 1}"
        if self._number.value != text:
            self._number.value = text
            messages += 1
        self._next_at = time.monotonic() + max(PACE, 20 * (time.monotonic() - start))
        return messages

    def _find(self, watched: WatchedRun) -> tuple[list[int], str]:
        """Find what is asked for, with a remark on the filter; one that fails lets all through, and its error is said.

        It is said beside the filter, and as long as that is there.
        """
        if not self._where.value.strip():
            return quantum_table(watched, self._query(None)), ""
        try:
            query = self._query(self._filter(watched))
            # Only now is a value compared with those that there are, which may be of another kind.
            found = quantum_table(watched, query)
        except JupyterMpexecError as error:
            return quantum_table(watched, self._query(None)), error_html(error)
        return found, filter_remark(watched.catalogue, query, found)

    def _query(self, matches: Any) -> TableQuery:
        sort = cast("SortKey", self._sort.value)
        return TableQuery(
            tasks=(self._task.value,) if self._task.value else (),
            statuses=(QuantumStatus(self._status.value),) if self._status.value else (),
            matches=matches,
            sort=sort,
            descending=sort in ("duration", "memory"),
        )

    def _filter(self, watched: WatchedRun) -> Any:
        from jupyter_mpexec.execution.views.data_id_filter import compile_filter

        matches = compile_filter(self._where.value)
        matches.check_names(name for task in watched.catalogue.tasks for name in task.dimensions)
        return matches

    def _row(self, watched: WatchedRun, position: int) -> Row:
        seconds, memory = watched.seconds[position], watched.memory[position]
        task = watched.catalogue.task(position)
        order = self._order.get(task.label)
        if order is None:
            order = self._order[task.label] = distinguishing_order(watched.catalogue, task.label)
        values = watched.catalogue.values[position]
        return (
            watched.codes[position],
            task.label,
            formats.duration(seconds) if seconds else "",
            formats.bytes_(memory) if memory else "",
            formats.data_id({task.dimensions[place]: values[place] for place in order}),
            position,
        )


def _button(label: str, icon: str, tooltip: str, callback: Callable[[], object]) -> ExplainedButton:
    button = ExplainedButton(description=label, icon=icon, tooltip=tooltip or label)
    button.on_click(lambda _: callback())
    return button
