"""A quantum graph as a diagram: quantum by quantum if it is small, otherwise collapsed to tasks."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from jupyter_mpexec.diagram import Diagram
from jupyter_mpexec.display import formats
from jupyter_mpexec.status import QuantumStatus

from .graph_view import GraphView, graph_view
from .pipeline_diagram import pipeline_diagram
from .quantum_nodes import draw_quanta
from .quantum_selection import Quanta, QuantumSelection, direct_neighbours, select_quanta
from .wording import data_id_text, quanta_text

if TYPE_CHECKING:
    pass

__all__ = ["quantum_graph_diagram"]

Statuses = Mapping[str, QuantumStatus]


def quantum_graph_diagram(
    graph: Any,
    *,
    task_label: str | None = None,
    where: str = "",
    max_nodes: int = 60,
    datasets: bool = False,
    statuses: Statuses | None = None,
) -> Diagram:
    """Draw a quantum graph, or a part of it.

    Parameters
    ----------
    graph
        Upstream's ``PredictedQuantumGraph`` (read in full, thinly, or only its header), the components of
        one, its old ``QuantumGraph``, or our `BuiltQuantumGraph`.
    task_label
        Only quanta of this task; what they directly need or feed is drawn around them, if there is room.
    where
        Only quanta whose data ID matches this expression, such as ``"visit = 42 AND detector IN (1, 2)"``.
        Quanta of tasks that have none of the dimensions in it are left out.
    max_nodes
        Up to this number of nodes each quantum is a box; above it each task is, with its number of quanta.
    datasets
        Draw datasets too (dataset types in the collapsed form), where the graph has them in memory.
    statuses
        State of quanta, by quantum ID; those that are not in it are pending.

    Raises
    ------
    TaskNotFoundError
        Raised if the graph has no such task.
    QueryError
        Raised if ``where`` cannot be parsed, or names something that is no dimension of any task.
    """
    view = graph_view(graph)
    if task_label is None and not where.strip() and (view.total > max_nodes or not view.is_complete):
        return _collapsed(view, None, max_nodes, datasets, statuses)
    selection = select_quanta(view, task_label=task_label, where=where)
    if selection.total > max_nodes:
        return _collapsed(view, selection, max_nodes, datasets, statuses)
    # The quanta of one task are boxes without arrows: what they need and feed makes them a picture.
    neighbours = direct_neighbours(view, selection, max_nodes - selection.total) if task_label else {}
    diagram = _full(view, selection, neighbours, datasets, statuses)
    if datasets and len(diagram.nodes) > max_nodes:
        diagram = _full(view, selection, neighbours, False, statuses)
        note = f"With their datasets they would be more than {max_nodes} boxes: only quanta are drawn."
        diagram = dataclasses.replace(diagram, notes=(*diagram.notes, note))
    return diagram


def _collapsed(
    view: GraphView,
    selection: QuantumSelection | None,
    max_nodes: int,
    datasets: bool,
    statuses: Statuses | None,
) -> Diagram:
    if selection is None or not selection.description:
        shown, numbers, asked = view.total, view.loaded, ""
        labels = list(view.totals)
    else:
        shown, asked = selection.total, selection.description
        numbers = {label: len(quanta) for label, quanta in selection.quanta.items()}
        labels = list(numbers)
    diagram = pipeline_diagram(
        view.pipeline_graph,
        dataset_types=datasets,
        quanta={label: _of_all(numbers[label], view.totals[label]) for label in labels},
        counts=_counts(view, selection, statuses) if statuses is not None else None,
    )
    notes = list(diagram.notes)
    loaded = sum(view.loaded.values())
    if loaded < view.total:
        notes.insert(0, f"{loaded:,} of {quanta_text(view.total)} are loaded.")
    if shown > max_nodes:
        notes.insert(
            0,
            f"{quanta_text(shown)} are too many to draw one by one (limit {max_nodes:,}): "
            f"narrow them, for example with {_example(view, labels)}.",
        )
    return dataclasses.replace(
        diagram,
        title=_title(view, shown, len(labels), asked),
        notes=tuple(notes),
    )


def _example(view: GraphView, labels: Sequence[str]) -> str:
    """Write a drill-down that works for this graph, after looking at as few quanta as possible."""
    several = [label for label in labels if view.loaded[label] > 1]
    if not several:
        return "a task_label and where"
    label = min(several, key=view.loaded.__getitem__)
    # Graphs come in no particular order; the smallest is the same each time.
    first = min((data_id for _, data_id in view.quanta(label)), key=lambda data_id: data_id.required_values)
    # The first dimensions are instruments and sky maps: hardly a choice.
    name, value = list(first.required.items())[-1]
    return f'task_label={label!r}, where="{name} = {value!r}"'


def _title(view: GraphView, shown: int, n_tasks: int, asked: str) -> str:
    if asked:
        return f"Quantum graph: {_of_all(shown, view.total)} ({asked})"
    return f"Quantum graph: {quanta_text(shown)} of {formats.plural(n_tasks, 'task')}"


def _of_all(number: int, total: int) -> str:
    if total == 0:
        return "no quanta"
    return quanta_text(total) if number in (0, total) else f"{number:,} of {quanta_text(total)}"


def _counts(
    view: GraphView, selection: QuantumSelection | None, statuses: Statuses
) -> dict[str, Mapping[QuantumStatus, int]]:
    """Count by status and task, from IDs alone."""
    counts: dict[str, Mapping[QuantumStatus, int]] = {}
    for label in view.totals:
        if selection is None or not selection.description:
            ids = list(view.quantum_ids(label))
        else:
            ids = list(selection.quanta.get(label, ()))
        found = Counter(statuses.get(str(quantum_id), QuantumStatus.PENDING) for quantum_id in ids)
        counts[label] = {status: found[status] for status in QuantumStatus if found[status]}
    return counts


def _full(
    view: GraphView,
    selection: QuantumSelection,
    neighbours: Quanta,
    datasets: bool,
    statuses: Statuses | None,
) -> Diagram:
    nodes, edges, common = draw_quanta(
        view, selection.quanta, neighbours, datasets=datasets, statuses=statuses
    )
    notes = [f"All have {data_id_text(common)}."] if common else []
    if neighbours:
        notes.append("Those marked “neighbour” were not asked for: they directly need or feed the others.")
    if not selection.total:
        notes.append("No quantum matches." if selection.description else "The quantum graph is empty.")
    per_task = ", ".join(f"{label} {len(quanta):,}" for label, quanta in selection.quanta.items())
    return Diagram(
        title=_title(view, selection.total, len(selection.quanta), selection.description),
        description=f"Number of quanta by task: {per_task or 'none'}.",
        nodes=nodes,
        edges=edges,
        notes=tuple(notes),
    )
