"""What `%pipetask` says when it cannot do what it is asked: one clear message, and what to do."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from lsst.daf.butler import Butler

from jupyter_mpexec.errors import (
    CollectionError,
    JupyterMpexecError,
    NothingLeftError,
    OptionError,
    PipelineError,
    TaskNotFoundError,
)
from jupyter_mpexec.front.command_line import main
from jupyter_mpexec.status import RunState

from .conftest import NEW, WHERE, rendered

RunCell = Callable[..., Any]


class TestErrors:
    @pytest.mark.parametrize(
        ("line", "error", "expected"),
        [
            ("run --fial-fast", OptionError, "Did you mean '--fail-fast'?"),
            ("rn", OptionError, "Did you mean 'run'?"),
            ("qgraph -b {repo} --mock", OptionError, "--mock is not supported here"),
            ("build -p {pip}", OptionError, "Did you mean 'pipe'?"),
            ("build -p /nowhere.yaml", PipelineError, "There is no pipeline file"),
            ("build -p {pipe} -c detct:value=1", TaskNotFoundError, "Did you mean 'detect'?"),
            ("build -p {pipe} --show tsks", OptionError, "Did you mean 'tasks'?"),
            ("build -p {pipe} --show graph", OptionError, "needs a quantum graph"),
            ("build -p {pipe} --show config=detct::x", TaskNotFoundError, "Did you mean 'detect'?"),
            ("build -p {pipe} --show history=nothing", OptionError, "No config field matches"),
            ("build -p {repo} --log-level DEBG", OptionError, "Did you mean 'DEBUG'?"),
            ("qgraph -b {repo}", OptionError, "Name a pipeline with -p"),
            ("qgraph -b {repo} -p {pipe} -i SmallCam/defalts -o x", CollectionError, "SmallCam/defaults"),
            ("run -b {repo} -p {pipe} -g x.qg", OptionError, "Leave out -g or the pipeline."),
            ("run -g {repo} -b {repo}", JupyterMpexecError, ".qg"),
            ("run -g {thing}", OptionError, "-g takes text or a BuiltQuantumGraph"),
            ("build", OptionError, "Name a pipeline with -p, or add tasks with -t."),
            ("build --show tasks", OptionError, "There is no pipeline to build."),
            *(
                (
                    f"{command} {flag} /nodir/x{end}",
                    OptionError,
                    f"{flag} cannot write /nodir/x{end}: there is no",
                )
                for command, flag, end in [
                    ("build -p {pipe}", "--pipeline-dot", ".dot"),
                    ("build -p {pipe}", "--pipeline-mermaid", ".mmd"),
                    ("build -p {pipe}", "--save-pipeline", ".yaml"),
                    ("build -p {pipe}", "--log-file", ".log"),
                    ("run -b {repo} -p {pipe}", "--summary", ".json"),
                    ("run -b {repo} -p {pipe}", "--profile", ".prof"),
                    ("qgraph -b {repo} -p {pipe}", "--save-qgraph", ".qg"),
                    ("qgraph -b {repo} -p {pipe}", "--qgraph-dot", ".dot"),
                ]
            ),
            ("run -b {repo} -g x.qg -d 'visit = 1'", OptionError, "--data-query has no effect"),
        ],
    )
    def test_one_clear_message(
        self, run_cell: RunCell, names: dict[str, str], line: str, error: type[Exception], expected: str
    ) -> None:
        cell = run_cell(f"%pipetask {line}", thing=object(), **names)
        assert isinstance(cell.error, error)
        assert expected in "\n".join(rendered(cell.error))
        assert "Traceback" not in cell.stdout
        assert "jupyter_mpexec/" not in cell.stdout

    def test_pipeline_body_that_is_no_yaml(self, run_cell: RunCell) -> None:
        cell = run_cell("%%pipetask build\ntasks:\n  detect: [")
        assert "not YAML" in rendered(cell.error)[0]
        assert "line" in rendered(cell.error)[0]

    def test_pipeline_body_beside_a_pipeline_file(self, run_cell: RunCell) -> None:
        cell = run_cell("%%pipetask build -p x.yaml\ntasks: {}")
        assert "-p names another source" in rendered(cell.error)[0]

    def test_a_built_graph_takes_no_options_of_building(
        self, run_cell: RunCell, names: dict[str, str]
    ) -> None:
        run_cell(f"graph = %pipetask qgraph {WHERE}", **names)
        cell = run_cell("%pipetask run -g {graph} -o u/other")
        assert "--output has no effect" in rendered(cell.error)[0]

    def test_a_built_graph_stays_with_its_repository(
        self, run_cell: RunCell, names: dict[str, str], butler: Butler
    ) -> None:
        run_cell(f"graph = %pipetask qgraph {WHERE}", butler=butler, **names)
        for same in ("{repo}", "{butler}"):
            assert run_cell(f"%pipetask qgraph -g {{graph}} -b {same}").error is None
        cell = run_cell("%pipetask run -g {graph} -b {repo}x")
        assert "is for the repository" in rendered(cell.error)[0]

    def test_error_can_be_caught_as_what_it_is(self, run_cell: RunCell) -> None:
        cell = run_cell(
            "from jupyter_mpexec.errors import OptionError\n"
            "try:\n    %pipetask run --x\nexcept OptionError as e:\n    caught = e.message\ncaught"
        )
        assert cell.value == "There is no option --x."

    def test_errors_of_a_task_keep_their_traceback(self, run_cell: RunCell) -> None:
        cell = run_cell("%pipetask build -p {1 / 0}")
        assert isinstance(cell.error, OptionError)
        cell = run_cell("1 / 0")
        assert not hasattr(cell.error, "_render_traceback_")


class TestSecondRun:
    def test_the_hint_can_be_followed(self, run_cell: RunCell, names: dict[str, str]) -> None:
        run_cell(f"graph = %pipetask qgraph {WHERE}", **names)
        assert run_cell(f"%pipetask run -g {{graph}} {NEW}").error is None
        cell = run_cell(f"%pipetask run -g {{graph}} {NEW}")
        assert isinstance(cell.error, CollectionError)
        assert "%pipetask run -g {graph.extended()}" in cell.error.hint
        again = run_cell(f"%pipetask run -g {{graph.extended()}} {NEW}")
        assert again.error is None
        again = run_cell("graph.extended().run(no_versions=True).state")
        assert (again.value, again.error) == (RunState.SUCCEEDED, None)

    def test_leftovers_of_failed_quanta(self, run_cell: RunCell, names: dict[str, str]) -> None:
        run_cell(f"%pipetask run {WHERE} {NEW} -c 'detect:fail_on=visit = 2 AND detector = 0'", **names)
        cell = run_cell(f"%pipetask run {WHERE} {NEW} --extend-run")
        assert "There are leftovers of failed quanta in the output run 'u/me/" in cell.error.message
        assert "clobber_outputs=True (--clobber-outputs)" in cell.error.hint
        assert len(run_cell(f"%pipetask qgraph {WHERE} --extend-run --clobber-outputs").value) == 4

    def test_nothing_is_left(
        self,
        run_cell: RunCell,
        names: dict[str, str],
        shell: InteractiveShell,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        line = f"{WHERE} {NEW} --output-run u/me/only"
        first = run_cell(f"%pipetask run {line}", **names)
        line = f"{line} --extend-run"
        assert (first.error, first.value.state) == (None, RunState.SUCCEEDED)
        shell.user_ns.pop("_run")
        again = run_cell(f"%pipetask run {line}")
        assert again.error is None, "A notebook can be run twice."
        assert again.stdout.startswith(
            "There is nothing left to do: the quanta of detect, measure, summarise, combine are done already, "
            "and in u/me/only.\n"
        )
        assert again.value.id == first.value.id
        assert shell.user_ns["_run"] is again.value
        # A graph is still asked for in vain; and in a shell, it is an error as upstream.
        assert isinstance(run_cell(f"%pipetask qgraph {line.replace(NEW, '')}").error, NothingLeftError)
        for name, value in names.items():
            line = line.replace(f"{{{name}}}", value)
        assert main(["run", *shlex.split(line)]) == 1
        assert "Error: There is nothing left to do" in capsys.readouterr().err

    def test_a_name_without_a_value(self, run_cell: RunCell, names: dict[str, str]) -> None:
        line = WHERE.replace("visit = 2", "visit = :v")
        cell = run_cell(f"%pipetask qgraph {line}", **names)
        assert cell.error.hint == "Give its value: --bind v=VALUE, or bind={'v': …} in Python."
