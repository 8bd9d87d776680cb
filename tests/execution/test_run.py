"""A run: from a built graph to a report, in the foreground and in the background."""

from __future__ import annotations

import importlib
import os
import re
import signal
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lsst.daf.butler import Butler

from jupyter_mpexec import GraphBuilder, Journal, PipelineBuilder, Run, SingleQuantumExecutor
from jupyter_mpexec.errors import RunError, RunInterruptedError, UsageError
from jupyter_mpexec.events import Event, QuantumEnded, QuantumStarted
from jupyter_mpexec.execution import ingest
from jupyter_mpexec.execution.built_graph import BuiltQuantumGraph
from jupyter_mpexec.execution.errors import GraphExecutionError
from jupyter_mpexec.status import QuantumStatus, RunState
from tests.support import tasks
from tests.support.registries import on_every_registry
from tests.support.repository import INPUTS, PIPELINE


@pytest.fixture
def build(repository: Path) -> Callable[..., BuiltQuantumGraph]:
    def build(query: str = "", **configs: tuple[str, Any]) -> BuiltQuantumGraph:
        pipeline = PipelineBuilder(str(PIPELINE))
        for label, (name, value) in configs.items():
            pipeline.config(label, name, value)
        return GraphBuilder(pipeline, repository, input=INPUTS, output="u/me", data_query=query).build()

    return build


@pytest.fixture
def run(build: Callable[..., BuiltQuantumGraph]) -> Callable[..., Run]:
    def run(query: str = "", configs: dict[str, Any] | None = None, **options: Any) -> Run:
        return build(query, **(configs or {})).run(register_dataset_types=True, **options)

    return run


def _wait_until(condition: Callable[[], Any], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "It did not happen."
        time.sleep(0.01)


def _data_files(repository: Path, name: str) -> int:
    return sum(1 for _ in (repository / "u").rglob(f"{name}_*.*"))


@on_every_registry
def test_a_run_reports_keeps_a_journal_and_gives_its_results(run: Callable[..., Run]) -> None:
    done = run()
    assert done.state is RunState.SUCCEEDED
    assert done.report.counts == {QuantumStatus.SUCCEEDED: 16}
    assert all(record.ingested for record in done.report.quanta.values())
    assert [task.label for task in done.report.tasks] == ["detect", "measure", "summarise", "combine"]
    assert all(task.peak_memory > 2**20 for task in done.report.tasks)
    with done.butler() as butler:
        assert butler.get("report", instrument="SmallCam")["total"] > 0
    again = Journal(done.folder).report()
    assert (again.counts, again.state, again.run_id) == (done.report.counts, done.state, done.id)
    assert again.started.command[:2] == ("pipetask", "run")
    done.check()


@on_every_registry
def test_a_failed_run_is_returned_with_its_failures_and_raises_on_demand(run: Callable[..., Run]) -> None:
    failed = run(configs={"measure": ("fail_on", "visit = 2 AND detector = 1")})
    assert failed.state is RunState.FAILED
    [failure] = failed.failures
    assert failure.name == "measure(instrument=SmallCam, detector=1, visit=2)"
    assert "told to fail" in failure.failure.traceback
    with pytest.raises(GraphExecutionError, match="told to fail"):
        failed.check()
    assert failed.getReport().status.value == "failure"


@pytest.mark.parametrize("exception", ["SystemExit", "KeyboardInterrupt"])
def test_a_task_that_ends_the_program_has_failed(repository: Path, exception: str) -> None:
    pipeline = PipelineBuilder(str(PIPELINE))
    pipeline.config("measure", "exception", exception).config(
        "measure", "fail_on", "visit = 1 AND detector = 0"
    )
    built = GraphBuilder(pipeline, repository, input=INPUTS, output="u/me", data_query="visit = 1").build()
    ended = built.run(register_dataset_types=True)
    assert ended.state is RunState.FAILED
    assert [failure.name for failure in ended.failures] == [
        "measure(instrument=SmallCam, detector=0, visit=1)"
    ]
    assert ended.report.counts[QuantumStatus.SUCCEEDED] == 3


def test_tracebacks_begin_in_the_task(run: Callable[..., Run]) -> None:
    [failure] = run("visit = 2 AND detector = 1", configs={"measure": ("fail_on", "visit = 2")}).failures
    assert failure.failure.traceback.splitlines()[1].strip().startswith(f'File "{tasks.__file__}"')
    assert "single_quantum_executor" not in failure.failure.traceback


@on_every_registry
def test_again_runs_only_what_is_not_done(run: Callable[..., Run], tmp_path: Path, repository: Path) -> None:
    pipeline = PipelineBuilder(str(PIPELINE))
    for name, value in {"fail_on": "visit = 2", "fail_attempts": 1, "scratch": str(tmp_path)}.items():
        pipeline.config("measure", name, value)
    built = GraphBuilder(pipeline, repository, input=INPUTS, output="u/me").build()
    failed = built.run(register_dataset_types=True)
    assert len(failed.failures) == 2
    started: list[str] = []
    again = failed.again(hooks=[lambda e: started.append(e.name) if isinstance(e, QuantumStarted) else None])
    assert again.state is RunState.SUCCEEDED
    assert again.output_run == failed.output_run
    assert len(started) == 4
    assert all("visit=2" in name or name.startswith("combine") for name in started)
    with again.butler() as butler:
        assert len(set(butler.registry.queryDatasets("*_metadata", collections=again.output_run))) == 16
        # One run, in the chain once.
        assert list(butler.collections.get_info("u/me").children).count(again.output_run) == 1


def test_in_the_background_the_caller_goes_on_and_steers(run: Callable[..., Run]) -> None:
    steered = run(configs={"detect": ("sleep", 0.05)}, background=True)
    steered.pause()
    assert steered._thread.name == f"mpexec {steered.id}"  # type: ignore[union-attr]
    _wait_until(lambda: steered.state is RunState.PAUSED)
    ended = steered.report.ended
    steered.step()
    _wait_until(lambda: steered.report.ended == ended + 1)
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
    stopped = run(configs={"measure": ("sleep", 0.2)}, background=True)
    _wait_until(lambda: stopped.report.ended >= 8)
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
    stopped = run(configs={"measure": ("sleep", 1.5)}, background=True)
    _wait_until(lambda: any(r.task_label == "measure" for r in stopped.report.quanta.values()))
    stopped.stop(interrupt=True)
    assert stopped.report.counts[QuantumStatus.CANCELLED] == 1
    assert _data_files(repository, "measure_log") == 0
    assert _data_files(repository, "detect_log") == 6
    with stopped.butler() as butler:
        assert len(set(butler.registry.queryDatasets("catalog", collections=stopped.output_run))) == 6
    with pytest.raises(RunInterruptedError):
        stopped.check()


def test_a_single_running_quantum_can_be_cancelled(run: Callable[..., Run]) -> None:
    going = run("visit = 1", configs={"measure": ("sleep", 1.0)}, background=True)
    _wait_until(
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

    start = time.monotonic()
    stopped = run(configs={"measure": ("sleep", 100.0)}, hooks=[interrupt])
    assert time.monotonic() - start < 60
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


def test_ones_own_single_quantum_executor_is_used(run: Callable[..., Run]) -> None:
    seen: list[str] = []

    class Noting(SingleQuantumExecutor):
        def run_quantum(self, attempt: Any, task: Any) -> Any:
            seen.append(attempt.task_node.label)
            return super().run_quantum(attempt, task)

    assert run("visit = 1", quantum_executor=Noting).state is RunState.SUCCEEDED
    assert sorted(seen) == ["combine", "detect", "detect", "measure", "measure", "summarise"]


@on_every_registry
def test_init_only_makes_the_run_ready_and_runs_nothing(run: Callable[..., Run]) -> None:
    ready = run(init_only=True)
    assert (ready.state, ready.report.ended) == (RunState.SUCCEEDED, 0)
    with ready.butler() as butler:
        assert butler.get("detect_schema") == {"fields": ["x", "y", "flux"]}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"proceses": 2}, "Did you mean 'processes'"),
        ({"processes": 0}, "at least 1"),
        ({"memory_per_quantum": "3 apples"}, "--memory-per-quantum"),
        ({"max_memory": "3 apples", "processes": 2}, "--max-memory.*\\n.*3GB"),
        ({"max_memory": "-1", "processes": 2}, "more than nothing"),
        ({"max_memory": "2GB"}, "limits worker processes.*\\n.*-j 2"),
        ({"graph_fixup": "no.such.Fixup"}, "--graph-fixup"),
        ({"graph_fixup": "collections.OrderedDict"}, "not a graph fixup"),
    ],
)
@pytest.mark.usefixtures("untouched")
def test_wrong_options_are_refused_before_anything_is_written(
    build: Callable[..., BuiltQuantumGraph], options: dict[str, Any], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        build().run(**options)


@pytest.mark.usefixtures("untouched")
def test_unregistered_dataset_types_are_told_before_anything_is_written(
    build: Callable[..., BuiltQuantumGraph],
) -> None:
    with pytest.raises(GraphExecutionError, match=r"detect_schema.* more\.\n.*--register-dataset-types"):
        build().run()


@on_every_registry
def test_a_constructor_that_raises_is_named_and_leaves_no_run(
    build: Callable[..., BuiltQuantumGraph], repository: Path
) -> None:
    with pytest.raises(
        GraphExecutionError, match=r"task combine \(CombineTask\).*told to fail.*tasks\.py:\d+"
    ):
        build(combine=("fail_in_init", True)).run(register_dataset_types=True)
    with Butler.from_config(str(repository), writeable=False) as butler:
        assert not butler.collections.query("u/*")
    assert not list((repository / "u").rglob("*.*"))


@pytest.mark.parametrize("processes", [1, 2])
def test_of_a_run_that_is_refused_nothing_is_shown(
    build: Callable[..., BuiltQuantumGraph], processes: int
) -> None:
    class Panel:
        shown = False

        def watch(self, run: Run) -> None:
            self.shown = True

        def __call__(self, event: Event) -> None:
            pass

    panel = Panel()
    with pytest.raises(GraphExecutionError, match="does not know all dataset types"):
        build().run(processes=processes, hooks=[panel])
    assert not panel.shown


def test_two_runs_within_a_second_have_names_of_their_own(build: Callable[..., BuiltQuantumGraph]) -> None:
    runs = [build().run(register_dataset_types=True, init_only=True).output_run for _ in range(2)]
    assert runs[0] != runs[1]


def test_again_takes_the_class_as_it_is_now(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = """
from tests.support.tasks import DetectTask
class MendedTask(DetectTask):
    def compute(self, data_id, **inputs):
        {body}
        return super().compute(data_id, **inputs)
"""
    module = tmp_path / "mended_task.py"
    monkeypatch.syspath_prepend(tmp_path)
    module.write_text(source.format(body="raise RuntimeError('a bug')"))
    pipeline = PipelineBuilder().add_task("mended_task.MendedTask", "detect")
    built = GraphBuilder(pipeline, repository, input=INPUTS, output="u/me").build()
    failed = built.run(register_dataset_types=True)
    assert len(failed.failures) == 6
    module.write_text(source.format(body="# mended, and longer than before"))
    importlib.reload(importlib.import_module("mended_task"))
    again = failed.again()
    assert again.report.counts == {QuantumStatus.SUCCEEDED: 6}
    assert again.output_run == failed.output_run


def test_numerical_libraries_keep_their_threads_after_a_run(run: Callable[..., Run]) -> None:
    import threadpoolctl

    before = threadpoolctl.threadpool_info()
    environment = dict(os.environ)
    run("visit = 1")
    assert threadpoolctl.threadpool_info() == before
    assert dict(os.environ) == environment


class TestExportReport:
    def test_a_page_that_needs_nothing_else(
        self, run: Callable[..., Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        done = run("visit = 2", configs={"measure": ("fail_on", "detector = 1")})
        monkeypatch.chdir(tmp_path)
        assert done.export_report() == tmp_path / f"report-{done.id}.html"
        page = (tmp_path / f"report-{done.id}.html").read_text(encoding="utf-8")
        assert page.startswith("<!DOCTYPE html>")
        assert "told to fail" in page
        assert done._repr_mimebundle_()["text/html"] in page
        assert not re.search(r"<(script|link)\b|\bsrc=[\"']?https?:", page)

    def test_of_a_run_that_goes_on(self, run: Callable[..., Run], tmp_path: Path) -> None:
        paused = run(background=True)
        paused.pause()
        file = paused.export_report(str(tmp_path / "so far.html"))
        paused.resume()
        assert paused.wait(60)
        before = file.read_text(encoding="utf-8")
        assert paused.export_report(file) == file
        assert file.read_text(encoding="utf-8") != before

    def test_where_nothing_can_be_written(self, run: Callable[..., Run], tmp_path: Path) -> None:
        done = run("visit = 2")
        with pytest.raises(RunError, match=r"cannot be written to .*nowhere.*No such file"):
            done.export_report(tmp_path / "nowhere" / "report.html")


@pytest.mark.parametrize("processes", [1, 2])
def test_who_pauses_sees_the_results_there_are(
    run: Callable[..., Run], processes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Otherwise they would enter the registry at the end, all in one batch.
    monkeypatch.setattr(ingest, "BATCH_SECONDS", 1e9)
    paused = run(background=True, processes=processes, detached=False)
    _wait_until(lambda: paused.report.ended >= 2)
    paused.pause()
    _wait_until(lambda: paused.state is RunState.PAUSED)
    _wait_until(lambda: _all_ingested(paused))
    before = paused.report.ended
    assert not paused.wait(0)
    # One that ends while it is paused does not wait for others, either.
    paused.step()
    _wait_until(lambda: paused.report.ended > before and _all_ingested(paused))
    with paused.butler() as butler:
        found = set(butler.registry.queryDatasets("*_metadata", collections=paused.output_run))
    assert len(found) == paused.report.ended
    paused.stop()


def _all_ingested(run: Run) -> bool:
    records = list(run.report.quanta.values())
    return all(r.ingested for r in records if r.status.is_final) and not any(
        r.status is QuantumStatus.RUNNING for r in records
    )
