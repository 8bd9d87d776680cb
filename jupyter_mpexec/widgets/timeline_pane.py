"""Which worker did what, when."""

from __future__ import annotations

import time
from collections.abc import Callable

import ipywidgets

from jupyter_mpexec.watch.timeline import Bar as WatchedBar
from jupyter_mpexec.watch.timeline import critical_path
from jupyter_mpexec.watch.watched_run import STATUSES, WatchedRun

from .canvas import Bar, Timeline
from .panel_context import PanelContext
from .quantum_facts import worker_name
from .selection import Selection

__all__ = ["TimelinePane"]

PATH_PACE = 5.0
"""Seconds between two looks for the critical path, at least, while the run goes on."""

MOST_SAMPLES = 50
"""Memory readings that are sent at a time, at most; of the others, the highest are kept."""


class TimelinePane:
    """A Gantt chart of the run.

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
        self._waiting: list[WatchedBar] = []
        self._memory_told = 0
        self._path_at = 0.0
        self._path_ended = -1
        self.view = Timeline(label="Quanta by worker and time", height=340, describe=self._describe)
        self.view.observe(self._clicked, "selected")
        self.widget = ipywidgets.VBox([self.view])

    def _describe(self, position: int) -> str:
        watched = self._context.watched
        if watched is None or not 0 <= position < len(watched.catalogue):
            return ""
        return watched.catalogue.name(position)

    def _clicked(self, change: dict[str, int]) -> None:
        if change["new"] >= 0:
            self._selection.select_quantum(change["new"])

    def begin(self, watched: WatchedRun) -> None:
        """Start with a run, on the thread of the clock."""
        if self._memory_told or self.view.lanes:
            self.view.clear()
        self._memory_told, self._path_ended = 0, -1
        self.view.labels = [task.label for task in watched.catalogue.tasks]
        watched.timeline.take_changes()
        self._waiting = list(watched.timeline.bars)

    def note(self, bars: list[WatchedBar]) -> None:
        """Take in which bars are new or have changed."""
        self._waiting.extend(bars)

    def is_due(self) -> bool:
        """Tell whether there is news that somebody sees."""
        watched = self._context.watched
        if watched is None or not self._is_visible():
            return False
        return bool(self._waiting) or self._path_is_due(watched) or self.view.live == watched.state.is_final

    def update(self) -> int:
        """Send the news."""
        watched = self._context.watched
        assert watched is not None, "There is news."
        assert watched.started is not None, "There is news of quanta."
        seconds = watched.clock.seconds
        live = not watched.state.is_final
        messages = 1
        if self.view.live != live:
            self.view.live = live
            messages += 1
        if self._waiting:
            lanes = [worker_name(lane) for lane in watched.timeline.lanes]
            if self.view.lanes != lanes:
                self.view.lanes = lanes
                messages += 1
            waiting, self._waiting = self._waiting, []
            places = {task.label: place for place, task in enumerate(watched.catalogue.tasks)}
            bars = {id(bar): bar for bar in waiting}
            now = time.time() if live else (watched.finished_at or time.time())
            self.view.add(
                (
                    Bar(
                        bar.position,
                        bar.lane,
                        seconds(bar.start),
                        None if bar.end is None else seconds(bar.end),
                        STATUSES[bar.code],
                        places[watched.catalogue.task(bar.position).label],
                    )
                    for bar in bars.values()
                ),
                now=seconds(now),
            )
            messages += self._tell_memory(watched)
        elif self._path_is_due(watched):
            self._path_ended = watched.ended
            self._path_at = time.monotonic() + PATH_PACE
            if self._context.graph_error is None:
                self.view.critical_path = critical_path(watched.catalogue, watched.seconds)
        return messages

    def _tell_memory(self, watched: WatchedRun) -> int:
        new = watched.timeline.memory[self._memory_told :]
        if not new:
            return 0
        self._memory_told += len(new)
        stretch = -(-len(new) // MOST_SAMPLES) or 1
        parts = (new[start : start + stretch] for start in range(0, len(new), stretch))
        highest = (max(part, key=lambda sample: sample[1]) for part in parts)
        self.view.add_memory((watched.clock.seconds(moment), size) for moment, size in highest)
        return 1

    def _path_is_due(self, watched: WatchedRun) -> bool:
        if watched.ended == self._path_ended or watched.started is None:
            return False
        return watched.state.is_final or time.monotonic() >= self._path_at
