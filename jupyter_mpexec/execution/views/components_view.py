"""A graph view of the parts of a quantum graph, for graphs that nobody has put together yet.

Putting a graph of 100,000 quanta together takes many seconds; header and thin graph say enough for a picture.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING
from uuid import UUID

from lsst.daf.butler import DataCoordinate

from .graph_view import GraphView, header_facts

if TYPE_CHECKING:
    from lsst.pipe.base.quantum_graph import PredictedQuantumGraphComponents

__all__ = ["ComponentsView"]


class ComponentsView(GraphView):
    """What diagrams and summaries ask of the parts of a quantum graph.

    Parameters
    ----------
    components
        The parts; without a thin graph there are numbers only.
    """

    def __init__(self, components: PredictedQuantumGraphComponents) -> None:
        labels = list(components.pipeline_graph.tasks)
        loaded = {label: len(components.thin_graph.quanta.get(label, ())) for label in labels}
        stored = components.header.n_task_quanta
        totals = {label: max(loaded[label], stored.get(label, 0)) for label in labels}
        super().__init__(components.pipeline_graph, totals, loaded)
        self._components = components

    @property
    def facts(self) -> list[tuple[str, str]]:
        """Collections and origin of the graph, as names and values."""
        return header_facts(self._components.header)

    def quanta(self, task_label: str) -> Iterable[tuple[UUID, DataCoordinate]]:
        """Iterate over the quanta of a task, as far as the thin graph is there."""
        dimensions = self.pipeline_graph.tasks[task_label].dimensions
        for quantum in self._components.thin_graph.quanta.get(task_label, ()):
            yield (
                quantum.quantum_id,
                DataCoordinate.from_full_values(dimensions, tuple(quantum.data_coordinate)),
            )

    def quantum_ids(self, task_label: str) -> Iterable[UUID]:
        """Iterate over the IDs of the quanta of a task."""
        return (quantum.quantum_id for quantum in self._components.thin_graph.quanta.get(task_label, ()))

    def required_values(self, task_label: str) -> Iterable[tuple[UUID, tuple[int | str, ...]]]:
        """Iterate over the quanta of a task; no data IDs are made, which would take most of the time."""
        number = len(self.pipeline_graph.tasks[task_label].dimensions.required)
        return (
            # The required dimensions come first.
            (quantum.quantum_id, tuple(quantum.data_coordinate[:number]))
            for quantum in self._components.thin_graph.quanta.get(task_label, ())
        )

    def links(self) -> Iterable[tuple[UUID, UUID]]:
        """Iterate over pairs of quanta: one that writes what the other reads."""
        return iter(self._components.thin_graph.edges)

    def dependents(self, quantum_id: UUID) -> Iterator[UUID]:
        """Iterate over the quanta that read what a quantum writes."""
        yield from self._links[1].get(quantum_id, ())

    def neighbours(self, quantum_id: UUID) -> Iterator[tuple[str, UUID, DataCoordinate]]:
        """Iterate over direct prerequisites and dependents of a quantum."""
        before, after = self._links
        for found in (*before.get(quantum_id, ()), *after.get(quantum_id, ())):
            label, values = self._by_id[found]
            dimensions = self.pipeline_graph.tasks[label].dimensions
            yield label, found, DataCoordinate.from_full_values(dimensions, tuple(values))

    def datasets(self, quantum_id: UUID) -> Iterator[tuple[str, DataCoordinate, bool]]:
        """Iterate over a quantum's datasets, as far as they are loaded."""
        quantum = self._components.quantum_datasets.get(quantum_id)
        if quantum is None:
            return
        seen: set[tuple[UUID, bool]] = set()
        for is_read, connections in ((True, quantum.inputs), (False, quantum.outputs)):
            for dataset in (dataset for found in connections.values() for dataset in found):
                if (dataset.dataset_id, is_read) not in seen:
                    seen.add((dataset.dataset_id, is_read))
                    name = dataset.dataset_type_name
                    dimensions = self.pipeline_graph.dataset_types[name].dimensions
                    values = tuple(dataset.data_coordinate)
                    yield name, DataCoordinate.from_full_values(dimensions, values), is_read

    @cached_property
    def _links(self) -> tuple[dict[UUID, list[UUID]], dict[UUID, list[UUID]]]:
        before: dict[UUID, list[UUID]] = {}
        after: dict[UUID, list[UUID]] = {}
        for source, target in self._components.thin_graph.edges:
            after.setdefault(source, []).append(target)
            before.setdefault(target, []).append(source)
        return before, after

    @cached_property
    def _by_id(self) -> dict[UUID, tuple[str, list[int | str]]]:
        return {
            quantum.quantum_id: (label, quantum.data_coordinate)
            for label, quanta in self._components.thin_graph.quanta.items()
            for quantum in quanta
        }
