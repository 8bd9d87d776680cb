"""Diagrams as Graphviz source, to be drawn or changed with other tools."""

from __future__ import annotations

from typing import Any

from jupyter_mpexec.diagram import Diagram, Node

from .clusters import cluster_members
from .formats import plain
from .node_card import card, hover_text
from .sketching import drawn_edges

__all__ = ["to_dot"]


def to_dot(diagram: Diagram) -> str:
    """Write a diagram in the DOT language.

    Parameters
    ----------
    diagram
        What to write.

    Returns
    -------
    source
        DOT source; every text in it is escaped.
    """
    import graphviz

    dot = graphviz.Digraph(
        graph_attr={"label": _text(diagram.title), "labelloc": "t", "rankdir": "TB", "fontname": "Helvetica"},
        node_attr={"shape": "box", "fontname": "Helvetica", "fontsize": "11"},
        edge_attr={"fontname": "Helvetica", "fontsize": "10", "color": "gray40"},
    )
    # By number, since in the package's node names a colon means a port.
    names = {node.id: f"n{index}" for index, node in enumerate(diagram.nodes)}
    nodes = {node.id: node for node in diagram.nodes}
    inside: set[str] = set()
    for index, (cluster, members) in enumerate(zip(diagram.clusters, cluster_members(diagram), strict=True)):
        with dot.subgraph(name=f"cluster_{index}") as frame:
            frame.attr(
                label=_text(cluster.label),
                tooltip=_text(cluster.description),
                style="rounded",
                color="gray70",
            )
            for node_id in members:
                _add_node(frame, names[node_id], nodes[node_id])
        inside.update(members)
    for node in diagram.nodes:
        if node.id not in inside:
            _add_node(dot, names[node.id], node)
    for edge in drawn_edges(diagram):
        style = {"style": "dashed"} if edge.prerequisite else {}
        label = {"label": _text(edge.label)} if edge.label else {}
        dot.edge(names[edge.source], names[edge.target], **label, **style)
    return str(dot.source)


def _add_node(dot: Any, name: str, node: Node) -> None:
    drawn = card(node)
    lines = [drawn.label, *("".join(text for text, _ in line) for line in drawn.lines)]
    data = node.kind in ("dataset_type", "dataset")
    styles = ["filled", *(["rounded"] if data else []), *(["dashed"] if node.init else [])]
    dot.node(
        name,
        label=_text("\n".join(lines)),
        tooltip=_text(hover_text(node)),
        style=",".join(styles),
        fillcolor="white" if data else "aliceblue",
    )


def _text(text: str) -> str:
    """Escape a text, so that it is neither markup nor an escape sequence of DOT."""
    import graphviz

    return str(graphviz.escape(plain(text))).replace("\n", "\\n").replace("\r", "")
