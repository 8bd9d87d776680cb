"""The quanta of a task as a grid over two axes of their data IDs, such as visit and detector."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations
from operator import itemgetter

from .catalogue import QuantumCatalogue, Value

__all__ = ["TaskGrid", "task_grid"]


@dataclass(frozen=True, kw_only=True)
class TaskGrid:
    """Rows and columns of cells, each of which is a quantum or empty.

    Parameters
    ----------
    label
        Label of the task.
    row_axis, column_axis
        What the axes are: names of dimensions; empty where there is none.
    rows, columns
        Names along the axes.
    places
        Row and column of each quantum by its position, in reading order; all other cells are empty.
    common
        Values that all data IDs share.
    """

    label: str
    row_axis: str
    column_axis: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    places: dict[int, tuple[int, int]]
    common: dict[str, Value]


def task_grid(catalogue: QuantumCatalogue, label: str) -> TaskGrid:
    """Arrange the quanta of a task.

    The two axes are the pair of dimensions that tells all quanta apart with the fewest empty cells. Where no pair does,
    rows stand for all other dimensions together. Where one dimension is enough, all cells are in one row. Of dimensions
    that go together, such as exposure and visit, only the first counts.
    """
    task = catalogue.by_label[label]
    positions = task.positions
    distinct = [{catalogue.values[p][n] for p in positions} for n in range(len(task.dimensions))]
    common = {
        name: next(iter(values))
        for name, values in zip(task.dimensions, distinct, strict=True)
        if len(values) == 1
    }
    varying: list[int] = []
    for n, values in enumerate(distinct):
        if len(values) > 1 and not any(_go_together(catalogue, positions, distinct, n, m) for m in varying):
            varying.append(n)
    if len(varying) < 2:
        return _in_one_row(catalogue, label, varying, common)
    rows, column = _axes(catalogue, positions, varying, distinct)
    row_keys = [tuple(catalogue.values[p][n] for n in rows) for p in positions]
    columns = sorted(distinct[column], key=_order)
    row_names = sorted(set(row_keys), key=lambda key: [_order(value) for value in key])
    row_of = {key: number for number, key in enumerate(row_names)}
    column_of = {value: number for number, value in enumerate(columns)}
    places = {
        position: (row_of[key], column_of[catalogue.values[position][column]])
        for position, key in zip(positions, row_keys, strict=True)
    }
    return TaskGrid(
        label=label,
        row_axis=", ".join(task.dimensions[n] for n in rows),
        column_axis=task.dimensions[column],
        rows=tuple(", ".join(map(str, key)) for key in row_names),
        columns=tuple(map(str, columns)),
        places=dict(sorted(places.items(), key=itemgetter(1))),
        common=common,
    )


def _go_together(
    catalogue: QuantumCatalogue, positions: range, distinct: Sequence[set[Value]], one: int, other: int
) -> bool:
    """Tell whether each value of a dimension comes with one value of another, and the other way round."""
    if len(distinct[one]) != len(distinct[other]):
        return False
    together = {(catalogue.values[p][one], catalogue.values[p][other]) for p in positions}
    return len(together) == len(distinct[one])


def _axes(
    catalogue: QuantumCatalogue, positions: range, varying: list[int], distinct: Sequence[set[Value]]
) -> tuple[tuple[int, ...], int]:
    """Choose the dimensions of the rows, and that of the columns."""

    def tells_apart(chosen: tuple[int, ...]) -> bool:
        return len({tuple(catalogue.values[p][n] for n in chosen) for p in positions}) == len(positions)

    pairs = [pair for pair in permutations(varying, 2) if pair[0] < pair[1] and tells_apart(pair)]
    if pairs:
        # Of equally full grids, the one with the dimensions that come first in the data ID.
        row, column = min(pairs, key=lambda pair: (len(distinct[pair[0]]) * len(distinct[pair[1]]), pair))
        return (row,), column

    def rows_without(column: int) -> int:
        others = [n for n in varying if n != column]
        return len({tuple(catalogue.values[p][n] for n in others) for p in positions})

    column = min(varying, key=lambda n: (rows_without(n) * len(distinct[n]), -n))
    return tuple(n for n in varying if n != column), column


def _in_one_row(
    catalogue: QuantumCatalogue, label: str, varying: list[int], common: dict[str, Value]
) -> TaskGrid:
    task = catalogue.by_label[label]
    positions = list(task.positions)
    names = [""] * len(positions)
    if varying:
        positions.sort(key=lambda p: _order(catalogue.values[p][varying[0]]))
        names = [str(catalogue.values[p][varying[0]]) for p in positions]
    return TaskGrid(
        label=label,
        row_axis="",
        column_axis=task.dimensions[varying[0]] if varying else "",
        rows=("",) if positions else (),
        columns=tuple(names),
        places={position: (0, column) for column, position in enumerate(positions)},
        common=common,
    )


def _order(value: Value) -> tuple[int, Value]:
    return (0, value) if isinstance(value, int) else (1, value)
