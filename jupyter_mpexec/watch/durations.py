"""How long quanta take, and therefore how long the rest of a run will."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from functools import cached_property
from statistics import mean, median_low

from .catalogue import QuantumCatalogue

__all__ = ["Durations"]

SAMPLE = 99
"""Quanta of each task whose durations are kept: the newest."""

LEAST_SHARE = 0.1
"""What is left at least of the duration of a first quantum, without what belongs to its being the first."""


class Durations:
    """Durations by task, of this run and of earlier ones.

    Parameters
    ----------
    catalogue
        All quanta.
    earlier
        Median duration of a quantum by task label in earlier runs, in seconds.
    """

    def __init__(self, catalogue: QuantumCatalogue, earlier: Mapping[str, float]) -> None:
        self._catalogue = catalogue
        self._earlier = [earlier.get(task.label) for task in catalogue.tasks]
        self._spent = 0.0
        self._warm = [_Newest() for _ in catalogue.tasks]
        self._cold = [_Newest() for _ in catalogue.tasks]

    def restart(self) -> None:
        """Forget how much work was done so far: another process goes on, perhaps with fewer workers."""
        self._spent = 0.0

    def add(self, place: int, duration: float, *, is_first: bool) -> None:
        """Note how long a quantum took.

        Parameters
        ----------
        place
            Place of its task.
        duration
            Seconds.
        is_first
            Its worker had not run this task before, so that importing what it needs is part of the time.
        """
        self._spent += duration
        (self._cold if is_first else self._warm)[place].add(duration)

    def learn(self, earlier: Mapping[str, float]) -> None:
        """Take in median durations of earlier runs, by task label."""
        self._earlier = [earlier.get(task.label) for task in self._catalogue.tasks]

    def expected(self) -> list[float] | None:
        """Get the seconds to expect of a quantum of each task; None where nothing is known of any."""
        both = [(cold.median, warm.median) for cold, warm in zip(self._cold, self._warm, strict=True)]
        extra = [cold - warm for cold, warm in both if cold is not None and warm is not None]
        start = max(0.0, median_low(extra)) if extra else 0.0
        known = [
            _usual(*medians, earlier, start) for medians, earlier in zip(both, self._earlier, strict=True)
        ]
        seen = [value for value in known if value is not None]
        if not seen:
            return None
        # A task that nobody has seen yet counts as the mean of those that somebody has.
        usual = mean(seen)
        return [usual if value is None else value for value in known]

    def time_left(self, left: Sequence[int], running: Sequence[float], active: float) -> float | None:
        """Estimate the time until the end of the run.

        Parameters
        ----------
        left
            Number of quanta that have not ended, by task.
        running
            For how many seconds each quantum under way has been running.
        active
            Seconds of the run so far, since it was last gone on with, pauses left out.

        Returns
        -------
        seconds
            The work that is left at the rate of work so far, but no less than the longest chain of tasks; None where
            nothing is known.
        """
        expected = self.expected()
        if expected is None or not any(left):
            return None
        longest = max(expected)
        done = sum(min(seconds, longest) for seconds in running)
        work = max(0.0, sum(n * each for n, each in zip(left, expected, strict=True)) - done)
        # Seconds of work done in a second: how many workers there are, less what is lost between quanta.
        at_work = self._spent + sum(running)
        rate = at_work / active if active > 0 and at_work > 0 else float(max(1, len(running)))
        return max(work / rate, self._longest_chain(left, expected) - max(running, default=0.0))

    def _longest_chain(self, left: Sequence[int], expected: Sequence[float]) -> float:
        ends = [0.0] * len(left)
        for place, before in enumerate(self._before):
            own = expected[place] if left[place] else 0.0
            ends[place] = own + max((ends[b] for b in before), default=0.0)
        return max(ends, default=0.0)

    @cached_property
    def _before(self) -> list[list[int]]:
        before: list[list[int]] = [[] for _ in self._catalogue.tasks]
        for source, target in sorted(self._catalogue.task_links()):
            before[target].append(source)
        return before


class _Newest:
    """The newest durations of a kind, and their median: a few that are far too long do not change it."""

    def __init__(self) -> None:
        self._seconds: deque[float] = deque(maxlen=SAMPLE)
        self._median: float | None = None

    def add(self, seconds: float) -> None:
        self._seconds.append(seconds)
        self._median = None

    @property
    def median(self) -> float | None:
        if self._median is None and self._seconds:
            self._median = median_low(self._seconds)
        return self._median


def _usual(cold: float | None, warm: float | None, earlier: float | None, start: float) -> float | None:
    """Choose what to expect of a quantum; of a first one, what first quanta take longer is left out."""
    if warm is not None or cold is None:
        return earlier if warm is None else warm
    return max(LEAST_SHARE * cold, cold - start) if earlier is None else earlier
