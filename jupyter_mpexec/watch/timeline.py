"""Which worker did what, when: bars in lanes, memory over time, and the critical path."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .catalogue import QuantumCatalogue

__all__ = ["Bar", "Timeline", "critical_path"]


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
    code: int = 1
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
    """

    def __init__(self) -> None:
        self.lanes: list[str] = []
        self.bars: list[Bar] = []
        self.open: dict[int, Bar] = {}
        self._lane: dict[str, int] = {}
        self._last: dict[int, Bar] = {}
        self._changed = 0

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

    def end(self, position: int, time: float, memory: int = 0) -> None:
        """End the bar of a quantum, if it has one that goes on."""
        bar = self.open.pop(position, None)
        if bar is not None:
            bar.end, bar.memory = time, memory

    def mark(self, position: int, code: int) -> None:
        """Note the state of a quantum on its newest bar, unless that belongs to an attempt that is over."""
        bar = self._last.get(position)
        if bar is not None and code and (bar.end is not None or code == 1):
            bar.code = code

    @property
    def busy(self) -> int:
        """Number of workers that are at work."""
        return len({bar.lane for bar in self.open.values()})

    def memory(self, limit: int = 400) -> list[tuple[float, float]]:
        """Get how much memory was in use over time.

        Each worker counts with the peak of what it is running, or ran last: an upper bound, since a worker does not
        tell before its quantum has ended.

        Parameters
        ----------
        limit
            Number of points at most; of those that are left out, the highest of each stretch is kept.

        Returns
        -------
        points
            Times and bytes.
        """
        current: dict[int, int] = {}
        points = []
        total = 0
        for bar in sorted((b for b in self.bars if b.end is not None and b.memory), key=_by_end):
            total += bar.memory - current.get(bar.lane, 0)
            current[bar.lane] = bar.memory
            points.append((_by_end(bar), float(total)))
        if len(points) <= limit:
            return points
        stretch = -(-len(points) // limit)
        parts = (points[start : start + stretch] for start in range(0, len(points), stretch))
        return [max(part, key=lambda point: point[1]) for part in parts]


def _by_end(bar: Bar) -> float:
    return bar.end or 0.0


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
