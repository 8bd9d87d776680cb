from __future__ import annotations

import shlex
import threading
from collections.abc import Callable
from pathlib import Path

import ipywidgets
import pytest

from jupyter_mpexec.execution.built_graph import BuiltQuantumGraph
from jupyter_mpexec.execution.run import Run
from jupyter_mpexec.front.command_line import main
from jupyter_mpexec.status import QuantumStatus, RunState
from jupyter_mpexec.widgets import panel_header
from jupyter_mpexec.widgets.panel_actions import RESUME, STEP, line_for_quanta, line_for_report
from jupyter_mpexec.widgets.quantum_inspector import DATASETS
from jupyter_mpexec.widgets.run_panel import RunPanel

from .conftest import SentMessage, all_in, page_text, press, wait_until

MakeGraph = Callable[..., BuiltQuantumGraph]


def shows(panel: RunPanel, text: str) -> Callable[[], bool]:
    """Tell whether a panel shows a text, and has read the graph: its head says more before that."""
    return lambda: (
        panel._context is not None and panel._context.watched is not None and text in page_text(panel.widget)
    )


def end(panel: RunPanel) -> None:
    panel.run.stop(interrupt=True)
    panel.close()


def own_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("mpexec panel")]


@pytest.fixture
def paused(make_graph: MakeGraph) -> Run:
    run = make_graph().run(register_dataset_types=True, background=True)
    run.pause()
    return run


def test_pause_step_resume(paused: Run) -> None:
    panel = paused.panel()
    wait_until(shows(panel, "paused"), "the panel shows that the run is paused")
    before = paused.report.ended
    press(panel.widget, "Step")
    wait_until(lambda: paused.report.ended == before + 1, "one quantum more")
    wait_until(shows(panel, f"<strong>{before + 1} of "), "the panel shows it")
    wait_until(shows(panel, f"%pipetask step {paused.id}"), "and the line that does the same")
    press(panel.widget, "Resume")
    assert paused.wait(60)
    wait_until(shows(panel, "succeeded</span></span><strong>"), "the end")
    assert "u/me" in page_text(panel.widget)
    panel.close()


def test_stop(paused: Run) -> None:
    panel = paused.panel()
    wait_until(shows(panel, "paused"), "the panel shows the run")
    press(panel.widget, "Stop")
    assert paused.wait(60)
    wait_until(shows(panel, "stopped"), "the panel shows the end")
    assert paused.state is RunState.STOPPED
    panel.close()


def test_a_run_that_is_over_is_shown_too(make_graph: MakeGraph) -> None:
    run = make_graph().run(register_dataset_types=True)
    panel = run.panel()
    wait_until(shows(panel, f"{run.report.total} of {run.report.total} quanta"), "all quanta")
    buttons = {w.description: w for w in all_in(panel.widget) if isinstance(w, ipywidgets.Button)}
    for label in ("Pause", "Stop"):
        assert buttons[label].disabled
        assert buttons[label].tooltip == "The run is over."
    assert not buttons["Export report"].disabled
    panel.close()


def test_errors_in_callbacks_are_shown(make_graph: MakeGraph) -> None:
    run = make_graph().run(register_dataset_types=True)
    panel = RunPanel(run)
    wait_until(shows(panel, "succeeded"), "the run")
    # Enabled in the browser a moment longer than there is a run to steer.
    button = next(w for w in all_in(panel.widget) if getattr(w, "description", "") == "Pause")
    button.click()
    wait_until(shows(panel, "This run is over"), "the error")
    press(panel.widget, "Dismiss")
    panel.close()


def test_while_a_run_is_made_ready(make_graph: MakeGraph) -> None:
    panel = RunPanel()
    enabled: set[str] = set()
    notes: list[str] = []

    class LooksAtOnce:
        def watch(self, run: Run) -> None:
            seen = [*all_in(panel._header.widget), *all_in(panel._table.widget)]
            buttons = [w for w in seen if isinstance(w, ipywidgets.Button)]
            enabled.update(b.description for b in buttons if not b.disabled)
            notes.extend(panel._graph.graph.scene["notes"])

        def __call__(self, event: object) -> None:
            pass

    run = make_graph().run(register_dataset_types=True, hooks=[panel, LooksAtOnce()])
    assert {"Pause", "Step", "Stop", "Close"} <= enabled
    assert not {"Resume", "Retry failed", "Export report", "Rerun", "Cancel", "Skip"} & enabled
    assert "being made ready" in notes[0]
    wait_until(shows(panel, f"{run.report.total} of {run.report.total} quanta"), "the run")
    wait_until(lambda: panel._graph.graph.scene["nodes"], "the graph takes the place of the note")
    assert [
        line for node in panel._graph.graph.scene["nodes"] for line in node["lines"] if "quant" in line
    ] == []
    panel.close()


def test_the_code_for_a_button_goes_with_the_run(paused: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(panel_header, "STAYS", 0.0)
    panel = RunPanel(paused)
    wait_until(shows(panel, "paused"), "the panel shows the run")
    press(panel.widget, "Resume")
    assert paused.wait(60)
    wait_until(shows(panel, "succeeded</span></span><strong>"), "the end")
    wait_until(lambda: "_run.resume()" not in page_text(panel.widget), "the code is gone")
    panel.close()


def test_an_error_in_a_filter_goes_when_it_is_mended(make_graph: MakeGraph) -> None:
    run = make_graph().run(register_dataset_types=True)
    panel = RunPanel(run)
    panel._tabs.selected_index = 2
    table = panel._table
    wait_until(lambda: len(table.rows.rows) == run.report.total, "all rows")
    table._where.value = "visit 2"
    wait_until(shows(panel, "A comparison or IN is needed"), "the error")
    table._where.value = "visit = 2"
    wait_until(lambda: len(table.rows.rows) < run.report.total, "fewer rows")
    assert "is needed" not in page_text(panel.widget)
    # It can be read, but not compared.
    table._where.value = "visit = 'abc'"
    wait_until(lambda: len(table.rows.rows) == run.report.total, "all rows")
    assert "abc" in table._remark.value
    assert panel._notices.text == ""
    table._where.value = ""
    wait_until(lambda: not table._remark.value, "the error is gone")
    panel.close()


def test_an_error_of_a_button_goes_when_the_next_one_works(paused: Run) -> None:
    panel = paused.panel()
    panel._tabs.selected_index = 2
    wait_until(shows(panel, "paused"), "the panel shows the run")
    table = panel._table
    wait_until(lambda: len(table.rows.rows) == paused.report.total, "all rows")
    press(table.widget, "Skip")
    wait_until(lambda: "No quantum is selected" in panel._notices.text, "that nothing is selected")
    table.rows.selected = [table.rows.rows[-1][-1]]
    press(table.widget, "Rerun")
    wait_until(lambda: "What is selected is pending. " in panel._notices.text, "that it has not failed")
    assert "%pipetask retry" not in page_text(panel.widget)
    press(table.widget, "Skip")
    wait_until(shows(panel, "%pipetask skip"), "that it is done")
    assert panel._notices.text == ""
    end(panel)


def test_a_click_on_a_task_brings_its_quanta_into_sight(
    make_graph: MakeGraph, sent: list[SentMessage]
) -> None:
    run = make_graph().run(register_dataset_types=True)
    panel = RunPanel(run)
    wait_until(shows(panel, "succeeded"), "the run")
    wait_until(lambda: panel._graph.graph.scene["nodes"], "the graph")
    asked = {"method": "custom", "content": {"kind": "reveal"}}
    panel._selection.select_task("combine")
    cells = panel._graph.grid.view
    wait_until(lambda: cells._cells.get("title", "").startswith("combine"), "its quanta")
    assert asked not in [message.data for message in sent], "Only a click in the graph does it."
    panel._graph.graph.selected = "task:detect"
    wait_until(lambda: asked in [message.data for message in sent], "the browser is told")
    panel.close()


def test_closing_ends_all_work(paused: Run) -> None:
    panel = RunPanel(paused)
    wait_until(shows(panel, "paused"), "the panel shows the run")
    press(panel.widget, "Step")
    panel.close()
    wait_until(lambda: not own_threads(), "its threads end")
    paused.resume()
    assert paused.wait(60), "The run goes on without the panel."
    assert paused.state is RunState.SUCCEEDED


def test_few_messages_however_many_events(paused: Run, sent: list[SentMessage]) -> None:
    panel = RunPanel(paused)
    wait_until(shows(panel, "paused"), "the panel shows the run")
    wait_until(lambda: not any(s.kind == "comm_open" for s in sent[-3:]), "it is all there")
    # Let what a new panel has to say be over.
    ready = threading.Event()
    ready.wait(1.0)
    first = len(sent)
    paused.resume()
    assert paused.wait(60)
    wait_until(shows(panel, "succeeded</span></span><strong>"), "the end")
    panel.close()
    told = [message for message in sent[first:] if message.kind == "comm_msg"]
    seconds = told[-1].time - told[0].time
    # As long as no browser has been heard, views repeat themselves now and then.
    assert len(told) <= 12 * (seconds + 1)
    assert paused.report.total >= 15


def test_it_is_a_hook_that_shows_itself(make_graph: MakeGraph) -> None:
    panel = RunPanel()
    run = make_graph().run(register_dataset_types=True, hooks=[panel])
    assert panel.run is run
    wait_until(shows(panel, "succeeded</span></span><strong>"), "the end")
    panel.close()


def test_names_hold_no_random_parts(paused: Run) -> None:
    panel = RunPanel(paused)
    assert panel.widget.model_id.startswith(f"mpexec-{paused.id}-")
    end(panel)


def paste(line: str) -> None:
    """Run a line as a cell would, with the parser and the actions of the magic."""
    magic, *words = shlex.split(line)
    assert magic == "%pipetask"
    assert main(words) == 0


def test_lines_work_as_pasted(paused: Run, tmp_path: Path) -> None:
    before = paused.report.ended
    [last] = (str(quantum) for quantum in paused.graph.graph.quanta_by_task["combine"].values())
    paste(STEP.line(paused))
    wait_until(lambda: paused.report.ended == before + 1, "one quantum more")
    paste(line_for_quanta(paused, "cancel", [last]))
    wait_until(lambda: last in paused.report.quanta, "it is cancelled")
    assert paused.report.quanta[last].status is QuantumStatus.CANCELLED
    paste(line_for_quanta(paused, "retry", [last]))
    paste(line_for_quanta(paused, "skip", [last]))
    wait_until(lambda: paused.report.quanta[last].status is QuantumStatus.SKIPPED, "it is skipped")
    paste(line_for_report(paused, str(tmp_path / "a report.html")))
    assert (tmp_path / "a report.html").exists()
    paste(RESUME.line(paused))
    assert paused.wait(60)
    assert paused.report.counts[QuantumStatus.SKIPPED] == 1


def test_selected_rows_are_cancelled_run_again_and_skipped(paused: Run) -> None:
    panel = paused.panel()
    panel._tabs.selected_index = 2
    table = panel._table
    wait_until(lambda: len(table.rows.rows) == paused.report.total, "all rows")
    watched = panel._context.watched  # type: ignore[union-attr]  # it is shown
    assert watched is not None
    [last] = watched.catalogue.by_label["combine"].positions
    table.rows.selected = [last]
    for label, status in (
        ("Cancel", QuantumStatus.CANCELLED),
        ("Rerun", QuantumStatus.PENDING),
        ("Skip", QuantumStatus.SKIPPED),
    ):
        press(table.widget, label)
        wait_until(lambda status=status: watched.status(last) is status, f"{label} does it")
    assert table.rows.selected == [last]
    press(panel.widget, "Resume")
    assert paused.wait(60)
    assert paused.report.counts[QuantumStatus.SKIPPED] == 1
    panel.close()


def test_what_nobody_sees_is_not_sent(paused: Run, sent: list[SentMessage]) -> None:
    panel = RunPanel(paused)
    wait_until(shows(panel, "paused"), "the panel shows the run")
    graph = panel._graph.graph
    graph._hear(graph, {"kind": "sight", "view": "a", "seen": False}, [])
    threading.Event().wait(1.0)
    first = len(sent)
    paused.resume()
    assert paused.wait(60)
    assert not [message for message in sent[first:] if message.kind == "comm_msg"]
    graph._hear(graph, {"kind": "sight", "view": "b", "seen": True}, [])
    wait_until(shows(panel, "succeeded</span></span><strong>"), "the end, when somebody looks again")
    panel.close()


def test_what_is_shown_of_a_quantum_stays_while_another_task_is_looked_at(make_graph: MakeGraph) -> None:
    run = make_graph().run(register_dataset_types=True)
    panel = RunPanel(run)
    wait_until(lambda: panel._context and panel._context.watched, "the panel knows the run")
    watched = panel._context.watched  # type: ignore[union-attr]  # it is shown
    assert watched is not None
    graph, grid, datasets = panel._graph.graph, panel._graph.grid, panel._inspector.datasets
    [quantum, *_] = watched.catalogue.by_label["detect"].positions
    panel._selection.select_quantum(quantum)
    wait_until(lambda: graph.selected == "task:detect", "its task is marked in the graph")
    wait_until(lambda: grid.view.selected >= 0, "its cell is marked")
    panel._inspector.tabs.selected_index = DATASETS
    wait_until(lambda: datasets._list.options, "its datasets")
    datasets._list.value = 1
    press(datasets.widget, "Show")
    wait_until(lambda: "Reading" not in datasets._picture.value and datasets._picture.value, "a preview")
    shown = datasets._picture.value

    graph.selected = "task:combine"
    wait_until(lambda: grid.view._cells["title"].startswith("combine"), "the quanta of the other task")
    assert grid.view.selected == -1, "None of these is selected."
    assert (datasets._list.value, datasets._picture.value) == (1, shown)

    # Back to the same quantum, from the table.
    panel._selection.select_quantum(quantum)
    wait_until(lambda: graph.selected == "task:detect", "its task is marked again")
    wait_until(lambda: grid.view.selected >= 0, "its cell is marked again")
    assert (datasets._list.value, datasets._picture.value) == (1, shown)
    panel.close()


def test_export_report(make_graph: MakeGraph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = make_graph().run(register_dataset_types=True)
    panel = RunPanel(run)
    wait_until(shows(panel, "succeeded"), "the run")
    monkeypatch.chdir(tmp_path)
    press(panel.widget, "Export report")
    file = tmp_path / f"report-{run.id}.html"
    wait_until(shows(panel, f"Written: {file}"), "where it is")
    assert "u/me" in file.read_text(encoding="utf-8")
    wait_until(shows(panel, f"%pipetask report {run.id} {file.name}"), "the line that does the same")
    panel.close()
