"""Why a filter by data ID finds nothing of some tasks."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from jupyter_mpexec.display.html import paragraph
from jupyter_mpexec.watch.catalogue import QuantumCatalogue, TaskQuanta
from jupyter_mpexec.watch.quantum_table import TableQuery

__all__ = ["filter_remark"]

MOST_TASKS, MOST_GROUPS = 4, 3
"""Tasks that are named together, and groups of those with the same dimensions, at most."""


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
    by_lack: dict[tuple[tuple[str, ...], tuple[str, ...]], list[TaskQuanta]] = {}
    for task in catalogue.tasks:
        lacking = tuple(sorted(matches.names.difference(task.dimensions)))
        asked = not query.tasks or task.label in query.tasks
        if asked and lacking and task.label not in seen and task.positions:
            by_lack.setdefault((lacking, task.dimensions), []).append(task)
    groups = list(by_lack.items())[:MOST_GROUPS]
    sentences = [_sentence(tasks, *lack) for lack, tasks in groups]
    return str(paragraph(" ".join(sentences), muted=True)) if sentences else ""


def _sentence(tasks: list[TaskQuanta], lacking: tuple[str, ...], dimensions: tuple[str, ...]) -> str:
    has, its, it = ("has", "its", "it") if len(tasks) == 1 else ("have", "their", "them")
    labels = _listed(task.label for task in tasks)
    others = f"{its} dimensions are {', '.join(dimensions)}" if dimensions else f"{its} data ID is empty"
    return f"{labels} {has} no {' or '.join(lacking)}, so nothing of {it} is found: {others}."


def _listed(names: Iterable[str]) -> str:
    names = list(names)
    more = f" and {len(names) - MOST_TASKS} more" if len(names) > MOST_TASKS else ""
    return ", ".join(names[:MOST_TASKS]) + more
