"""Steering a run that this process executes: pause, step, stop, cancel, interrupt, retry."""

from __future__ import annotations

import os
import signal
import threading
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jupyter_mpexec import GraphBuilder, PipelineBuilder, Run
from jupyter_mpexec.errors import RunError, RunInterruptedError
from jupyter_mpexec.events import Event, QuantumEnded, QuantumStarted
from jupyter_mpexec.execution import ingest
from jupyter_mpexec.execution.built_graph import BuiltQuantumGraph
from jupyter_mpexec.status import QuantumStatus, RunState
from tests.support.registries import on_every_registry
from tests.support.repository import INPUTS, PIPELINE
from tests.support.waiting import wait_until


def _data_files(repository: Path, name: str) -> int:
    return sum(1 for _ in (repository / "u").rglob(f"{name}_*.*"))


def test_in_the_background_the_caller_goes_on_and_steers(run: Callable[..., Run]) -> None:
    steered = run(configs={"detect": {"sleep": 0.05}}, background=True)
    steered.pause()
    assert steered._thread.name == f"mpexec {steered.id}"  # type: ignore[union-attr]  # it has been started
    wait_until(lambda: steered.state is RunState.PAUSED)
    ended = steered.report.ended
    steered.step()
    wait_until(lambda: steered.report.ended == ended + 1)
    assert not steered.wait(0.2)
    assert steered.report.ended == ended + 1
    with pytest.raises(RunError, match="still goes on"):
        steered.again()
    steered.resume()
    assert steered.wait(60)
    assert steered.state is RunState.SUCCEEDED
    with pytest.raises(RunError, match="over"):
        steered.pause()


@on_every_registry
def test_stop_keeps_what_finished_and_can_be_gone_on_with(run: Callable[..., Run], repository: Path) -> None:
    stopped = run(configs={"measure": {"sleep": 0.2}}, background=True)
    wait_until(lambda: stopped.report.ended >= 8)
    stopped.stop()
    assert stopped.state is RunState.STOPPED
    ended = stopped.report.ended
    assert ended < 16
    assert all(r.ingested for r in stopped.report.quanta.values() if r.status is QuantumStatus.SUCCEEDED)
    again = stopped.again()
    assert again.report.counts == {QuantumStatus.SUCCEEDED: 16 - ended, QuantumStatus.SKIPPED: ended}


@on_every_registry
def test_an_interrupting_stop_leaves_nothing_of_the_quantum_under_way(
    run: Callable[..., Run], repository: Path
) -> None:
    stopped = run(configs={"measure": {"sleep": 1.5}}, background=True)
    wait_until(lambda: any(r.task_label == "measure" for r in stopped.report.quanta.values()))
    stopped.stop(interrupt=True)
    assert stopped.report.counts[QuantumStatus.CANCELLED] == 1
    assert _data_files(repository, "measure_log") == 0
    assert _data_files(repository, "detect_log") == 6
    with stopped.butler() as butler:
        assert len(set(butler.registry.queryDatasets("catalog", collections=stopped.output_run))) == 6
    with pytest.raises(RunInterruptedError):
        stopped.check()


def test_a_single_running_quantum_can_be_cancelled(run: Callable[..., Run]) -> None:
    going = run("visit = 1", configs={"measure": {"sleep": 1.0}}, background=True)
    wait_until(
        lambda: any(r.status is QuantumStatus.RUNNING and r.task_label == "measure" for r in _records(going))
    )
    [running] = [record for record in _records(going) if record.status is QuantumStatus.RUNNING]
    going.control.cancel(uuid.UUID(running.quantum_id))
    assert going.wait(60)
    assert going.report.quanta[running.quantum_id].status is QuantumStatus.CANCELLED
    assert going.report.counts[QuantumStatus.BLOCKED] == 2
    assert going.report.counts[QuantumStatus.SUCCEEDED] == 3


def _records(run: Run) -> list[Any]:
    return list(run.report.quanta.values())


def test_ctrl_c_ends_a_blocking_run_at_once_and_keeps_what_finished(
    run: Callable[..., Run], repository: Path
) -> None:
    def interrupt(event: Event) -> None:
        if isinstance(event, QuantumStarted) and event.task_label == "measure":
            threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()

    stopped = run(configs={"measure": {"sleep": 3000.0}}, hooks=[interrupt])
    assert stopped.state is RunState.STOPPED
    assert stopped.report.counts[QuantumStatus.CANCELLED] == 1
    assert stopped.report.counts[QuantumStatus.SUCCEEDED] == 6
    assert _data_files(repository, "measure_log") == 0
    with stopped.butler() as butler:
        assert len(set(butler.registry.queryDatasets("catalog", collections=stopped.output_run))) == 6


@on_every_registry
def test_a_failed_quantum_is_retried_in_the_same_run(
    build: Callable[..., BuiltQuantumGraph], repository: Path, tmp_path: Path
) -> None:
    pipeline = PipelineBuilder(str(PIPELINE))
    for name, value in {
        "fail_on": "visit = 1 AND detector = 0",
        "fail_attempts": 1,
        "scratch": str(tmp_path),
    }.items():
        pipeline.config("measure", name, value)
    pipeline.config("summarise", "sleep", 0.1)
    built = GraphBuilder(pipeline, repository, input=INPUTS, output="u/me").build()
    handle: list[Run] = []

    def retry(event: Event) -> None:
        if isinstance(event, QuantumEnded) and event.status is QuantumStatus.FAILED:
            ready.wait(30)
            handle[0].control.retry()

    ready = threading.Event()
    handle.append(
        built.run(register_dataset_types=True, clobber_outputs=True, background=True, hooks=[retry])
    )
    ready.set()
    assert handle[0].wait(60)
    assert handle[0].report.counts == {QuantumStatus.SUCCEEDED: 16}
    with handle[0].butler() as butler:
        [ref] = butler.registry.queryDatasets(
            "measure_log",
            collections=handle[0].output_run,
            where="visit = 1 AND detector = 0",
            instrument="SmallCam",
        )
        assert "told to fail" not in str(butler.get(ref))


@pytest.mark.parametrize("processes", [1, 2])
def test_who_pauses_sees_the_results_there_are(
    run: Callable[..., Run], processes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Otherwise they would enter the registry at the end, all in one batch.
    monkeypatch.setattr(ingest, "BATCH_SECONDS", 1e9)
    paused = run(background=True, processes=processes, detached=False, start_method="forkserver")
    wait_until(lambda: paused.report.ended >= 2)
    paused.pause()
    wait_until(lambda: paused.state is RunState.PAUSED)
    wait_until(lambda: _all_ingested(paused))
    before = paused.report.ended
    assert not paused.wait(0)
    # One that ends while it is paused does not wait for others, either.
    paused.step()
    wait_until(lambda: paused.report.ended > before and _all_ingested(paused))
    with paused.butler() as butler:
        found = set(butler.registry.queryDatasets("*_metadata", collections=paused.output_run))
    assert len(found) == paused.report.ended
    paused.stop()


def _all_ingested(run: Run) -> bool:
    records = list(run.report.quanta.values())
    return all(r.ingested for r in records if r.status.is_final) and not any(
        r.status is QuantumStatus.RUNNING for r in records
    )
