"""What is known of one quantum, as HTML: what went wrong first, then when, where and how much."""

from __future__ import annotations

from jupyter_mpexec.display import formats
from jupyter_mpexec.display.html import badge, code, definition_list, details, join, tag
from jupyter_mpexec.report import QuantumRecord, RunReport
from jupyter_mpexec.watch.watched_run import WatchedRun

__all__ = ["facts_html", "title_html", "worker_name"]


def worker_name(worker: str) -> str:
    """Name a worker for a reader: in the kernel it is a thread, whose name says nothing."""
    return worker if worker.startswith("worker") else "this kernel"


def title_html(watched: WatchedRun, position: int) -> str:
    """Name a quantum, with its state."""
    label = watched.catalogue.task(position).label
    data_id = formats.data_id(watched.catalogue.data_id(position)) or "no data ID"
    seconds = watched.seconds[position]
    parts = [tag("strong", label), tag("span", data_id), badge(watched.status(position))]
    if seconds:
        parts.append(tag("span", formats.duration(seconds), class_="jmpx-muted"))
    return str(tag("div", *parts, class_="jmpx-title"))


def facts_html(watched: WatchedRun, position: int, report: RunReport) -> str:
    """Write what is known of a quantum."""
    record = report.quanta.get(watched.catalogue.ids[position])
    parts = []
    if record is not None and record.failure is not None:
        parts.append(_failure(record, is_past=record.status is not record.failure.status))
    if record is not None and record.blocked_by:
        blocker = report.quanta.get(record.blocked_by)
        parts.append(
            tag("p", "Blocked by ", blocker.name if blocker else record.blocked_by, ".", class_="jmpx-p")
        )
    parts.append(definition_list(_facts(watched, position, record)))
    return str(join(parts))


def _failure(record: QuantumRecord, *, is_past: bool) -> object:
    failure = record.failure
    assert failure is not None, "Asked by the only caller."
    exception = failure.exception.removeprefix("builtins.") or "unknown"
    headline = tag("strong", f"{exception}: " if failure.message else exception)
    message = formats.trim_lines(failure.message, lines=60, characters=8000)
    what = tag("p", headline, message, class_="jmpx-p jmpx-problem")
    trace = code(formats.trim_lines(failure.traceback, lines=60, characters=8000), label="Traceback")
    parts = [what, trace if failure.traceback else ""]
    if failure.log:
        parts.append(
            details("End of the log", code(formats.trim_lines(failure.log, lines=60, characters=8000)))
        )
    if is_past:
        return details(f"Attempt {failure.attempt} failed with {exception}", *parts)
    return join(parts)


def _facts(watched: WatchedRun, position: int, record: QuantumRecord | None) -> list[tuple[object, object]]:
    facts: list[tuple[object, object]] = [("state", badge(watched.status(position)))]
    facts += [(tag("span", name), value) for name, value in watched.catalogue.data_id(position).items()]
    if watched.starts[position]:
        facts.append(("started", formats.clock_time(watched.starts[position])))
    if watched.seconds[position]:
        facts.append(("took", formats.duration(watched.seconds[position])))
    if record is not None and record.cpu_time:
        facts.append(("processor time", formats.duration(record.cpu_time)))
    if watched.memory[position]:
        facts.append(("peak memory", formats.bytes_(watched.memory[position])))
    if watched.workers.get(position):
        facts.append(("worker", worker_name(watched.workers[position])))
    if record is not None and record.host:
        facts.append(("host", record.host))
    if record is not None and record.pid:
        facts.append(("process ID", record.pid))
    if record is not None and record.attempt > 1:
        facts.append(("attempt", record.attempt))
    if record is not None and record.status.is_success:
        facts.append(("outputs", "in the registry" if record.ingested else "not in the registry yet"))
        if record.lacks_outputs:
            facts.append(("", "not all predicted outputs were written"))
    facts.append(("quantum ID", tag("code", watched.catalogue.ids[position])))
    return facts
