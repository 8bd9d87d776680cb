"""One node of a diagram as SVG."""

from __future__ import annotations

from jupyter_mpexec.diagram import Node

from .html import Html, tag
from .layout import Box
from .node_card import BAR_HEIGHT, LABEL_HEIGHT, LINE_HEIGHT, PAD_X, PAD_Y, Card, hover_text
from .status_style import READING_ORDER, status_style

__all__ = ["draw_node", "n", "rect"]


def n(value: float) -> str:
    """Write a coordinate: a tenth of a pixel is enough."""
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def rect(box: Box, **attributes: object) -> Html:
    """Write a rectangle."""
    return tag("rect", x=n(box.x), y=n(box.y), width=n(box.width), height=n(box.height), **attributes)


def draw_node(node: Node, card: Card, box: Box) -> Html:
    """Draw a node: box, texts, bar, and all that is known of it as a tooltip."""
    classes = ["jmpx-node", f"jmpx-{node.kind}"]
    if card.state is not None:
        classes += ["jmpx-state", status_style(card.state).css_class]
    if node.init:
        classes.append("jmpx-init")
    # Tasks and quanta have square shoulders, datasets are round: told apart without colour.
    radius = min(box.height / 2, 17) if node.kind in ("dataset_type", "dataset") else 4
    middle = box.width / 2
    y = PAD_Y + LABEL_HEIGHT - 4
    rows = [tag("text", card.label, x=n(middle), y=n(y), text_anchor="middle", class_="jmpx-label")]
    for line in card.lines:
        y += LINE_HEIGHT
        pieces = [
            Html(tag("tspan", text, class_=f"jmpx-c {status_style(status).css_class}")) if status else text
            for text, status in line
        ]
        rows.append(tag("text", *pieces, x=n(middle), y=n(y), text_anchor="middle"))
    if card.bar:
        rows.append(_bar(node, box.width - 2 * PAD_X, PAD_X, box.height - PAD_Y - BAR_HEIGHT + 1))
    return tag(
        "g",
        tag("title", hover_text(node)),
        rect(Box(0, 0, box.width, box.height), rx=n(radius), class_="jmpx-box"),
        *rows,
        class_=" ".join(classes),
        transform=f"translate({n(box.x)} {n(box.y)})",
    )


def _bar(node: Node, width: float, x: float, y: float) -> Html:
    """Draw the shares of the states side by side; a rare state is still a sliver that can be seen."""
    shares = [(status, node.counts[status]) for status in READING_ORDER if node.counts.get(status)]
    least = 3.0
    total = sum(count for _, count in shares)
    widths = [max(least, width * count / total) for _, count in shares]
    widths = [w * width / sum(widths) for w in widths]
    pieces = []
    for (status, _), piece in zip(shares, widths, strict=True):
        css = f"jmpx-c {status_style(status).css_class}"
        faint = ".35" if status.value == "pending" else None
        box = Box(x, y, max(1.0, piece - 1), BAR_HEIGHT)
        pieces.append(rect(box, class_=css, opacity=faint))
        x += piece
    return tag("g", *pieces)
