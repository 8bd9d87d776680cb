from __future__ import annotations

from jupyter_mpexec.events import QuantumFinished, QuantumStarted
from jupyter_mpexec.watch.timeline import Timeline, critical_path
from jupyter_mpexec.watch.watched_run import WatchedRun

from .runs import about, started, survey, whole_run


def test_lanes_are_workers() -> None:
    catalogue = survey(1, 4)
    run = WatchedRun(catalogue)
    for event in whole_run(catalogue, workers=3):
        run.apply(event)
    assert run.timeline.lanes == ["worker-0", "worker-1", "worker-2"]
    assert [bar.lane for bar in run.timeline.bars] == [0, 1, 2] * 3 + [0]
    assert all(bar.end == bar.start + 1.0 for bar in run.timeline.bars)
    assert run.timeline.open == {}


def test_workers_at_work() -> None:
    timeline = Timeline()
    timeline.start(0, 1.0, "a")
    timeline.start(1, 1.0, "b")
    assert timeline.busy == 2
    timeline.end(0, 2.0)
    assert timeline.busy == 1


def test_memory_is_the_sum_over_workers() -> None:
    timeline = Timeline()
    for position, (worker, start, end, memory) in enumerate(
        [("a", 0.0, 1.0, 100), ("b", 0.0, 2.0, 30), ("a", 1.0, 3.0, 50)]
    ):
        timeline.start(position, start, worker)
        timeline.end(position, end, memory)
    assert timeline.memory == [(1.0, 100.0), (2.0, 130.0), (3.0, 80.0)]


def test_changed_bars_are_told_once() -> None:
    timeline = Timeline()
    timeline.start(0, 1.0, "a")
    timeline.start(1, 1.0, "b")
    assert [bar.position for bar in timeline.take_changes()] == [0, 1]
    timeline.end(1, 2.0)
    timeline.mark(1, 2)
    (bar,) = timeline.take_changes()
    assert (bar.position, bar.end, bar.code) == (1, 2.0, 2)
    assert timeline.take_changes() == []


def test_critical_path() -> None:
    catalogue = survey(2, 2)
    run = WatchedRun(catalogue)
    run.apply(started(catalogue))
    for number, quantum_id in enumerate(catalogue.ids):
        seconds = 10.0 if quantum_id in ("isr-1-0", "detect-0-1") else 2.0
        if quantum_id == "isr-0-1":
            seconds = 9.0
        run.apply(QuantumStarted(time=float(number), worker="w", **about(catalogue, quantum_id)))
        run.apply(QuantumFinished(time=number + 1.0, duration=seconds, **about(catalogue, quantum_id)))
    path = critical_path(catalogue, run.seconds)
    assert [catalogue.ids[p] for p in path] == ["isr-0-1", "detect-0-1", "collect-0", "report"]


def test_no_critical_path_before_anything_ran() -> None:
    catalogue = survey(1, 1)
    assert critical_path(catalogue, [0.0] * len(catalogue)) == []


def test_critical_path_of_a_hundred_thousand_quanta() -> None:
    catalogue = survey(250, 199)
    assert len(critical_path(catalogue, [1.0] * len(catalogue))) == 4
