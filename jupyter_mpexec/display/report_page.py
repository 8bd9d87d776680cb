"""The report of a run as a page: what failed first, then everything else."""

from __future__ import annotations

from jupyter_mpexec.report import QuantumRecord, RunReport, TaskSummary
from jupyter_mpexec.status import QuantumStatus, RunState

from . import formats
from .html import (
    Column,
    Html,
    badge,
    bar,
    code,
    count_badges,
    definition_list,
    details,
    heading,
    join,
    page,
    paragraph,
    table,
    tag,
)
from .report_view import (
    causes,
    command,
    error_text,
    failure_facts,
    failure_headline,
    failure_kinds,
    patched_title,
    run_facts,
    title,
    way_on,
)
from .status_style import READING_ORDER

__all__ = ["report_html"]

MOST_FAILURES = 8
"""Failures that are shown with their tracebacks."""

MOST_ROWS = 60
"""Rows of a table at most."""


def report_html(report: RunReport, *parts: Html, title: str | None = None, show_times: bool = True) -> str:
    """Write the report of a run as HTML that needs no script and no kernel.

    Parameters
    ----------
    report
        State of the run, over or not.
    parts
        What else to show, after the tables.
    title
        Heading; by default the run's ID.
    show_times
        Show moments, durations and memory. Without them, two runs with the same outcome give the same page.
    """
    failures = report.failures
    return page(
        _head(report, title, show_times),
        *_failures(failures, show_times),
        *_tasks(report, show_times),
        *_blocked(report),
        *parts,
        *_again(report),
        *_versions(report),
    )


def _head(report: RunReport, heading_text: str | None, show_times: bool) -> Html:
    counts = report.counts
    is_at_breakpoint = report.state is RunState.PAUSED and report.reason
    return join(
        (
            tag("h2", heading_text or title(report), " ", badge(report.state), class_="jmpx-h"),
            paragraph(error_text(report)) if report.error else "",
            paragraph(f"Paused {report.reason}.") if is_at_breakpoint else "",
            _patched(report),
            paragraph(hint) if (hint := way_on(report)) else "",
            bar(counts, report.state) if counts else "",
            count_badges(counts, report.state),
            definition_list(run_facts(report, show_times=show_times)),
        )
    )


def _patched(report: RunReport) -> Html:
    """Name what is not what the pipeline alone would have given."""
    patched = report.patched
    if not patched:
        return Html("")
    lines = [tag("li", tag("strong", r.name), f": {', '.join(r.changes)}") for r in patched[:MOST_ROWS]]
    sources = [
        details(f"{method['name']} in {record.name}", code(method["source"], label=method["name"]))
        for record in patched[:MOST_FAILURES]
        for method in record.patch.get("methods", ())
    ]
    return tag(
        "div",
        paragraph(tag("strong", f"{patched_title(len(patched))}:")),
        tag("ul", *lines, class_="jmpx-ul"),
        *_rest(len(patched), "quantum", "quanta"),
        *sources,
        class_="jmpx-banner",
        role="note",
    )


def _failures(failures: list[QuantumRecord], show_times: bool) -> list[Html]:
    if not failures:
        return []
    parts = [heading(f"{formats.plural(len(failures), 'quantum', 'quanta')} failed")]
    if len(failures) > 1:
        kinds = failure_kinds(failures)
        rows = [
            (label, exception, formats.number(count), first)
            for label, exception, count, first in kinds[:MOST_ROWS]
        ]
        columns: list[Column | str] = ["Task", "Exception", Column("Quanta", numeric=True), "First"]
        parts.append(table(columns, rows, caption="What went wrong, and how often"))
        parts += _rest(len(kinds), "kind of failure", "kinds of failure")
    for number, record in enumerate(failures[:MOST_FAILURES]):
        parts.append(_failure(record, show_times, open=number == 0))
    if len(failures) > MOST_FAILURES:
        rest = formats.number(len(failures) - MOST_FAILURES)
        parts.append(
            paragraph(f"{rest} more failed; their tracebacks are in the journal of the run.", muted=True)
        )
    return parts


def _failure(record: QuantumRecord, show_times: bool, *, open: bool) -> Html:  # noqa: A002  # HTML's own word
    summary = join(
        (badge(QuantumStatus.FAILED), " ", tag("strong", record.name), " ", failure_headline(record))
    )
    body: list[Html] = [definition_list(failure_facts(record, show_times=show_times))]
    if record.failure is not None:
        text = record.failure.traceback or f"{record.failure.exception}: {record.failure.message}"
        body.append(
            code(formats.trim_lines(text, lines=60, characters=6000), label=f"Traceback of {record.name}")
        )
        if record.failure.log:
            log = formats.trim_lines(record.failure.log, lines=30, characters=3000)
            body.append(details("Last lines of its log", code(log, label=f"Log of {record.name}")))
    return details(summary, *body, open=open)


def _tasks(report: RunReport, show_times: bool) -> list[Html]:
    tasks = report.tasks
    if not tasks:
        return []
    present = [status for status in READING_ORDER if report.counts.get(status)]
    columns: list[Column | str] = ["Task", Column("Quanta", numeric=True)]
    columns += [Column(badge(status), numeric=True) for status in present]
    if show_times:
        columns += [Column(name, numeric=True) for name in ("Total", "Median", "Longest", "Peak memory")]
    columns.append("Share")
    rows = [_task_row(task, present, show_times) for task in tasks[:MOST_ROWS]]
    return [
        heading("Tasks"),
        table(columns, rows, caption="Number of quanta by state, and what they took"),
        *_rest(len(tasks), "task", "tasks"),
    ]


def _task_row(task: TaskSummary, present: list[QuantumStatus], show_times: bool) -> list[object]:
    row: list[object] = [task.label, formats.number(task.total)]
    row += [formats.number(task.counts[status]) if task.counts.get(status) else "-" for status in present]
    if show_times:
        times = (task.total_time, task.median_time, task.longest_time)
        row += [formats.duration(time) if task.longest_time else "-" for time in times]
        row.append(formats.bytes_(task.peak_memory) if task.peak_memory else "-")
    row.append(bar(task.counts))
    return row


def _blocked(report: RunReport) -> list[Html]:
    found = causes(report)
    parts: list[Html] = []
    if found:
        rows = [
            (cause.name, formats.number(cause.total), ", ".join(f"{n} {t}" for t, n in cause.tasks.items()))
            for cause in found[:MOST_ROWS]
        ]
        parts.append(heading(f"{formats.plural(sum(c.total for c in found), 'quantum', 'quanta')} blocked"))
        columns: list[Column | str] = ["By", Column("Quanta", numeric=True), "Of these tasks"]
        parts.append(table(columns, rows, caption="They wait for outputs that were never made"))
        parts += _rest(len(found), "cause", "causes")
    skipped = report.counts.get(QuantumStatus.SKIPPED, 0)
    if skipped:
        were = formats.plural(skipped, "quantum was", "quanta were")
        words = f"{were} skipped: the outputs were there already, or somebody asked for it."
        parts.append(paragraph(words, muted=True))
    return parts


def _again(report: RunReport) -> list[Html]:
    text = command(report)
    return [heading("The same from a shell"), code(text, label="Shell command")] if text else []


def _versions(report: RunReport) -> list[Html]:
    if report.started is None or not report.started.versions:
        return []
    return [details("Versions", definition_list(sorted(report.started.versions.items())))]


def _rest(total: int, one: str, many: str) -> list[Html]:
    rest = total - MOST_ROWS
    return [paragraph(f"… and {formats.plural(rest, one, many)} more.", muted=True)] if rest > 0 else []
