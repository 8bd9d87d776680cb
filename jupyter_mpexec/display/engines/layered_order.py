"""Step two of the layered engine: the order within each layer, so that few arrows cross.

Sweeps down and up sort each layer by the mean position of its neighbours (the barycentre heuristic of
Sugiyama, Tagawa and Toda, 1981), and swaps of neighbours follow. A group stays together, and two groups keep
their sides in all layers.
"""

from __future__ import annotations

import bisect
from collections.abc import Callable, Sequence
from typing import TypeVar

from .layered_graph import LayeredGraph

__all__ = ["crossings", "order"]

T = TypeVar("T")


def order(graph: LayeredGraph) -> None:
    """Sort the layers of a graph in place."""
    _start(graph)
    size = sum(1 + len(vertex.below) for vertex in graph.vertices)
    sweeps = max(4, min(24, 40_000 // (size + 1)))
    _keep_sides(graph)
    best, fewest = [list(layer) for layer in graph.layers], crossings(graph)
    for sweep in range(sweeps):
        if fewest == 0:
            break
        downwards = sweep % 2 == 0
        layers = graph.layers[1:] if downwards else graph.layers[-2::-1]
        place = _places(graph)
        for layer in layers:
            _sort_layer(graph, layer, place, downwards)
        _keep_sides(graph)
        _swap_neighbours(graph)
        count = crossings(graph)
        if count < fewest:
            best, fewest = [list(layer) for layer in graph.layers], count
    graph.layers[:] = best


def crossings(graph: LayeredGraph) -> int:
    """Count how often arrows cross between layers."""
    place = _places(graph)
    total = 0
    for layer in graph.layers[:-1]:
        seen: list[int] = []
        for index in layer:
            ends = sorted(place[n] for n in graph.vertices[index].below)
            total += sum(len(seen) - bisect.bisect_right(seen, end) for end in ends)
            for end in ends:
                bisect.insort(seen, end)
    return total


def _places(graph: LayeredGraph) -> list[int]:
    place = [0] * len(graph.vertices)
    for layer in graph.layers:
        for position, index in enumerate(layer):
            place[index] = position
    return place


def _start(graph: LayeredGraph) -> None:
    """Order by a walk through the graph, so that what is connected begins side by side."""
    visited: dict[int, int] = {}
    for root in (i for layer in graph.layers for i in layer if not graph.vertices[i].above):
        stack = [root]
        while stack:
            index = stack.pop()
            if index not in visited:
                visited[index] = len(visited)
                stack.extend(reversed(graph.vertices[index].below))
    for layer in graph.layers:
        layer.sort(key=lambda i: visited.get(i, len(visited)))


def _blocks(graph: LayeredGraph, layer: Sequence[int]) -> list[list[int]]:
    """Divide a layer into what moves together: the members of a group, or a single vertex."""
    blocks: list[list[int]] = []
    of_group: dict[int, list[int]] = {}
    for index in layer:
        group = graph.vertices[index].group
        if group < 0:
            blocks.append([index])
        elif group in of_group:
            of_group[group].append(index)
        else:
            of_group[group] = [index]
            blocks.append(of_group[group])
    return blocks


def _sort_layer(graph: LayeredGraph, layer: list[int], place: list[int], downwards: bool) -> None:
    def centre(index: int) -> float | None:
        vertex = graph.vertices[index]
        neighbours = vertex.above if downwards else vertex.below
        return sum(place[n] for n in neighbours) / len(neighbours) if neighbours else None

    def block_centre(block: list[int]) -> float | None:
        centres = [c for c in map(centre, block) if c is not None]
        return sum(centres) / len(centres) if centres else None

    blocks = [_sort_in_place(block, centre) for block in _blocks(graph, layer)]
    layer[:] = [index for block in _sort_in_place(blocks, block_centre) for index in block]
    for position, index in enumerate(layer):
        place[index] = position


def _sort_in_place(things: list[T], key: Callable[[T], float | None]) -> list[T]:
    """Sort by key; things without one keep their place."""
    keys = [key(thing) for thing in things]
    movable = iter(sorted((i for i, k in enumerate(keys) if k is not None), key=lambda i: keys[i] or 0.0))
    return [things[i] if keys[i] is None else things[next(movable)] for i in range(len(things))]


def _keep_sides(graph: LayeredGraph) -> None:
    """Bring the groups of every layer into one common order from left to right."""
    sums: dict[int, tuple[float, int]] = {}
    for layer in graph.layers:
        for position, index in enumerate(layer):
            group = graph.vertices[index].group
            if group >= 0:
                total, count = sums.get(group, (0.0, 0))
                sums[group] = total + (position + 0.5) / len(layer), count + 1
    side = {group: (total / count, group) for group, (total, count) in sums.items()}
    for layer in graph.layers:
        blocks = _blocks(graph, layer)
        groups = [block for block in blocks if graph.vertices[block[0]].group >= 0]
        sorted_groups = iter(sorted(groups, key=lambda block: side[graph.vertices[block[0]].group]))
        layer[:] = [
            index
            for block in blocks
            for index in (next(sorted_groups) if graph.vertices[block[0]].group >= 0 else block)
        ]


def _swap_neighbours(graph: LayeredGraph) -> None:
    place = _places(graph)
    for layer in graph.layers:
        for i in range(len(layer) - 1):
            left, right = layer[i], layer[i + 1]
            a, b = graph.vertices[left], graph.vertices[right]
            if a.group != b.group:
                continue
            gain = _inversions(a.above, b.above, place) + _inversions(a.below, b.below, place)
            gain -= _inversions(b.above, a.above, place) + _inversions(b.below, a.below, place)
            if gain > 0:
                layer[i], layer[i + 1] = right, left
                place[left], place[right] = i + 1, i


def _inversions(left: Sequence[int], right: Sequence[int], place: Sequence[int]) -> int:
    return sum(place[a] > place[b] for a in left for b in right)
