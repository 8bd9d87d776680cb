"""From a diagram to a layout: boxes are measured, clusters filled, and an engine asked."""

from __future__ import annotations

from jupyter_mpexec.diagram import Diagram, Edge

from .clusters import cluster_members
from .engines.chain import lay_out
from .formats import plain, shorten
from .layout import Layout, Link, Sketch
from .node_card import Card, card
from .text_size import text_width

__all__ = ["cluster_label", "drawn_edges", "edge_label", "lay_out_diagram", "sketch"]

EDGE_LABEL_SIZE = 11.0
CLUSTER_LABEL_SIZE = 12.0
LONGEST_EDGE_LABEL = 28
LONGEST_CLUSTER_LABEL = 40


def lay_out_diagram(diagram: Diagram, engine: str | None = None) -> tuple[Layout, dict[str, Card]]:
    """Lay out a diagram.

    Parameters
    ----------
    diagram
        What to draw.
    engine
        Name of the only engine to use; see `engines.chain.lay_out`.

    Returns
    -------
    layout
        Where everything goes.
    cards
        What is written in each node's box.
    """
    cards = {node.id: card(node) for node in diagram.nodes}
    return lay_out(sketch(diagram, cards), engine), cards


def sketch(diagram: Diagram, cards: dict[str, Card]) -> Sketch:
    """Take from a diagram what an engine needs."""
    links = [
        Link(
            edge.source,
            edge.target,
            edge.prerequisite,
            (text_width(edge_label(edge.label), EDGE_LABEL_SIZE) + 4, 14.0) if edge.label else None,
        )
        for edge in drawn_edges(diagram)
    ]
    widths = (text_width(cluster_label(c.label), CLUSTER_LABEL_SIZE, bold=True) for c in diagram.clusters)
    members = cluster_members(diagram)
    return Sketch(
        sizes={node: (drawn.width, drawn.height) for node, drawn in cards.items()},
        links=tuple(links),
        groups=members,
        group_widths=tuple(widths),
    )


def drawn_edges(diagram: Diagram) -> list[Edge]:
    """List the arrows whose both ends are in the diagram."""
    known = {node.id for node in diagram.nodes}
    return [edge for edge in diagram.edges if edge.source in known and edge.target in known]


def edge_label(label: str) -> str:
    """Cut an arrow's label to a length that can be drawn."""
    return shorten(plain(label), LONGEST_EDGE_LABEL)


def cluster_label(label: str) -> str:
    """Cut a cluster's label to a length that can be drawn."""
    return shorten(plain(label), LONGEST_CLUSTER_LABEL)
