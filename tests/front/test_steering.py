"""Runs that go on, steered with ``%pipetask``: pause, step, resume, retry, cancel, skip; and their reports."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from IPython.core.interactiveshell import InteractiveShell

from jupyter_mpexec import Run
from jupyter_mpexec.errors import OptionError, RunError
from jupyter_mpexec.execution.run_folder import RunFolder
from jupyter_mpexec.front.command_line import main
from jupyter_mpexec.front.suggestions import suggest
from jupyter_mpexec.report import RunReport
from jupyter_mpexec.status import QuantumStatus, RunState
from tests.support.repository import INPUTS, PIPELINE
from tests.support.waiting import wait_until

RunCell = Callable[..., Any]

WHERE = f"-b {{repo}} -p {PIPELINE} -i {INPUTS} --register-dataset-types --no-versions"


def ids(run: Run, label: str) -> list[str]:
    return [str(quantum) for quantum in run.graph.graph.quanta_by_task[label].values()]


def status(run: Run, quantum_id: str) -> QuantumStatus:
    record = run.report.quanta.get(quantum_id)
    return record.status if record is not None else QuantumStatus.PENDING


def noted(run: Run, quantum_id: str) -> QuantumStatus:
    record = RunReport.from_events(run.journal.read()).quanta.get(quantum_id)
    return record.status if record is not None else QuantumStatus.PENDING


@pytest.fixture(params=[1, 2], ids=["kernel", "workers"])
def run(
    request: pytest.FixtureRequest, run_cell: RunCell, repository: Path, shell: InteractiveShell
) -> Iterator[Run]:
    """A run that is paused, in this kernel or with a process of its own."""
    options = f"-o u/me -j {request.param} --background"
    cell = run_cell(f"run = %pipetask run {WHERE} {options}\nrun.pause()", repo=str(repository))
    assert cell.error is None
    made: Run = shell.user_ns["run"]
    wait_until(lambda: made.state is RunState.PAUSED, "it is paused")
    wait_until(lambda: QuantumStatus.RUNNING not in made.report.counts, "what had begun has ended")
    yield made
    made.stop(interrupt=True)


def test_step_resume_pause(run_cell: RunCell, run: Run) -> None:
    before = run.report.ended
    assert (
        run_cell("%pipetask step").stdout
        == f"The run {run.id} starts one more quantum, and is paused then.\n"
    )
    wait_until(lambda: run.report.ended == before + 1, "one quantum more")
    assert "starts 2 more quanta" in run_cell("%pipetask step {run} 2").stdout
    wait_until(lambda: run.report.ended == before + 3, "two more")
    assert run.state is RunState.PAUSED
    assert (
        "-j" in run_cell("%pipetask resume -j 3").error.message + run_cell("%pipetask resume -j 3").error.hint
    )
    said = run_cell("%pipetask resume")
    assert (said.value, said.stdout) == (
        None,
        f"The run {run.id} goes on. Watch it with: %pipetask attach {run.id}\n",
    )
    run.check()


def test_a_run_that_is_getting_ready_needs_no_resume(run_cell: RunCell, runs_folder: Path) -> None:
    folder = RunFolder(runs_folder / "runs" / "u-me-20260101T000000-abcdef")
    folder.path.mkdir(parents=True)
    lock = folder.own()
    try:
        said = run_cell("%pipetask resume last")
    finally:
        lock.release()
    assert (said.error, said.stdout) == (
        None,
        f"The run {folder.name} is getting ready. Watch it with: %pipetask attach {folder.name}\n",
    )


def test_pause(run_cell: RunCell, run: Run) -> None:
    run.resume()
    run.pause()
    run.resume()
    said = run_cell(f"%pipetask pause {run.id}")
    if said.error is None:
        assert "starts no further quanta" in said.stdout
        wait_until(lambda: run.state is RunState.PAUSED or run.state.is_final, "it is paused")
    else:
        assert "is over" in said.error.message, "It was too quick."


def test_quanta_are_cancelled_run_again_and_skipped(run_cell: RunCell, run: Run) -> None:
    *_, first, second = ids(run, "detect")
    said = run_cell(f"%pipetask cancel {run.id} {first} {second[-12:]}")
    assert said.stdout.startswith("2 quanta are taken out of the run: detect(")
    wait_until(
        lambda: [noted(run, each) for each in (first, second)] == [QuantumStatus.CANCELLED] * 2,
        "both are cancelled, and the journal says so",
    )
    wait_until(lambda: status(run, first) is QuantumStatus.CANCELLED, "the handle has heard of it")

    again = run_cell(f"%pipetask cancel {run.id} {first}").error
    assert isinstance(again, RunError)
    assert "is 'cancelled': there is nothing to cancel." in again.message

    # By name, so much of it that there is only one.
    record = run.report.quanta[first]
    data_id = "visit={visit}, detector={detector}".format(**record.data_id)
    assert "One quantum is run again: detect(" in run_cell(f"%pipetask retry last 'detect({data_id})'").stdout
    wait_until(lambda: status(run, first) is QuantumStatus.PENDING, "it waits again")
    assert status(run, second) is QuantumStatus.CANCELLED, "Only the one that was named."

    said = run_cell("%pipetask skip {run} {quanta}", quanta=[first, second])
    assert said.stdout.startswith("2 quanta are not run: detect(")
    run.resume()
    run.check()
    assert run.report.counts[QuantumStatus.SKIPPED] == 2


@pytest.mark.parametrize("run", [1], indirect=True)
def test_which_quantum_is_not_guessed(run_cell: RunCell, run: Run) -> None:
    cases = {
        "skip {run} detect()": "may be meant by 'detect()'",
        "skip {run} nothing": "has no quantum 'nothing'",
        "skip {run} 'detct(detector=1)'": "has no quantum 'detct(detector=1)'",
        "skip {run} 'detect(detector=99)'": "has no quantum",
    }
    for line, expected in cases.items():
        error = run_cell(f"%pipetask {line}").error
        assert isinstance(error, OptionError), line
        assert expected in error.message
        assert error.hint
    error = run_cell("%pipetask retry").error
    assert isinstance(error, RunError)
    assert "has failed: there is nothing to retry." in error.message
    assert not run.state.is_final


def test_a_quantum_of_another_run_ends_nothing(run: Run) -> None:
    for action in ("cancel", "retry", "skip"):
        getattr(run.control, action)(uuid4())
    run.resume()
    run.check()
    assert run.report.ended == run.report.total
    assert run.state is RunState.SUCCEEDED


@pytest.mark.parametrize("run", [1], indirect=True)
def test_quanta_are_completed(run_cell: RunCell, run: Run) -> None:
    [*_, first] = ids(run, "detect")
    run_cell(f"%pipetask cancel {run.id} {first}")
    wait_until(lambda: status(run, first) is QuantumStatus.CANCELLED, "it is cancelled")
    name = run.report.quanta[first].name.replace(" ", "")
    fragment, found = suggest(f"retry {run.id} det", {})
    assert (fragment, name in found) == ("det", True)
    assert name in suggest("retry {run} ", {"run": run})[1]
    assert name not in suggest(f"cancel {run.id} ", {})[1]
    assert suggest(f"step {run.id} ", {})[1] == []
    assert f"retry {name}" not in suggest(f"retry {run.id} {name} ", {})[1]
    # What is suggested is understood.
    assert run_cell(f"%pipetask retry {run.id} {name}").error is None


def test_report_of_a_run_that_goes_on(
    run_cell: RunCell, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run_cell("%pipetask report").stdout == f"Written: {tmp_path / f'report-{run.id}.html'}\n"
    assert "paused" in (tmp_path / f"report-{run.id}.html").read_text(encoding="utf-8")
    assert not run.state.is_final
    run.resume()
    run.check()
    assert run_cell("%pipetask report last seen.html").error is None
    assert "succeeded" in (tmp_path / "seen.html").read_text(encoding="utf-8")
    error = run_cell("%pipetask report nowhere/seen.html").error
    assert isinstance(error, RunError)
    assert "cannot be written" in error.message


def test_retry_of_a_run_that_is_over(
    run_cell: RunCell, repository: Path, shell: InteractiveShell, tmp_path: Path
) -> None:
    failing = f"-c 'detect:fail_on=visit = 2' -c detect:fail_attempts=1 -c detect:scratch={tmp_path}"
    run_cell(f"%pipetask run {WHERE} -o u/me {failing}", repo=str(repository))
    failed: Run = shell.user_ns["_run"]
    assert failed.report.counts[QuantumStatus.FAILED]
    error = run_cell(f"%pipetask retry {failed.id} {failed.failures[0].quantum_id}").error
    assert isinstance(error, OptionError)
    assert "is over" in error.message
    for line in ("cancel", "skip"):
        error = run_cell(f"%pipetask {line} {failed.id} abc").error
        assert isinstance(error, RunError)
        assert f"%pipetask retry {failed.id}" in error.hint
    again = run_cell("%pipetask retry")
    assert again.error is None
    assert again.value.state is RunState.SUCCEEDED
    assert shell.user_ns["_run"] is again.value
    assert again.value.report.total == failed.report.total
    assert "nothing to retry" in run_cell("%pipetask retry last").error.message


@pytest.mark.parametrize("run", [1], indirect=True)
def test_the_same_in_a_shell(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = run.report.ended
    assert main(["step", run.id]) == 0
    assert "starts one more quantum" in capsys.readouterr().out
    wait_until(lambda: run.report.ended == before + 1, "one quantum more")
    *_, last = ids(run, "combine")
    assert main(["skip", run.id, last]) == 0
    assert main(["report", run.id, str(tmp_path / "seen.html")]) == 0
    assert (tmp_path / "seen.html").exists()
    assert main(["cancel", run.id]) == 2
    assert "Error: cancel needs to know the run" in capsys.readouterr().err
    assert main(["resume", run.id]) == 0
    assert "jupyter mpexec attach" in capsys.readouterr().out
    run.check()
    assert main(["pause", run.id]) == 1
    assert capsys.readouterr().err.startswith("Error: The run ")


def test_retry_in_a_shell(
    repository: Path, run_cell: RunCell, shell: InteractiveShell, tmp_path: Path
) -> None:
    failing = f"-c 'detect:fail_on=visit = 2' -c detect:fail_attempts=1 -c detect:scratch={tmp_path}"
    run_cell(f"%pipetask run {WHERE} -o u/me {failing}", repo=str(repository))
    assert main(["retry", "last"]) == 0
    assert main(["retry", "last"]) == 1, "Nothing is left to do."
