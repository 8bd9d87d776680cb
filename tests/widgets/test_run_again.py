"""The panel when a run that is over is followed by another run of the same graph."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import ipywidgets
import pytest

from jupyter_mpexec.execution import runs
from jupyter_mpexec.execution.built_graph import BuiltQuantumGraph
from jupyter_mpexec.execution.run import Run
from jupyter_mpexec.status import QuantumStatus, RunState
from jupyter_mpexec.widgets.quantum_inspector import NEIGHBOURS
from jupyter_mpexec.widgets.run_panel import RunPanel

from .conftest import all_in, page_text, press, wait_until
from .test_run_panel import shows

MakeGraph = Callable[..., BuiltQuantumGraph]


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """What quanta of the task that was mended wait for."""
    gate = threading.Event()
    yield gate
    gate.set()


@pytest.fixture
def failed(make_graph: MakeGraph, monkeypatch: pytest.MonkeyPatch, gate: threading.Event) -> Run:
    """A run in which all quanta of ``detect`` failed; since then, the cause has been mended."""
    from tests.support.tasks import DetectTask

    healthy = DetectTask.run

    def broken(self: DetectTask, *arguments: object, **more: object) -> object:
        raise RuntimeError("a sick telescope")

    def mended(self: DetectTask, *arguments: object, **more: object) -> object:
        assert gate.wait(60)
        return healthy(self, *arguments, **more)

    monkeypatch.setattr(DetectTask, "run", broken)
    run = make_graph().run(register_dataset_types=True)
    assert run.report.counts[QuantumStatus.FAILED] == 6
    monkeypatch.setattr(DetectTask, "run", mended)
    return run


def test_retry_after_the_cause_is_mended(failed: Run, gate: threading.Event) -> None:
    panel = RunPanel(failed)
    wait_until(shows(panel, "6 failed"), "the failures")
    gate.set()
    press(panel.widget, "Retry failed")
    wait_until(lambda: panel.run is not failed, "another run")
    assert panel.run.wait(60)
    assert panel.run.state is RunState.SUCCEEDED
    wait_until(lambda: "6 failed" not in page_text(panel.widget), "nothing has failed any more")
    wait_until(shows(panel, f"%pipetask retry {failed.id} --background"), "the line that does the same")
    panel.close()


def test_two_clicks_begin_one_run(failed: Run, gate: threading.Event) -> None:
    panel = RunPanel(failed)
    wait_until(shows(panel, "6 failed"), "the failures")
    before = len(runs.list_runs())
    retry = next(w for w in all_in(panel.widget) if getattr(w, "description", "") == "Retry failed")
    wait_until(lambda: not retry.disabled, "it is offered")
    retry.click()
    retry.click()
    panel._context.commands.close()  # type: ignore[union-attr]  # it is shown
    panel._context.commands.join(60)  # type: ignore[union-attr]  # it is shown
    assert panel.run is not failed, "It is followed from now on, whenever the clock comes to showing that."
    assert len(runs.list_runs()) == before + 1
    gate.set()
    assert panel.run.wait(60)
    assert panel.run.state is RunState.SUCCEEDED
    panel.close()


def test_a_quantum_is_shown_as_it_is_in_the_run_that_follows(failed: Run, gate: threading.Event) -> None:
    panel = RunPanel(failed)
    wait_until(lambda: panel._context and panel._context.watched, "the panel knows the run")
    inspector, around = panel._inspector, panel._inspector.neighbours.view
    watched = panel._context.watched  # type: ignore[union-attr]  # it is shown
    assert watched is not None
    last = watched.catalogue.by_label["detect"].positions[-1]
    node = f"quantum:{last}"
    inspector.tabs.selected_index = NEIGHBOURS
    panel._selection.select_quantum(last)
    wait_until(lambda: "failed" in page_text(inspector.widget), "its state")
    wait_until(lambda: around._counts.get(node) == {"failed": 1}, "its state among its neighbours")

    press(panel.widget, "Retry failed")
    wait_until(lambda: "pending" in inspector._title.value, "its state in the new run")
    wait_until(lambda: around._counts[node] == {"pending": 1}, "among its neighbours, too")
    wait_until(lambda: inspector._facts.value.count("pending"), "and among the facts")
    buttons = {w.description: w for w in all_in(inspector.widget) if isinstance(w, ipywidgets.Button)}
    assert not buttons["Cancel"].disabled
    assert not buttons["Skip"].disabled

    # What happens while another tab is in front is there when one comes back.
    inspector.tabs.selected_index = 0
    gate.set()
    assert panel.run.wait(60)
    wait_until(lambda: "succeeded" in inspector._title.value, "the end")
    inspector.tabs.selected_index = NEIGHBOURS
    wait_until(lambda: around._counts[node] == {"succeeded": 1}, "its state at the end")
    panel.close()
