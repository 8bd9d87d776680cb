"""Which quanta of a graph a reader asked for, by task label and data query."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from jupyter_mpexec.errors import TaskNotFoundError, did_you_mean

from .data_id_filter import compile_filter
from .graph_view import GraphView
from .wording import listing

if TYPE_CHECKING:
    from lsst.daf.butler import DataCoordinate

__all__ = ["Quanta", "QuantumSelection", "direct_neighbours", "select_quanta"]


@dataclass(frozen=True)
class QuantumSelection:
    """The outcome of a drill-down.

    Parameters
    ----------
    quanta
        Data IDs by quantum ID by task label, in pipeline order and sorted by data ID.
    description
        What was asked for, in words; empty for everything.
    """

    quanta: dict[str, dict[UUID, DataCoordinate]]
    description: str = ""

    @property
    def total(self) -> int:
        """Number of quanta."""
        return sum(map(len, self.quanta.values()))


Quanta = dict[str, dict[UUID, "DataCoordinate"]]


def select_quanta(view: GraphView, *, task_label: str | None = None, where: str = "") -> QuantumSelection:
    """Pick quanta, without building any of them.

    Parameters
    ----------
    view
        The graph.
    task_label
        Only quanta of this task.
    where
        Only quanta whose data ID matches this expression (see `compile_filter`).

    Raises
    ------
    TaskNotFoundError
        Raised if the graph has no such task.
    QueryError
        Raised if ``where`` cannot be parsed, or names something that is no dimension of any task.
    """
    tasks = view.pipeline_graph.tasks
    if task_label is not None and task_label not in tasks:
        raise TaskNotFoundError(
            f"The quantum graph has no task {task_label!r}.",
            hint=did_you_mean(task_label, tasks) or f"Its tasks: {listing(tasks, 20)}.",
        )
    matches = compile_filter(where)
    matches.check_names(name for task in tasks.values() for name in task.dimensions.names)
    quanta: Quanta = {}
    for label in tasks if task_label is None else [task_label]:
        if not matches.names.intersection(tasks[label].dimensions.names) and where.strip():
            continue
        found = [
            (quantum_id, data_id) for quantum_id, data_id in view.quanta(label) if matches(data_id.mapping)
        ]
        found.sort(key=lambda item: item[1])
        if found:
            quanta[label] = dict(found)
    asked = [f"task {task_label}"] if task_label is not None else []
    if where.strip():
        asked.append(f"where {' '.join(where.split())}")
    return QuantumSelection(quanta, ", ".join(asked))


def direct_neighbours(view: GraphView, selection: QuantumSelection, limit: int) -> Quanta:
    """Find the quanta that selected ones directly need or feed.

    Parameters
    ----------
    view, selection
        The graph, and the quanta picked from it.
    limit
        If there are more than so many, none is returned: half of them would mislead.
    """
    inside = {quantum_id for quanta in selection.quanta.values() for quantum_id in quanta}
    found: dict[UUID, tuple[str, DataCoordinate]] = {}
    for chosen in inside:
        for label, quantum_id, data_id in view.neighbours(chosen):
            if quantum_id not in inside:
                found[quantum_id] = (label, data_id)
        if len(found) > limit:
            return {}
    ordered = sorted(found.items(), key=lambda item: item[1])
    return {
        task: quanta
        for task in view.totals
        if (quanta := {quantum_id: data_id for quantum_id, (label, data_id) in ordered if label == task})
    }
