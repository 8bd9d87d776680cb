"""All quanta of a graph, known before the first one starts, in little memory."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple

__all__ = ["QuantumCatalogue", "TaskQuanta", "Value"]

Value = int | str
"""A value of a data ID."""


class TaskQuanta(NamedTuple):
    """The quanta of a task: a range of positions in the catalogue.

    Parameters
    ----------
    label
        Label of the task.
    dimensions
        Names of its dimensions; the values of each data ID come in this order.
    start, stop
        The first position, and the one after the last.
    """

    label: str
    dimensions: tuple[str, ...]
    start: int
    stop: int

    @property
    def positions(self) -> range:
        """Positions of its quanta."""
        return range(self.start, self.stop)


class QuantumCatalogue:
    """The quanta of a graph by position: task by task in pipeline order, so that prerequisites come first.

    Parameters
    ----------
    tasks
        Names of the dimensions by task label, in pipeline order.
    quanta
        By task label: quantum IDs and the values of the data IDs, in the order to keep.
    links
        Pairs of quantum IDs: a prerequisite, and the quantum that needs it.

    Examples
    --------
    >>> catalogue = QuantumCatalogue(
    ...     {"isr": ("visit",), "sum": ()},
    ...     {"isr": [("a", (1,)), ("b", (2,))], "sum": [("c", ())]},
    ...     [("a", "c"), ("b", "c")],
    ... )
    >>> len(catalogue), catalogue.name(1), list(catalogue.prerequisites(2))
    (3, 'isr(visit=2)', [0, 1])
    """

    def __init__(
        self,
        tasks: Mapping[str, Sequence[str]],
        quanta: Mapping[str, Iterable[tuple[str, Sequence[Value]]]],
        links: Iterable[tuple[str, str]] = (),
    ) -> None:
        self.ids: list[str] = []
        self.values: list[tuple[Value, ...]] = []
        found = []
        for label, dimensions in tasks.items():
            start = len(self.ids)
            for quantum_id, values in quanta.get(label, ()):
                self.ids.append(quantum_id)
                self.values.append(tuple(values))
            found.append(TaskQuanta(label, tuple(dimensions), start, len(self.ids)))
        self.tasks = tuple(found)
        self.by_label = {task.label: task for task in found}
        self.positions = {quantum_id: position for position, quantum_id in enumerate(self.ids)}
        # Tasks without quanta share their start with the next one, which is the one that `bisect` must find.
        self._with_quanta = [task for task in found if task.stop > task.start]
        self._starts = [task.start for task in self._with_quanta]
        pairs = [(self.positions[before], self.positions[after]) for before, after in links]
        self._prerequisites = _Neighbours(len(self.ids), [(after, before) for before, after in pairs])
        self._dependents = _Neighbours(len(self.ids), pairs)

    def __len__(self) -> int:
        return len(self.ids)

    def task(self, position: int) -> TaskQuanta:
        """Get the task of a quantum."""
        return self._with_quanta[bisect_right(self._starts, position) - 1]

    def data_id(self, position: int) -> dict[str, Value]:
        """Get the data ID of a quantum."""
        return dict(zip(self.task(position).dimensions, self.values[position], strict=True))

    def name(self, position: int) -> str:
        """Write task label and data ID of a quantum in one short text."""
        values = ", ".join(f"{name}={value}" for name, value in self.data_id(position).items())
        return f"{self.task(position).label}({values})"

    def prerequisites(self, position: int) -> Sequence[int]:
        """Get the quanta that must be done before a quantum."""
        return self._prerequisites[position]

    def dependents(self, position: int) -> Sequence[int]:
        """Get the quanta that wait for a quantum."""
        return self._dependents[position]

    def task_links(self) -> set[tuple[int, int]]:
        """Get the pairs of tasks, by their place, of which the second has quanta that need some of the first."""
        place = {task.label: number for number, task in enumerate(self.tasks)}
        links = set()
        for number, task in enumerate(self.tasks):
            for position in task.positions:
                for before in self.prerequisites(position):
                    links.add((place[self.task(before).label], number))
        return links


class _Neighbours:
    """Lists of positions, one a quantum, end to end in one array."""

    def __init__(self, size: int, pairs: Iterable[tuple[int, int]]) -> None:
        ordered = sorted(pairs)
        self._targets = array("l", [target for _, target in ordered])
        numbers = [0] * (size + 1)
        for source, _ in ordered:
            numbers[source + 1] += 1
        self._offsets = array("l", accumulate(numbers))

    def __getitem__(self, position: int) -> Sequence[int]:
        return self._targets[self._offsets[position] : self._offsets[position + 1]]
