"""The panel of runs that belong to another process: steered, killed, gone on with, come back to."""

from __future__ import annotations

import logging
import os
import signal
import socket
from collections.abc import Callable

import ipywidgets
import pytest

from jupyter_mpexec.execution import runs
from jupyter_mpexec.execution.built_graph import BuiltQuantumGraph
from jupyter_mpexec.execution.run import Run
from jupyter_mpexec.status import QuantumStatus, RunState
from jupyter_mpexec.widgets.quantum_inspector import LOG
from jupyter_mpexec.widgets.run_panel import RunPanel

from .conftest import all_in, page_text, press, wait_until
from .test_run_panel import shows

MakeGraph = Callable[..., BuiltQuantumGraph]


@pytest.fixture
def detached(make_graph: MakeGraph) -> Run:
    graph = make_graph(("detect", "sleep", 0.3))
    run = graph.run(register_dataset_types=True, processes=2, background=True)
    run.pause()
    wait_until(lambda: run.state is RunState.PAUSED, "it is paused")
    return run


def kill(run: Run) -> None:
    assert run.report.started is not None
    os.kill(run.report.started.pid, signal.SIGKILL)
    assert run.wait(60)


def enabled(panel: RunPanel, label: str) -> bool:
    button = next(
        w for w in all_in(panel.widget) if isinstance(w, ipywidgets.Button) and w.description == label
    )
    return not button.disabled


def shows_all(panel: RunPanel, total: int) -> Callable[[], bool]:
    return shows(panel, f"<strong>{total} of {total} quanta")


def test_steered_through_its_socket(detached: Run) -> None:
    panel = detached.panel()
    wait_until(shows(panel, "paused"), "the panel shows the run")
    press(panel.widget, "Step")
    wait_until(shows(panel, f"%pipetask step {detached.id}"), "the line that does the same")
    press(panel.widget, "Resume")
    assert detached.wait(60)
    wait_until(shows_all(panel, detached.report.total), "the end")
    assert detached.state is RunState.SUCCEEDED
    panel.close()


def test_host_and_process_of_a_quantum(detached: Run) -> None:
    detached.resume()
    assert detached.wait(60)
    panel = detached.panel()
    wait_until(lambda: panel._context and panel._context.watched, "the panel knows the run")
    watched = panel._context.watched  # type: ignore[union-attr]  # it is shown
    assert watched is not None
    assert detached.report.started is not None
    [combine] = watched.catalogue.by_label["combine"].positions
    record = detached.report.quanta[watched.catalogue.ids[combine]]
    assert record.worker.endswith(f"(pid {record.pid})")
    assert record.pid not in (0, os.getpid(), detached.report.started.pid), "That of the worker."
    panel._selection.select_quantum(combine)
    wait_until(shows(panel, f"process ID</dt><dd>{record.pid}</dd>"), "its process")
    wait_until(shows(panel, f"host</dt><dd>{socket.gethostname()}</dd>"), "its host")
    panel.close()


def test_killed_and_gone_on_with(detached: Run) -> None:
    panel = detached.panel()
    wait_until(shows(panel, "paused"), "the panel shows the run")
    kill(detached)
    line = f"%pipetask resume {detached.id}"
    wait_until(shows(panel, line), "what to do")
    assert line in detached._repr_mimebundle_()["text/html"], "The static summary says it too."
    wait_until(lambda: enabled(panel, "Resume"), "the button that does it")
    press(panel.widget, "Resume")
    wait_until(lambda: panel.run is not detached, "the panel follows the run on")
    assert panel.run.id == detached.id
    # When the run has ended, it stays for a moment only.
    wait_until(shows(panel, f"{line} --background"), "the line that does the same")
    assert panel.run.wait(60)
    wait_until(shows_all(panel, panel.run.report.total), "the end")
    assert panel.run.state is RunState.SUCCEEDED
    panel.close()


def test_a_failed_one_is_retried_in_a_process_of_its_own(make_graph: MakeGraph, tmp_path: object) -> None:
    graph = make_graph(
        ("detect", "fail_on", "visit = 2"),
        ("detect", "fail_attempts", 1),
        ("detect", "scratch", str(tmp_path)),
    )
    run = graph.run(register_dataset_types=True, processes=2)
    failed = run.report.counts[QuantumStatus.FAILED]
    assert failed
    panel = run.panel()
    wait_until(shows(panel, f"{failed} failed"), "the failures")
    press(panel.widget, "Retry failed")
    wait_until(lambda: panel.run is not run, "another run")
    assert panel.run.wait(60)
    assert panel.run.state is RunState.SUCCEEDED
    assert panel.run.report.started is not None
    assert panel.run.report.started.pid != os.getpid()
    wait_until(lambda: f"{failed} failed" not in page_text(panel.widget), "nothing has failed any more")
    panel.close()


def test_come_back_to_a_run(detached: Run) -> None:
    before, after = RunPanel(), RunPanel()
    attached = runs.attach(detached.id, hooks=[before])
    wait_until(shows(before, "paused"), "the panel shows how far it is")
    press(before.widget, "Resume")
    assert attached.wait(60)
    total = attached.report.total
    wait_until(shows_all(before, total), "the end")
    # All events of the past come at once, while the panel is made.
    runs.attach(detached.id, hooks=[after])
    wait_until(shows_all(after, total), "all of a run that is over")
    for panel in (before, after):
        watched = panel._context.watched  # type: ignore[union-attr]  # it is shown
        assert watched is not None
        assert len(watched.timeline.bars) == total, "Each quantum is drawn once."
        panel.close()


def test_the_past_of_a_run_in_the_kernel_that_is_gone_on_with(make_graph: MakeGraph) -> None:
    run = make_graph(("detect", "sleep", 0.2)).run(register_dataset_types=True, background=True)
    wait_until(lambda: run.report.ended >= 2, "it has begun")
    run.stop(interrupt=True)
    panel = RunPanel()
    again = runs.resume(run.id, hooks=[panel])
    wait_until(shows_all(panel, again.report.total), "the panel is not lost over events of the past")
    assert again.state is RunState.SUCCEEDED
    panel.close()


def test_the_log_of_a_quantum_is_followed_while_a_worker_runs_it(
    make_graph: MakeGraph, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="tests")
    graph = make_graph(("detect", "sleep", 600.0), ("detect", "log_lines", 2))
    run = graph.run(register_dataset_types=True, processes=2, background=True)
    panel = run.panel()
    wait_until(lambda: panel._context and panel._context.watched, "the panel knows the run")
    watched = panel._context.watched  # type: ignore[union-attr]  # it is shown
    assert watched is not None
    detect = watched.catalogue.by_label["detect"].positions
    wait_until(lambda: any(watched.status(p) is QuantumStatus.RUNNING for p in detect), "one runs")
    running = next(p for p in detect if watched.status(p) is QuantumStatus.RUNNING)
    panel._selection.select_quantum(running)
    panel._inspector.tabs.selected_index = LOG
    wait_until(shows(panel, "line 1 for "), "what it has logged so far")
    assert not run.report.ended
    run.stop(interrupt=True)
    panel.close()
