"""Engine: a layered layout in plain Python, for where there is no Graphviz at all.

Nodes stand in layers and arrows point downwards. The steps are those of Sugiyama, Tagawa and Toda (1981):
layers, order within the layers, positions, arrows.
"""

from __future__ import annotations

from jupyter_mpexec.display.layout import (
    GROUP_PADDING,
    GROUP_TITLE,
    MARGIN,
    Box,
    EdgePath,
    Layout,
    Link,
    Point,
    Sketch,
)

from .layered_columns import columns
from .layered_graph import LayeredGraph, build
from .layered_labels import is_label, join_labels, split_labels
from .layered_order import order
from .layered_ranks import ranks

__all__ = ["NAME", "available", "lay_out"]

NAME = "layered"
LAYER_GAP = 32.0
LABEL_LAYER_GAP = 14.0
STEEPEST = 0.07


def available() -> bool:
    """Tell that this engine is always there."""
    return True


def lay_out(sketch: Sketch, *, timeout: float = 0.0) -> Layout:  # engines are called alike
    """Lay out a sketch.

    Parameters
    ----------
    sketch
        Sizes and connections.
    timeout
        Not used: the work grows in proportion to the size.
    """
    if any(link.label_size for link in sketch.links):
        return join_labels(lay_out(split_labels(sketch)), sketch)
    graph = build(sketch, ranks(sketch))
    order(graph)
    centres, borders = columns(graph, sketch.group_widths)
    tops = _layer_tops(graph, centres, sketch)
    heights = [_height(graph, layer) for layer in graph.layers]
    lefts = [c - v.width / 2 for v, c in zip(graph.vertices, centres, strict=True)]
    shift = MARGIN - min([*lefts, *(left for left, _ in borders.values())], default=0.0)
    centres = [centre + shift for centre in centres]
    boxes: dict[str, Box] = {}
    for vertex, centre in zip(graph.vertices, centres, strict=True):
        if vertex.node is not None:
            y = tops[vertex.layer] + (heights[vertex.layer] - vertex.height) / 2
            boxes[vertex.node] = Box(centre - vertex.width / 2, y, vertex.width, vertex.height)
    groups: list[Box | None] = []
    for index, members in enumerate(sketch.groups):
        if not members:
            groups.append(None)
            continue
        layers = [v.layer for v in graph.vertices if v.group == index]
        top = tops[min(layers)] - GROUP_PADDING - GROUP_TITLE
        bottom = tops[max(layers)] + heights[max(layers)] + GROUP_PADDING
        left, right = borders[index]
        groups.append(Box(left + shift, top, right - left, bottom - top))
    bands = [(top, top + height) for top, height in zip(tops, heights, strict=True)]
    edges = tuple(
        _path(link, [(centres[i], *bands[graph.vertices[i].layer]) for i in route], boxes)
        for link, route in zip(sketch.links, graph.routes, strict=True)
    )
    frames = [*boxes.values(), *(box for box in groups if box)]
    return Layout(
        width=max((box.right for box in frames), default=0.0) + MARGIN,
        height=max((box.bottom for box in frames), default=0.0) + MARGIN,
        nodes={node: boxes[node] for node in sketch.sizes},
        edges=edges,
        groups=tuple(groups),
        engine=NAME,
    )


def _height(graph: LayeredGraph, layer: list[int]) -> float:
    return max((graph.vertices[i].height for i in layer), default=0.0)


def _layer_tops(graph: LayeredGraph, centres: list[float], sketch: Sketch) -> list[float]:
    """Stack the layers: more room where arrows go far sideways, and for the frames of groups."""
    starts = {min(v.layer for v in graph.vertices if v.group == g) for g, m in enumerate(sketch.groups) if m}
    ends = {max(v.layer for v in graph.vertices if v.group == g) for g, m in enumerate(sketch.groups) if m}
    tops: list[float] = []
    y = MARGIN
    for number, layer in enumerate(graph.layers):
        y += GROUP_PADDING + GROUP_TITLE if number in starts else 0.0
        tops.append(y)
        aside = max(
            (abs(centres[i] - centres[n]) for i in layer for n in graph.vertices[i].below), default=0.0
        )
        gap = (
            LABEL_LAYER_GAP
            if _has_only_labels(graph, number) or _has_only_labels(graph, number + 1)
            else LAYER_GAP
        )
        y += _height(graph, layer) + gap + min(40.0, STEEPEST * aside)
        y += GROUP_PADDING if number in ends else 0.0
    return tops


def _has_only_labels(graph: LayeredGraph, number: int) -> bool:
    if number >= len(graph.layers):
        return False
    names = [graph.vertices[i].node for i in graph.layers[number]]
    return all(is_label(name) for name in names if name is not None)


def _path(link: Link, stops: list[tuple[float, float, float]], boxes: dict[str, Box]) -> EdgePath:
    """Draw an arrow through its stops: centre, upper and lower border of each layer that it passes."""
    source, target = boxes[link.source], boxes[link.target]
    if not stops:
        return EdgePath(link.source, link.target, _loop(source, target))
    if stops[0][1] > stops[-1][1]:
        # A link that closes a cycle: drawn from the bottom up.
        flipped = _path(Link(link.target, link.source, link.prerequisite), stops[::-1], boxes)
        return EdgePath(link.source, link.target, flipped.points[::-1])
    x, _, leave = stops[0]
    points: list[Point] = [(x, source.bottom)]
    if leave > source.bottom:
        points += _straight(points[-1], (x, leave))
    for number, (next_x, upper, lower) in enumerate(stops[1:], start=1):
        start_x, start_y = points[-1]
        half = (start_y + upper) / 2
        points += [(start_x, half), (next_x, half), (next_x, upper)]
        end = target.y if number == len(stops) - 1 else lower
        if end > upper:
            points += _straight(points[-1], (next_x, end))
    return EdgePath(link.source, link.target, tuple(points))


def _straight(start: Point, end: Point) -> list[Point]:
    return [start, end, end]


def _loop(source: Box, target: Box) -> tuple[Point, ...]:
    start, end = (source.right, source.y + source.height / 2), (target.x + target.width / 2, target.y)
    return (start, (start[0] + 20, start[1]), (end[0], end[1] - 20), end)
