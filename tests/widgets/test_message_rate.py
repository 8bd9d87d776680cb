"""However many quanta a run has, the browser gets few messages: counted where they leave the kernel."""

from __future__ import annotations

import time

import pytest

from jupyter_mpexec import FakeModel, GraphBuilder
from jupyter_mpexec.execution.built_graph import BuiltQuantumGraph
from jupyter_mpexec.execution.quantum_data import QuantumData
from jupyter_mpexec.widgets.run_panel import RunPanel
from jupyter_mpexec.widgets.update_clock import INTERVAL
from tests.support.repository import INPUTS, PIPELINE, make_repository

from .conftest import SentMessage, wait_until
from .test_run_panel import shows

MOST_PER_SECOND = 10


@pytest.fixture(scope="module")
def large_graph(tmp_path_factory: pytest.TempPathFactory) -> BuiltQuantumGraph:
    """A graph of 1,801 quanta."""
    root = make_repository(
        tmp_path_factory.mktemp("large") / "repo", visits=range(1, 201), detectors=range(4)
    )
    return GraphBuilder(PIPELINE, str(root), input=INPUTS, output="u/me").build()


def test_at_most_ten_messages_a_second(large_graph: BuiltQuantumGraph, sent: list[SentMessage]) -> None:
    assert INTERVAL >= 1 / MOST_PER_SECOND
    panel = RunPanel()

    def dawdle(_quantum: QuantumData) -> None:
        # So that the run is longer than a few messages.
        time.sleep(0.002)

    run = large_graph.run(
        register_dataset_types=True, background=True, hooks=[panel],
        model=lambda *_, **__: FakeModel(on_start=dawdle),
    )  # fmt: skip
    for widget in (panel._graph.graph, panel._graph.grid.view, panel._timeline.view, panel._table.rows):
        # As a browser does that shows it; the panel would repeat itself to one that is silent.
        widget._hear(widget, {"kind": "hello"}, [])
    for tab in range(3):
        wait_until(lambda mark=600 * tab + 50: run.report.ended > mark, "the run goes on")
        if tab == 0:
            # What a new panel has to say is over.
            first = len(sent)
        panel._tabs.selected_index = tab
    assert run.wait(300)
    last = len(sent)
    wait_until(shows(panel, "1,801 of 1,801"), "the end")
    panel.close()
    told = sent[first:last]
    times = [message.time for message in told]
    assert len(times) > MOST_PER_SECOND, "There is something to count."
    for number, begin in enumerate(times):
        # Five seconds, since a turn may take several messages (a tab that is shown), and a longer pause follows.
        within = [message.data for message in told[number:] if message.time < begin + 5.0]
        assert len(within) <= 5 * MOST_PER_SECOND, [str(data)[:100] for data in within]
    assert run.report.total == len(run.graph.graph) == 1801
