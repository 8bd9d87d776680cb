"""Diagrams as SVG: one calm look, whichever engine worked out the positions."""

from __future__ import annotations

import hashlib
import re

from jupyter_mpexec.diagram import Cluster, Diagram

from .formats import plural
from .html import Html, join, tag
from .layout import Box, LayoutError
from .simplify import smaller
from .sketching import cluster_label, drawn_edges, lay_out_diagram
from .stylesheet import svg_stylesheet
from .svg_edge import draw_arrow, draw_arrow_label
from .svg_node import draw_node, n, rect

__all__ = ["draw", "standalone", "to_svg"]

_UUID = re.compile(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")

MOST_PARTS = 700
"""Nodes and arrows that are drawn at most: nobody reads more."""

LONGEST_SVG = 140_000
"""Bytes of a picture at most: a notebook that stores it should stay small."""

LEAST_SCALE = 0.8


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
        A whole SVG document, with colours for light and dark pages. Of a diagram that is too large only the
        tasks are drawn; if these are too many, the picture says so.
    """
    return standalone(draw(diagram, engine=engine))


def standalone(picture: Html) -> str:
    """Make a file of its own of a picture that `draw` made for a page."""
    style = f"</desc><style>/*<![CDATA[*/{svg_stylesheet()}/*]]>*/</style>"
    return picture.replace("</desc>", style, 1).replace('class="jmpx-svg"', 'class="jmpx jmpx-svg"', 1)


def draw(diagram: Diagram, *, engine: str | None = None) -> Html:
    """Draw a diagram for a page that has the style sheet; the parameters are those of `to_svg`."""
    if not diagram.nodes:
        return _message(diagram, "There is nothing to draw.")
    too_many = f"Only this much is drawn: {_size(diagram)} would be too many."
    for candidate in smaller(diagram, MOST_PARTS):
        try:
            picture = _draw(candidate, engine, "" if candidate is diagram else too_many)
        except LayoutError as error:
            if engine is not None:
                raise
            return _message(diagram, f"This cannot be drawn: {error}")
        if len(picture.encode()) <= LONGEST_SVG:
            return picture
    return _message(diagram, f"This is too large to be drawn: {_size(diagram)}.")


def _size(diagram: Diagram) -> str:
    return f"{plural(len(diagram.nodes), 'node')} and {plural(len(diagram.edges), 'arrow')}"


def _message(diagram: Diagram, text: str) -> Html:
    return _frame(diagram, tag("text", text, x=12, y=30, class_="jmpx-label"), 40 + 7.5 * len(text), 48)


def _draw(diagram: Diagram, engine: str | None, remark: str) -> Html:
    layout, cards = lay_out_diagram(diagram, engine)
    frames = [
        _cluster(cluster, box)
        for cluster, box in zip(diagram.clusters, layout.groups, strict=True)
        if box is not None
    ]
    names = {node.id: node.label for node in diagram.nodes}
    links = list(zip(drawn_edges(diagram), layout.edges, strict=True))
    arrows = [draw_arrow(edge, path, names[edge.source], names[edge.target]) for edge, path in links]
    boxes = [draw_node(node, cards[node.id], layout.nodes[node.id]) for node in diagram.nodes]
    labels = [draw_arrow_label(edge, path) for edge, path in links if edge.label and path.label_at]
    content, width, height = [*frames, *arrows, *boxes, *labels], layout.width, layout.height
    if remark:
        content.append(tag("text", remark, x=12, y=n(height + 14)))
        width, height = max(width, 12 + 6 * len(remark)), height + 26
    return _frame(diagram, join(content), width, height)


def _frame(diagram: Diagram, content: Html, width: float, height: float) -> Html:
    # From the content, so that the same picture has the same IDs each time and no two pictures share any; but for
    # UUIDs, which are new each time that the same graph is built.
    same = _UUID.sub("", f"{diagram.title}{content}")
    key = f"jmpx-{hashlib.sha256(same.encode()).hexdigest()[:10]}"
    return tag(
        "svg",
        tag("title", diagram.title, id=f"{key}-t"),
        tag("desc", diagram.description or f"{_size(diagram)}.", id=f"{key}-d"),
        content,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {n(width)} {n(height)}",
        width=n(width),
        height=n(height),
        style=f"max-width:max(100%,{n(width * LEAST_SCALE)}px)",
        class_="jmpx-svg",
        role="img",
        aria_labelledby=f"{key}-t {key}-d",
    )


def _cluster(cluster: Cluster, box: Box) -> Html:
    words = f"{cluster.label}\n{cluster.description}" if cluster.description else cluster.label
    label = cluster_label(cluster.label)
    return tag(
        "g",
        tag("title", words),
        rect(box, rx=8, class_="jmpx-frame"),
        tag("text", label, x=n(box.x + 12), y=n(box.y + 20), class_="jmpx-frame-label"),
    )
