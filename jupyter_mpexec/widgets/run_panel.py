"""The run panel: see what a run does, and steer it."""

from __future__ import annotations

import functools
import itertools
from collections import deque
from typing import TYPE_CHECKING, Any

import ipywidgets

from jupyter_mpexec.display.reported_graph import graph_is_missing
from jupyter_mpexec.errors import RunError
from jupyter_mpexec.events import Event, RunFinished
from jupyter_mpexec.watch.reported_run import is_unheard_of, reported_run
from jupyter_mpexec.watch.watched_run import WatchedRun

from .beside_cells import hear_beside_cells
from .graph_pane import GraphPane
from .notices import Notices
from .panel_context import PanelContext
from .panel_display import PanelDisplay
from .panel_header import PanelHeader
from .panel_html import panel_stylesheet
from .panel_places import take_place
from .quantum_inspector import QuantumInspector
from .quantum_table_pane import QuantumTablePane
from .selection import Selection
from .timeline_pane import TimelinePane
from .update_clock import Part, UpdateClock
from .widget_tree import close_all_in

if TYPE_CHECKING:
    from jupyter_mpexec.execution.run import Run

__all__ = ["RunPanel"]

_number = itertools.count(1)


class RunPanel:
    """A live view of a run, with buttons: what ``run.panel()`` gives.

    It is a hook too: made without a run and given to one as a hook, it shows itself before the run begins.

    Parameters
    ----------
    run
        The run to show; None for the one that this is going to be a hook of.

    Examples
    --------
    .. code-block:: python

        run = graph.run(background=True)
        run.panel()
    """

    def __init__(self, run: Run | None = None) -> None:
        self._events: deque[Event] = deque()
        self._has_moved_on = False
        self._context: PanelContext | None = None
        self._closed = False
        if run is not None:
            self._attach(run)

    def _attach(self, run: Run) -> None:
        self._open(run)
        run.hooks.add(self)
        self._clock.start()

    # As a hook.

    def watch(self, run: Run) -> None:
        """Show the run that this is a hook of, in the cell that is being executed."""
        self._open(run)
        self.show()

    def __call__(self, event: Event) -> None:
        """Take in an event; what is to be done with it is done on another thread."""
        if self._closed:
            return
        self._events.append(event)
        if self._context is not None:
            # Else these are events of the past, of a run that is gone on with.
            self._clock.start()
            self._clock.wake()

    # As a widget.

    def show(self) -> None:
        """Show the panel in the output of the cell that is being executed; one that was closed is opened again."""
        if self._closed:
            self._closed = False
            self._attach(self.run)
        self._display.show(self.widget)
        for earlier in take_place(self):
            earlier.give_way()

    def _ipython_display_(self) -> None:
        self.show()

    @property
    def run(self) -> Run:
        """The run that is shown: after a retry at the end of one, the new one."""
        assert self._context is not None, "Only after `watch`."
        return self._context.run

    def give_way(self) -> None:
        """Close the panel, which nobody can see any more, unless something was debugged in it: that is left alone."""
        if self._inspector.debug.pane is None:
            self._close(has_place=False)

    def close(self) -> None:
        """Take the panel away, and end all work that is done for it; the run itself goes on."""
        self._close(has_place=True)

    def _close(self, *, has_place: bool) -> None:
        """Close it; where its output is still there, that is to show how the run is now."""
        if self._closed or self._context is None:
            return
        self._closed = True
        self._context.run.hooks.remove(self)
        self._clock.close()
        self._context.reader.do(self._inspector.close)
        self._context.close()
        try:
            if has_place:
                self._display.settle()
        finally:
            close_all_in(self.widget)

    def _open(self, run: Run) -> None:
        self._notices = Notices()
        self._context = context = PanelContext(run, self._notices.show, self._wake)
        self._display = PanelDisplay(context)
        self._header = PanelHeader(context, self._follow)
        self._selection = Selection(context, self._selected)
        self._tabs = ipywidgets.Tab()
        self._graph = GraphPane(context, self._selection, functools.partial(self._is_on_top, 0))
        context.is_seen = lambda: self._graph.graph.is_seen
        context.on_success = self._forget_error
        # It also says when somebody looks again.
        self._graph.graph.on_msg(lambda *_: self._wake())
        self._timeline = TimelinePane(context, self._selection, functools.partial(self._is_on_top, 1))
        self._table = QuantumTablePane(
            context, self._selection, self._header.show_line, functools.partial(self._is_on_top, 2)
        )
        self._inspector = QuantumInspector(context, self._selection)
        self._tabs.children = [self._graph.widget, self._timeline.widget, self._table.widget]
        self._tabs.titles = ("Graph", "Timeline", "Quanta")
        self._tabs.observe(lambda _: self._wake(), "selected_index")
        close = ipywidgets.Button(
            description="Close", icon="times", tooltip="Close the panel; the run goes on"
        )
        close.add_class("jmpx-close")
        close.on_click(lambda _: context.commands.do(self.close))
        self._header.add_button(close)
        self.widget = ipywidgets.VBox(
            [
                ipywidgets.HTML(str(panel_stylesheet())),
                self._header.widget,
                self._notices.widget,
                self._tabs,
                self._inspector.widget,
            ],
            model_id=f"mpexec-{run.id}-{next(_number)}",
        )
        self.widget.add_class("jmpx")
        self.widget.add_class("jmpx-panel")
        hear_beside_cells(self.widget)
        parts: list[Part] = [
            self._header, self._graph, self._graph.grid, self._timeline, self._table, self._inspector,
            self._inspector.debug, self._display,
        ]  # fmt: skip
        self._clock = UpdateClock(
            parts, self._work, self._notices.show, may_rest=self._may_rest, name="mpexec panel"
        )

    def _wake(self) -> None:
        self._clock.wake()

    def _forget_error(self) -> None:
        """Take away what went wrong before; why there is no graph stays."""
        if self._context is not None and self._context.graph_error is None:
            self._notices.clear()

    def _may_rest(self) -> bool:
        """Tell whether whatever may happen still wakes the clock."""
        context = self._context
        if context is None or context.watched is None:
            return False
        # Patches of a quantum that is debugged are made in cells, which tell nobody.
        return context.run.state.is_final and self._inspector.debug.pane is None

    def _is_on_top(self, tab: int) -> bool:
        return bool(self._tabs.selected_index == tab) and self._graph.graph.is_seen

    def _selected(self) -> None:
        """Follow the selection; called on the thread of commands."""
        if self._selection.task:
            self._graph.mark(self._selection.task)
            self._graph.grid.show(self._selection.task)
        if self._selection.quantum is not None:
            self._graph.grid.mark(self._selection.quantum)
            if self._selection.quantum != self._inspector.position:
                # Looking at another task leaves alone what is shown of a quantum.
                self._inspector.show(self._selection.quantum)
        self._wake()

    # On the thread of the clock.

    def _work(self) -> None:
        context = self._context
        assert context is not None, "The clock starts after it is there."
        if self._has_moved_on:
            self._has_moved_on = False
            if context.watched is not None:
                self._switch(context, context.watched)
        if context.watched is None:
            self._begin(context)
        watched = context.watched
        assert watched is not None, "Made above."
        while self._events:
            event = self._events.popleft()
            if isinstance(event, RunFinished):
                self._display.ask_for_summary()
            if context.graph_error is not None and is_unheard_of(event, watched):
                watched = self._begin_from_report(context)
            else:
                watched.apply(event)
        changed = watched.take_changes()
        if changed:
            self._graph.note(watched, changed)
            self._table.note(changed)
            self._inspector.note(changed)
        self._timeline.note(watched.timeline.take_changes())

    def _begin(self, context: PanelContext) -> None:
        from jupyter_mpexec.execution.views.quantum_catalogue import quantum_catalogue

        try:
            catalogue = quantum_catalogue(context.run.graph)
        except Exception as error:  # whatever is wrong with the file: most is in the journal, too
            context.graph_error = error
            self._begin_from_report(context)
            self._notices.show(RunError(graph_is_missing(error)))
            return
        watched = WatchedRun(catalogue)
        self._catch_up(context, watched)
        self._adopt(context, watched)
        self._graph.draw()

    def _begin_from_report(self, context: PanelContext) -> WatchedRun:
        """Show what the journal knows; what is selected keeps its quantum, which may have another place now."""
        before = context.watched
        self._events.clear()
        watched = reported_run(context.run.report)
        if before is not None:
            self._selection.move(before.catalogue.ids, watched.catalogue.positions)
            self._inspector.move(self._selection.quantum)
            self._table.rows.selected = []
        self._adopt(context, watched)
        self._graph.draw()
        self._inspector.refresh()
        return watched

    def _catch_up(self, context: PanelContext, watched: WatchedRun) -> None:
        # A report hears of an event before a panel does, so it knows of these.
        self._events.clear()
        watched.adopt(context.run.report)

    def _adopt(self, context: PanelContext, watched: WatchedRun) -> None:
        """Show a state of the run from now on."""
        context.watched = watched
        self._table.begin(watched)
        self._timeline.begin(watched)
        if not watched.state.is_final and context.graph_error is None:
            context.reader.do(lambda: self._learn(context, watched))

    def _learn(self, context: PanelContext, watched: WatchedRun) -> None:
        """Look how long quanta took before; on the thread of the reader."""
        from jupyter_mpexec.execution.views.earlier_durations import earlier_durations

        with context.run.butler() as butler:
            watched.durations.learn(earlier_durations(context.run.graph, butler))
        self._wake()

    def _follow(self, again: Run) -> None:
        """Show another run of the same graph; called on the thread of commands."""
        context = self._context
        assert context is not None, "There was a run before."
        context.run.hooks.remove(self)
        again.hooks.take_over(context.run.hooks)
        again.hooks.add(self)
        # Now, since the next command is for this one; what is shown follows on the clock.
        context.run, self._has_moved_on = again, True
        _bind("_run", again)
        self._wake()

    def _switch(self, context: PanelContext, before: WatchedRun) -> None:
        if context.graph_error is not None:
            self._begin_from_report(context)
        else:
            watched = WatchedRun(before.catalogue)
            self._catch_up(context, watched)
            self._adopt(context, watched)
        self._display.ask_for_summary()
        self._graph.refresh()
        self._inspector.refresh()


def _bind(name: str, value: Any) -> None:
    from IPython import get_ipython

    shell = get_ipython()
    if shell is not None:
        shell.push({name: value})
