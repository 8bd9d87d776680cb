"""Several runs as a table: which there are, and how far each is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jupyter_mpexec.status import RunState

from . import formats
from .html import Column, badge, page, paragraph, table
from .status_style import run_style

__all__ = ["RunRow", "runs_html", "runs_text"]

MOST_ROWS = 100
"""Runs that are shown; older ones are counted."""


@dataclass(frozen=True, kw_only=True)
class RunRow:
    """One run.

    Parameters
    ----------
    id
        Identifier.
    state
        State of the run.
    ended, total, failed
        Numbers of quanta.
    output
        Collection that outputs go to.
    started_at
        When it began, in seconds since the Unix epoch.
    trouble
        Why nothing more can be said of it.
    """

    id: str
    state: RunState
    ended: int
    total: int
    failed: int
    output: str
    started_at: float
    trouble: str = ""

    @property
    def progress(self) -> str:
        """How far it is, in words."""
        if self.trouble:
            return self.trouble
        failed = f", {formats.number(self.failed)} failed" if self.failed else ""
        return f"{formats.number(self.ended)} of {formats.number(self.total)} quanta{failed}"


def runs_html(rows: Sequence[RunRow]) -> str:
    """Show runs as a table, in the order given."""
    if not rows:
        return page(paragraph("No runs yet."))
    body = [
        (badge(row.state), row.id, row.progress, row.output, formats.clock_time(row.started_at))
        for row in rows[:MOST_ROWS]
    ]
    columns: list[Column | str] = ["State", "Run", "Progress", "Output", "Begun"]
    return page(table(columns, body, caption="Runs, the newest first"), *_more(rows))


def runs_text(rows: Sequence[RunRow]) -> str:
    """Write runs as lines of text, in the order given."""
    if not rows:
        return "No runs yet."
    lines = [
        f"{run_style(row.state).glyph} {row.id}: {run_style(row.state).word}, {row.progress}, to {row.output or '?'}, "
        f"begun {formats.clock_time(row.started_at)}"
        for row in rows[:MOST_ROWS]
    ]
    rest = len(rows) - MOST_ROWS
    return formats.plain(
        "\n".join([*lines, *([f"… and {formats.plural(rest, 'older run')}"] if rest > 0 else [])])
    )


def _more(rows: Sequence[RunRow]) -> list[str]:
    rest = len(rows) - MOST_ROWS
    return [paragraph(f"… and {formats.plural(rest, 'older run')}", muted=True)] if rest > 0 else []
