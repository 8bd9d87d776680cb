"""What is written in a node's box, and how large the box must be for it."""

from __future__ import annotations

from dataclasses import dataclass

from jupyter_mpexec.diagram import Node
from jupyter_mpexec.status import QuantumStatus

from . import formats
from .status_style import READING_ORDER, status_style, worst
from .text_size import text_width

__all__ = ["Card", "Run", "card", "hover_text"]

LABEL_SIZE = 13.0
LINE_SIZE = 11.0
LINE_HEIGHT = 15.0
LABEL_HEIGHT = 17.0
PAD_X = 12.0
PAD_Y = 7.0
BAR_HEIGHT = 5.0
LONGEST_LABEL = 40
LONGEST_LINE = 52
MOST_LINES = 6
LONGEST_VALUE = 160

Run = tuple[str, QuantumStatus | None]
"""A piece of a line, and the state whose colour it has."""


@dataclass(frozen=True)
class Card:
    """Content of a box.

    Parameters
    ----------
    label
        First line, short enough.
    lines
        The others, each in pieces.
    bar
        Whether a bar with the shares of the states comes last.
    state
        The state that colours the border, if any.
    width, height
        Size of the box in pixels.
    """

    label: str
    lines: tuple[tuple[Run, ...], ...]
    bar: bool
    state: QuantumStatus | None
    width: float
    height: float


def card(node: Node) -> Card:
    """Work out what a node's box says and how large it is."""
    data = node.kind in ("dataset_type", "dataset")
    label = formats.shorten(formats.plain(node.label), LONGEST_LABEL) or "(no name)"
    texts = [formats.shorten(formats.plain(line), LONGEST_LINE) for line in node.lines[:MOST_LINES]]
    lines: list[tuple[Run, ...]] = [((text, None),) for text in texts]
    state, counts = node.status, {s: n for s, n in node.counts.items() if n}
    total = sum(counts.values())
    # Before anything has happened, a row of "pending" says less than nothing.
    untouched = set(counts) <= {QuantumStatus.PENDING}
    if counts:
        lines.append(((formats.plural(total, "quantum", "quanta"), None),))
        if not untouched:
            state = state or worst(counts)
            lines.append(_count_pieces(counts))
    elif state is not None:
        style = status_style(state)
        lines.append(((f"{style.glyph} {style.word}", state),))
    width = max(
        text_width(label, LABEL_SIZE, bold=not data),
        *(text_width("".join(text for text, _ in line), LINE_SIZE) for line in lines),
        40.0,
    )
    bar = bool(counts) and not untouched
    height = 2 * PAD_Y + LABEL_HEIGHT + LINE_HEIGHT * len(lines) + (BAR_HEIGHT + 4 if bar else 0)
    return Card(label, tuple(lines), bar, state, round(width + 2 * PAD_X + (4 if data else 0)), height)


def _count_pieces(counts: dict[QuantumStatus, int]) -> tuple[Run, ...]:
    pieces: list[Run] = []
    for status in READING_ORDER:
        if counts.get(status):
            gap = "\N{EN SPACE}" if pieces else ""
            pieces.append((f"{gap}{status_style(status).glyph} {formats.number(counts[status])}", status))
    return tuple(pieces)


def hover_text(node: Node) -> str:
    """Write all that is known of a node, a line each: its tooltip."""
    kind = {"task": "Task", "dataset_type": "Dataset type", "quantum": "Quantum", "dataset": "Dataset"}[
        node.kind
    ]
    rows = [f"{kind} {node.label}", *node.lines]
    rows += [f"{name}: {formats.shorten(value, LONGEST_VALUE)}" for name, value in node.details]
    if node.init:
        rows.append("Belongs to the construction of tasks.")
    if node.status is not None:
        rows.append(f"Status: {status_style(node.status).word}")
    for status in READING_ORDER:
        if node.counts.get(status):
            rows.append(f"{formats.number(node.counts[status])} {status_style(status).word}")
    return "\n".join(rows)
