from __future__ import annotations

import pytest

from jupyter_mpexec.display.progress import ProgressView, line, progress_html, progress_view
from jupyter_mpexec.events import QuantumFinished, QuantumStarted, RunFinished, RunStarted
from jupyter_mpexec.report import RunReport
from jupyter_mpexec.status import QuantumStatus, RunState

from .samples import run_report
from .test_diagram_html import Page


def running(workers: int = 1) -> RunReport:
    """Make a run of 10 quanta of 10 s each, 4 of them done, and 2 of a task that has not begun."""
    report = RunReport.from_events(
        [RunStarted(time=0, run_id="r", output_run="o", quanta={"isr": 10, "coadd": 2})]
    )
    for i in range(4):
        who = {"quantum_id": str(i), "task_label": "isr", "data_id": {"detector": i}}
        report.apply(QuantumStarted(time=i // workers * 10, **who))
        report.apply(QuantumFinished(time=(i // workers + 1) * 10, duration=10, **who))
    return report


def test_time_left_is_what_is_to_come_at_the_rate_so_far():
    view = progress_view(running())
    assert (view.total, view.ended, view.elapsed) == (12, 4, 40)
    assert view.remaining == pytest.approx(80)
    assert progress_view(running(workers=2)).remaining == pytest.approx(40)
    assert view.fraction == pytest.approx(1 / 3)


def test_nothing_is_foretold_before_anything_ran_or_after_the_end():
    assert progress_view(RunReport()).remaining is None
    started = RunReport.from_events([RunStarted(time=0, run_id="r", output_run="o", quanta={"isr": 1})])
    assert progress_view(started, now=5).remaining is None
    assert progress_view(started, now=5).elapsed == 5
    report = running()
    report.apply(RunFinished(time=50, state=RunState.STOPPED))
    assert progress_view(report, now=99).remaining is None
    assert progress_view(report, now=99).elapsed == 50


def test_the_line_has_counts_share_and_times():
    assert (
        line(progress_view(running()), width=6) == "██░░░░ 4/12 33% · ✓ 4 · ○ 8 · 40 s, about 1 min 20 s left"
    )
    assert line(progress_view(running()), width=0).startswith("4/12 33%")
    assert line(progress_view(run_report())).endswith("failed")


def test_a_hundred_per_cent_means_that_nothing_is_left():
    counts = {QuantumStatus.SUCCEEDED: 9999, QuantumStatus.PENDING: 1}
    view = ProgressView(state=RunState.RUNNING, total=10_000, ended=9999, counts=counts, elapsed=1)
    assert " 99% " in line(view)
    assert "99%" in progress_html(view)


def test_the_page_has_a_bar_and_the_words():
    page = progress_html(progress_view(running()))
    Page(page)
    assert "4 of 12 quanta (33%)" in page
    assert 'aria-label="4 succeeded, 8 pending"' in page
    assert "about 1 min 20 s left" in page
