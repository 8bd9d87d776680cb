"""The quanta as a table: filtered, and sorted with what needs attention first."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ..status import QuantumStatus
from .catalogue import Value
from .watched_run import CODES, WatchedRun

__all__ = ["SORT_KEYS", "TableQuery", "quantum_table"]

SortKey = Literal["attention", "task", "data ID", "status", "duration", "memory", "start"]

SORT_KEYS: tuple[SortKey, ...] = ("attention", "task", "data ID", "status", "duration", "memory", "start")
"""What a table can be sorted by."""

_ATTENTION = (
    QuantumStatus.FAILED,
    QuantumStatus.HELD,
    QuantumStatus.RUNNING,
    QuantumStatus.CANCELLED,
    QuantumStatus.BLOCKED,
    QuantumStatus.PENDING,
    QuantumStatus.SUCCEEDED,
    QuantumStatus.NO_WORK,
    QuantumStatus.SKIPPED,
)


@dataclass(frozen=True, kw_only=True)
class TableQuery:
    """Which quanta, and in what order.

    Parameters
    ----------
    tasks
        Labels; empty for all tasks.
    statuses
        States; empty for all.
    matches
        Tells whether a data ID is wanted; None for all.
    sort
        What to sort by; ``"attention"`` puts failed quanta first, and what is done last.
    descending
        Largest first.
    """

    tasks: Collection[str] = ()
    statuses: Collection[QuantumStatus] = ()
    matches: Callable[[Mapping[str, Value]], bool] | None = None
    sort: SortKey = "attention"
    descending: bool = False


def quantum_table(run: WatchedRun, query: TableQuery) -> list[int]:
    """List the positions of the quanta that a query asks for, in its order."""
    catalogue, codes = run.catalogue, run.codes
    wanted = {CODES[status] for status in query.statuses}
    found: list[int] = []
    for task in catalogue.tasks:
        if query.tasks and task.label not in query.tasks:
            continue
        positions: Any = task.positions
        if wanted:
            positions = (p for p in positions if codes[p] in wanted)
        if query.matches is not None:
            names, matches = task.dimensions, query.matches
            positions = (p for p in positions if matches(dict(zip(names, catalogue.values[p], strict=True))))
        found.extend(positions)
    found.sort(key=_key(run, query.sort), reverse=query.descending)
    return found


def _key(run: WatchedRun, sort: SortKey) -> Callable[[int], Any]:
    catalogue, codes = run.catalogue, run.codes
    match sort:
        case "attention":
            order = {CODES[status]: number for number, status in enumerate(_ATTENTION)}
            # Positions are in pipeline order, and so are those of one state, since sorting is stable.
            return lambda position: order[codes[position]]
        case "status":
            return lambda position: codes[position]
        case "data ID":
            return lambda position: [(isinstance(v, str), v) for v in catalogue.values[position]]
        case "duration":
            return run.seconds.__getitem__
        case "memory":
            return run.memory.__getitem__
        case "start":
            # What has not started comes after what has.
            return lambda position: run.starts[position] or float("inf")
        case _:
            return lambda position: position
