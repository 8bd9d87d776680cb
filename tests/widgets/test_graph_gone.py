"""Runs whose quantum graph is gone or cannot be read: what the journal knows is shown all the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from jupyter_mpexec.execution import runs
from jupyter_mpexec.execution.built_graph import BuiltQuantumGraph
from jupyter_mpexec.execution.run import Run
from jupyter_mpexec.status import QuantumStatus, RunState
from jupyter_mpexec.widgets.quantum_inspector import CONFIG, DATASETS, LOG, NEIGHBOURS
from jupyter_mpexec.widgets.run_panel import RunPanel

from .conftest import page_text, press, wait_until
from .test_run_panel import shows

MakeGraph = Callable[..., BuiltQuantumGraph]

NOTE = "quantum graph of this run cannot be read"


def remove(graph: Path) -> None:
    graph.unlink()


def damage(graph: Path) -> None:
    graph.write_bytes(b"not a graph")


@pytest.fixture
def failed(make_graph: MakeGraph) -> Run:
    return make_graph(("detect", "fail_on", "visit = 2")).run(register_dataset_types=True)


@pytest.mark.parametrize("spoil", [remove, damage])
def test_the_report(failed: Run, spoil: Callable[[Path], None]) -> None:
    spoil(failed.run_folder.graph_file)
    bundle = runs.look(failed.id)._repr_mimebundle_()
    for text in bundle.values():
        assert NOTE in text
        assert "told to fail" in text
        assert "combine" in text
    assert "graph.qg" in bundle["text/plain"]
    assert NOTE not in failed._repr_mimebundle_()["text/html"], "Where it is in memory, nothing is missing."


def test_the_panel(failed: Run) -> None:
    known = len(failed.report.quanta)
    remove(failed.run_folder.graph_file)
    panel = runs.look(failed.id).panel()
    panel.show()
    wait_until(shows(panel, f"{failed.report.counts[QuantumStatus.FAILED]} failed"), "what became of it")
    wait_until(lambda: NOTE in panel._notices.text, "that its graph is gone")
    assert f"of {failed.report.total} quanta" in page_text(panel._header.widget)
    wait_until(lambda: panel._graph.graph.scene["nodes"], "the tasks")
    assert NOTE in panel._graph.graph.scene["notes"][0]
    labels = [node["label"] for node in panel._graph.graph.scene["nodes"]]
    assert labels == [task.label for task in failed.report.tasks]
    panel._tabs.selected_index = 2
    wait_until(lambda: len(panel._table.rows.rows) == known, "the quanta")
    watched = panel._context.watched  # type: ignore[union-attr]  # it is shown
    assert watched is not None
    broken = watched.catalogue.positions[failed.report.failures[0].quantum_id]
    panel._selection.select_quantum(broken)
    wait_until(shows(panel, "ValueError: "), "why it failed")
    inspector = panel._inspector
    inspector.tabs.selected_index = DATASETS
    wait_until(shows(panel, "which cannot be read"), "that its datasets are not known")
    inspector.tabs.selected_index = NEIGHBOURS
    wait_until(
        shows(panel, "Prerequisites and dependents are in the quantum graph"), "that these are not known"
    )
    inspector.tabs.selected_index = CONFIG
    wait_until(lambda: "fail_on" in inspector._config.value, "the configuration, which is in the repository")
    done = next(r for r in failed.report.quanta.values() if r.task_label == "detect" and r.status.is_success)
    panel._selection.select_quantum(watched.catalogue.positions[done.quantum_id])
    inspector.tabs.selected_index = LOG
    wait_until(shows(panel, "lines</p>"), "its log, which is in the repository")
    press(panel.widget, "Retry failed")
    wait_until(lambda: "--extend-run" in panel._notices.text, "what to do instead")
    panel.close()


def test_a_run_that_goes_on(make_graph: MakeGraph) -> None:
    run = make_graph().run(register_dataset_types=True, processes=2, background=True)
    run.pause()
    wait_until(lambda: run.state is RunState.PAUSED, "it is paused")
    run.step()
    wait_until(lambda: run.report.ended, "it has begun")
    # Its own process has read it.
    remove(run.run_folder.graph_file)
    panel = RunPanel()
    attached = runs.attach(run.id, hooks=[panel])
    wait_until(shows(panel, "paused"), "how far it is")
    watched = panel._context.watched  # type: ignore[union-attr]  # it is shown
    assert watched is not None
    total = run.report.total
    assert sum(watched.totals.values()) == total
    first = watched.catalogue.ids[-1]
    panel._selection.select_quantum(len(watched.catalogue) - 1)
    wait_until(lambda: panel._graph.grid._positions, "its task")
    press(panel.widget, "Resume")
    assert attached.wait(60)
    wait_until(shows(panel, f"<strong>{total} of {total} quanta"), "the end")
    now = panel._context.watched  # type: ignore[union-attr]  # it is shown
    assert now is not None
    assert len(now.catalogue) == len(now.timeline.bars) == total, "All that began have become known."
    assert now.catalogue.ids[panel._inspector.position] == first, "The same quantum is selected."
    panel.close()


def test_before_anything_is_known(make_graph: MakeGraph) -> None:
    run = make_graph().run(register_dataset_types=True)
    remove(run.run_folder.graph_file)
    panel = RunPanel()
    # Each event of the past is news.
    attached = runs.attach(run.id, hooks=[panel])
    total = run.report.total
    wait_until(shows(panel, f"<strong>{total} of {total} quanta"), "all of it")
    assert attached.failures == []
    panel.close()
