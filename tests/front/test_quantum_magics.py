"""`%quantum` and `%%patch` in a real IPython."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from jupyter_mpexec import GraphBuilder, OpenQuantum, PipelineBuilder, Run
from jupyter_mpexec.errors import OptionError, RunError, TaskNotFoundError, UsageError
from tests.support.repository import INPUTS, PIPELINE

RunCell = Callable[..., Any]


@pytest.fixture
def failed(repository: Path, shell: InteractiveShell) -> Run:
    pipeline = PipelineBuilder(str(PIPELINE)).config("measure", "fail_on", "detector = 0")
    built = GraphBuilder(pipeline, repository, input=INPUTS, output="u/me", data_query="visit = 1").build()
    run = built.run(register_dataset_types=True)
    shell.push({"_run": run})
    return run


@pytest.mark.usefixtures("failed")
def test_inputs_and_task_get_names_and_nothing_is_overwritten(
    run_cell: RunCell, shell: InteractiveShell
) -> None:
    cell = run_cell("%quantum measure detector=0", task="mine")
    assert isinstance(cell.value, OpenQuantum)
    assert cell.stdout.startswith("In the notebook now: catalog, measure_task, q.")
    assert "task as measure_task" in cell.stdout
    assert shell.user_ns["task"] == "mine"
    assert shell.user_ns["catalog"]["n"] == 103
    assert type(shell.user_ns["measure_task"]).__name__ == "MeasureTask"
    # What it has bound itself may go.
    second = run_cell("%quantum measure detector=1")
    assert second.stdout.startswith("In the notebook now: catalog, measure_task, q.")
    assert shell.user_ns["catalog"]["n"] == 104
    # Nor is that forgotten where the extension is loaded again, as by a cell that JupyterLab inserts.
    third = run_cell("%reload_ext jupyter_mpexec\n%quantum measure detector=1")
    assert third.stdout.startswith("In the notebook now: catalog, measure_task, q.")
    assert run_cell("%quantum --no-names").value.name == second.value.name


@pytest.mark.usefixtures("failed")
def test_the_last_failure_is_patched_and_run_again(run_cell: RunCell, shell: InteractiveShell) -> None:
    assert run_cell("%quantum --failed").value.name.startswith("measure(")
    patched = run_cell(
        "%%patch MeasureTask.compute\n"
        "def compute(self, data_id, catalog):\n"
        "    return Struct(measurements={'n': factor * catalog['n']})",
        factor=3,
    )
    assert "MeasureTask.compute is patched for reruns of measure(" in patched.stdout
    attempt = run_cell("_quantum.rerun(config={'fail_on': ''})").value
    assert attempt.outputs["measurements"] == {"n": 309}
    assert "MeasureTask.compute." in run_cell("%patch").stdout
    assert "nothing" in run_cell("%patch --clear").stdout


@pytest.mark.usefixtures("failed")
def test_the_code_of_the_task_runs_in_a_cell(
    run_cell: RunCell, shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    cells: list[str] = []
    monkeypatch.setattr(shell, "set_next_input", lambda text, replace=False: cells.append(text))
    assert run_cell("%quantum summarise --code").value is None
    [code] = cells
    assert code.startswith("# BehavingTask.runQuantum, for summarise(")
    assert "butlerQC = _quantum.context(butler)" in code
    # It is the quantum that was open, with all that has been tried.
    opened = shell.user_ns["_quantum"]
    run_cell("%quantum summarise --code")
    assert shell.user_ns["_quantum"] is opened
    run_cell("%quantum summarise")
    assert shell.user_ns["_quantum"] is not opened
    # Its other input is missing, because its quantum has failed: only one is there to sum up.
    written = run_cell(code).value
    assert [value["total"] for value in written.values()] == [104]


def test_inputs_that_are_not_there_yet(
    run_cell: RunCell, shell: InteractiveShell, repository: Path, caplog: pytest.LogCaptureFixture
) -> None:
    pipeline = PipelineBuilder(str(PIPELINE)).config("detect", "fail_on", "detector = 1")
    built = GraphBuilder(pipeline, repository, input=INPUTS, output="u/me", data_query="visit = 1").build()
    shell.push({"_run": built.run(register_dataset_types=True)})
    cell = run_cell("%quantum measure detector=1")
    waits = "waits for outputs of detect(instrument=SmallCam, detector=1, visit=1), which is failed."
    assert cell.stdout.startswith("In the notebook now: task, q.\nNot there: catalog. measure(")
    assert waits in cell.stdout
    assert "nothing to do" not in caplog.text
    error = run_cell("q.inputs['catalog']").error
    assert isinstance(error, RunError)
    assert "The input catalog of measure(" in str(error)
    assert waits in str(error.hint)
    caplog.clear()
    assert not run_cell("q.rerun()").value.outputs
    assert waits in caplog.text


@pytest.mark.parametrize(
    ("line", "error", "message"),
    [
        ("measur", TaskNotFoundError, "Did you mean 'measure'"),
        ("measure", RunError, "2 quanta"),
        ("measure detector=0 --cod", OptionError, "no option '--cod'"),
        ("measure detect", OptionError, "one task"),
        ("visit=1", OptionError, "Which task"),
        ("measure --failed", OptionError, "names a quantum already"),
        ("measure detector=0 --run nothing", RunError, "no run"),
        ("--run", OptionError, "needs the name"),
    ],
)
@pytest.mark.usefixtures("failed")
def test_lines_that_make_no_sense(run_cell: RunCell, line: str, error: type[Exception], message: str) -> None:
    cell = run_cell(f"%quantum {line}")
    assert isinstance(cell.error, error)
    assert message in str(cell.error)


def test_without_a_quantum(run_cell: RunCell) -> None:
    assert "No quantum is open" in str(run_cell("%quantum").error)
    assert isinstance(run_cell("%%patch A.b\ndef b(self): ...").error, UsageError)
    assert "--failed" in run_cell("%quantum --help").stdout
