"""`%pipetask` in a real IPython: what it returns, prints, and how it fails."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from lsst.daf.butler import Butler

from jupyter_mpexec import BuiltQuantumGraph, PipelineBuilder, Run
from jupyter_mpexec.errors import (
    CollectionError,
    PipelineError,
    RunError,
    RunInterruptedError,
)
from jupyter_mpexec.status import RunState
from tests.support.repository import INPUTS, PIPELINE

from .conftest import NEW, WHERE, rendered

RunCell = Callable[..., Any]


class TestBuild:
    def test_value_is_the_builder(self, run_cell: RunCell) -> None:
        cell = run_cell("%pipetask build -p {pipe} -c detect:value=7 --select-tasks detect", pipe=PIPELINE)
        assert isinstance(cell.value, PipelineBuilder)
        assert cell.value.task_labels == ("detect",)
        assert cell.value.pipeline_graph().tasks["detect"].config.value == 7

    def test_assignment(self, run_cell: RunCell, shell: InteractiveShell) -> None:
        assert run_cell("builder = %pipetask build -p {pipe}", pipe=PIPELINE).value is None
        assert isinstance(shell.user_ns["builder"], PipelineBuilder)

    def test_a_builder_is_not_changed_by_being_used(self, run_cell: RunCell) -> None:
        builder = PipelineBuilder(PIPELINE)
        cell = run_cell("%pipetask build -p {builder} --delete combine", builder=builder)
        assert "combine" not in cell.value.task_labels
        assert "combine" in builder.task_labels

    def test_actions_in_their_order(self, run_cell: RunCell) -> None:
        cell = run_cell(
            "%pipetask build -t tests.support.tasks.DetectTask:a -c a:value=1 -c a:value=2"
            " -t tests.support.tasks.MeasureTask:b --delete b -c parameters:amount=4 -p {pipe}",
            pipe=PIPELINE,
        )
        assert cell.value.task_labels[-1] == "a"
        graph = cell.value.pipeline_graph()
        assert graph.tasks["a"].config.value == 2
        assert graph.tasks["detect"].config.value == 4

    def test_pipeline_in_the_cell_body(self, run_cell: RunCell) -> None:
        cell = run_cell(
            "%%pipetask build --delete second\n"
            "description: Two tasks\n"
            "tasks:\n"
            "  first: {class: tests.support.tasks.DetectTask, config: {value: 5}}\n"
            "  second: tests.support.tasks.MeasureTask\n"
        )
        assert cell.value.task_labels == ("first",)
        assert cell.value.pipeline_graph().tasks["first"].config.value == 5

    def test_saves_the_whole_pipeline_and_drawings(self, run_cell: RunCell, tmp_path: Path) -> None:
        run_cell(
            "%%pipetask build -p {pipe}\n"
            "-s {folder}/saved.yaml   # all tasks\n"
            "--select-tasks detect\n"
            "--pipeline-dot {folder}/p.dot --pipeline-mermaid {folder}/p.mmd",
            pipe=PIPELINE,
            folder=tmp_path,
        )
        assert PipelineBuilder(tmp_path / "saved.yaml").task_labels == PipelineBuilder(PIPELINE).task_labels
        assert "digraph" in (tmp_path / "p.dot").read_text()
        assert "flowchart" in (tmp_path / "p.mmd").read_text()

    def test_show(self, run_cell: RunCell) -> None:
        cell = run_cell("%pipetask build -p {pipe} --show subsets,task-graph", pipe=PIPELINE)
        assert cell.value is None, "It stops there, and draws nothing."
        out = cell.stdout
        assert "per_detector:\n  - detect\n  - measure\n" in out
        assert "■  combine: {instrument}" in out


class TestGraph:
    def test_value_is_the_graph(self, run_cell: RunCell, names: dict[str, str]) -> None:
        cell = run_cell(f"%pipetask qgraph {WHERE}", **names)
        assert isinstance(cell.value, BuiltQuantumGraph)
        assert cell.value.quanta_by_task == {"detect": 2, "measure": 2, "summarise": 1, "combine": 1}

    def test_objects_and_values_of_the_notebook(self, run_cell: RunCell, butler: Butler) -> None:
        builder = PipelineBuilder(PIPELINE)
        cell = run_cell(
            "%pipetask qgraph -b {butler} -p $builder -i {inputs} -o u/me"
            ' -d "visit IN ({visits}) AND instrument = :cam" --bind cam={camera}',
            **{
                "butler": butler,
                "builder": builder,
                "inputs": [INPUTS],
                "visits": [1, 3],
                "camera": "SmallCam",
            },
        )
        assert cell.value.quanta_by_task["detect"] == 4

    def test_variables_of_a_function(self, run_cell: RunCell, names: dict[str, str]) -> None:
        query = "visit = {number} AND instrument = 'SmallCam'"
        cell = run_cell(
            "def build(number):\n"
            f'    g = %pipetask qgraph -b {{repo}} -p {{pipe}} -i {INPUTS} -o u/me -d "{query}"\n'
            "    return g\n"
            "build(3)",
            **names,
        )
        assert cell.value.quanta_by_task["summarise"] == 1

    def test_files_and_loading(self, run_cell: RunCell, names: dict[str, str], tmp_path: Path) -> None:
        files = "-q {f}/g.qg --qgraph-dot {f}/g.dot --qgraph-mermaid {f}/g.mmd --summary {f}/s.json"
        built = run_cell(f"%pipetask qgraph {WHERE} {files}", f=tmp_path, **names).value
        assert {file.name for file in tmp_path.iterdir()} >= {"g.qg", "g.dot", "g.mmd", "s.json"}
        loaded = run_cell("%pipetask qgraph -b {repo} -g {f}/g.qg").value
        assert set(loaded.quantum_ids()) == set(built.quantum_ids())
        assert loaded.output_run == built.output_run

    def test_show_of_the_pipeline_builds_no_graph(self, run_cell: RunCell, names: dict[str, str]) -> None:
        cell = run_cell(f"%pipetask qgraph {WHERE} --show tasks", **names)
        assert (cell.value, cell.error) == (None, None)
        assert "### Subtasks of `detect'" in cell.stdout

    def test_show_of_the_graph(self, run_cell: RunCell, names: dict[str, str]) -> None:
        out = run_cell(f"%pipetask qgraph {WHERE} --show graph,workflow,uri", **names).stdout
        assert "detect (tests.support.tasks.DetectTask)" in out
        assert "Parent Quantum" in out
        assert f"{names['repo']}/SmallCam/raw/counts/" in out


class TestRun:
    def test_blocks_and_returns_the_run(self, run_cell: RunCell, names: dict[str, str]) -> None:
        cell = run_cell(f"%pipetask run {WHERE} {NEW}", **names)
        assert isinstance(cell.value, Run)
        assert cell.value.state is RunState.SUCCEEDED
        assert cell.value.report.ended == 6
        with cell.value.butler() as butler:
            assert butler.get("report", instrument="SmallCam")
            log = butler.get("detect_log", instrument="SmallCam", visit=2, detector=0)
        assert any(record.levelname == "INFO" for record in log), "As in upstream's log datasets."

    def test_command_of_the_report_does_the_same(self, run_cell: RunCell, names: dict[str, str]) -> None:
        builder = PipelineBuilder(PIPELINE).config("detect", value=4)
        cell = run_cell(
            f"%pipetask run {WHERE.replace('{pipe}', '{b}')} --register-dataset-types", b=builder, **names
        )
        words = cell.value.report.started.command
        assert words[:2] == ("pipetask", "run")
        assert words[2:8] == ("-b", names["repo"], "-p", str(PIPELINE), "-c", "detect:value=4")
        assert "--register-dataset-types" in words

    def test_a_graph_that_was_built_before(self, run_cell: RunCell, names: dict[str, str]) -> None:
        run_cell(f"graph = %pipetask qgraph {WHERE}", **names)
        cell = run_cell("%pipetask run -g {graph} --register-dataset-types --log-level DEBUG")
        assert cell.value.state is RunState.SUCCEEDED
        assert "--register-dataset-types" in cell.value.report.started.command

    def test_no_command_where_there_is_none(self, run_cell: RunCell, names: dict[str, str]) -> None:
        line = f"%%pipetask run {WHERE.replace('-p {pipe}', '')} --register-dataset-types\n"
        cell = run_cell(f"{line}description: One\ntasks:\n  one: tests.support.tasks.DetectTask", **names)
        assert cell.value.report.started.command == ()

    def test_log_options_are_in_the_command(
        self, run_cell: RunCell, names: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        cell = run_cell(f"%pipetask run {WHERE} {NEW} --log-file log.txt --bind x=1", **names)
        words = cell.value.report.started.command
        assert words[:4] == ("pipetask", "--log-file", str(tmp_path / "log.txt"), "run")
        assert words[4:6] == ("-b", names["repo"])

    def test_background_returns_at_once(
        self, run_cell: RunCell, names: dict[str, str], tmp_path: Path
    ) -> None:
        cell = run_cell(
            f"%pipetask run {WHERE} {NEW} --background -c detect:sleep=0.5 --log-file {{log}}",
            log=tmp_path / "log.txt",
            **names,
        )
        assert not cell.value.state.is_final
        assert cell.value.wait(30)
        assert cell.value.state is RunState.SUCCEEDED
        # The log file was open until the end.
        assert "combine" in (tmp_path / "log.txt").read_text()

    def test_failed_run_is_shown_and_fails_the_cell(
        self, run_cell: RunCell, names: dict[str, str], shell: InteractiveShell
    ) -> None:
        failing = f"-c 'detect:fail_on=visit = 2 AND detector = 0' {NEW}"
        cell = run_cell(f"%pipetask run {WHERE} {failing}", **names)
        assert isinstance(cell.error, RunError)
        run = shell.user_ns["_run"]
        assert run.state is RunState.FAILED
        assert "ValueError: told to fail" in cell.displayed[-1].data["text/plain"]
        assert "text/html" in cell.displayed[-1].data
        lines = rendered(cell.error)
        assert len(lines) <= 3
        assert "detect(" in lines[0]
        assert "variable _run" in lines[-1]
        assert "variable _run" not in str(run.error), "The run's own error is left alone."

    def test_interrupt_stops_cleanly(
        self, run_cell: RunCell, names: dict[str, str], shell: InteractiveShell, runs_folder: Path
    ) -> None:
        def interrupt() -> None:
            while not ended.wait(0.05):
                if any("QuantumStarted" in file.read_text() for file in runs_folder.rglob("*.jsonl")):
                    ended.wait(0.2)  # until it sleeps
                    os.kill(os.getpid(), signal.SIGINT)
                    return

        ended = threading.Event()
        thread = threading.Thread(target=interrupt)
        thread.start()
        cell = run_cell(f"%pipetask run {WHERE} {NEW} -c detect:sleep=20", **names)
        ended.set()
        thread.join()
        assert isinstance(cell.error, RunInterruptedError)
        assert shell.user_ns["_run"].state is RunState.STOPPED
        assert "ended early" in rendered(cell.error)[0]

    def test_show_executes_nothing(self, run_cell: RunCell, names: dict[str, str], untouched: None) -> None:
        for item, expected in (("tasks", "### Subtasks of"), ("workflow", "Quantum ")):
            cell = run_cell(f"%pipetask run {WHERE} --show {item}", **names)
            assert (cell.value, cell.error) == (None, None)
            assert expected in cell.stdout

    def test_output_run_must_be_that_of_the_graph(
        self, run_cell: RunCell, names: dict[str, str], tmp_path: Path
    ) -> None:
        run_cell(f"%pipetask qgraph {WHERE} -q {{f}}/g.qg", f=tmp_path, **names)
        cell = run_cell("%pipetask run -b {repo} -g {f}/g.qg --output-run u/other")
        assert isinstance(cell.error, CollectionError)


class TestHelp:
    def test_without_words(self, run_cell: RunCell) -> None:
        assert "Usage: %pipetask SUBCOMMAND" in run_cell("%pipetask").stdout

    def test_of_a_subcommand(self, run_cell: RunCell) -> None:
        cell = run_cell("%pipetask run --help")
        assert cell.value is None
        assert "-b, --butler-config REPO" in cell.stdout


class TestLines:
    def test_a_first_line_that_goes_on(self, run_cell: RunCell) -> None:
        cell = run_cell("%%pipetask build \\\n-p {pipe} \\\n-c detect:value=7", pipe=PIPELINE)
        assert cell.value.pipeline_graph().tasks["detect"].config.value == 7

    def test_a_semicolon_at_the_end_shows_no_value(self, run_cell: RunCell) -> None:
        cell = run_cell("%pipetask build -p {pipe};", pipe=PIPELINE)
        assert cell.error is None
        assert not cell.stdout
        assert not cell.displayed

    @pytest.mark.parametrize(
        "body",
        [
            "imports:\n  - location: {pipe}",
            "imports:\n  - location: $pipe",
            "tasks:\n  one:\n    class: {task}",
            "imports:\n  - location: [{pipe}",
        ],
    )
    def test_a_body_is_taken_literally(self, run_cell: RunCell, body: str) -> None:
        cell = run_cell(f"%%pipetask build\n{body}", pipe=str(PIPELINE), task="x")
        assert isinstance(cell.error, PipelineError)
        assert "A cell body is taken literally: " in cell.error.hint
