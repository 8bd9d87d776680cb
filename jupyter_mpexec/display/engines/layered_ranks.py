"""Step one of the layered engine: which layer each node is in.

Longest paths from the sources give the layers; nodes then move towards the side on which they have more
neighbours, so that an input stands just above its first reader.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any

from jupyter_mpexec.display.layout import Sketch

__all__ = ["ranks"]


def ranks(sketch: Sketch) -> dict[str, int]:
    """Give each node its layer, 0 at the top.

    Links that close a cycle are passed over, so they may point upwards. A cluster whose nodes read another's
    comes below it as a whole, where that is possible.
    """
    import networkx as nx

    graph = nx.DiGraph()
    graph.add_nodes_from(sketch.sizes)
    graph.add_edges_from(
        ((link.source, link.target) for link in sketch.links if link.source != link.target), length=1
    )
    if not nx.is_directed_acyclic_graph(graph):
        _break_cycles(graph)
    _separate_groups(graph, sketch)
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


def _break_cycles(graph: Any) -> None:
    import networkx as nx

    edges = list(graph.edges)
    graph.remove_edges_from(edges)
    for source, target in edges:
        if not nx.has_path(graph, target, source):
            graph.add_edge(source, target, length=1)


def _separate_groups(graph: Any, sketch: Sketch) -> None:
    """Put an imaginary line below one group and above another that reads from it."""
    import networkx as nx

    home = {node: index for index, members in enumerate(sketch.groups) for node in members}
    pairs = dict.fromkeys(
        (home[link.source], home[link.target])
        for link in sketch.links
        if link.source in home and link.target in home and home[link.source] != home[link.target]
    )
    for index, members in enumerate(sketch.groups):
        graph.add_edges_from(((("top", index), node) for node in members), length=0)
        graph.add_edges_from(((node, ("bottom", index)) for node in members), length=0)
    for upper, lower in pairs:
        if not nx.has_path(graph, ("top", lower), ("bottom", upper)):
            graph.add_edge(("bottom", upper), ("top", lower), length=1)


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
