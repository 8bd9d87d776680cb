"""The pipeline graph, coloured live, and the quanta of the task that is selected in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import ipywidgets

from jupyter_mpexec.display.html import paragraph
from jupyter_mpexec.display.reported_graph import graph_is_missing, reported_diagram
from jupyter_mpexec.display.scene import make_scene
from jupyter_mpexec.watch.task_grid import TaskGrid, task_grid
from jupyter_mpexec.watch.watched_run import WatchedRun

from .canvas import GraphView, QuantumGrid
from .graph_view import EMPTY
from .panel_context import PanelContext

if TYPE_CHECKING:
    from .selection import Selection

__all__ = ["GraphPane"]

_PREFIX = "task:"

_NOT_YET = "The run is being made ready. Its tasks are drawn here when it begins."


class GraphPane:
    """Graph above, grid below.

    Parameters
    ----------
    context
        The run.
    selection
        What is selected in the panel.
    is_visible
        Tells whether anybody sees it.
    """

    def __init__(self, context: PanelContext, selection: Selection, is_visible: Callable[[], bool]) -> None:
        self._context = context
        self._selection = selection
        self._is_visible = is_visible
        self._stale_tasks: set[str] = set()
        self.graph = GraphView(
            {**EMPTY, "title": "The run is being made ready", "notes": [_NOT_YET]},
            label="Tasks of the run, coloured by the states of their quanta",
            height=380,
        )
        self.graph.observe(self._task_clicked, "selected")
        self.grid = GridPane(context, selection, is_visible)
        hint = ipywidgets.HTML(
            str(paragraph("Click a task to see its quanta, and a quantum to see all of it.", muted=True))
        )
        self.widget = ipywidgets.VBox([self.graph, hint, self.grid.widget])

    def _task_clicked(self, change: dict[str, str]) -> None:
        node = change["new"]
        if node.startswith(_PREFIX):
            label = node.removeprefix(_PREFIX)
            # What `mark` marks was selected elsewhere, where the reader still looks.
            clicked_here = label != self._selection.task
            self._selection.select_task(label)
            if clicked_here:
                self._context.commands.do(self.grid.reveal)

    def mark(self, label: str) -> None:
        """Mark the selected task."""
        self.graph.selected = f"{_PREFIX}{label}"

    def draw(self) -> None:
        """Draw the graph; on the thread of the clock, when the run is known."""
        from jupyter_mpexec.execution.views.quantum_graph_diagram import quantum_graph_diagram

        error = self._context.graph_error
        if error is not None:
            diagram = replace(reported_diagram(self._context.run.report), notes=(graph_is_missing(error),))
        else:
            # With states: then the cards write the numbers of quanta, and the diagram does not do so once more.
            diagram = quantum_graph_diagram(self._context.run.graph, max_nodes=0, statuses={})
        self.graph.scene = dict(make_scene(diagram))
        self.graph.fit()
        self.grid.renew()
        self.refresh()

    def refresh(self) -> None:
        """Note that everything may have changed."""
        watched = self._context.watched
        if watched is not None:
            self._stale_tasks = {task.label for task in watched.catalogue.tasks}
        self.grid.refresh()

    def note(self, watched: WatchedRun, changed: list[int]) -> None:
        """Take in which quanta have changed."""
        self._stale_tasks.update(watched.catalogue.task(position).label for position in changed)
        self.grid.note(changed)

    def is_due(self) -> bool:
        """Tell whether there is news that somebody sees."""
        return bool(self._stale_tasks) and self._is_visible()

    def update(self) -> None:
        """Send the counts of tasks that have changed."""
        watched = self._context.watched
        assert watched is not None, "Nothing is stale before."
        labels, self._stale_tasks = self._stale_tasks, set()
        self.graph.set_counts({f"{_PREFIX}{label}": watched.task_counts(label) for label in labels})


class GridPane:
    """The quanta of one task as a grid; empty until a task is selected."""

    def __init__(self, context: PanelContext, selection: Selection, is_visible: Callable[[], bool]) -> None:
        self._context = context
        self._selection = selection
        self._is_visible = is_visible
        self._positions: list[int] = []
        self._index: dict[int, int] = {}
        self._stale: set[int] = set()
        self._task = ""
        self.view = QuantumGrid(label="Quanta of the selected task", height=320, describe=self._describe)
        self.view.observe(self._cell_clicked, "selected")
        self.widget = ipywidgets.VBox([self.view])
        self.widget.layout.display = "none"

    def _describe(self, index: int) -> str:
        watched = self._context.watched
        if watched is None or not 0 <= index < len(self._positions):
            return ""
        position = self._positions[index]
        seconds = watched.seconds[position]
        return f"{seconds:.2f} s" if seconds else ""

    def _cell_clicked(self, change: dict[str, int]) -> None:
        if 0 <= change["new"] < len(self._positions):
            self._selection.select_quantum(self._positions[change["new"]])

    def show(self, label: str) -> None:
        """Show the quanta of another task."""
        watched = self._context.watched
        if watched is None or label not in watched.catalogue.by_label or label == self._task:
            return
        grid = task_grid(watched.catalogue, label)
        self._task = label
        self._positions = list(grid.places)
        self._index = {position: index for index, position in enumerate(self._positions)}
        self._stale.clear()
        self.view.show(
            grid.columns,
            grid.rows,
            [(column, row) for row, column in grid.places.values()],
            bytes(watched.codes[position] for position in self._positions),
            column_axis=grid.column_axis,
            row_axis=grid.row_axis,
            title=_title(grid, len(self._positions)),
        )
        self.widget.layout.display = ""

    def renew(self) -> None:
        """Show the same task once more: of a run without its graph, more quanta become known as they begin."""
        label, self._task = self._task, ""
        self.show(label)
        if label and self._selection.quantum is not None:
            self.mark(self._selection.quantum)

    def reveal(self) -> None:
        """Scroll the page to the grid, unless it is in sight."""
        self.view.reveal()

    def mark(self, position: int) -> None:
        """Mark the cell of the selected quantum."""
        self.view.selected = self._index.get(position, -1)

    def refresh(self) -> None:
        """Note that every cell may have changed."""
        self._stale = set(self._positions)

    def note(self, changed: list[int]) -> None:
        """Take in which quanta have changed."""
        self._stale.update(position for position in changed if position in self._index)

    def is_due(self) -> bool:
        """Tell whether there is news that somebody sees."""
        return bool(self._stale) and self._is_visible()

    def update(self) -> None:
        """Send the states of cells that have changed."""
        watched = self._context.watched
        assert watched is not None, "Nothing is stale before."
        stale, self._stale = self._stale, set()
        self.view.set_statuses((self._index[p], watched.codes[p]) for p in sorted(stale) if p in self._index)


def _title(grid: TaskGrid, number: int) -> str:
    axes = " × ".join(filter(None, (grid.row_axis, grid.column_axis)))
    common = ", ".join(f"{name}={value}" for name, value in grid.common.items())
    return " · ".join(filter(None, (f"{grid.label}: {number:,}", axes, common)))
