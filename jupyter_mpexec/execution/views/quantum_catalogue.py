"""A quantum graph as the catalogue that run views work with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

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
    # Written once: this is most of the work.
    names: dict[UUID, str] = {}

    def quanta(label: str) -> Iterator[tuple[str, tuple[Value, ...]]]:
        found = [(values, quantum_id) for quantum_id, values in view.required_values(label)]
        found.sort(key=lambda item: item[0])
        for values, quantum_id in found:
            name = names[quantum_id] = str(quantum_id)
            yield name, values

    # Only when all names are there; of a graph that was read in parts, links may lead elsewhere.
    links = (
        (names[before], names[after]) for before, after in view.links() if before in names and after in names
    )
    return QuantumCatalogue(dimensions, {label: quanta(label) for label in view.totals}, links)
