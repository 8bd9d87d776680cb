"""The list of runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_mpexec.display import html
from jupyter_mpexec.display.run_list import RunRow, runs_html, runs_text

if TYPE_CHECKING:
    from jupyter_mpexec.execution.runs import RunEntry, RunList

__all__ = ["runs_bundle"]


def runs_bundle(runs: RunList) -> dict[str, str]:
    """Show runs as a table."""
    rows = [_row(entry) for entry in runs]
    return html.bundle(runs_text(rows), runs_html(rows))


def _row(entry: RunEntry) -> RunRow:
    report = entry.report
    started = report.started if report is not None else None
    return RunRow(
        id=entry.id,
        state=entry.state,
        ended=report.ended if report is not None else 0,
        total=report.total if report is not None else 0,
        failed=len(report.failures) if report is not None else 0,
        output=(started.output or started.output_run) if started is not None else "",
        started_at=entry.started_at,
        trouble=entry.trouble,
    )
