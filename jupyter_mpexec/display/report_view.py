"""What a report says, before it is put into HTML or text."""

from __future__ import annotations

import shlex
import signal
from collections import Counter
from dataclasses import dataclass

from jupyter_mpexec.events import QuantumFailed
from jupyter_mpexec.long_text import HEADLINE, trim
from jupyter_mpexec.report import QuantumRecord, RunReport
from jupyter_mpexec.status import QuantumStatus, RunState

from . import formats

__all__ = [
    "Cause",
    "causes",
    "command",
    "error_text",
    "failure_facts",
    "failure_headline",
    "failure_kinds",
    "patched_title",
    "run_facts",
    "title",
    "way_on",
]


@dataclass(frozen=True)
class Cause:
    """Something that other quanta are blocked by.

    Parameters
    ----------
    name
        Task label and data ID of the quantum.
    tasks
        Number of blocked quanta by task label.
    """

    name: str
    tasks: dict[str, int]

    @property
    def total(self) -> int:
        """Number of blocked quanta."""
        return sum(self.tasks.values())


def causes(report: RunReport) -> list[Cause]:
    """List what blocked other quanta, the worst first."""
    blocked: dict[str, Counter[str]] = {}
    for record in report.quanta.values():
        if record.status is QuantumStatus.BLOCKED:
            blocked.setdefault(record.blocked_by, Counter())[record.task_label] += 1
    found = [
        Cause(report.quanta[by].name if by in report.quanta else by or "unknown", dict(tasks))
        for by, tasks in blocked.items()
    ]
    return sorted(found, key=lambda cause: (-cause.total, cause.name))


def failure_kinds(failures: list[QuantumRecord]) -> list[tuple[str, str, int, str]]:
    """Sort failures by task and exception: label, exception, how many, and the name of the first."""
    counts: Counter[tuple[str, str]] = Counter()
    first: dict[tuple[str, str], str] = {}
    for record in failures:
        key = record.task_label, _exception(record.failure)
        counts[key] += 1
        first.setdefault(key, record.name)
    return [(label, exception, n, first[label, exception]) for (label, exception), n in counts.most_common()]


def _exception(failure: QuantumFailed | None) -> str:
    if failure is None:
        return "unknown"
    if failure.timed_out:
        return "timed out"
    return failure.exception.removeprefix("builtins.") or "unknown"


def failure_headline(record: QuantumRecord) -> str:
    """Say in one line what went wrong with a quantum."""
    message = record.failure.message if record.failure else ""
    first = next((line for line in message.splitlines() if line.strip()), "")
    headline = f"{_exception(record.failure)}: {first}" if first else _exception(record.failure)
    return formats.shorten(formats.plain(headline), 160)


def failure_facts(record: QuantumRecord, *, show_times: bool) -> list[tuple[str, str]]:
    """List the circumstances of a failure that are worth a line."""
    facts: list[tuple[str, str]] = []
    failure = record.failure
    if failure is None:
        return facts
    if failure.attempt > 1:
        facts.append(("Attempt", formats.number(failure.attempt)))
    if failure.exit_code is not None and failure.exit_code < 0:
        # Any other code is only what upstream's process would have had: a worker outlives a task that raises.
        facts.append(("Process ended", _exit(failure.exit_code)))
    if show_times:
        facts.append(("After", formats.duration(failure.duration)))
        if failure.peak_memory:
            facts.append(("Peak memory", formats.bytes_(failure.peak_memory)))
    return facts


def _exit(code: int) -> str:
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    hint = "; often for want of memory" if name == "SIGKILL" else ""
    return f"by {name}{hint}"


def error_text(report: RunReport) -> str:
    """Say why the run failed or stopped; what a quantum's exception says at length stands with its failure."""
    return trim(formats.plain(report.error), HEADLINE)


def title(report: RunReport) -> str:
    """Name a run."""
    return f"Run {report.run_id}" if report.run_id else "Run that has not started"


def command(report: RunReport) -> str:
    """Write the shell command that does the same again; empty if there is none."""
    return shlex.join(report.started.command) if report.started else ""


def run_facts(report: RunReport, *, show_times: bool) -> list[tuple[str, str]]:
    """List what was run, where, and how long it took."""
    facts: list[tuple[str, str]] = []
    if report.started is not None:
        facts.append(("Output run", report.started.output_run))
        if report.started.output:
            facts.append(("Output collection", report.started.output))
        if report.started.repository:
            facts.append(("Repository", report.started.repository))
    facts.append(("Quanta", _ended(report)))
    lacking = [record for record in report.quanta.values() if record.lacks_outputs]
    if lacking:
        facts.append(
            (
                "Outputs missing",
                f"{formats.plural(len(lacking), 'quantum', 'quanta')} succeeded without all outputs, "
                f"the first {lacking[0].name}",
            )
        )
    if show_times and report.started is not None:
        facts += _times(report, report.started.time)
    return facts


def _ended(report: RunReport) -> str:
    words = f"{formats.number(report.ended)} of {formats.number(report.total)} ended"
    under_way = report.counts.get(QuantumStatus.RUNNING, 0) if report.state is RunState.DEAD else 0
    return f"{words}; {formats.number(under_way)} broken off with the run" if under_way else words


def _times(report: RunReport, newest_start: float) -> list[tuple[str, str]]:
    took = formats.duration(report.elapsed)
    facts = [("Started", formats.clock_time(report.began_at or newest_start))]
    if report.sessions > 1:
        facts.append(("Gone on with", formats.clock_time(newest_start)))
        took = f"{took} in {report.sessions} sessions"
    if report.state is RunState.DEAD:
        facts.append(("Last heard of", formats.clock_time(report.worked_until or newest_start)))
    return [*facts, ("Took" if report.state.is_final else "So far", took)]


def patched_title(number: int) -> str:
    """Say that outputs were not made by the pipeline alone."""
    return f"Outputs of {formats.plural(number, 'quantum', 'quanta')} were made with changes by hand"


def way_on(report: RunReport) -> str:
    """Say how a run can go on; nothing where the hint of its end is about this very report."""
    if report.run_id and not report.state.is_final:
        # A page or a notebook may be read long after it was written.
        return f"It went on when this was written. How far it is now: %pipetask attach {report.run_id}"
    return report.hint if report.state is RunState.DEAD or "%pipetask" in report.hint else ""
