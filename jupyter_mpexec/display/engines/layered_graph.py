"""The layered engine's own graph: nodes, and bends where an arrow passes through a layer."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field

from jupyter_mpexec.display.layout import Link, Sketch

__all__ = ["LayeredGraph", "Vertex", "build"]


@dataclass
class Vertex:
    """A node, a bend of an arrow, or a mere place-holder of a group.

    Parameters
    ----------
    node
        ID of the node; None for the others.
    layer
        Its layer.
    width, height
        Size; zero for bends.
    group
        Index of the group it is in, or -1.
    above, below
        Vertices in the neighbouring layers that it is connected to.
    """

    node: str | None
    layer: int
    width: float = 0.0
    height: float = 0.0
    group: int = -1
    above: list[int] = field(default_factory=list)
    below: list[int] = field(default_factory=list)


@dataclass
class LayeredGraph:
    """Vertices with connections between neighbouring layers only.

    Parameters
    ----------
    vertices
        All of them; elsewhere they are known by their index.
    layers
        Vertices of each layer, from left to right.
    routes
        For each link the vertices it passes from source to target; empty for one from a node to itself.
    light
        Connections of prerequisites only: they should not bend the main flow.
    """

    vertices: list[Vertex]
    layers: list[list[int]]
    routes: list[list[int]]
    light: set[tuple[int, int]]


def build(sketch: Sketch, ranks: Mapping[str, int]) -> LayeredGraph:
    """Split links into pieces from one layer to the next.

    All arrows of one kind that leave a node share their bends: a dataset that ten tasks read makes one trunk
    with branches, not ten lines side by side.
    """
    home = {node: index for index, members in enumerate(sketch.groups) for node in members}
    vertices = [
        Vertex(node, ranks[node], width, height, home.get(node, -1))
        for node, (width, height) in sketch.sizes.items()
    ]
    number = {node: index for index, node in enumerate(sketch.sizes)}
    spans = _group_spans(sketch, ranks)
    ways = [_downwards(link, ranks) for link in sketch.links]
    lowers: dict[tuple[str, bool], set[str]] = {}
    for (upper, lower), link in zip(ways, sketch.links, strict=True):
        lowers.setdefault((upper, link.prerequisite), set()).add(lower)
    paths: dict[tuple[str, bool, str], list[int]] = {}
    for (upper, prerequisite), ends in lowers.items():
        trunk = [number[upper]]
        for lower in sorted(ends, key=lambda end: (ranks[end], number[end])):
            depth = ranks[lower] - ranks[upper]
            while len(trunk) < depth:
                layer = ranks[upper] + len(trunk)
                rest = {home.get(end, -1) for end in ends if ranks[end] > layer}
                vertices.append(
                    Vertex(None, layer, group=_bend_group(layer, home.get(upper, -1), rest, spans))
                )
                _connect(vertices, trunk[-1], len(vertices) - 1)
                trunk.append(len(vertices) - 1)
            if depth:
                _connect(vertices, trunk[depth - 1], number[lower])
            # In one layer: a node that points at itself, or an arrow of a cycle; no way leads between layers.
            paths[upper, prerequisite, lower] = [*trunk[:depth], number[lower]] if depth else []
    routes = []
    for (upper, lower), link in zip(ways, sketch.links, strict=True):
        path = paths[upper, link.prerequisite, lower]
        routes.append(path if upper == link.source else path[::-1])
    return LayeredGraph(vertices, _fill_layers(vertices, spans), routes, _light(sketch, routes))


def _downwards(link: Link, ranks: Mapping[str, int]) -> tuple[str, str]:
    """Give the upper end first: an arrow that closes a cycle points up."""
    upwards = ranks[link.source] > ranks[link.target]
    return (link.target, link.source) if upwards else (link.source, link.target)


def _light(sketch: Sketch, routes: list[list[int]]) -> set[tuple[int, int]]:
    """Find the connections that only prerequisites use."""
    pairs: dict[bool, set[tuple[int, int]]] = {True: set(), False: set()}
    for link, route in zip(sketch.links, routes, strict=True):
        pairs[link.prerequisite].update(itertools.pairwise(route))
    return pairs[True] - pairs[False]


def _connect(vertices: list[Vertex], upper: int, lower: int) -> None:
    if lower not in vertices[upper].below:
        vertices[upper].below.append(lower)
        vertices[lower].above.append(upper)


def _group_spans(sketch: Sketch, ranks: Mapping[str, int]) -> list[range]:
    spans = []
    for members in sketch.groups:
        layers = [ranks[node] for node in members]
        spans.append(range(min(layers), max(layers) + 1) if layers else range(0))
    return spans


def _bend_group(layer: int, start: int, rest: set[int], spans: list[range]) -> int:
    """Choose the group that a bend runs through: the one it comes from, or the one it is bound for."""
    if start >= 0 and layer in spans[start]:
        return start
    if len(rest) == 1:
        (bound,) = rest
        if bound >= 0 and layer in spans[bound]:
            return bound
    return -1


def _fill_layers(vertices: list[Vertex], spans: list[range]) -> list[list[int]]:
    """Sort vertices into layers; a group has a place in each layer that it spans."""
    present = {(vertex.group, vertex.layer) for vertex in vertices}
    for group, span in enumerate(spans):
        vertices.extend(Vertex(None, layer, group=group) for layer in span if (group, layer) not in present)
    layers: list[list[int]] = [[] for _ in range(max((v.layer for v in vertices), default=-1) + 1)]
    for index, vertex in enumerate(vertices):
        layers[vertex.layer].append(index)
    return layers
