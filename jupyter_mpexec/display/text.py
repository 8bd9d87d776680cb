"""Diagrams in words: for terminals, logs and screen readers."""

from __future__ import annotations

import heapq
from collections.abc import Iterable

from jupyter_mpexec.diagram import Diagram, Node

from . import formats
from .sketching import drawn_edges
from .status_style import counts_text, status_style

__all__ = ["to_text"]

MOST_NODES = 150
"""Nodes that are listed at most, of each sort."""

LONGEST_TEXT = 20_000
"""Bytes of the whole at most."""

LARGEST_SORTED = 5000
"""Nodes of a diagram beyond which they are listed as they come; execution has them in order anyway."""

LONGEST_VALUE = 200

_INDENT = "    "


def to_text(diagram: Diagram) -> str:
    """Describe a diagram in plain text.

    Tasks or quanta come in an order in which they can run, each with what it reads and writes; then the
    datasets.

    Parameters
    ----------
    diagram
        What to describe.

    Returns
    -------
    text
        Lines without a newline at the end.
    """
    nodes = {node.id: node for node in diagram.nodes}
    in_order = _topological(diagram) if len(nodes) <= LARGEST_SORTED else nodes
    ordered = [nodes[node_id] for node_id in in_order]
    workers = [node for node in ordered if node.kind in ("task", "quantum")]
    data = [node for node in ordered if node.kind in ("dataset_type", "dataset")]
    before, after = _neighbours(diagram, nodes, {node.id for node in workers[:MOST_NODES]})
    lines = [diagram.title, "=" * max(3, len(diagram.title))]
    if diagram.description:
        lines.append(diagram.description)
    if workers:
        word = "Tasks" if all(node.kind == "task" for node in workers) else "Quanta"
        lines += ["", f"{word}, in an order in which they can run"]
        for number, node in enumerate(workers[:MOST_NODES], start=1):
            lines += _worker(number, node, before[node.id], after[node.id])
        lines += _more(workers)
    if data:
        lines += ["", "Dataset types" if all(node.kind == "dataset_type" for node in data) else "Datasets"]
        lines += [_dataset(node) for node in data[:MOST_NODES]]
        lines += _more(data)
    if diagram.clusters:
        lines += ["", "Subsets"]
        for cluster in diagram.clusters:
            inside = [nodes[node_id] for node_id in cluster.nodes if node_id in nodes]
            members = [node.label for node in inside if not workers or node.kind in ("task", "quantum")]
            about = f" ({cluster.description})" if cluster.description else ""
            lines.append(f"  {cluster.label}{about}: {', '.join(members)}")
    if diagram.notes:
        lines += ["", *diagram.notes]
    return _cut(formats.plain("\n".join(line.rstrip() for line in lines)))


def _cut(text: str) -> str:
    if len(text.encode()) <= LONGEST_TEXT:
        return text
    kept = text.encode()[:LONGEST_TEXT].decode(errors="ignore")
    return f"{kept.rpartition(chr(10))[0]}\n… and more"


def _topological(diagram: Diagram) -> list[str]:
    """Sort so that what is needed comes first, and otherwise in the diagram's order; cycles come last."""
    place = {node.id: index for index, node in enumerate(diagram.nodes)}
    missing = dict.fromkeys(place, 0)
    followers: dict[str, list[str]] = {node_id: [] for node_id in place}
    for edge in drawn_edges(diagram):
        missing[edge.target] += 1
        followers[edge.source].append(edge.target)
    ready = [(place[node_id], node_id) for node_id, count in missing.items() if not count]
    heapq.heapify(ready)
    ordered: dict[str, None] = {}
    while ready:
        _, node_id = heapq.heappop(ready)
        ordered[node_id] = None
        for follower in followers[node_id]:
            missing[follower] -= 1
            if not missing[follower]:
                heapq.heappush(ready, (place[follower], follower))
    return [*ordered, *(node_id for node_id in place if node_id not in ordered)]


Neighbours = dict[str, dict[str, list[str]]]


def _neighbours(diagram: Diagram, nodes: dict[str, Node], wanted: set[str]) -> tuple[Neighbours, Neighbours]:
    """Collect for some nodes the names of their neighbours above and below, by what they are to them."""
    before: Neighbours = {node_id: {} for node_id in wanted}
    after: Neighbours = {node_id: {} for node_id in wanted}
    for edge in drawn_edges(diagram):
        source, target = nodes[edge.source], nodes[edge.target]
        label = f" [{edge.label}]" if edge.label else ""
        if target.id in wanted:
            name = _short_name(source) + label
            before[target.id].setdefault(_role_of_input(source, edge.prerequisite), []).append(name)
        if source.id in wanted:
            after[source.id].setdefault(_role_of_output(target), []).append(_short_name(target) + label)
    return before, after


def _role_of_input(node: Node, prerequisite: bool) -> str:
    if node.kind in ("task", "quantum"):
        return "after"
    return "init-inputs" if node.init else "prerequisites" if prerequisite else "inputs"


def _role_of_output(node: Node) -> str:
    if node.kind in ("task", "quantum"):
        return "before"
    return "init-outputs" if node.init else "outputs"


def _short_name(node: Node) -> str:
    return f"{node.label}({node.lines[0]})" if node.kind == "quantum" and node.lines else node.label


def _worker(
    number: int, node: Node, before: dict[str, list[str]], after: dict[str, list[str]]
) -> Iterable[str]:
    head = f"{number:3}. {' '.join([node.label, *node.lines])}"
    total = sum(node.counts.values())
    if total:
        head += f" - {formats.plural(total, 'quantum', 'quanta')}: {counts_text(node.counts)}"
    elif node.status is not None:
        head += f" - {status_style(node.status).glyph} {status_style(node.status).word}"
    yield head
    for name, value in node.details:
        yield f"{_INDENT} {name}: {formats.shorten(value, LONGEST_VALUE)}"
    for roles in (before, after):
        for role, names in roles.items():
            rest = f" and {formats.number(len(names) - 30)} more" if len(names) > 30 else ""
            yield f"{_INDENT} {role}: {', '.join(names[:30])}{rest}"


def _dataset(node: Node) -> str:
    about = "; ".join([*node.lines, *(f"{name}: {value}" for name, value in node.details)])
    return f"  {node.label}{'  ' + about if about else ''}{'  (init)' if node.init else ''}"


def _more(nodes: list[Node]) -> list[str]:
    rest = len(nodes) - MOST_NODES
    return [f"  … and {formats.number(rest)} more"] if rest > 0 else []
