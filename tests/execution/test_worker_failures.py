"""Quanta that fail, and workers that die: what is lost, repeated, cancelled."""

from __future__ import annotations

import logging
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lsst.pipe.base.quantum_reports import ExecutionStatus

from jupyter_mpexec import Run
from jupyter_mpexec.events import Event, QuantumFailed
from jupyter_mpexec.execution.built_graph import BuiltQuantumGraph
from jupyter_mpexec.execution.errors import QuantumTimeoutError
from jupyter_mpexec.execution.retry_policy import RetryPolicy
from jupyter_mpexec.status import QuantumStatus, RunState
from tests.support.environment import python_environment
from tests.support.registries import on_every_registry
from tests.support.repository import PIPELINE
from tests.support.tasks import LEFT_BEHIND
from tests.support.waiting import wait_until

pytestmark = pytest.mark.usefixtures("_nothing_is_left_running")

VICTIM = "measure(instrument=SmallCam, detector=1, visit=2)"


def _registered(run: Run, name: str) -> int:
    with run.butler() as butler:
        return len(set(butler.registry.queryDatasets(name, collections=run.output_run)))


def _gone(pid: int) -> bool:
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


@on_every_registry
@pytest.mark.parametrize(
    ("config", "exit_code", "words"),
    [
        ({"exit_code": 3}, 3, "exit code 3"),
        ({"kill_signal": signal.SIGKILL.value}, -9, "SIGKILL"),
        ({"kill_signal": signal.SIGSEGV.value}, -11, "SIGSEGV"),
    ],
    ids=["exit", "kill", "segfault"],
)
def test_a_worker_that_dies_costs_only_its_quantum(
    run_in_pool: Callable[..., Run],
    repository: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    config: dict[str, Any],
    exit_code: int,
    words: str,
) -> None:
    temporary = tmp_path / ("a-folder-with-a-long-name-" * 4)
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    caplog.set_level(logging.INFO, "tests")
    failed = run_in_pool(configs={"measure": {"exit_on": "visit = 2 AND detector = 1", **config}})
    assert failed.report.counts == {
        QuantumStatus.SUCCEEDED: 13,
        QuantumStatus.FAILED: 1,
        QuantumStatus.BLOCKED: 2,
    }
    [record] = failed.failures
    failure = record.failure
    assert (record.name, failure.exit_code, failure.timed_out) == (VICTIM, exit_code, False)
    assert words in failure.message
    assert failure.exception.endswith("WorkerDiedError")
    assert "tests.measure: line 0" in failure.log
    if exit_code == -11:
        assert "tests/support/tasks.py" in failure.traceback
    [quantum] = [q for q in failed.getReport().quantaReports if q.status is ExecutionStatus.FAILURE]
    assert quantum.exitCode == exit_code
    # Its log is kept, and nothing else of it.
    with failed.butler() as butler:
        where = {"instrument": "SmallCam", "visit": 2, "detector": 1}
        log = butler.get("measure_log", where, collections=failed.output_run)
        assert any("line 0" in line.message for line in log)
        assert log.extra["exception"]["type_name"] == failure.exception
    assert _registered(failed, "measure_log") == 6
    assert _registered(failed, "measurements") == 5
    files = [path.name for path in (repository / "u").rglob("*") if path.is_file()]
    assert not [name for name in files if name.startswith("measurements_") and "_2_D1_" in name]
    assert not [name for name in files if ".tmp" in name]
    assert not list(temporary.rglob(f"{LEFT_BEHIND}*"))


def test_a_quantum_that_takes_too_long_is_ended(run_in_pool: Callable[..., Run], repository: Path) -> None:
    slow = {"measure": {"sleep": 60.0, "sleep_on": "visit = 2 AND detector = 1"}}
    failed = run_in_pool("visit = 2", slow, timeout=8.0)
    [record] = failed.failures
    assert record.failure.timed_out
    assert record.failure.exit_code < 0
    assert "longer than 8 s" in record.failure.message
    assert 8.0 <= record.duration < 60.0
    assert isinstance(failed.error, QuantumTimeoutError)
    report = failed.getReport()
    assert report.status is ExecutionStatus.TIMEOUT
    assert [q.status for q in report.quantaReports].count(ExecutionStatus.TIMEOUT) == 1
    assert _registered(failed, "measure_log") == 2
    assert _registered(failed, "measurements") == 1


@on_every_registry
@pytest.mark.parametrize("processes", [1, 2])
def test_repeatable_errors_are_repeated(
    run_in_pool: Callable[..., Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, processes: int
) -> None:
    monkeypatch.setattr(RetryPolicy, "wait_after", lambda self, n: 0.05 if n <= self.retries else None)
    config = {
        "fail_on": "visit = 1",
        "fail_attempts": 2,
        "scratch": str(tmp_path),
        "exception": "lsst.pipe.base.RepeatableQuantumError",
    }
    failures: list[QuantumFailed] = []
    hooks = [lambda event: failures.append(event) if isinstance(event, QuantumFailed) else None]
    done = run_in_pool(
        "visit = 1", {"detect": config}, retries=2, fail_fast=True, processes=processes, hooks=hooks
    )
    assert done.report.counts == {QuantumStatus.SUCCEEDED: 6}
    assert sorted(failure.attempt for failure in failures) == [1, 1, 2, 2]
    assert all(failure.will_retry for failure in failures)
    assert _registered(done, "detect_log") == 2


def test_errors_that_are_not_repeatable_are_not_repeated(run_in_pool: Callable[..., Run]) -> None:
    failed = run_in_pool("visit = 1", {"detect": {"fail_on": "detector = 0"}}, retries=3)
    [failure] = failed.failures
    assert (failure.attempt, failure.failure.exit_code) == (1, 1)
    assert "told to fail at" in failure.failure.traceback


@on_every_registry
def test_what_failed_is_run_again_into_the_same_run(run_in_pool: Callable[..., Run], tmp_path: Path) -> None:
    config = {"fail_on": "visit = 1", "fail_attempts": 1, "scratch": str(tmp_path)}
    failed = run_in_pool("visit IN (1, 2)", {"measure": config})
    assert len(failed.failures) == 2
    again = failed.again()
    assert again.state is RunState.SUCCEEDED
    assert again.report.counts[QuantumStatus.SKIPPED] == 7
    assert _registered(again, "measure_log") == 4
    with again.butler() as butler:
        refs = butler.registry.queryDatasets("measure_log", collections=again.output_run)
        assert all(len(butler.get(ref)) for ref in refs)


@on_every_registry
def test_a_failed_quantum_is_retried_in_the_same_run(
    build: Callable[..., BuiltQuantumGraph], tmp_path: Path
) -> None:
    config = {"fail_on": "visit = 1 AND detector = 0", "fail_attempts": 1, "scratch": str(tmp_path)}
    handle: list[Run] = []
    ready = threading.Event()

    def retry(event: Event) -> None:
        if isinstance(event, QuantumFailed):
            ready.wait(30)
            handle[0].control.retry()

    built = build(measure=config)
    options = {"processes": 2, "start_method": "forkserver", "register_dataset_types": True}
    handle.append(built.run(background=True, hooks=[retry], **options))
    ready.set()
    assert handle[0].wait(60)
    assert handle[0].report.counts == {QuantumStatus.SUCCEEDED: 16}
    assert _registered(handle[0], "measure_log") == 6


def test_fail_fast_cancels_the_others(run_in_pool: Callable[..., Run], repository: Path) -> None:
    config = {"fail_on": "visit = 1 AND detector = 0", "sleep": 3000.0, "sleep_on": "visit = 2"}
    failed = run_in_pool(configs={"detect": config}, fail_fast=True)
    assert failed.state is RunState.FAILED
    assert len(failed.failures) == 1
    assert failed.report.counts.get(QuantumStatus.CANCELLED, 0) <= 1
    assert _registered(failed, "*_metadata") <= 1


ORPHANS = """
import sys
from jupyter_mpexec import GraphBuilder, PipelineBuilder
from jupyter_mpexec.events import QuantumStarted

def tell(event):
    if isinstance(event, QuantumStarted):
        print(event.worker, flush=True)

pipeline = PipelineBuilder(sys.argv[2]).config("detect", "sleep", 300.0)
built = GraphBuilder(pipeline, sys.argv[1], input="SmallCam/defaults", output="u/me").build()
built.run(register_dataset_types=True, processes=2, hooks=[tell], detached=False)
"""


def test_workers_end_when_their_parent_is_killed(repository: Path, tmp_path: Path) -> None:
    script = tmp_path / "orphans.py"
    script.write_text(ORPHANS)
    with subprocess.Popen(
        [sys.executable, script, repository, PIPELINE],
        stdout=subprocess.PIPE,
        text=True,
        env=python_environment(),
    ) as parent:
        assert parent.stdout is not None
        workers = [int(parent.stdout.readline().partition("(pid ")[2].rstrip(")\n")) for _ in range(2)]
        assert not any(map(_gone, workers))
        parent.kill()
        wait_until(lambda: all(map(_gone, workers)), seconds=15.0)
