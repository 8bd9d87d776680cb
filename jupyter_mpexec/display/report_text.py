"""The report of a run in plain text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from jupyter_mpexec.report import QuantumRecord, RunReport, TaskSummary
from jupyter_mpexec.status import QuantumStatus, RunState

from . import formats
from .report_view import (
    causes,
    command,
    error_text,
    failure_facts,
    failure_headline,
    failure_kinds,
    patched_title,
    run_facts,
    way_on,
)
from .report_view import title as default_title
from .status_style import READING_ORDER, counts_text, run_style, status_style

__all__ = ["report_text"]

MOST_FAILURES = 3
MOST_ROWS = 60
LAST_LINES = 5


def report_text(report: RunReport, *, title: str | None = None, show_times: bool = True) -> str:
    """Write the report of a run as plain text.

    Parameters
    ----------
    report
        State of the run, over or not.
    title
        First line; by default the run's ID.
    show_times
        Show moments, durations and memory.

    Returns
    -------
    text
        Lines without a newline at the end.
    """
    style = run_style(report.state)
    lines = [f"{title or default_title(report)}: {style.glyph} {style.word}"]
    if report.error:
        lines.append(error_text(report))
        if hint := way_on(report):
            lines.append(hint)
    if report.state is RunState.PAUSED and report.reason:
        lines.append(f"{style.word} {report.reason}")
    if patched := report.patched:
        lines.append(f"{patched_title(len(patched))}:")
        lines += [f"  {record.name}: {', '.join(record.changes)}" for record in patched[:MOST_ROWS]]
    lines.append(counts_text(report.counts, report.state) or "no quanta")
    lines += [f"{name}: {value}" for name, value in run_facts(report, show_times=show_times)]
    lines += _failures(report.failures, show_times)
    lines += _tasks(report, show_times)
    lines += _blocked(report)
    if text := command(report):
        lines += ["", "The same from a shell:", f"  {text}"]
    return formats.plain("\n".join(lines))


def _failures(failures: list[QuantumRecord], show_times: bool) -> Iterable[str]:
    if not failures:
        return
    yield ""
    yield f"{formats.plural(len(failures), 'quantum', 'quanta')} failed:"
    if len(failures) > MOST_FAILURES:
        for label, exception, count, first in failure_kinds(failures)[:MOST_ROWS]:
            yield f"  {formats.number(count)} of {label}: {exception}, first {first}"
    for record in failures[:MOST_FAILURES]:
        yield ""
        yield f"{status_style(QuantumStatus.FAILED).glyph} {record.name}: {failure_headline(record)}"
        for name, value in failure_facts(record, show_times=show_times):
            yield f"  {name}: {value}"
        if record.failure is not None and record.failure.traceback:
            for line in formats.trim_lines(record.failure.traceback, lines=30, characters=4000).splitlines():
                yield f"    {line}"
        if record.failure is not None and record.failure.log:
            yield "  end of its log:"
            for line in formats.plain(record.failure.log).splitlines()[-LAST_LINES:]:
                yield f"    {formats.shorten(line, 200)}"


def _tasks(report: RunReport, show_times: bool) -> list[str]:
    tasks = report.tasks
    if not tasks:
        return []
    present = [status for status in READING_ORDER if report.counts.get(status)]
    head = ["task", "quanta", *(status_style(status).word for status in present)]
    if show_times:
        head += ["total", "median", "longest", "peak memory"]
    rows = [_task_row(task, present, show_times) for task in tasks[:MOST_ROWS]]
    more = [f"… and {formats.number(len(tasks) - MOST_ROWS)} more tasks"] if len(tasks) > MOST_ROWS else []
    return ["", *_aligned([head, *rows]), *more]


def _task_row(task: TaskSummary, present: Sequence[QuantumStatus], show_times: bool) -> list[str]:
    row = [task.label, formats.number(task.total)]
    row += [formats.number(task.counts[status]) if task.counts.get(status) else "-" for status in present]
    if show_times:
        times = (task.total_time, task.median_time, task.longest_time)
        row += [formats.duration(time) if task.longest_time else "-" for time in times]
        row.append(formats.bytes_(task.peak_memory) if task.peak_memory else "-")
    return row


def _aligned(rows: list[list[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            [row[0].ljust(widths[0]), *(cell.rjust(w) for cell, w in zip(row[1:], widths[1:], strict=True))]
        )
        for row in rows
    ]


def _blocked(report: RunReport) -> Iterable[str]:
    found = causes(report)
    if found:
        yield ""
        yield f"{formats.plural(sum(cause.total for cause in found), 'quantum', 'quanta')} blocked:"
        for cause in found[:10]:
            tasks = ", ".join(f"{formats.number(count)} {label}" for label, count in cause.tasks.items())
            yield f"  by {cause.name}: {tasks}"
        if len(found) > 10:
            yield f"  … and {formats.plural(len(found) - 10, 'more cause')}"
