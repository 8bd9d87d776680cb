"""Step three of the layered engine: where in its layer each vertex stands.

The sum of all sideways ways of the arrows is made as small as the order in the layers and the frames of the
groups allow: the linear programme of Gansner, Koutsofios, North and Vo (1993). It is the dual of a minimum
cost flow, which networkx solves: distances to be kept are arcs that earn their length, arrows are what the
flow returns by.
"""

from __future__ import annotations

from collections import deque
from typing import Any

from jupyter_mpexec.display.layout import GROUP_PADDING

from .layered_graph import LayeredGraph, Vertex

__all__ = ["columns"]

NODE_GAP = 22.0
BEND_GAP = 12.0

Gap = tuple[int, int, int]
Pull = tuple[int, int, int]


def columns(
    graph: LayeredGraph, group_widths: tuple[float, ...]
) -> tuple[list[float], dict[int, tuple[float, float]]]:
    """Work out the centres of all vertices and the left and right borders of the groups, in pixels."""
    borders = _border_indices(graph)
    gaps = [(a, b, round(gap)) for a, b, gap in _gaps(graph, borders, group_widths)]
    count = len(graph.vertices) + 2 * len(borders)
    centres = _shortest(count, gaps, _pulls(graph, borders))
    return centres[: len(graph.vertices)], {g: (centres[a], centres[b]) for g, (a, b) in borders.items()}


def _pulls(graph: LayeredGraph, borders: dict[int, tuple[int, int]]) -> list[Pull]:
    """List what should be near to each other, and how much: what passes many layers should be straight."""
    pulls = [(a, b, 1) for a, b in borders.values()]
    for index, vertex in enumerate(graph.vertices):
        for other in vertex.below:
            bends = (vertex.node is None) + (graph.vertices[other].node is None)
            pulls.append((index, other, (1, 2, 8)[bends] * (1 if (index, other) in graph.light else 3)))
    return pulls


def _shortest(count: int, gaps: list[Gap], pulls: list[Pull]) -> list[float]:
    """Find positions that keep the gaps and make the weighted sum of the pulls' lengths least."""
    import networkx as nx

    network = nx.MultiDiGraph()
    network.add_nodes_from(range(count))
    for left, right, gap in gaps:
        network.add_edge(left, right, weight=-gap)
    for one, other, weight in pulls:
        network.add_edge(one, other, weight=0, capacity=weight)
        network.add_edge(other, one, weight=0, capacity=weight)
    _, flow = nx.network_simplex(network)
    residual = _residual(network, flow)
    # The best positions are seldom unique: between the leftmost and the rightmost of them lies the balanced
    # picture.
    low = _distances(count, residual)
    high = _distances(count, [(b, a, cost) for a, b, cost in residual])
    return [(b - a) / 2 for a, b in zip(low, high, strict=True)]


def _residual(network: Any, flow: Any) -> list[tuple[int, int, int]]:
    arcs = []
    for a, b, key, data in network.edges(keys=True, data=True):
        used = flow[a][b][key]
        if used < data.get("capacity", float("inf")):
            arcs.append((a, b, data["weight"]))
        if used > 0:
            arcs.append((b, a, -data["weight"]))
    return arcs


def _distances(count: int, arcs: list[tuple[int, int, int]]) -> list[int]:
    """Find the shortest way to each vertex from wherever it is shortest (Bellman and Ford, with a queue)."""
    leaving: list[list[tuple[int, int]]] = [[] for _ in range(count)]
    for a, b, cost in arcs:
        leaving[a].append((b, cost))
    distance = [0] * count
    queue = deque(range(count))
    queued = [True] * count
    while queue:
        a = queue.popleft()
        queued[a] = False
        for b, cost in leaving[a]:
            if distance[a] + cost < distance[b]:
                distance[b] = distance[a] + cost
                if not queued[b]:
                    queued[b] = True
                    queue.append(b)
    return distance


def _border_indices(graph: LayeredGraph) -> dict[int, tuple[int, int]]:
    groups = sorted({vertex.group for vertex in graph.vertices if vertex.group >= 0})
    start = len(graph.vertices)
    return {group: (start + 2 * i, start + 2 * i + 1) for i, group in enumerate(groups)}


def _gaps(
    graph: LayeredGraph, borders: dict[int, tuple[int, int]], group_widths: tuple[float, ...]
) -> list[tuple[int, int, float]]:
    """List the least distances: the second stands at least so far to the right of the first."""
    gaps: list[tuple[int, int, float]] = [
        (a, b, group_widths[g] + 2 * GROUP_PADDING) for g, (a, b) in borders.items()
    ]
    for layer in graph.layers:
        before: tuple[int, float] | None = None
        for position, index in enumerate(layer):
            vertex = graph.vertices[index]
            group = vertex.group
            first = group >= 0 and (position == 0 or graph.vertices[layer[position - 1]].group != group)
            last = group >= 0 and (
                position == len(layer) - 1 or graph.vertices[layer[position + 1]].group != group
            )
            if first:
                left = borders[group][0]
                if before is not None:
                    gaps.append((before[0], left, before[1] + BEND_GAP))
                gaps.append((left, index, vertex.width / 2 + GROUP_PADDING))
            elif before is not None:
                gaps.append(
                    (before[0], index, before[1] + vertex.width / 2 + _between(graph, before[0], vertex))
                )
            before = index, vertex.width / 2
            if last:
                right = borders[group][1]
                gaps.append((index, right, vertex.width / 2 + GROUP_PADDING))
                before = right, 0.0
    return gaps


def _between(graph: LayeredGraph, left: int, right: Vertex) -> float:
    both = left < len(graph.vertices) and graph.vertices[left].node is not None and right.node is not None
    return NODE_GAP if both else BEND_GAP
