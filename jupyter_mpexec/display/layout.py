"""Geometry of a drawing: what an engine is given, and what it gives back.

Lengths are CSS pixels; x grows to the right and y downwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["Box", "EdgePath", "Layout", "LayoutError", "Link", "Point", "Sketch"]

Point = tuple[float, float]


class LayoutError(Exception):
    """An engine is not there, is too slow, or gave something that cannot be used."""


@dataclass(frozen=True)
class Box:
    """A rectangle, by its top left corner and its size."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Right border."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Lower border."""
        return self.y + self.height

    def overlaps(self, other: Box) -> bool:
        """Tell whether two rectangles share an area."""
        return (
            self.x < other.right and other.x < self.right and self.y < other.bottom and other.y < self.bottom
        )


@dataclass(frozen=True)
class Link:
    """An arrow to be routed."""

    source: str
    target: str
    prerequisite: bool = False
    label_size: tuple[float, float] | None = None


@dataclass(frozen=True, kw_only=True)
class Sketch:
    """What an engine needs to know of a diagram: sizes and connections.

    Parameters
    ----------
    sizes
        Width and height of each node, in a stable order.
    links
        Arrows; both ends are in `sizes`.
    groups
        Members of each cluster; no node is in two.
    group_widths
        Width of each cluster's title.
    """

    sizes: Mapping[str, tuple[float, float]]
    links: tuple[Link, ...] = ()
    groups: tuple[tuple[str, ...], ...] = ()
    group_widths: tuple[float, ...] = ()


@dataclass(frozen=True)
class EdgePath:
    """A routed arrow.

    Parameters
    ----------
    source, target
        IDs of the nodes.
    points
        A chain of cubic Bézier curves: the start, then three points a curve.
    label_at
        Centre of the label, if there is one.
    """

    source: str
    target: str
    points: tuple[Point, ...]
    label_at: Point | None = None


@dataclass(frozen=True, kw_only=True)
class Layout:
    """What an engine gives back.

    Parameters
    ----------
    width, height
        Size of the whole.
    nodes
        Box of each node.
    edges
        One path a link, in the order of the links.
    groups
        Frame of each cluster, in order; None for one without members.
    engine
        Name of the engine.
    """

    width: float
    height: float
    nodes: Mapping[str, Box]
    edges: tuple[EdgePath, ...] = ()
    groups: tuple[Box | None, ...] = field(default=())
    engine: str = ""


GROUP_PADDING = 12.0
"""Room between a cluster's frame and its members."""

GROUP_TITLE = 22.0
"""Room for a cluster's title above its members."""

MARGIN = 12.0
"""Room around the whole."""
