"""Quanta, and datasets between them, as nodes and edges of a diagram."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING
from uuid import UUID

from jupyter_mpexec.diagram import Edge, Node
from jupyter_mpexec.status import QuantumStatus

from .graph_view import GraphView
from .quantum_selection import Quanta
from .wording import data_id_text, required_values

if TYPE_CHECKING:
    from lsst.daf.butler import DataCoordinate

__all__ = ["draw_quanta"]

Values = Mapping[str, int | str]


def draw_quanta(
    view: GraphView,
    chosen: Quanta,
    neighbours: Quanta,
    *,
    datasets: bool,
    statuses: Mapping[str, QuantumStatus] | None,
) -> tuple[tuple[Node, ...], tuple[Edge, ...], Values]:
    """Draw quanta one by one.

    Parameters
    ----------
    view
        The graph that they are in.
    chosen
        What was asked for.
    neighbours
        What is drawn around it, and marked.
    datasets
        Draw datasets too, where they are in memory; then quanta are joined through them.
    statuses
        State of quanta by ID; those that are not in it are pending.

    Returns
    -------
    nodes, edges
        In pipeline order; IDs are made of labels and data IDs, so that they stay the same in a rebuilt graph.
    common
        Values that all data IDs share, and that are therefore left out of the boxes.
    """
    flat = [(label, *item) for label in view.totals for item in _by_id(label, chosen, neighbours)]
    names = {quantum_id: _quantum_name(label, data_id) for label, quantum_id, data_id in flat}
    common = _common([data_id for _, _, data_id in flat])
    linked = {item[1]: _datasets(view, item[1], common) if datasets else ([], []) for item in flat}
    read_ids = {dataset.id for reads, _ in linked.values() for dataset in reads}
    automatic = _automatic_outputs(view)
    prerequisites = {
        (label, edge.parent_dataset_type_name)
        for label, task in view.pipeline_graph.tasks.items()
        for edge in task.prerequisite_inputs.values()
    }
    nodes: dict[str, Node] = {}
    edges: dict[tuple[str, str], Edge] = {}

    def join(source: str, target: str, prerequisite: bool = False) -> None:
        edges[source, target] = Edge(source=source, target=target, prerequisite=prerequisite)

    for label, quantum_id, data_id in flat:
        name = names[quantum_id]
        reads, writes = linked[quantum_id]
        for dataset in reads:
            nodes.setdefault(dataset.id, dataset)
            join(dataset.id, name, (label, dataset.label) in prerequisites)
        mark = () if quantum_id in chosen.get(label, ()) else ("neighbour",)
        nodes[name] = Node(
            id=name,
            label=label,
            kind="quantum",
            lines=(*_lines(data_id, common), *mark),
            details=(("data ID", data_id_text(data_id.mapping)), ("quantum ID", str(quantum_id))),
            status=None if statuses is None else statuses.get(str(quantum_id), QuantumStatus.PENDING),
        )
        for dataset in writes:
            if dataset.label not in automatic or dataset.id in read_ids:
                nodes.setdefault(dataset.id, dataset)
                join(name, dataset.id)
        if not reads and not writes:
            for dependent in sorted(names[found] for found in view.dependents(quantum_id) if found in names):
                join(name, dependent)
    return tuple(nodes.values()), tuple(edges.values()), common


def _by_id(label: str, chosen: Quanta, neighbours: Quanta) -> Iterator[tuple[UUID, DataCoordinate]]:
    both = {**chosen.get(label, {}), **neighbours.get(label, {})}
    yield from sorted(both.items(), key=lambda item: item[1])


def _quantum_name(label: str, data_id: DataCoordinate) -> str:
    return f"quantum:{label}({data_id_text(data_id.required)})"


def _automatic_outputs(view: GraphView) -> set[str]:
    """Name the log and metadata datasets: nobody asks for them in a picture, unless some task reads them."""
    tasks = view.pipeline_graph.tasks.values()
    edges = [edge for task in tasks for edge in (task.log_output, task.metadata_output) if edge is not None]
    return {edge.parent_dataset_type_name for edge in edges}


def _datasets(view: GraphView, quantum_id: UUID, common: Values) -> tuple[list[Node], list[Node]]:
    """Make nodes of what a quantum reads and of what it writes."""
    linked = sorted(view.datasets(quantum_id), key=lambda item: (item[0], item[1]))
    reads = [_dataset_node(name, data_id, common) for name, data_id, is_read in linked if is_read]
    writes = [_dataset_node(name, data_id, common) for name, data_id, is_read in linked if not is_read]
    return reads, writes


def _dataset_node(type_name: str, data_id: DataCoordinate, common: Values) -> Node:
    return Node(
        id=f"dataset:{type_name}({data_id_text(data_id.required)})",
        label=type_name,
        kind="dataset",
        lines=_lines(data_id, common),
        details=(("data ID", data_id_text(data_id.mapping)),),
    )


def _common(data_ids: list[DataCoordinate]) -> Values:
    """Find the values that all data IDs share: they need not stand in each box."""
    if not data_ids:
        return {}
    first = required_values(data_ids[0])
    common = {
        name: value
        for name, value in first.items()
        if all(name not in other.required or other[name] == value for other in data_ids)
    }
    # Where nothing else would be left to say, say it.
    return common if any(name not in common for other in data_ids for name in other.required) else {}


def _lines(data_id: DataCoordinate, common: Values) -> tuple[str, ...]:
    own = {name: value for name, value in data_id.required.items() if name not in common}
    return (data_id_text(own or data_id.required),) if data_id.required else ()
