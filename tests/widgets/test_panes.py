"""Pieces of the panel, without a run."""

from __future__ import annotations

import logging
import threading
import time
from pathlib import Path

import pytest

from jupyter_mpexec.errors import RunError
from jupyter_mpexec.events import QuantumFailed, QuantumStarted
from jupyter_mpexec.report import RunReport
from jupyter_mpexec.status import QuantumStatus, RunState
from jupyter_mpexec.watch.neighbourhood import neighbourhood
from jupyter_mpexec.watch.watched_run import WatchedRun
from jupyter_mpexec.widgets.explained_button import ExplainedButton
from jupyter_mpexec.widgets.log_pane import LogLine, LogTail, log_html
from jupyter_mpexec.widgets.neighbours_pane import neighbourhood_diagram
from jupyter_mpexec.widgets.panel_actions import may_steer
from jupyter_mpexec.widgets.panel_context import PanelContext
from jupyter_mpexec.widgets.panel_header import workers
from jupyter_mpexec.widgets.panel_html import HeaderView, copyable, error_html, header_html
from jupyter_mpexec.widgets.panel_reasons import why_not_quantum, why_not_run
from jupyter_mpexec.widgets.quantum_facts import facts_html
from jupyter_mpexec.widgets.selection import Selection
from jupyter_mpexec.widgets.timeline_pane import TimelinePane
from tests.watch.runs import about, started, survey


def header(**changes: object) -> str:
    values: dict[str, object] = {
        "state": RunState.RUNNING, "error": "", "hint": "", "output": "u/me",
        "counts": {QuantumStatus.SUCCEEDED: 3, QuantumStatus.FAILED: 1, QuantumStatus.PENDING: 4},
        "elapsed": 75.0, "remaining": 90.0, "busy": 2, "processes": 4,
    }  # fmt: skip
    return header_html(HeaderView(**{**values, **changes}))


def test_header_says_it_in_words() -> None:
    html = header()
    for text in (
        "4 of 8 quanta",
        "50 %",
        "1 failed",
        "1 min 15 s",
        "about 1 min 30 s",
        "2 of 4 busy",
        "u/me",
    ):
        assert text in html


def test_header_of_a_run_that_is_over() -> None:
    html = header(state=RunState.STOPPED, remaining=None, error="stopped by <the> user")
    assert "busy" not in html
    assert "about" not in html
    assert "stopped by &lt;the&gt; user" in html


def test_in_a_dead_run_nothing_is_running() -> None:
    counts = {QuantumStatus.SUCCEEDED: 1, QuantumStatus.RUNNING: 2}
    html = header(state=RunState.DEAD, counts=counts)
    assert "2 broken off" in html
    assert "2 running" not in html
    assert "2 running" in header(counts=counts)


def test_workers_that_are_gone_do_not_count() -> None:
    assert workers(asked_for=2, lanes=6) == 2
    assert workers(asked_for=1, lanes=3) == 3, "Its model is not ours."
    assert workers(asked_for=1, lanes=0) == 1


def test_header_before_anything_is_known() -> None:
    assert "preparing" in header(state=RunState.PREPARING, counts={}, remaining=None)


def test_lines_to_copy_are_escaped() -> None:
    html = copyable("get('a', b=\"<c>\")")
    assert "<c>" not in html
    assert 'data-text="get(' in html


def test_errors_say_what_to_do() -> None:
    html = error_html(RunError("This run is over.", hint="Start it again."))
    assert "This run is over." in html
    assert "Start it again." in html
    assert "KeyError" in error_html(KeyError("x"))


@pytest.mark.parametrize(
    ("state", "status", "allowed"),
    [
        (RunState.RUNNING, QuantumStatus.PENDING, {"cancel", "skip"}),
        (RunState.RUNNING, QuantumStatus.RUNNING, {"cancel"}),
        (RunState.RUNNING, QuantumStatus.SUCCEEDED, set()),
        (RunState.PAUSED, QuantumStatus.FAILED, {"retry"}),
        (RunState.PAUSED, None, {"retry", "cancel", "skip"}),
        (RunState.SUCCEEDED, QuantumStatus.FAILED, set()),
    ],
)
def test_what_can_be_done_with_a_quantum(
    state: RunState, status: QuantumStatus | None, allowed: set[str]
) -> None:
    assert {action for action, possible in may_steer(state, status).items() if possible} == allowed
    assert {action for action, reason in why_not_quantum(state, status).items() if not reason} == allowed


def test_what_cannot_be_done_says_what_to_do_instead() -> None:
    failed = why_not_quantum(RunState.FAILED, QuantumStatus.FAILED)
    assert "Retry failed" in failed["retry"]
    assert "Debug here" in failed["retry"]
    assert "Debug here" not in why_not_quantum(RunState.FAILED)["retry"]
    assert "Resume" in why_not_quantum(RunState.DEAD, QuantumStatus.PENDING)["skip"]
    assert "Its state is succeeded" in why_not_quantum(RunState.RUNNING, QuantumStatus.SUCCEEDED)["cancel"]
    assert "Retry failed" in why_not_run(RunState.FAILED)["Resume"]
    assert "not paused" in why_not_run(RunState.RUNNING)["Resume"]
    assert "paused already" in why_not_run(RunState.PAUSED)["Pause"]


def test_a_button_takes_its_own_tooltip_back() -> None:
    button = ExplainedButton(description="Rerun", tooltip="Run it")
    assert button.offer("The run is over.")
    assert (button.disabled, button.tooltip) == (True, "The run is over.")
    assert not button.offer("The run is over.")
    assert button.offer()
    assert (button.disabled, button.tooltip) == (False, "Run it")


LINES = [
    LogLine(10, "12:00:00", "lsst.a", "detail"),
    LogLine(20, "12:00:01", "lsst.a", "Found 12 <sources>"),
    LogLine(40, "12:00:02", "lsst.b", "No PSF"),
]


def test_log_levels_and_search() -> None:
    assert "3 of 3 lines" in log_html(LINES)
    assert "&lt;sources&gt;" in log_html(LINES)
    warnings = log_html(LINES, level=30)
    assert "1 of 3 lines" in warnings
    assert "No PSF" in warnings
    assert "Found" not in warnings
    assert "No PSF" in log_html(LINES, search="LSST.B")
    assert "0 of 3 lines" in log_html(LINES, search="nothing like it")
    assert "has not started" in log_html([], note="The quantum has not started.")


def test_a_long_log_shows_its_end() -> None:
    html = log_html([LogLine(20, "", "", f"line {n}") for n in range(3000)])
    assert "line 2999" in html
    assert "line 1000" not in html


def test_log_tail_tells_threads_apart() -> None:
    tail = LogTail()
    log = logging.getLogger("a quantum")
    log.addHandler(tail)
    log.setLevel(logging.INFO)
    start = time.time()
    thread = threading.Thread(target=lambda: log.info("from %s", "there"), name="worker of a test")
    thread.start()
    thread.join()
    log.info("from here")
    log.removeHandler(tail)
    assert [line.message for line in tail.lines("worker of a test", start)] == ["from there"]
    assert tail.lines("worker of a test", start - 10, start - 5) == []


def test_a_line_that_is_logged_badly_harms_nobody(capsys: pytest.CaptureFixture[str]) -> None:
    tail = LogTail()
    # Without the handler of pytest, which is stricter than others.
    record = logging.LogRecord("a quantum", logging.WARNING, __file__, 1, "%d", ("a",), None)
    tail.handle(record)
    assert "Logging error" in capsys.readouterr().err
    assert tail.lines(record.threadName or "", 0.0) == []


def test_long_messages_are_trimmed() -> None:
    catalogue = survey(1, 1)
    watched, report = WatchedRun(catalogue), RunReport()
    isr = about(catalogue, "isr-0-0")
    message = "no\n" + "x" * 5_000_000 + "\nPSF"
    for event in (
        started(catalogue),
        QuantumStarted(time=1.0, worker="w", **isr),
        QuantumFailed(time=2.0, exception="E", message=message, **isr),
    ):
        watched.apply(event)
        report.apply(event)
    facts = facts_html(watched, catalogue.positions["isr-0-0"], report)
    for html in (facts, error_html(RunError(message)), header(error=message)):
        assert len(html) < 50_000
        assert "left out" in html
        assert "PSF" in html


def test_lanes_are_named_after_the_workers_of_the_run_that_is_shown() -> None:
    catalogue = survey(1, 4)
    context = PanelContext(None, lambda _: None, lambda: None)  # type: ignore[arg-type]  # of no run
    pane = TimelinePane(context, Selection(context, lambda: None), lambda: True)
    for names in (["worker-0", "worker-1"], ["worker-7", "worker-8"]):
        watched = WatchedRun(catalogue)
        watched.apply(started(catalogue))
        for number, name in enumerate(names):
            quantum = about(catalogue, catalogue.ids[number])
            watched.apply(QuantumStarted(time=1.0, worker=name, **quantum))
        context.watched = watched
        pane.begin(watched)
        pane.update()
        assert pane.view.lanes == names


def test_neighbourhood_leaves_out_what_all_share() -> None:
    catalogue = survey(2, 2)
    watched = WatchedRun(catalogue)
    centre = catalogue.positions["collect-1"]
    diagram = neighbourhood_diagram(watched, neighbourhood(catalogue, centre))
    lines = {node.id: node.lines for node in diagram.nodes}
    assert lines[f"quantum:{catalogue.positions['detect-1-0']}"] == ("detector=0",)
    assert len(diagram.edges) == 3
    assert all(node.status is QuantumStatus.PENDING for node in diagram.nodes)


def test_widgets_are_only_imported_by_those_who_show_them() -> None:
    package = Path(__file__).parents[2] / "jupyter_mpexec"
    users = {
        path.relative_to(package).parts[0]
        for path in package.rglob("*.py")
        if "import ipywidgets" in path.read_text(encoding="utf-8")
    }
    assert users == {"widgets"}
