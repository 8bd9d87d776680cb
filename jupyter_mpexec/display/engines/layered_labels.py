"""The layered engine's way with labels on arrows: each is a node of its own while the layout is made.

So a label takes its room among the nodes, and nothing overlaps it.
"""

from __future__ import annotations

from dataclasses import replace

from jupyter_mpexec.display.layout import EdgePath, Layout, Link, Point, Sketch

__all__ = ["is_label", "join_labels", "split_labels"]

# No ID of a node can begin like this by chance.
_PREFIX = "\0label "


def is_label(node: str) -> bool:
    """Tell whether a node stands for a label."""
    return node.startswith(_PREFIX)


def split_labels(sketch: Sketch) -> Sketch:
    """Put a node into the middle of each arrow that has a label."""
    sizes = dict(sketch.sizes)
    groups = [list(members) for members in sketch.groups]
    home = {node: index for index, members in enumerate(sketch.groups) for node in members}
    links: list[Link] = []
    for index, link in enumerate(sketch.links):
        if link.label_size is None or link.source == link.target:
            links.append(replace(link, label_size=None))
            continue
        name = f"{_PREFIX}{index}"
        sizes[name] = link.label_size
        links += [Link(link.source, name, link.prerequisite), Link(name, link.target, link.prerequisite)]
        if link.source in home and home[link.source] == home.get(link.target):
            groups[home[link.source]].append(name)
    return replace(
        sketch, sizes=sizes, links=tuple(links), groups=tuple(tuple(members) for members in groups)
    )


def join_labels(layout: Layout, sketch: Sketch) -> Layout:
    """Make one arrow again of the two that lead to and from each label."""
    paths = iter(layout.edges)
    edges = []
    for link in sketch.links:
        first = next(paths)
        if not is_label(first.target):
            edges.append(first)
            continue
        second = next(paths)
        box = layout.nodes[first.target]
        across: tuple[Point, ...] = (first.points[-1], second.points[0], second.points[0])
        points = (*first.points, *across, *second.points[1:])
        middle = (box.x + box.width / 2, box.y + box.height / 2)
        edges.append(EdgePath(link.source, link.target, points, middle))
    return replace(
        layout,
        nodes={node: box for node, box in layout.nodes.items() if not is_label(node)},
        edges=tuple(edges),
    )
