"""Runs in worker processes: real processes, a real Butler."""

from __future__ import annotations

import logging
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lsst.pipe.base.quantum_graph import ProvenanceQuantumGraphReader
from lsst.pipe.base.quantum_reports import ExecutionStatus
from lsst.pipe.base.single_quantum_executor import SingleQuantumExecutor as UpstreamSingleQuantumExecutor

from jupyter_mpexec import GraphBuilder, PipelineBuilder, QuantumGraphExecutor, Run, SingleQuantumExecutor
from jupyter_mpexec.errors import UsageError
from jupyter_mpexec.events import Event, QuantumEnded, QuantumFailed, QuantumStarted
from jupyter_mpexec.execution import runs
from jupyter_mpexec.execution.built_graph import BuiltQuantumGraph
from jupyter_mpexec.execution.errors import QuantumTimeoutError
from jupyter_mpexec.execution.execution_options import ExecutionOptions
from jupyter_mpexec.execution.prepare import prepare_output_run
from jupyter_mpexec.execution.retry_policy import RetryPolicy
from jupyter_mpexec.status import QuantumStatus, RunState
from tests.execution.test_parity import MIXED, _assert_equal, _ours
from tests.support import tasks
from tests.support.registries import on_every_registry
from tests.support.repository import INPUTS, PIPELINE
from tests.support.tasks import LEFT_BEHIND

ROOT = Path(__file__).parents[2]
VICTIM = "measure(instrument=SmallCam, detector=1, visit=2)"

Changes = dict[str, dict[str, Any]]


@pytest.fixture
def build(repository: Path) -> Callable[..., BuiltQuantumGraph]:
    def build(changes: Changes | None = None, query: str = "") -> BuiltQuantumGraph:
        pipeline = PipelineBuilder(str(PIPELINE))
        for label, values in (changes or {}).items():
            for name, value in values.items():
                pipeline.config(label, name, value)
        return GraphBuilder(pipeline, repository, input=INPUTS, output="u/me", data_query=query).build()

    return build


@pytest.fixture
def run(build: Callable[..., BuiltQuantumGraph]) -> Callable[..., Run]:
    def run(changes: Changes | None = None, query: str = "", **options: Any) -> Run:
        # Forked from a server that has imported all: quick, for many tests.
        options = {"processes": 2, "start_method": "forkserver", **options}
        return build(changes, query).run(register_dataset_types=True, **options)

    return run


@pytest.fixture(autouse=True)
def _nothing_is_left_running() -> Any:
    yield
    assert not multiprocessing.active_children()


def _registered(run: Run, name: str) -> int:
    with run.butler() as butler:
        return len(set(butler.registry.queryDatasets(name, collections=run.output_run)))


def _gone(pid: int) -> bool:
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def _wait_until(condition: Callable[[], Any], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "It did not happen."
        time.sleep(0.02)


@pytest.mark.parametrize("changes", [[], MIXED], ids=["success", "mixed"])
def test_many_processes_leave_what_one_leaves(
    repository_template: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture, changes: Any
) -> None:
    caplog.set_level(logging.INFO, "tests")
    one = Path(shutil.copytree(repository_template, tmp_path / "one"))
    many = Path(shutil.copytree(repository_template, tmp_path / "many"))
    _ours(one, changes)
    _ours(many, changes, run={"processes": 2, "start_method": "forkserver"})
    _assert_equal(one, many)


def test_components_and_conversions_of_what_other_workers_wrote(repository: Path) -> None:
    pipeline = PipelineBuilder().add_task(tasks.TabulateTask, "tabulate").add_task(tasks.LookTask, "look")
    # The readers start on whichever worker is free: some read what the other one wrote.
    pipeline.config("tabulate", "sleep", 0.3)
    built = GraphBuilder(pipeline, repository, input=INPUTS, output="u/me").build()
    done = built.run(register_dataset_types=True, processes=2, start_method="forkserver")
    assert not done.failures, done.failures[0].failure.traceback
    assert len({record.worker for record in done.report.quanta.values()}) == 2
    with done.butler() as butler:
        sums = butler.get("sums", instrument="SmallCam", visit=2)
        assert (sums["rows"], sums["n"], sums["kinds"]) == (4, 200 + 201 + 2, ["recarray"])
        assert butler.get("table.rowcount", instrument="SmallCam", visit=2, detector=0) == 2


@on_every_registry
def test_spawned_workers_share_the_work_and_are_measured(run: Callable[..., Run]) -> None:
    done = run(start_method="spawn")
    assert done.state is RunState.SUCCEEDED
    records = done.report.quanta.values()
    assert all(record.ingested for record in records)
    names = {record.worker for record in records}
    assert names <= {name for name in names if name.startswith(("worker 1 (pid ", "worker 2 (pid "))}
    assert str(os.getpid()) not in "".join(names)
    assert all(record.peak_memory > 2**20 and record.cpu_time > 0 for record in records)
    assert {q.exitCode for q in done.getReport().quantaReports} == {0}


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
    run: Callable[..., Run],
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
    failed = run({"measure": {"exit_on": "visit = 2 AND detector = 1", **config}})
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


def test_a_quantum_that_takes_too_long_is_ended(run: Callable[..., Run], repository: Path) -> None:
    slow = {"measure": {"sleep": 60.0, "sleep_on": "visit = 2 AND detector = 1"}}
    failed = run(slow, "visit = 2", timeout=8.0)
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
    run: Callable[..., Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, processes: int
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
    done = run({"detect": config}, "visit = 1", retries=2, fail_fast=True, processes=processes, hooks=hooks)
    assert done.report.counts == {QuantumStatus.SUCCEEDED: 6}
    assert sorted(failure.attempt for failure in failures) == [1, 1, 2, 2]
    assert all(failure.will_retry for failure in failures)
    assert _registered(done, "detect_log") == 2


def test_errors_that_are_not_repeatable_are_not_repeated(run: Callable[..., Run]) -> None:
    failed = run({"detect": {"fail_on": "detector = 0"}}, "visit = 1", retries=3)
    [failure] = failed.failures
    assert (failure.attempt, failure.failure.exit_code) == (1, 1)
    assert "told to fail at" in failure.failure.traceback


@on_every_registry
def test_what_failed_is_run_again_into_the_same_run(run: Callable[..., Run], tmp_path: Path) -> None:
    config = {"fail_on": "visit = 1", "fail_attempts": 1, "scratch": str(tmp_path)}
    failed = run({"measure": config}, "visit IN (1, 2)")
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

    built = build({"measure": config})
    options = {"processes": 2, "start_method": "forkserver", "register_dataset_types": True}
    handle.append(built.run(background=True, hooks=[retry], **options))
    ready.set()
    assert handle[0].wait(60)
    assert handle[0].report.counts == {QuantumStatus.SUCCEEDED: 16}
    assert _registered(handle[0], "measure_log") == 6


def test_fail_fast_cancels_the_others(run: Callable[..., Run], repository: Path) -> None:
    config = {"fail_on": "visit = 1 AND detector = 0", "sleep": 30.0, "sleep_on": "visit = 2"}
    start = time.monotonic()
    failed = run({"detect": config}, fail_fast=True)
    assert time.monotonic() - start < 25
    assert failed.state is RunState.FAILED
    assert len(failed.failures) == 1
    assert failed.report.counts.get(QuantumStatus.CANCELLED, 0) <= 1
    assert _registered(failed, "*_metadata") <= 1


def test_tasks_that_cannot_run_beside_others_run_alone(
    run: Callable[..., Run], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(tasks.MeasureTask, "canMultiprocess", False)
    running: set[str] = set()
    together: list[set[str]] = []

    def watch(event: Event) -> None:
        if isinstance(event, QuantumStarted):
            running.add(event.name)
            together.append(set(running))
        elif isinstance(event, QuantumEnded):
            running.discard(event.name)

    # In this process: another one would import the class as it is written.
    done = run(hooks=[watch], query="visit IN (1, 2)", detached=False)
    assert done.state is RunState.SUCCEEDED
    assert all(len(names) == 1 for names in together if any(name.startswith("measure") for name in names))
    assert sum("canMultiprocess" in message for message in caplog.messages) == 1


def test_ones_own_single_quantum_executor_works_in_workers(run: Callable[..., Run], tmp_path: Path) -> None:
    class Noting(SingleQuantumExecutor):
        def run_quantum(self, attempt: Any, task: Any) -> Any:
            (tmp_path / f"{os.getpid()}-{attempt.quantum_id}").touch()
            return super().run_quantum(attempt, task)

    assert run(query="visit = 1", quantum_executor=Noting).state is RunState.SUCCEEDED
    notes = [path.name.partition("-")[0] for path in tmp_path.iterdir() if path.is_file()]
    assert len(notes) == 6
    assert str(os.getpid()) not in notes


def test_an_executor_that_cannot_be_sent_is_explained(run: Callable[..., Run]) -> None:
    class Locked(SingleQuantumExecutor):
        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.lock = threading.Lock()

    failed = run(query="visit = 1", quantum_executor=Locked)
    assert isinstance(failed.error, UsageError)
    assert "Locked cannot be sent to worker processes" in str(failed.error)


@on_every_registry
@pytest.mark.parametrize("upstream", [False, True], ids=["ours", "upstream's"])
def test_provenance_is_written_with_any_number_of_processes(
    build: Callable[..., BuiltQuantumGraph], tmp_path: Path, upstream: bool
) -> None:
    changes = {
        "measure": {"fail_on": "visit = 2 AND detector = 1"},
        "detect": {"exit_on": "visit = 3 AND detector = 0"},
    }
    built = build(changes)
    file = tmp_path / "provenance.qg"
    with prepare_output_run(built, ExecutionOptions(register_dataset_types=True)) as butler:
        kind: Any = UpstreamSingleQuantumExecutor if upstream else SingleQuantumExecutor
        executor = QuantumGraphExecutor(
            quantum_executor=kind(butler=butler), num_proc=2, start_method="forkserver"
        )
        with pytest.raises(Exception, match="failed"):
            executor.execute(built.graph, provenance_graph_file=str(file))
    report = executor.getReport()
    assert report.status is ExecutionStatus.FAILURE
    assert {q.exitCode for q in report.quantaReports} == {0, 1, 42, None}
    with ProvenanceQuantumGraphReader.open(file) as reader:
        reader.read_full_graph()
        infos = reader.graph.quantum_only_xgraph.nodes.values()
        statuses = [info["status"].name for info in infos if "status" in info]
    assert (statuses.count("SUCCESSFUL"), statuses.count("FAILED")) == (10, 2)


@on_every_registry
def test_an_interrupting_stop_leaves_nothing_of_the_quanta_under_way(
    run: Callable[..., Run], repository: Path
) -> None:
    stopped = run({"measure": {"sleep": 60.0}}, background=True)
    _wait_until(
        lambda: (
            sum(r.task_label == "measure" for r in list(stopped.report.quanta.values())) == 2
            or stopped.state.is_final
        )
    )
    stopped.stop(interrupt=True)
    assert stopped.state is RunState.STOPPED
    assert stopped.report.counts == {
        QuantumStatus.SUCCEEDED: 6,
        QuantumStatus.CANCELLED: 2,
        QuantumStatus.BLOCKED: 3,
        QuantumStatus.PENDING: 5,
    }
    assert _registered(stopped, "catalog") == 6
    assert not [path for path in (repository / "u").rglob("*measure_log*") if path.is_file()]


def test_ctrl_c_ends_a_blocking_run_at_once(run: Callable[..., Run]) -> None:
    def interrupt(event: Event) -> None:
        if isinstance(event, QuantumStarted) and event.task_label == "measure" and not sent:
            sent.append(event)
            threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()

    sent: list[Event] = []
    before = signal.getsignal(signal.SIGINT)
    stopped = run({"measure": {"sleep": 100.0}}, hooks=[interrupt])
    assert stopped.state is RunState.STOPPED
    assert stopped.report.counts[QuantumStatus.CANCELLED] == 2
    assert signal.getsignal(signal.SIGINT) is before


def test_one_running_quantum_can_be_cancelled(run: Callable[..., Run]) -> None:
    going = run({"measure": {"sleep": 60.0, "sleep_on": "detector = 1"}}, "visit = 1", background=True)

    def running() -> list[Any]:
        records = list(going.report.quanta.values())
        return [r for r in records if r.status is QuantumStatus.RUNNING and r.task_label == "measure"]

    _wait_until(lambda: [r for r in running() if r.data_id["detector"] == 1])
    [record] = [r for r in running() if r.data_id["detector"] == 1]
    going.control.cancel(uuid.UUID(record.quantum_id))
    assert going.wait(60)
    assert going.report.quanta[record.quantum_id].status is QuantumStatus.CANCELLED
    assert going.report.counts[QuantumStatus.SUCCEEDED] == 3


def test_the_environment_of_the_parent_is_left_as_it_was(run: Callable[..., Run]) -> None:
    import threadpoolctl

    main = dict(vars(sys.modules["__main__"]))
    environment, libraries = dict(os.environ), threadpoolctl.threadpool_info()
    threads = {thread.name for thread in threading.enumerate()}
    folder = Path.cwd()
    run(query="visit = 1", start_method="spawn")
    assert dict(os.environ) == environment
    assert threadpoolctl.threadpool_info() == libraries
    assert {thread.name for thread in threading.enumerate()} == threads
    assert dict(vars(sys.modules["__main__"])) == main
    assert Path.cwd() == folder


NOTEBOOK = """
import sys
from lsst.pex.config import Field
from lsst.pipe.base import PipelineTask, PipelineTaskConfig, PipelineTaskConnections, Struct, connectionTypes
from jupyter_mpexec import GraphBuilder, PipelineBuilder


class DoubleConnections(PipelineTaskConnections, dimensions=("instrument", "visit", "detector")):
    counts = connectionTypes.Input(
        doc="In.", name="counts", storageClass="StructuredDataDict",
        dimensions=("instrument", "visit", "detector"))
    doubled = connectionTypes.Output(
        doc="Out.", name="doubled", storageClass="StructuredDataDict",
        dimensions=("instrument", "visit", "detector"))


class DoubleConfig(PipelineTaskConfig, pipelineConnections=DoubleConnections):
    factor = Field[int](doc="Factor.", default=2)


class DoubleTask(PipelineTask):
    ConfigClass = DoubleConfig
    _DefaultName = "double"

    def run(self, counts):
        return Struct(doubled={"n": helper(counts["n"], self.config.factor)})


def helper(number, factor):
    return number * factor


pipeline = PipelineBuilder().add_task(DoubleTask, "double").config("double", "factor", 3)
built = GraphBuilder(pipeline, sys.argv[1], input="SmallCam/defaults", output="u/me").build()
run = built.run(register_dataset_types=True, processes=2, start_method=sys.argv[2] or None)
run.check()
with run.butler() as butler:
    print(butler.get("doubled", instrument="SmallCam", visit=1, detector=1)["n"], run.report.counts)
"""


@pytest.mark.parametrize("start_method", ["", "spawn", "forkserver"])
def test_tasks_of_a_notebook_run_in_workers(repository: Path, tmp_path: Path, start_method: str) -> None:
    script = tmp_path / "notebook.py"
    # Without a guard: the script must not run again in the workers.
    script.write_text(NOTEBOOK)
    done = _python(script, repository, start_method)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("303 ")
    assert "6" in done.stdout
    # Elsewhere, where there are no such classes.
    assert len(runs.attach("last").graph) == 6


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
        [sys.executable, script, repository, PIPELINE], stdout=subprocess.PIPE, text=True, env=_environment()
    ) as parent:
        assert parent.stdout is not None
        workers = [int(parent.stdout.readline().partition("(pid ")[2].rstrip(")\n")) for _ in range(2)]
        assert not any(map(_gone, workers))
        parent.kill()
        _wait_until(lambda: all(map(_gone, workers)), 15.0)


def _python(script: Path, *words: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(script), *map(str, words)]
    return subprocess.run(command, env=_environment(), capture_output=True, text=True, timeout=120)


def _environment() -> dict[str, str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return environment
