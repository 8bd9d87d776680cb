"""Why a filter by data ID finds nothing of some tasks."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from jupyter_mpexec.display.html import paragraph
from jupyter_mpexec.watch.catalogue import QuantumCatalogue
from jupyter_mpexec.watch.quantum_table import TableQuery

__all__ = ["filter_remark"]

MOST_TASKS, MOST_GROUPS = 4, 3
"""Tasks with the same dimensions that are named, and groups of such tasks, at most."""


def filter_remark(catalogue: QuantumCatalogue, query: TableQuery, found: Collection[int]) -> str:
    """Say that tasks lack a dimension which the filter names, if nothing of them was found.

    Parameters
    ----------
    catalogue
        All quanta.
    query
        What was asked for; `matches` is a compiled filter, or None.
    found
        Positions of the quanta that were found.

    Returns
    -------
    html
        A paragraph; empty if there is nothing to say.
    """
    matches: Any = query.matches
    if matches is None:
        return ""
    seen = {catalogue.task(position).label for position in found}
    by_lack: dict[tuple[str, ...], dict[tuple[str, ...], list[str]]] = {}
    has_all = False
    for task in catalogue.tasks:
        if query.tasks and task.label not in query.tasks:
            continue
        lacking = tuple(sorted(matches.names.difference(task.dimensions)))
        has_all = has_all or not lacking
        if lacking and task.label not in seen and task.positions:
            by_lack.setdefault(lacking, {}).setdefault(task.dimensions, []).append(task.label)
    sentences = [_sentence(lacking, groups) for lacking, groups in by_lack.items()]
    if sentences and not found and has_all:
        # It is not for want of dimensions that the table is empty.
        sentences.insert(0, "No quantum matches.")
    return str(paragraph(" ".join(sentences), muted=True)) if sentences else ""


def _sentence(lacking: tuple[str, ...], groups: dict[tuple[str, ...], list[str]]) -> str:
    named = [
        f"{_listed(labels, MOST_TASKS)} ({', '.join(dimensions) or 'no dimensions'})"
        for dimensions, labels in groups.items()
    ]
    return f"Not found, because their data IDs have no {' or '.join(lacking)}: {_listed(named, MOST_GROUPS, '; ')}."


def _listed(names: list[str], most: int, separator: str = ", ") -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return separator.join(names[:most]) + more
