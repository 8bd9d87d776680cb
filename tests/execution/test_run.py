"""A run: from a built graph to a report, in the foreground and in the background."""

from __future__ import annotations

import importlib
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lsst.daf.butler import Butler

from jupyter_mpexec import GraphBuilder, Journal, PipelineBuilder, Run, SingleQuantumExecutor
from jupyter_mpexec.errors import JournalError, RunError, UsageError
from jupyter_mpexec.events import Event, QuantumStarted, RunFinished
from jupyter_mpexec.execution.built_graph import BuiltQuantumGraph
from jupyter_mpexec.execution.errors import GraphExecutionError
from jupyter_mpexec.status import QuantumStatus, RunState
from tests.support import tasks
from tests.support.registries import on_every_registry
from tests.support.repository import INPUTS, PIPELINE


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
    failed = run(configs={"measure": {"fail_on": "visit = 2 AND detector = 1"}})
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
    [failure] = run("visit = 2 AND detector = 1", configs={"measure": {"fail_on": "visit = 2"}}).failures
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
        build(combine={"fail_in_init": True}).run(register_dataset_types=True)
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


def test_hooks_hear_of_the_end_though_the_journal_cannot_be_written(run: Callable[..., Run]) -> None:
    class TakesTheJournalAway:
        heard: tuple[Event, ...] = ()

        def watch(self, run: Run) -> None:
            self.journal = run.journal.path

        def __call__(self, event: Event) -> None:
            if isinstance(event, QuantumStarted) and self.journal.is_file():
                self.journal.unlink()
                # Nobody, not even root, can write to it now.
                self.journal.mkdir()
            self.heard += (event,)

    hook = TakesTheJournalAway()
    failed = run("visit = 1", hooks=[hook])
    assert isinstance(failed.error, JournalError)
    assert failed.state is RunState.FAILED
    assert isinstance(hook.heard[-1], RunFinished)
    assert hook.heard[-1].error == failed.error.message


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


class TwiceTask(tasks.DetectTask):
    def runQuantum(self, butlerQC: Any, inputRefs: Any, outputRefs: Any) -> None:  # noqa: N802, N803  # upstream's
        super().runQuantum(butlerQC, inputRefs, outputRefs)
        butlerQC.put({"n": -1}, outputRefs.catalog)


@pytest.mark.parametrize("processes", [1, 2])
def test_an_output_that_is_written_twice_stays_as_it_was_first(repository: Path, processes: int) -> None:
    pipeline = PipelineBuilder().add_task(f"{__name__}.TwiceTask", "detect")
    built = GraphBuilder(
        pipeline, repository, input=INPUTS, output="u/me", data_query="visit = 1 AND detector = 0"
    ).build()
    failed = built.run(register_dataset_types=True, processes=processes)
    [failure] = failed.failures
    assert failure.failure is not None
    assert failure.failure.exception.endswith("ConflictingDefinitionError")
    with failed.butler() as butler:
        assert butler.get("catalog", instrument="SmallCam", visit=1, detector=0)["n"] > 0
    assert "written catalog" in str(failure.open().rerun().error)


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
        done = run("visit = 2", configs={"measure": {"fail_on": "detector = 1"}})
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
