"""A quantum graph as the catalogue that run views work with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jupyter_mpexec.watch.catalogue import QuantumCatalogue, Value

from .graph_view import graph_view

__all__ = ["quantum_catalogue"]


def quantum_catalogue(graph: Any) -> QuantumCatalogue:
    """List all quanta of a graph, without building any of them.

    Parameters
    ----------
    graph
        Any quantum graph that `graph_view` takes, with its quanta in memory.
    """
    view = graph_view(graph)
    tasks = view.pipeline_graph.tasks
    dimensions = {label: tuple(tasks[label].dimensions.required) for label in view.totals}
    ids = {label: list(view.quanta(label)) for label in view.totals}

    def quanta(label: str) -> Iterator[tuple[str, tuple[Value, ...]]]:
        found = [(str(quantum_id), tuple(data_id.required_values)) for quantum_id, data_id in ids[label]]
        found.sort(key=lambda item: item[1])
        return iter(found)

    links = (
        (str(quantum_id), str(dependent))
        for label in view.totals
        for quantum_id, _ in ids[label]
        for dependent in view.dependents(quantum_id)
    )
    return QuantumCatalogue(dimensions, {label: quanta(label) for label in view.totals}, links)
