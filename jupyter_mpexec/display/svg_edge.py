"""One arrow of a diagram as SVG."""

from __future__ import annotations

from jupyter_mpexec.diagram import Edge

from .html import Html, tag
from .layout import EdgePath
from .sketching import edge_label
from .svg_node import n

__all__ = ["draw_arrow", "draw_arrow_label"]

TIP_LENGTH = 7.0
TIP_WIDTH = 3.2


def draw_arrow(edge: Edge, path: EdgePath, source: str, target: str) -> Html:
    """Draw an arrow; its tooltip names both ends."""
    words = [f"{source} → {target}"]
    if edge.label:
        words.append(edge.label)
    if edge.prerequisite:
        words.append("prerequisite")
    return tag(
        "g",
        tag("title", "\n".join(words)),
        tag("path", d=_line(path)),
        tag("path", d=_tip(path)),
        class_="jmpx-link jmpx-pre" if edge.prerequisite else "jmpx-link",
    )


def _line(path: EdgePath) -> str:
    """Write the chain of curves; upright pieces, of which long ways are made, become one short command."""
    (x, y), *rest = path.points
    steps = [f"M{n(x)} {n(y)}"]
    for a, b, (to_x, to_y) in zip(rest[::3], rest[1::3], rest[2::3], strict=True):
        if a[0] == b[0] == to_x == x:
            if steps[-1].startswith("V"):
                steps.pop()
            steps.append(f"V{n(to_y)}")
        else:
            steps.append(f"C{a[0]:.0f} {a[1]:.0f} {b[0]:.0f} {b[1]:.0f} {n(to_x)} {n(to_y)}")
        x = to_x
    return "".join(steps)


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
    left = f"{n(back_x - TIP_WIDTH * dy)} {n(back_y + TIP_WIDTH * dx)}"
    right = f"{n(back_x + TIP_WIDTH * dy)} {n(back_y - TIP_WIDTH * dx)}"
    return f"M{n(x)} {n(y)}L{left}L{right}Z"


def draw_arrow_label(edge: Edge, path: EdgePath) -> Html:
    """Write an arrow's label where the layout left room for it."""
    x, y = path.label_at or (0.0, 0.0)
    return tag("text", edge_label(edge.label), x=n(x), y=n(y + 4), text_anchor="middle", class_="jmpx-halo")
