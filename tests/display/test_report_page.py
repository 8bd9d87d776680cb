from __future__ import annotations

import pytest

from jupyter_mpexec.display.report_page import report_html
from jupyter_mpexec.display.report_text import report_text
from jupyter_mpexec.events import QuantumFinished, RunStarted
from jupyter_mpexec.report import RunReport

from .samples import HOSTILE, run_report
from .test_diagram_html import Page


def test_failures_come_first_then_tasks_what_is_blocked_the_command_and_versions():
    page = report_html(run_report())
    marks = ["2 quanta failed", "Traceback (most", ">Tasks<", "2 quanta blocked", "from a shell", "Versions"]
    places = [page.index(mark) for mark in marks]
    assert places == sorted(places)


def test_the_first_failure_is_open_and_the_others_are_folded():
    folds = [attributes for name, attributes in Page(report_html(run_report())).seen if name == "details"]
    assert ["open" in attributes for attributes in folds][:1] == [True]
    assert sum("open" in attributes for attributes in folds) == 1


def test_a_failure_says_what_where_and_how_it_ended():
    page = report_html(run_report())
    assert "calibrate(detector=0)" in page
    assert "ValueError: Only 3 stars 0" in page
    assert "SIGKILL; often for want of memory" in page
    assert "Last lines of its log" in page


def test_many_failures_are_counted_and_few_are_shown():
    page = report_html(run_report(500, 300))
    assert page.count("Traceback (most") == 8
    assert "292 more failed" in page
    text = report_text(run_report(500, 300))
    assert text.count("Traceback (most") == 3
    assert "300 of calibrate: ValueError" in text


def test_the_command_can_be_pasted_into_a_shell():
    text = report_text(run_report())
    assert """pipetask run -d 'visit IN (1, 2) AND band='"'"'i'"'"''""" in text
    assert "pipetask run -d" in report_html(run_report())


def test_the_task_table_has_counts_times_and_memory():
    lines = [line.split() for line in report_text(run_report()).splitlines()]
    assert [
        "task",
        "quanta",
        "succeeded",
        "no",
        "work",
        "skipped",
        "failed",
        "blocked",
        "total",
        "median",
        "longest",
        "peak",
        "memory",
    ] in lines
    assert ["isr", "10", "9", "-", "1", "-", "-", "18", "s", "2.0", "s", "3.0", "s", "300", "MB"] in lines


def test_what_is_blocked_names_its_cause():
    assert "by calibrate(detector=0): 2 calibrate" in report_text(run_report())


def test_without_times_two_runs_with_one_outcome_look_the_same():
    report = run_report()
    for form in (report_html, report_text):
        plain = form(report, show_times=False)
        assert "min" not in plain.split("</style>")[-1]
        assert "MB" not in plain
        assert "UTC" not in plain
        assert "UTC" in form(report)
        assert form(report) == form(report)


def test_hostile_texts_are_only_shown():
    report = run_report(text=HOSTILE)
    page = report_html(report, title=HOSTILE)
    Page(page)
    assert "&lt;script" in page
    assert "<script" not in page
    assert "\x1b" not in report_text(report)


def test_a_run_without_failures_or_without_anything():
    page = report_html(run_report(failures=0))
    Page(page)
    assert "✓" in page
    assert "Traceback" not in page
    for form in (report_html, report_text):
        assert "has not started" in form(RunReport())
    started = RunReport.from_events([RunStarted(time=0, run_id="r", output_run="o", quanta={"isr": 2})])
    assert "2 pending" in report_text(started)
    assert "%pipetask attach r<" in report_html(started), "It may be read when the run has long ended."
    assert "%pipetask attach" not in page


@pytest.mark.parametrize(("quanta", "failures"), [(50_000, 0), (2_000, 1_900)])
def test_large_runs_have_small_reports(quanta, failures):
    report = run_report(quanta, failures, text="<" * 2000 + "\n" * 200)
    assert sum(len(form(report).encode()) for form in (report_html, report_text)) < 200_000


def test_successes_that_lack_outputs_are_told():
    quantum = {"time": 1.0, "quantum_id": "a", "task_label": "isr", "data_id": {"exposure": 7}}
    report = RunReport.from_events([QuantumFinished(**quantum, caveats=3)])
    for text in (report_text(report), report_html(report)):
        assert "1 quantum succeeded without all outputs, the first isr(exposure=7)" in text
    no_work = RunReport.from_events([QuantumFinished(**quantum, caveats=7, no_work=True)])
    assert "without all outputs" not in report_text(no_work)


def test_the_text_has_the_end_of_the_log():
    assert "end of its log" in report_text(run_report())
