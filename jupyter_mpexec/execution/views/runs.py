"""The list of runs."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from jupyter_mpexec.display import html
from jupyter_mpexec.display.run_list import MOST_ROWS, RunRow, runs_html, runs_text

if TYPE_CHECKING:
    from jupyter_mpexec.execution.runs import RunEntry, RunList

__all__ = ["runs_bundle"]


def runs_bundle(runs: RunList) -> dict[str, str]:
    """Show runs as a table."""
    rows = [_row(entry) for entry in runs]
    now = time.time()
    most = None if runs.shows_all else MOST_ROWS
    return html.bundle(runs_text(rows, now=now, most=most), runs_html(rows, now=now, most=most))


def _row(entry: RunEntry) -> RunRow:
    summary = entry.summary
    started = summary.started if summary is not None else None
    return RunRow(
        id=entry.id,
        state=entry.state,
        counts=summary.counts if summary is not None else {},
        output=(started.output or started.output_run) if started is not None else "",
        started_at=entry.started_at,
        trouble=entry.trouble,
    )
