"""What the debugging pane does with a quantum, without the pane."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from jupyter_mpexec.execution.built_graph import BuiltQuantumGraph
from jupyter_mpexec.execution.run import Run
from jupyter_mpexec.execution.views.quantum_catalogue import quantum_catalogue
from jupyter_mpexec.watch.watched_run import WatchedRun
from jupyter_mpexec.widgets.debug_bench import DebugBench
from jupyter_mpexec.widgets.debug_outcome import DebugOutcome
from jupyter_mpexec.widgets.panel_context import PanelContext

from .conftest import page_text, wait_until

MakeGraph = Callable[..., BuiltQuantumGraph]


@pytest.fixture
def run(make_graph: MakeGraph) -> Run:
    built = make_graph(("detect", "fail_on", "visit = 1 AND detector = 0"))
    return built.subset(where="visit = 1").run(register_dataset_types=True)


@pytest.fixture
def context(run: Run) -> Iterator[PanelContext]:
    context = PanelContext(run, lambda error: None, lambda: None)
    yield context
    context.close()


def _bench(context: PanelContext, task: str, **data_id: Any) -> DebugBench:
    bench = DebugBench(context, lambda: None)
    q = context.run.quantum(task, **data_id)
    bench.choose(str(q.id), q.name)
    return bench


def test_of_one_quantum_there_is_one_session_at_a_time(context: PanelContext) -> None:
    bench = _bench(context, "detect", detector=1)
    bench.start(["entry"], [])
    wait_until(lambda: bench.look().state == "paused", "a pause")
    bench.steer("resume")
    wait_until(lambda: bench.look().state == "finished", "the end")
    reached = threading.Event()
    source = """
        def compute(self, data_id, counts, bias=None):
            reached.set()
            while True:
                wait(0.01)
    """
    assert bench.quantum is not None
    bench.quantum.patch(
        "DetectTask.compute", source, namespace={"reached": reached, "wait": threading.Event().wait}
    )
    bench.rerun()
    assert reached.wait(60)
    bench.steer("restart")
    wait_until(lambda: len(bench.quantum.debug_sessions) == 1, "the rerun has ended")
    wait_until(lambda: bench.look().state == "paused", "a pause")
    assert [attempt.number for attempt in bench.quantum.attempts] == [1]
    bench.abandon()
    wait_until(lambda: not bench.quantum.debug_sessions, "all have ended")


def test_a_quantum_that_waits_for_others_says_so(context: PanelContext) -> None:
    context.watched = WatchedRun(quantum_catalogue(context.run.graph))
    bench = _bench(context, "measure", detector=0)
    [before] = bench.look().notices
    assert bench.quantum is None, "To say so, it need not be opened."
    bench.start(["entry"], [])
    wait_until(lambda: bench.look().state == "finished", "the end")
    [notice] = bench.look().notices
    assert notice == before
    assert notice.startswith("measure(")
    assert "waits for outputs of detect(instrument=SmallCam, detector=0, visit=1), which is failed." in notice


class Unspeakable:
    def __repr__(self) -> str:
        raise SystemExit("it cannot be told")


def test_the_page_is_never_that_of_another_attempt(run: Run) -> None:
    q = run.quantum("detect", detector=1)
    outcome = DebugOutcome(lambda name: None, lambda: None)
    outcome.show(q, q.rerun())
    assert "Attempt 1" in page_text(outcome.widget)
    source = """
        def compute(self, data_id, counts, bias=None):
            return Struct(catalog={"n": Unspeakable()}, background={})
    """
    q.patch("DetectTask.compute", source, namespace={"Unspeakable": Unspeakable})
    attempt = q.rerun()
    for _ in range(2):
        with pytest.raises(SystemExit, match="cannot be told"):
            outcome.show(q, attempt)
        assert "Attempt 2" not in page_text(outcome.widget)
