"""What is left of a panel that is closed, and of one that has nothing to do any more."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable

import pytest
from IPython.core.interactiveshell import InteractiveShell

from jupyter_mpexec.execution.built_graph import BuiltQuantumGraph
from jupyter_mpexec.execution.run import Run
from jupyter_mpexec.widgets import panel_context, update_clock
from jupyter_mpexec.widgets.run_panel import RunPanel
from tests.front import conftest as front

from .conftest import SentMessage, wait_until
from .test_run_panel import own_threads, shows

bare_shell = front.bare_shell

MakeGraph = Callable[..., BuiltQuantumGraph]


def opened_and_closed(run: Run) -> weakref.ref[RunPanel]:
    """Open a panel, look at most of it, and close it."""
    panel = RunPanel(run)
    wait_until(shows(panel, "succeeded"), "the run")
    panel._selection.select_quantum(0)
    panel._inspector.show_debugger()
    wait_until(lambda: panel._inspector.debug.pane, "the debugging pane is made")
    panel.close()
    wait_until(lambda: not own_threads(), "its threads end")
    return weakref.ref(panel)


def test_nothing_is_left_of_a_panel_that_was_closed(make_graph: MakeGraph, sent: list[SentMessage]) -> None:
    kept = opened_and_closed(make_graph().run(register_dataset_types=True))
    kinds = [message.kind for message in sent]
    assert kinds.count("comm_open") > 100
    assert kinds.count("comm_close") == kinds.count("comm_open")
    gc.collect()
    assert kept() is None


def test_a_panel_that_has_nothing_to_do_any_more_keeps_no_thread(
    make_graph: MakeGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(update_clock, "REST", 0.0)
    monkeypatch.setattr(panel_context, "PATIENCE", 0.1)
    run = make_graph().run(register_dataset_types=True, background=True)
    panel = RunPanel(run)
    wait_until(shows(panel, "succeeded</span></span><strong>"), "the end")
    wait_until(lambda: not own_threads(), "its threads end")

    # And yet it is there for its reader.
    panel._tabs.selected_index = 2
    wait_until(lambda: len(panel._table.rows.rows) == run.report.total, "all rows")
    panel._selection.select_quantum(0)
    wait_until(lambda: "succeeded" in panel._inspector._title.value, "a quantum")
    wait_until(lambda: not own_threads(), "its threads end once more")

    # Somebody who had gone away looks again.
    graph = panel._graph.graph
    graph._handle_custom_msg({"kind": "sight", "view": "a", "seen": False}, [])
    panel._table._sort.value = "task"
    wait_until(lambda: not own_threads(), "nothing is done for nobody")
    panel._table._where.value = "visit = 2"
    graph._handle_custom_msg({"kind": "sight", "view": "a", "seen": True}, [])
    wait_until(lambda: len(panel._table.rows.rows) < run.report.total, "fewer rows")
    panel.close()
    wait_until(lambda: not own_threads(), "its threads end")


def test_a_panel_that_was_closed_can_be_shown_again(make_graph: MakeGraph) -> None:
    panel = RunPanel(make_graph().run(register_dataset_types=True))
    panel.close()
    panel.show()
    wait_until(shows(panel, "succeeded</span></span><strong>"), "the run")
    panel.close()
    wait_until(lambda: not own_threads(), "its threads end")


def test_a_panel_is_closed_even_if_its_summary_cannot_be_written(
    make_graph: MakeGraph,
    sent: list[SentMessage],
    bare_shell: InteractiveShell,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = make_graph().run(register_dataset_types=True)
    panel = RunPanel(run)
    panel.show()
    wait_until(shows(panel, "succeeded"), "the run")
    # The kernel is about to end, and shows nothing any more.
    monkeypatch.delattr(bare_shell, "display_pub")
    with pytest.raises(AttributeError):
        panel.close()
    kinds = [message.kind for message in sent]
    assert kinds.count("comm_close") == kinds.count("comm_open") > 100
