"""Diagrams laid out as plain data, for views that draw in the browser.

A scene has the same boxes and arrows as the SVG of the same diagram, but its boxes have room for counts and a progress
bar that change while a run goes on.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal, TypedDict

from jupyter_mpexec.diagram import Cluster, Diagram, Edge, Node, NodeKind

from .engines.chain import lay_out
from .formats import number, plain, shorten
from .layout import GROUP_TITLE, Box, EdgePath, Layout, LayoutError
from .node_card import (
    BAR_HEIGHT,
    LABEL_SIZE,
    LINE_HEIGHT,
    LINE_SIZE,
    LONGEST_LABEL,
    PAD_X,
    Card,
    card,
    hover_text,
)
from .simplify import smaller
from .sketching import cluster_label, drawn_edges, edge_label, sketch
from .svg import MOST_PARTS
from .text_size import text_width

__all__ = ["Scene", "SceneCluster", "SceneEdge", "SceneNode", "make_scene"]

LEAST_LIVE_WIDTH = 148.0
"""Width of a box with counts: room for a total and two states beside it."""


WIDE = 1200.0
"""Width of a graph that does not fit beside the code of a notebook unless it is made smaller."""

FLAT = 0.36
"""Height of a view, for its width: of a graph that is flatter, boxes are made taller."""

MOST_TALLER = 1.6
"""How much taller boxes become, at most."""

HIGH = 900.0
"""Height of a graph that leads down and does not fit on a screen unless it is made smaller."""

MOST_WIDER = 2.2
"""How much wider its boxes become, at most."""


class SceneNode(TypedDict):
    """A box: what it says, and where it is (top left corner, width, height)."""

    id: str
    label: str
    kind: NodeKind
    lines: list[str]
    hint: str
    counts: dict[str, int]
    init: bool
    x: float
    y: float
    w: float
    h: float


class SceneEdge(TypedDict):
    """An arrow: a start point, then three points a cubic Bézier curve."""

    source: str
    target: str
    points: list[list[float]]
    prerequisite: bool
    label: str
    label_at: list[float] | None


class SceneCluster(TypedDict):
    """A titled frame."""

    label: str
    hint: str
    x: float
    y: float
    w: float
    h: float


class Scene(TypedDict):
    """A diagram that is laid out; lengths are CSS pixels, y grows downwards."""

    title: str
    description: str
    width: float
    height: float
    nodes: list[SceneNode]
    edges: list[SceneEdge]
    clusters: list[SceneCluster]
    notes: list[str]


def make_scene(
    diagram: Diagram, *, direction: Literal["right", "down"] = "right", engine: str | None = None
) -> Scene:
    """Lay out a diagram for a view in the browser.

    Parameters
    ----------
    diagram
        What to draw. Counts and states that it has are the first that the view shows.
    direction
        Where arrows lead: views are wider than high, so that more fits to the right than down. To the right, the
        names of arrows are left out.
    engine
        ``"dot"``, ``"pygraphviz"`` or ``"layered"``; by default the first that works.

    Returns
    -------
    scene
        Plain data that can be written as JSON. Of a diagram that is too large only the tasks are there; if they
        are too many as well, the scene has no nodes, and says so in its notes.

    Raises
    ------
    LayoutError
        Raised if an engine was asked for by name and fails.
    """
    for candidate in smaller(diagram, MOST_PARTS):
        try:
            return _scene(candidate, direction, engine)
        except LayoutError:
            if engine is not None:
                raise
    size = f"{number(len(diagram.nodes))} nodes"
    return _assemble(diagram, Layout(width=0, height=0, nodes={}), f"Too large to be drawn: {size}.")


def _scene(diagram: Diagram, direction: str, engine: str | None) -> Scene:
    cards = {node.id: _live_card(node) for node in diagram.nodes}
    if direction == "down":
        layout = lay_out(sketch(diagram, cards), engine)
        wider = min(MOST_WIDER, layout.height / max(1.0, layout.width))
        if layout.height > HIGH and wider > 1.0:
            # Seen as a whole it is small, and width is left over: the boxes take it, for longer names.
            cards = {node: replace(card, width=round(card.width * wider)) for node, card in cards.items()}
            layout = lay_out(sketch(diagram, cards), engine)
        return _assemble(diagram, layout, "")
    diagram = replace(diagram, edges=tuple(replace(edge, label="") for edge in diagram.edges))
    layout = _lay_out_to_the_right(diagram, cards, engine)
    taller = min(MOST_TALLER, FLAT * layout.width / max(1.0, layout.height))
    if layout.width > WIDE and taller > 1.0:
        # Seen as a whole it is small, and height is left over: the boxes take it, for names of two lines.
        cards = {
            node: replace(card, height=round(card.height * taller)) if card.bar else card
            for node, card in cards.items()
        }
        layout = _lay_out_to_the_right(diagram, cards, engine)
    return _assemble(diagram, layout, "")


def _lay_out_to_the_right(diagram: Diagram, cards: dict[str, Card], engine: str | None) -> Layout:
    upright = sketch(diagram, cards)
    lying = replace(upright, sizes={node: (h, w) for node, (w, h) in upright.sizes.items()})
    return _turned(lay_out(lying, engine))


def _turned(layout: Layout) -> Layout:
    """Exchange across and down: engines only lay out downwards."""
    return Layout(
        width=layout.height,
        height=layout.width,
        nodes={node: Box(box.y, box.x, box.height, box.width) for node, box in layout.nodes.items()},
        edges=tuple(replace(edge, points=tuple((y, x) for x, y in edge.points)) for edge in layout.edges),
        groups=tuple(box and _turned_frame(box) for box in layout.groups),
        engine=layout.engine,
    )


def _turned_frame(box: Box) -> Box:
    # The room for the title comes out at the left; it is wanted at the top.
    spare, title = GROUP_TITLE - 4, 14
    return Box(box.y + spare, box.x - title, box.height - spare, box.width + title)


def _live_card(node: Node) -> Card:
    """Size a box so that its content fits whatever the counts become."""
    texts = tuple(((text, None),) for text in _lines(node))
    if node.kind in ("task", "quantum"):
        label_width = text_width(_label(node), LABEL_SIZE, bold=True)
        widths = [text_width(line[0][0], LINE_SIZE) for line in texts]
        total = number(sum(node.counts.values()))
        counts = text_width(f"{total} of {total}  ✗ {total}", LINE_SIZE)
        width = max(label_width, counts, LEAST_LIVE_WIDTH, *widths)
        height = 14 + 17 + LINE_HEIGHT * (len(texts) + 1) + (BAR_HEIGHT + 4)
        return Card(_label(node), texts, True, None, round(width + 2 * PAD_X), height)
    return card(node)


def _label(node: Node) -> str:
    return shorten(plain(node.label), LONGEST_LABEL) or "(no name)"


def _lines(node: Node) -> list[str]:
    # What `card` writes, but for the counts, which the view writes itself.
    bare = Node(id=node.id, label=node.label, kind=node.kind, lines=node.lines)
    return ["".join(text for text, _ in line) for line in card(bare).lines]


def _assemble(diagram: Diagram, layout: Layout, note: str) -> Scene:
    frames = zip(diagram.clusters, layout.groups, strict=False)
    return {
        "title": diagram.title,
        "description": diagram.description,
        "width": round(layout.width, 1),
        "height": round(layout.height, 1),
        "nodes": [_node(node, layout.nodes[node.id]) for node in diagram.nodes if node.id in layout.nodes],
        "edges": [_edge(*pair) for pair in zip(drawn_edges(diagram), layout.edges, strict=False)],
        "clusters": [_cluster(cluster, box) for cluster, box in frames if box is not None],
        "notes": [*diagram.notes, *([note] if note else [])],
    }


def _node(node: Node, box: Box) -> SceneNode:
    counts = {status.value: count for status, count in node.counts.items() if count}
    if node.status is not None:
        counts = {node.status.value: 1}
    bare = Node(id=node.id, label=node.label, kind=node.kind, lines=node.lines, details=node.details)
    x, y, w, h = _rounded(box)
    return {
        "id": node.id,
        "label": _label(node),
        "kind": node.kind,
        "lines": _lines(node),
        "hint": hover_text(bare),
        "counts": counts,
        "init": node.init,
        "x": x,
        "y": y,
        "w": w,
        "h": h,
    }


def _edge(edge: Edge, path: EdgePath) -> SceneEdge:
    return {
        "source": edge.source,
        "target": edge.target,
        "points": [[round(x, 1), round(y, 1)] for x, y in path.points],
        "prerequisite": edge.prerequisite,
        "label": edge_label(edge.label),
        "label_at": [round(value, 1) for value in path.label_at] if path.label_at else None,
    }


def _cluster(cluster: Cluster, box: Box) -> SceneCluster:
    x, y, w, h = _rounded(box)
    return {
        "label": cluster_label(cluster.label),
        "hint": cluster.description,
        "x": x,
        "y": y,
        "w": w,
        "h": h,
    }


def _rounded(box: Box) -> tuple[float, float, float, float]:
    return round(box.x, 1), round(box.y, 1), round(box.width, 1), round(box.height, 1)
