"""Going through a graph step by step: to a quantum, to what found no work, and in an order of one's own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from jupyter_mpexec import GraphBuilder, PipelineBuilder, Run
from jupyter_mpexec.errors import RunError, TaskNotFoundError
from jupyter_mpexec.status import QuantumStatus, RunState
from tests.support.repository import INPUTS, PIPELINE

SECONDS = 120.0


@pytest.fixture(params=[1, 2], ids=["kernel", "workers"])
def begin(request: pytest.FixtureRequest, repository: Path) -> Iterator[Callable[..., Run]]:
    """Begin a run that is paused before its first quantum."""
    begun: list[Run] = []

    def start(**configs: dict[str, Any]) -> Run:
        pipeline = PipelineBuilder(str(PIPELINE))
        for label, values in configs.items():
            for name, value in values.items():
                pipeline.config(label, name, value)
        built = GraphBuilder(
            pipeline, repository, input=INPUTS, output="u/me", data_query="visit IN (1, 2)"
        ).build()
        run = built.run(register_dataset_types=True, processes=request.param, background=True)
        begun.append(run)
        run.pause()
        _wait(run, RunState.PAUSED)
        return run

    yield start
    for run in begun:
        run.stop(interrupt=True)


def _wait(run: Run, state: RunState) -> None:
    deadline = time.monotonic() + SECONDS
    while run.state is not state:
        assert time.monotonic() < deadline, f"{run.state}, not {state}"
        time.sleep(0.02)


def _statuses(run: Run, label: str) -> list[QuantumStatus]:
    return [record.status for record in run.report.quanta.values() if record.task_label == label]


def test_to_a_task_and_to_a_quantum(begin: Callable[..., Run]) -> None:
    run = begin()
    run.run_to("combine")
    _wait_for_reason(run, "before combine(")
    assert set(_statuses(run, "measure")) == {QuantumStatus.SUCCEEDED}
    assert QuantumStatus.SUCCEEDED not in _statuses(run, "combine")
    [ready] = run.ready()
    assert ready.task_label == "combine"
    # What has been is not waited for: the run stays paused.
    with pytest.raises(RunError, match="succeeded already, and so are 3 others"):
        run.run_to("measure")
    with pytest.raises(RunError, match="No quantum of measure matches"):
        run.break_at("measure", "visit = 1 AND detector = 99")
    assert run.state is RunState.PAUSED
    # It has been met: nothing holds the run up any more.
    run.resume()
    assert run.wait(SECONDS)
    assert run.state is RunState.SUCCEEDED
    with pytest.raises(RunError, match="over"):
        run.run_to("combine")
    with pytest.raises(TaskNotFoundError, match="combin"):
        run.run_to("combin")


def test_to_what_finds_no_work(begin: Callable[..., Run]) -> None:
    run = begin(measure={"no_work_on": "visit = 2 AND detector = 0"})
    number = run.break_at(when="no_work")
    assert [entry["number"] for entry in run.control.list_breakpoints()] == [number]
    run.resume()
    _wait_for_reason(run, "no work for measure(instrument=SmallCam, detector=0, visit=2")
    run.control.remove_breakpoint(number)
    run.resume()
    assert run.wait(SECONDS)
    assert _statuses(run, "measure").count(QuantumStatus.NO_WORK) == 1


def test_in_an_order_of_ones_own(begin: Callable[..., Run]) -> None:
    run = begin()
    last = run.ready()[-1]
    run.run_next(last.task_label, **last.data_id)
    run.skip("measure", visit=1, detector=0)
    run.resume()
    assert run.wait(SECONDS)
    started = [record for record in run.report.quanta.values() if record.started]
    waiting = sorted(started, key=lambda record: record.started)
    place = [record.quantum_id for record in waiting].index(last.quantum_id)
    # Of those that were not under way already.
    assert place <= 2
    assert _statuses(run, "measure").count(QuantumStatus.SKIPPED) == 1


def _wait_for_reason(run: Run, words: str) -> None:
    deadline = time.monotonic() + SECONDS
    while not (run.state is RunState.PAUSED and words in run.report.reason):
        assert not run.state.is_final
        assert time.monotonic() < deadline, f"{run.state}: {run.report.reason!r}"
        time.sleep(0.02)
