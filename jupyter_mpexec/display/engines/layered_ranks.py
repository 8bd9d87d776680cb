"""Step one of the layered engine: which layer each node is in.

Longest paths from the sources give the layers; nodes then move towards the side on which they have more
neighbours, so that an input stands just above its first reader.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any

from jupyter_mpexec.display.layout import Sketch

from .bands import acyclic_graph, bands

__all__ = ["ranks"]


def ranks(sketch: Sketch) -> dict[str, int]:
    """Give each node its layer, 0 at the top.

    Links that close a cycle are passed over, so they may point upwards. A cluster whose nodes read another's
    comes below it as a whole, where that is possible.
    """
    import networkx as nx

    graph = acyclic_graph(sketch)
    nx.set_edge_attributes(graph, 1, "length")
    for upper, lower in bands(sketch):
        line = ("line", upper, lower)
        graph.add_edges_from(((node, line) for node in sketch.groups[upper]), length=1)
        graph.add_edges_from(((line, node) for node in sketch.groups[lower]), length=0)
    order = list(nx.lexicographical_topological_sort(graph, key=_position(graph)))
    layer: dict[Hashable, int] = {}
    for node in order:
        layer[node] = max((layer[p] + e["length"] for p, e in graph.pred[node].items()), default=0)
    for _ in range(4):
        if not _balance(graph, reversed(order), layer):
            break
    used = {number: i for i, number in enumerate(sorted({layer[node] for node in sketch.sizes}))}
    return {node: used[layer[node]] for node in sketch.sizes}


def _position(graph: Any) -> Any:
    positions = {node: index for index, node in enumerate(graph)}
    return positions.__getitem__


def _balance(graph: Any, order: Iterable[Hashable], layer: dict[Hashable, int]) -> bool:
    """Move nodes down that have more neighbours below than above; tell whether any moved."""
    moved = False
    for node in order:
        below = graph.succ[node]
        if not below:
            continue
        above = sum(edge["length"] for edge in graph.pred[node].values())
        lowest = min(layer[s] - edge["length"] for s, edge in below.items())
        if lowest > layer[node] and sum(edge["length"] for edge in below.values()) > above:
            layer[node] = lowest
            moved = True
    return moved
