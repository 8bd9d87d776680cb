"""One way to look at every kind of quantum graph, that never builds an execution quantum."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from .wording import listing

if TYPE_CHECKING:
    from lsst.daf.butler import DataCoordinate
    from lsst.pipe.base import QuantumGraph
    from lsst.pipe.base.pipeline_graph import PipelineGraph
    from lsst.pipe.base.quantum_graph import HeaderModel, PredictedQuantumGraph

__all__ = ["GraphView", "graph_view", "header_facts"]


class GraphView(ABC):
    """What diagrams and summaries ask of a quantum graph.

    Parameters
    ----------
    pipeline_graph
        The graph's pipeline.
    totals
        Number of quanta by task label, in pipeline order, of the whole graph.
    loaded
        Number of those that are in memory: fewer after a partial read.
    """

    def __init__(self, pipeline_graph: PipelineGraph, totals: dict[str, int], loaded: dict[str, int]) -> None:
        self.pipeline_graph = pipeline_graph
        self.totals = totals
        self.loaded = loaded

    @property
    def total(self) -> int:
        """Number of quanta of the whole graph."""
        return sum(self.totals.values())

    @property
    def is_complete(self) -> bool:
        """Whether all quanta are in memory."""
        return self.loaded == self.totals

    @property
    @abstractmethod
    def facts(self) -> list[tuple[str, str]]:
        """Collections and origin of the graph, as names and values."""

    @abstractmethod
    def quanta(self, task_label: str) -> Iterable[tuple[UUID, DataCoordinate]]:
        """Iterate over the loaded quanta of a task."""

    def quantum_ids(self, task_label: str) -> Iterable[UUID]:
        """Iterate over the IDs of the loaded quanta of a task."""
        return (quantum_id for quantum_id, _ in self.quanta(task_label))

    def required_values(self, task_label: str) -> Iterable[tuple[UUID, tuple[int | str, ...]]]:
        """Iterate over the loaded quanta of a task: their IDs, and the values of their required dimensions."""
        return (
            (quantum_id, tuple(data_id.required_values)) for quantum_id, data_id in self.quanta(task_label)
        )

    def links(self) -> Iterable[tuple[UUID, UUID]]:
        """Iterate over pairs of loaded quanta: one that writes what the other reads."""
        return (
            (quantum_id, dependent)
            for label in self.totals
            for quantum_id in self.quantum_ids(label)
            for dependent in self.dependents(quantum_id)
        )

    @abstractmethod
    def dependents(self, quantum_id: UUID) -> Iterator[UUID]:
        """Iterate over the quanta that read what a quantum writes."""

    @abstractmethod
    def neighbours(self, quantum_id: UUID) -> Iterator[tuple[str, UUID, DataCoordinate]]:
        """Iterate over direct prerequisites and dependents of a quantum: task label, quantum ID, data ID."""

    def datasets(self, quantum_id: UUID) -> Iterator[tuple[str, DataCoordinate, bool]]:
        """Iterate over a quantum's datasets, as far as they are loaded: type, data ID, whether it is read."""
        return iter(())


class _PredictedView(GraphView):
    """For the new graphs: works from the thin graph or even the header."""

    def __init__(self, graph: PredictedQuantumGraph) -> None:
        loaded = {label: len(quanta) for label, quanta in graph.quanta_by_task.items()}
        stored = graph.header.n_task_quanta
        super().__init__(
            graph.pipeline_graph,
            {label: max(number, stored.get(label, 0)) for label, number in loaded.items()},
            loaded,
        )
        self._graph = graph
        self._quanta = graph.quantum_only_xgraph

    @property
    def facts(self) -> list[tuple[str, str]]:
        return header_facts(self._graph.header)

    def quanta(self, task_label: str) -> Iterable[tuple[UUID, DataCoordinate]]:
        return (
            (quantum_id, data_id) for data_id, quantum_id in self._graph.quanta_by_task[task_label].items()
        )

    def dependents(self, quantum_id: UUID) -> Iterator[UUID]:
        yield from self._quanta.successors(quantum_id)

    def neighbours(self, quantum_id: UUID) -> Iterator[tuple[str, UUID, DataCoordinate]]:
        for found in chain(self._quanta.predecessors(quantum_id), self._quanta.successors(quantum_id)):
            state = self._quanta.nodes[found]
            yield state["task_label"], found, state["data_id"]

    def datasets(self, quantum_id: UUID) -> Iterator[tuple[str, DataCoordinate, bool]]:
        graph = self._graph.bipartite_xgraph
        for is_read, neighbours in (
            (True, graph.predecessors(quantum_id)),
            (False, graph.successors(quantum_id)),
        ):
            for dataset_id in neighbours:
                state = graph.nodes[dataset_id]
                yield state["dataset_type_name"], state["data_id"], is_read


class _OldView(GraphView):
    """For the old ``QuantumGraph``, whose nodes are execution quanta already."""

    def __init__(self, graph: QuantumGraph) -> None:
        pipeline_graph = graph.pipeline_graph
        self._quanta = {label: graph.get_task_quanta(label) for label in pipeline_graph.tasks}
        totals = {label: len(quanta) for label, quanta in self._quanta.items()}
        super().__init__(pipeline_graph, totals, dict(totals))
        self._graph = graph

    @property
    def facts(self) -> list[tuple[str, str]]:
        metadata: dict[str, Any] = dict(self._graph.metadata or {})
        return [
            ("output run", str(metadata.get("output_run") or "")),
            ("output", str(metadata.get("output") or "")),
            ("inputs", listing(metadata.get("input") or [])),
            ("built", str(metadata.get("time") or "")[:19]),
            ("built by", str(metadata.get("user") or "")),
        ]

    def quanta(self, task_label: str) -> Iterable[tuple[UUID, DataCoordinate]]:
        return (
            (quantum_id, cast("DataCoordinate", quantum.dataId))
            for quantum_id, quantum in self._quanta[task_label].items()
        )

    def dependents(self, quantum_id: UUID) -> Iterator[UUID]:
        node = self._graph.getQuantumNodeByNodeId(quantum_id)
        for dependent in self._graph.graph.successors(node):
            yield dependent.nodeId

    def neighbours(self, quantum_id: UUID) -> Iterator[tuple[str, UUID, DataCoordinate]]:
        node = self._graph.getQuantumNodeByNodeId(quantum_id)
        for found in chain(self._graph.graph.predecessors(node), self._graph.graph.successors(node)):
            yield found.taskDef.label, found.nodeId, cast("DataCoordinate", found.quantum.dataId)


def header_facts(header: HeaderModel) -> list[tuple[str, str]]:
    """List what a graph's header says of its collections and origin."""
    return [
        ("output run", header.output_run),
        ("output", header.output or ""),
        ("inputs", listing(header.inputs)),
        ("datasets", f"{header.n_datasets:,}" if header.n_datasets else ""),
        ("built", f"{header.timestamp:%Y-%m-%d %H:%M:%S}"),
        ("built by", header.user),
    ]


def graph_view(graph: Any) -> GraphView:
    """Wrap a quantum graph, upstream's (new or old, whole or in parts) or ours."""
    if isinstance(graph, GraphView):
        return graph
    if hasattr(graph, "components"):
        graph = graph.components
    if hasattr(graph, "thin_graph"):
        from .components_view import ComponentsView

        return ComponentsView(graph)
    if hasattr(graph, "quanta_by_task"):
        return _PredictedView(graph)
    if hasattr(graph, "get_task_quanta"):
        return _OldView(graph)
    raise TypeError(f"{type(graph).__name__} is not a quantum graph.")
