"""Diagrams as Mermaid source, which GitHub, JupyterLab and many wikis draw in Markdown."""

from __future__ import annotations

import re

from jupyter_mpexec.diagram import Diagram, Node

from .clusters import cluster_members
from .formats import plain
from .node_card import card
from .sketching import drawn_edges

__all__ = ["to_mermaid"]

_PLAIN = re.compile(r"[^\w ,.:()\-+=/*✓✗○►∅»⊘⊖…]")


def to_mermaid(diagram: Diagram) -> str:
    """Write a diagram in the Mermaid language.

    Parameters
    ----------
    diagram
        What to write.

    Returns
    -------
    source
        A ``flowchart``; every text in it is escaped.
    """
    names = {node.id: f"n{index}" for index, node in enumerate(diagram.nodes)}
    nodes = {node.id: node for node in diagram.nodes}
    lines = ["flowchart TB", f"    accTitle: {_one_line(diagram.title)}"]
    inside: set[str] = set()
    for index, (cluster, members) in enumerate(zip(diagram.clusters, cluster_members(diagram), strict=True)):
        if members:
            lines.append(f'    subgraph c{index}["{_text(cluster.label)}"]')
            lines += [f"        {_node(names[node_id], nodes[node_id])}" for node_id in members]
            lines.append("    end")
            inside.update(members)
    lines += [f"    {_node(names[node.id], node)}" for node in diagram.nodes if node.id not in inside]
    for edge in drawn_edges(diagram):
        arrow = "-.->" if edge.prerequisite else "-->"
        label = f'|"{_text(edge.label)}"|' if edge.label else ""
        lines.append(f"    {names[edge.source]} {arrow}{label} {names[edge.target]}")
    return "\n".join(lines)


def _node(name: str, node: Node) -> str:
    drawn = card(node)
    rows = [f"<b>{_text(drawn.label)}</b>", *(_text("".join(t for t, _ in line)) for line in drawn.lines)]
    text = "<br/>".join(rows)
    return f'{name}(["{text}"])' if node.kind in ("dataset_type", "dataset") else f'{name}["{text}"]'


def _text(text: str) -> str:
    """Write what Mermaid might take for its own, or a browser for markup, as a numbered entity."""
    return _PLAIN.sub(lambda match: f"#{ord(match[0])};", " ".join(plain(text).split()))


def _one_line(text: str) -> str:
    return _text(text) or "Diagram"
