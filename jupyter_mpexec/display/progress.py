"""How far a run is: counts, share done and time left, for a bar in a terminal or a page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from jupyter_mpexec.report import RunReport
from jupyter_mpexec.status import QuantumStatus, RunState

from . import formats
from .html import badge, bar, count_badges, page, paragraph
from .status_style import READING_ORDER, run_style, status_style

__all__ = ["ProgressView", "line", "progress_html", "progress_view"]


@dataclass(frozen=True, kw_only=True)
class ProgressView:
    """How far a run is.

    Parameters
    ----------
    state
        State of the run.
    total, ended
        Number of quanta, and of those in a final state.
    counts
        Number of quanta by state.
    elapsed
        Seconds that the run has taken, in all its sessions.
    remaining
        Estimated seconds to the end; None while nothing is known, or when the run is over.
    """

    state: RunState
    total: int
    ended: int
    counts: Mapping[QuantumStatus, int]
    elapsed: float
    remaining: float | None = None

    @property
    def fraction(self) -> float:
        """Share of the quanta that have ended, from 0 to 1; 1 where there are none."""
        return self.ended / self.total if self.total else 1.0


def progress_view(report: RunReport, *, now: float | None = None) -> ProgressView:
    """Take from a report how far its run is.

    Parameters
    ----------
    report
        State of the run.
    now
        The present, in seconds since the Unix epoch; by default the time of the newest event.
    """
    elapsed = report.elapsed if now is None or report.state.is_final else report.elapsed_at(now)
    return ProgressView(
        state=report.state,
        total=report.total,
        ended=report.ended,
        counts=report.counts,
        elapsed=elapsed,
        remaining=None if report.state.is_final else _remaining(report, now),
    )


def _remaining(report: RunReport, now: float | None) -> float | None:
    """Estimate the time left: mean duration by task, times what is to come, at the rate of work so far.

    A task that has not run yet counts with the mean of all the others.
    """
    started = report.started
    if started is None:
        return None
    at_work = 0.0
    running = 0
    spent: dict[str, float] = defaultdict(float)
    executed: dict[str, int] = defaultdict(int)
    left = dict(started.quanta)
    # Plain comparisons, since a live bar comes here often and a run may have 100,000 quanta.
    for record in report.quanta.values():
        label, status = record.task_label, record.status
        if status is QuantumStatus.PENDING or status is QuantumStatus.RUNNING:
            running += status is QuantumStatus.RUNNING
            continue
        left[label] = left.get(label, 0) - 1
        if record.duration and status is not QuantumStatus.CANCELLED:
            spent[label] += record.duration
            executed[label] += 1
            if record.started is None or record.started >= started.time:
                at_work += record.duration
    if not executed:
        return None
    total_spent = sum(spent.values())
    mean = total_spent / sum(executed.values())
    work = sum(
        count * (spent[label] / executed[label] if executed[label] else mean) for label, count in left.items()
    )
    # How many seconds of work are done in a second: the number of workers that were really busy, since the run was
    # last gone on with.
    elapsed = (now if now is not None else report.last_event_at or started.time) - started.time
    rate = at_work / elapsed if elapsed > 0 and at_work > 0 else float(max(1, running))
    return max(0.0, work) / rate


def line(view: ProgressView, *, width: int = 20) -> str:
    """Write progress in one line, for a terminal or a log.

    Parameters
    ----------
    view
        How far the run is.
    width
        Characters of the bar; 0 leaves it out.

    Examples
    --------
    >>> counts = {QuantumStatus.SUCCEEDED: 3, QuantumStatus.PENDING: 1}
    >>> view = ProgressView(
    ...     state=RunState.RUNNING, total=4, ended=3, counts=counts, elapsed=9, remaining=3
    ... )
    >>> line(view, width=4)
    '███░ 3/4 75% · ✓ 3 · ○ 1 · 9.0 s, about 3.0 s left'
    """
    full = int(view.fraction * width)
    parts = [f"{view.ended}/{view.total} {_percent(view)}", *_count_words(view.counts), _times(view)]
    if view.state is not RunState.RUNNING:
        parts.append(run_style(view.state).word)
    drawn = "█" * full + "░" * (width - full)
    return f"{drawn} {' · '.join(parts)}".strip()


def progress_html(view: ProgressView) -> str:
    """Write progress as HTML, with a bar of the states."""
    total = formats.plural(view.total, "quantum", "quanta")
    done = f"{formats.number(view.ended)} of {total} ({_percent(view)})"
    return page(
        paragraph(badge(view.state), " ", done),
        bar(view.counts, view.state) if view.counts else "",
        count_badges(view.counts, view.state),
        paragraph(_times(view), muted=True),
    )


def _percent(view: ProgressView) -> str:
    # Rounded down, so that 100 % means that nothing is left.
    return f"{int(view.fraction * 100)}%"


def _count_words(counts: Mapping[QuantumStatus, int]) -> list[str]:
    return [
        f"{status_style(status).glyph} {formats.number(counts[status])}"
        for status in READING_ORDER
        if counts.get(status)
    ]


def _times(view: ProgressView) -> str:
    spent = formats.duration(view.elapsed)
    return spent if view.remaining is None else f"{spent}, about {formats.duration(view.remaining)} left"
