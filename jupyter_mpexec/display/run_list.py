"""Several runs as a table: which there are, and how far each is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from jupyter_mpexec.status import QuantumStatus, RunState

from . import formats
from .html import Html, badge, bar, join, page, paragraph, table, tag
from .status_style import run_style

__all__ = ["RunRow", "runs_html", "runs_text"]

MOST_ROWS = 20
"""Runs that are shown; of older ones, only those that go on. The others are counted."""

_WIDTH_OF_BAR = 10
_LONGEST_OUTPUT = 44
_WENT_WRONG = (QuantumStatus.FAILED, QuantumStatus.BLOCKED, QuantumStatus.CANCELLED)


@dataclass(frozen=True, kw_only=True)
class RunRow:
    """One run.

    Parameters
    ----------
    id
        Identifier.
    state
        State of the run.
    counts
        Number of quanta by state.
    output
        Collection that outputs go to.
    started_at
        When it began, in seconds since the Unix epoch.
    trouble
        Why nothing more can be said of it.
    """

    id: str
    state: RunState
    counts: Mapping[QuantumStatus, int] = field(default_factory=dict)
    output: str = ""
    started_at: float
    trouble: str = ""

    @property
    def total(self) -> int:
        """Number of quanta."""
        return sum(self.counts.values())

    @property
    def ended(self) -> int:
        """Number of quanta in a final state."""
        return sum(n for status, n in self.counts.items() if status.is_final)

    @property
    def progress(self) -> str:
        """How far it is, in words."""
        if self.trouble:
            return self.trouble
        if not self.total:
            return "getting ready" if not self.state.is_final else "did not begin"
        wrong = [f"{formats.number(n)} {s.value}" for s in _WENT_WRONG if (n := self.counts.get(s))]
        return ", ".join([f"{formats.number(self.ended)}/{formats.number(self.total)}", *wrong])


def runs_html(rows: Sequence[RunRow], *, now: float, most: int | None = MOST_ROWS) -> str:
    """Show runs as a table, in the order given.

    Parameters
    ----------
    rows
        The runs, the newest first.
    now
        The present, in seconds since the Unix epoch.
    most
        How many are shown; None for all.
    """
    if not rows:
        return page(paragraph("No runs yet."))
    body = [
        (badge(row.state), _name(row.id), _progress(row), _age(row, now), _may_be_cut(row.output))
        for row in _shown(rows, most)
    ]
    columns = ["State", "Run", "Quanta", "Begun", "Output"]
    caption = f"Runs, the newest first, as of {formats.clock_time(now)}"
    more = [paragraph(text, muted=True)] if (text := _rest(rows, most)) else []
    return page(table(columns, body, caption=caption), *more)


def runs_text(rows: Sequence[RunRow], *, now: float, most: int | None = MOST_ROWS) -> str:
    """Write runs as aligned lines of text, in the order given; parameters as for `runs_html`."""
    if not rows:
        return "No runs yet."
    cells = [
        (
            f"{run_style(row.state).glyph} {run_style(row.state).word}",
            row.id,
            f"{_drawn(row)} {row.progress}".strip(),
            formats.shorten(row.output, _LONGEST_OUTPUT),
            _ago(row, now),
        )
        for row in _shown(rows, most)
    ]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in cells
    ]
    return formats.plain("\n".join([*lines, *filter(None, [_rest(rows, most)])]))


def _shown(rows: Sequence[RunRow], most: int | None) -> list[RunRow]:
    if most is None:
        return list(rows)
    # However old it is: what goes on is what people look for.
    return [row for number, row in enumerate(rows) if number < most or not row.state.is_final]


def _rest(rows: Sequence[RunRow], most: int | None) -> str:
    rest = len(rows) - len(_shown(rows, most))
    return f"… and {formats.plural(rest, 'older run')}: %pipetask runs --all" if rest else ""


def _name(run_id: str) -> Html:
    """Write an identifier whose long beginning may be cut off on the page, but is there when it is copied."""
    head, dash, tail = run_id.rpartition("-")
    return join(
        [
            tag("span", _may_be_cut(head + dash), class_="jmpx-muted"),
            tail,
        ]
    )


def _may_be_cut(text: str) -> Html:
    return tag("span", text, class_="jmpx-cut", title=text)


def _progress(row: RunRow) -> Html:
    drawn = bar(row.counts) if row.total and not row.trouble else ""
    return join([tag("span", row.progress), drawn])


def _drawn(row: RunRow) -> str:
    if row.trouble or not row.total:
        return ""
    full = row.ended * _WIDTH_OF_BAR // row.total
    return "█" * full + "░" * (_WIDTH_OF_BAR - full)


def _ago(row: RunRow, now: float) -> str:
    # One unit is enough to tell runs apart.
    return f"{' '.join(formats.duration(now - row.started_at).split()[:2])} ago"


def _age(row: RunRow, now: float) -> Html:
    return tag("span", _ago(row, now), title=formats.clock_time(row.started_at))
