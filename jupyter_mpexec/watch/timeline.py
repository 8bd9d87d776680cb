"""Which worker did what, when: bars in lanes, memory over time, and the critical path."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .catalogue import QuantumCatalogue

__all__ = ["Bar", "Timeline", "critical_path"]


RUNNING = 1
"""Code of a quantum that is running (see `.watched_run.CODES`)."""


@dataclass(slots=True)
class Bar:
    """One attempt to run one quantum.

    Parameters
    ----------
    position
        The quantum, by its position in the catalogue.
    lane
        The worker, by its place in `Timeline.lanes`.
    start
        When it began, in seconds since the Unix epoch.
    end
        When it ended; None while it goes on.
    code
        State of the quantum after it, as its code.
    memory
        Peak memory in bytes; 0 if unknown.
    """

    position: int
    lane: int
    start: float
    end: float | None = None
    code: int = RUNNING
    memory: int = 0


class Timeline:
    """Bars by worker, in the order in which they began.

    Attributes
    ----------
    lanes
        Names of the workers, in the order in which they first did something.
    bars
        All attempts, also those that were repeated.
    open
        By quantum position: the bar that has not ended.
    memory
        Times and bytes. Each worker counts with the peak of what it ran last: an upper bound.
    """

    def __init__(self) -> None:
        self.lanes: list[str] = []
        self.bars: list[Bar] = []
        self.open: dict[int, Bar] = {}
        self._lane: dict[str, int] = {}
        self.memory: list[tuple[float, float]] = []
        self._last: dict[int, Bar] = {}
        self._changed: dict[int, Bar] = {}
        self._in_use: dict[int, int] = {}

    def start(self, position: int, time: float, worker: str) -> None:
        """Begin a bar; what is told twice counts once."""
        last = self._last.get(position)
        if last is not None and last.start == time:
            return
        lane = self._lane.get(worker)
        if lane is None:
            lane = self._lane[worker] = len(self.lanes)
            self.lanes.append(worker)
        bar = Bar(position, lane, time)
        self.bars.append(bar)
        self._last[position] = self.open[position] = bar
        self._changed[id(bar)] = bar

    def end(self, position: int, time: float, memory: int = 0) -> None:
        """End the bar of a quantum, if it has one that goes on."""
        bar = self.open.pop(position, None)
        if bar is None:
            return
        bar.end, bar.memory = time, memory
        self._changed[id(bar)] = bar
        if memory:
            self._in_use[bar.lane] = memory
            self.memory.append((time, float(sum(self._in_use.values()))))

    def mark(self, position: int, code: int) -> None:
        """Note the state of a quantum on its newest bar, if that has just ended: it stays what the attempt came to."""
        bar = self._last.get(position)
        if bar is not None and bar.end is not None and bar.code == RUNNING and code:
            bar.code = code
            self._changed[id(bar)] = bar

    def take_changes(self) -> list[Bar]:
        """Get the bars that are new or have changed since the last call, in the order of the changes."""
        changed, self._changed = self._changed, {}
        return list(changed.values())

    def break_off(self, time: float) -> None:
        """End all bars that go on: those who ran these quanta are gone, and what became of them is told later."""
        for position in list(self.open):
            self.end(position, time)
        self._in_use.clear()

    @property
    def busy(self) -> int:
        """Number of workers that are at work."""
        return len({bar.lane for bar in self.open.values()})


def critical_path(catalogue: QuantumCatalogue, seconds: Sequence[float]) -> list[int]:
    """Find the chain of quanta that took longest, one after the other.

    It is what no number of processes can shorten.

    Parameters
    ----------
    catalogue
        All quanta; prerequisites have lower positions than what needs them.
    seconds
        Duration by position; 0 for what has not run.

    Returns
    -------
    path
        Positions, first to last; empty if nothing has run.
    """
    totals = [0.0] * len(catalogue)
    came_from = [-1] * len(catalogue)
    for position in range(len(catalogue)):
        best, before = 0.0, -1
        for prerequisite in catalogue.prerequisites(position):
            if totals[prerequisite] > best:
                best, before = totals[prerequisite], prerequisite
        # What has not run ends a chain.
        if seconds[position] > 0:
            totals[position], came_from[position] = best + seconds[position], before
    last = max(range(len(totals)), key=totals.__getitem__, default=-1)
    if last < 0 or totals[last] <= 0:
        return []
    path = []
    while last >= 0:
        path.append(last)
        last = came_from[last]
    return path[::-1]
