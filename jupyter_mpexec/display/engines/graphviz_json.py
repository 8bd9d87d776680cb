"""What both Graphviz engines share: a sketch as DOT source, and Graphviz's JSON as a layout."""

from __future__ import annotations

import json
from typing import Any

from jupyter_mpexec.display.layout import (
    GROUP_PADDING,
    MARGIN,
    Box,
    EdgePath,
    Layout,
    LayoutError,
    Point,
    Sketch,
)

from .bands import bands

__all__ = ["layout_from_json", "sketch_to_dot"]

_POINTS_PER_INCH = 72.0


def sketch_to_dot(sketch: Sketch) -> str:
    """Write a sketch as DOT source: boxes of fixed size, named by number, without any text.

    We draw the texts ourselves; so no font is needed, and no label can break the source.
    """
    import graphviz

    dot = graphviz.Digraph(
        graph_attr={"rankdir": "TB", "newrank": "true", "nodesep": "0.28", "ranksep": "0.62", "margin": "0"},
        node_attr={"shape": "box", "fixedsize": "true", "label": ""},
        edge_attr={"arrowhead": "none"},
    )
    names = {node: f"n{i}" for i, node in enumerate(sketch.sizes)}
    grouped: set[str] = set()
    for index, members in enumerate(sketch.groups):
        with dot.subgraph(name=f"cluster_{index}") as cluster:
            cluster.attr(
                margin=f"{GROUP_PADDING:g}", labeljust="l", label=_room(sketch.group_widths[index], 8.0)
            )
            for node in members:
                _add_node(cluster, names[node], sketch.sizes[node])
        grouped.update(members)
    for node, size in sketch.sizes.items():
        if node not in grouped:
            _add_node(dot, names[node], size)
    for index, link in enumerate(sketch.links):
        label = {"label": _room(*link.label_size)} if link.label_size else {}
        dot.edge(names[link.source], names[link.target], id=f"e{index}", **label)
    _separate_bands(dot, sketch, names)
    return str(dot.source)


def _separate_bands(dot: Any, sketch: Sketch, names: dict[str, str]) -> None:
    """Put an invisible point between clusters of which one comes below the other as a whole."""
    for number, (upper, lower) in enumerate(bands(sketch)):
        point = f"b{number}"
        dot.node(point, style="invis", width="0.01", height="0.01")
        for node in sketch.groups[upper]:
            dot.edge(names[node], point, style="invis", weight="0")
        for node in sketch.groups[lower]:
            dot.edge(point, names[node], style="invis", weight="0")


def _add_node(dot: Any, name: str, size: tuple[float, float]) -> None:
    width, height = (f"{length / _POINTS_PER_INCH:.4f}" for length in size)
    dot.node(name, width=width, height=height)


def _room(width: float, height: float) -> str:
    return (
        f'<<TABLE BORDER="0" CELLBORDER="0" CELLPADDING="0" CELLSPACING="0" FIXEDSIZE="TRUE" '
        f'WIDTH="{width:.0f}" HEIGHT="{height:.0f}"><TR><TD></TD></TR></TABLE>>'
    )


def layout_from_json(text: str | bytes, sketch: Sketch, engine: str) -> Layout:
    """Read Graphviz's ``json0`` output.

    Raises
    ------
    LayoutError
        Raised if it is not what was asked for.
    """
    try:
        return _read(json.loads(text), sketch, engine)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise LayoutError(f"Graphviz gave an answer that cannot be read: {error}") from error


def _read(answer: dict[str, Any], sketch: Sketch, engine: str) -> Layout:
    left, low, right, high = (float(number) for number in answer["bb"].split(","))

    def place(x: float, y: float) -> Point:
        return x - left + MARGIN, high - y + MARGIN

    objects = {item["name"]: item for item in answer.get("objects", ())}
    boxes: dict[str, Box] = {}
    for index, (node, (width, height)) in enumerate(sketch.sizes.items()):
        x, y = place(*_pair(objects[f"n{index}"]["pos"]))
        boxes[node] = Box(x - width / 2, y - height / 2, width, height)
    groups: list[Box | None] = []
    for index, members in enumerate(sketch.groups):
        if not members:
            groups.append(None)
            continue
        x0, y0, x1, y1 = (float(number) for number in objects[f"cluster_{index}"]["bb"].split(","))
        x, y = place(x0, y1)
        groups.append(Box(x, y, x1 - x0, y1 - y0))
    drawn = {item["id"]: item for item in answer.get("edges", ()) if "id" in item}
    edges = []
    for index, link in enumerate(sketch.links):
        item = drawn[f"e{index}"]
        points = tuple(place(*_pair(pair)) for pair in item["pos"].split())
        label_at = place(*_pair(item["lp"])) if "lp" in item else None
        edges.append(EdgePath(link.source, link.target, points, label_at))
    return Layout(
        width=right - left + 2 * MARGIN,
        height=high - low + 2 * MARGIN,
        nodes=boxes,
        edges=tuple(edges),
        groups=tuple(groups),
        engine=engine,
    )


def _pair(text: str) -> Point:
    x, y = text.split(",")
    return float(x), float(y)
