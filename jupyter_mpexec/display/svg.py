"""Diagrams as SVG: one calm look, whichever engine worked out the positions."""

from __future__ import annotations

import hashlib

from jupyter_mpexec.diagram import Diagram, Edge

from .formats import plural
from .html import Html, escape, join, tag
from .layout import Box, EdgePath, Layout, LayoutError
from .node_card import Card
from .sketching import cluster_label, drawn_edges, edge_label, lay_out_diagram
from .stylesheet import svg_stylesheet
from .svg_node import draw_node, n, rect

__all__ = ["MOST_PARTS", "draw", "to_svg"]

MOST_PARTS = 700
"""Nodes and arrows that are drawn at most: nobody reads more, and notebooks that store it should stay small."""

LEAST_SCALE = 0.8
TIP_LENGTH = 7.0
TIP_WIDTH = 3.2


def to_svg(diagram: Diagram, *, engine: str | None = None) -> str:
    """Draw a diagram as a file of its own.

    Parameters
    ----------
    diagram
        What to draw.
    engine
        ``"dot"``, ``"pygraphviz"`` or ``"layered"``; by default the first that works, or that which the
        environment variable ``JUPYTER_MPEXEC_LAYOUT`` names.

    Returns
    -------
    svg
        A whole SVG document, with colours for light and dark pages. A diagram of more than `MOST_PARTS` nodes
        and arrows becomes a picture that says so.
    """
    return str(draw(diagram, engine=engine, standalone=True))


def draw(diagram: Diagram, *, engine: str | None = None, standalone: bool = False) -> Html:
    """Draw a diagram.

    Parameters
    ----------
    diagram
        What to draw.
    engine
        See `to_svg`.
    standalone
        Put the style sheet in; a page has it already.
    """
    parts = len(diagram.nodes) + len(diagram.edges)
    if not diagram.nodes:
        return _frame(diagram, _message("There is nothing to draw."), 300, 60, standalone)
    if parts > MOST_PARTS:
        text = (
            f"Too large to draw: {plural(len(diagram.nodes), 'node')}, {plural(len(diagram.edges), 'arrow')}."
        )
        return _frame(diagram, _message(text), 420, 60, standalone)
    try:
        layout, cards = lay_out_diagram(diagram, engine)
    except LayoutError as error:
        if engine is not None:
            raise
        return _frame(diagram, _message(f"This cannot be drawn: {error}"), 600, 60, standalone)
    return _frame(diagram, _content(diagram, layout, cards), layout.width, layout.height, standalone)


def _frame(diagram: Diagram, content: Html, width: float, height: float, standalone: bool) -> Html:
    # From the content, so that the same picture has the same IDs each time and no two pictures share any.
    key = f"jmpx-{hashlib.sha256(f'{diagram.title}{content}'.encode()).hexdigest()[:10]}"
    description = diagram.description or (
        f"{plural(len(diagram.nodes), 'node')} and {plural(len(diagram.edges), 'arrow')}."
    )
    head = [tag("title", diagram.title, id=f"{key}-t"), tag("desc", description, id=f"{key}-d")]
    if standalone:
        head.append(tag("style", Html(f"/*<![CDATA[*/{svg_stylesheet()}/*]]>*/")))
    return tag(
        "svg",
        *head,
        content,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {n(width)} {n(height)}",
        width=n(width),
        height=n(height),
        style=f"max-width:max(100%,{n(width * LEAST_SCALE)}px)",
        class_="jmpx jmpx-svg" if standalone else "jmpx-svg",
        role="img",
        aria_labelledby=f"{key}-t {key}-d",
    )


def _message(text: str) -> Html:
    return tag("text", text, x=20, y=34, class_="jmpx-label")


def _content(diagram: Diagram, layout: Layout, cards: dict[str, Card]) -> Html:
    frames = [
        _cluster(cluster.label, cluster.description, box)
        for cluster, box in zip(diagram.clusters, layout.groups, strict=True)
        if box is not None
    ]
    names = {node.id: node.label for node in diagram.nodes}
    links = list(zip(drawn_edges(diagram), layout.edges, strict=True))
    arrows = [_arrow(edge, path, names) for edge, path in links]
    boxes = [draw_node(node, cards[node.id], layout.nodes[node.id]) for node in diagram.nodes]
    labels = [_arrow_label(edge, path) for edge, path in links if edge.label and path.label_at]
    return join((*frames, *arrows, *boxes, *labels))


def _cluster(label: str, description: str, box: Box) -> Html:
    return tag(
        "g",
        tag("title", f"{label}\n{description}" if description else label),
        rect(box, rx=8, class_="jmpx-frame"),
        tag("text", cluster_label(label), x=n(box.x + 12), y=n(box.y + 20), class_="jmpx-frame-label"),
    )


def _arrow(edge: Edge, path: EdgePath, names: dict[str, str]) -> Html:
    start, *rest = path.points
    curves = "".join(
        f"C{n(a[0])} {n(a[1])} {n(b[0])} {n(b[1])} {n(c[0])} {n(c[1])}"
        for a, b, c in zip(rest[::3], rest[1::3], rest[2::3], strict=True)
    )
    words = f"{names[edge.source]} → {names[edge.target]}"
    if edge.label:
        words += f"\n{edge.label}"
    if edge.prerequisite:
        words += "\nprerequisite"
    return tag(
        "g",
        tag("title", words),
        tag("path", d=f"M{n(start[0])} {n(start[1])}{curves}", class_="jmpx-edge"),
        tag("path", d=_tip(path), class_="jmpx-tip"),
        class_="jmpx-link jmpx-pre" if edge.prerequisite else "jmpx-link",
    )


def _tip(path: EdgePath) -> str:
    """Draw an arrow head that ends where the path does, in the direction in which it arrives."""
    x, y = path.points[-1]
    dx = dy = 0.0
    for from_x, from_y in reversed(path.points[:-1]):
        dx, dy = x - from_x, y - from_y
        if abs(dx) + abs(dy) > 0.5:
            break
    length = (dx * dx + dy * dy) ** 0.5 or 1.0
    dx, dy = dx / length, dy / length
    back_x, back_y = x - TIP_LENGTH * dx, y - TIP_LENGTH * dy
    return (
        f"M{n(x)} {n(y)}L{n(back_x - TIP_WIDTH * dy)} {n(back_y + TIP_WIDTH * dx)}"
        f"L{n(back_x + TIP_WIDTH * dy)} {n(back_y - TIP_WIDTH * dx)}Z"
    )


def _arrow_label(edge: Edge, path: EdgePath) -> Html:
    x, y = path.label_at or (0.0, 0.0)
    text = escape(edge_label(edge.label))
    return tag("text", text, x=n(x), y=n(y + 4), text_anchor="middle", class_="jmpx-halo")
