"""Runs in worker processes: real processes, a real Butler."""

from __future__ import annotations

import logging
import os
import shutil
import signal
import subprocess
import sys
import threading
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
from jupyter_mpexec.events import Event, QuantumEnded, QuantumStarted
from jupyter_mpexec.execution import runs
from jupyter_mpexec.execution.built_graph import BuiltQuantumGraph
from jupyter_mpexec.execution.execution_options import ExecutionOptions
from jupyter_mpexec.execution.prepare import prepare_output_run
from jupyter_mpexec.status import QuantumStatus, RunState
from tests.execution.test_parity import MIXED, _assert_equal, _ours
from tests.support import tasks
from tests.support.environment import python_environment
from tests.support.registries import on_every_registry
from tests.support.repository import INPUTS
from tests.support.waiting import wait_until

pytestmark = pytest.mark.usefixtures("_nothing_is_left_running")


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
def test_spawned_workers_share_the_work_and_are_measured(run_in_pool: Callable[..., Run]) -> None:
    done = run_in_pool(start_method="spawn")
    assert done.state is RunState.SUCCEEDED
    records = done.report.quanta.values()
    assert all(record.ingested for record in records)
    names = {record.worker for record in records}
    assert names <= {name for name in names if name.startswith(("worker 1 (pid ", "worker 2 (pid "))}
    assert str(os.getpid()) not in "".join(names)
    assert all(record.peak_memory > 2**20 and record.cpu_time > 0 for record in records)
    assert {q.exitCode for q in done.getReport().quantaReports} == {0}


def test_tasks_that_cannot_run_beside_others_run_alone(
    run_in_pool: Callable[..., Run], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
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
    done = run_in_pool(hooks=[watch], query="visit IN (1, 2)", detached=False)
    assert done.state is RunState.SUCCEEDED
    assert all(len(names) == 1 for names in together if any(name.startswith("measure") for name in names))
    assert sum("canMultiprocess" in message for message in caplog.messages) == 1


def test_ones_own_single_quantum_executor_works_in_workers(
    run_in_pool: Callable[..., Run], tmp_path: Path
) -> None:
    class Noting(SingleQuantumExecutor):
        def run_quantum(self, attempt: Any, task: Any) -> Any:
            (tmp_path / f"{os.getpid()}-{attempt.quantum_id}").touch()
            return super().run_quantum(attempt, task)

    assert run_in_pool(query="visit = 1", quantum_executor=Noting).state is RunState.SUCCEEDED
    notes = [path.name.partition("-")[0] for path in tmp_path.iterdir() if path.is_file()]
    assert len(notes) == 6
    assert str(os.getpid()) not in notes


def test_an_executor_that_cannot_be_sent_is_explained(run_in_pool: Callable[..., Run]) -> None:
    class Locked(SingleQuantumExecutor):
        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.lock = threading.Lock()

    failed = run_in_pool(query="visit = 1", quantum_executor=Locked)
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
    built = build(**changes)
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
    run_in_pool: Callable[..., Run], repository: Path
) -> None:
    stopped = run_in_pool(configs={"measure": {"sleep": 60.0}}, background=True)
    wait_until(
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
    with stopped.butler() as butler:
        assert len(set(butler.registry.queryDatasets("catalog", collections=stopped.output_run))) == 6
    assert not [path for path in (repository / "u").rglob("*measure_log*") if path.is_file()]


def test_ctrl_c_ends_a_blocking_run_at_once(run_in_pool: Callable[..., Run]) -> None:
    def interrupt(event: Event) -> None:
        if isinstance(event, QuantumStarted) and event.task_label == "measure" and not sent:
            sent.append(event)
            threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()

    sent: list[Event] = []
    before = signal.getsignal(signal.SIGINT)
    stopped = run_in_pool(configs={"measure": {"sleep": 100.0}}, hooks=[interrupt])
    assert stopped.state is RunState.STOPPED
    assert stopped.report.counts[QuantumStatus.CANCELLED] == 2
    assert signal.getsignal(signal.SIGINT) is before


def test_one_running_quantum_can_be_cancelled(run_in_pool: Callable[..., Run]) -> None:
    going = run_in_pool(
        "visit = 1", {"measure": {"sleep": 60.0, "sleep_on": "detector = 1"}}, background=True
    )

    def running() -> list[Any]:
        records = list(going.report.quanta.values())
        return [r for r in records if r.status is QuantumStatus.RUNNING and r.task_label == "measure"]

    wait_until(lambda: [r for r in running() if r.data_id["detector"] == 1])
    [record] = [r for r in running() if r.data_id["detector"] == 1]
    going.control.cancel(uuid.UUID(record.quantum_id))
    assert going.wait(60)
    assert going.report.quanta[record.quantum_id].status is QuantumStatus.CANCELLED
    assert going.report.counts[QuantumStatus.SUCCEEDED] == 3


def test_the_environment_of_the_parent_is_left_as_it_was(run_in_pool: Callable[..., Run]) -> None:
    import threadpoolctl

    main = dict(vars(sys.modules["__main__"]))
    environment, libraries = dict(os.environ), threadpoolctl.threadpool_info()
    threads = {thread.name for thread in threading.enumerate()}
    folder = Path.cwd()
    run_in_pool(query="visit = 1", start_method="spawn")
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


def _python(script: Path, *words: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(script), *map(str, words)]
    return subprocess.run(command, env=python_environment(), capture_output=True, text=True, timeout=120)
