"""Runs that were begun before, from a notebook: list, attach, stop, resume, prune, and ``--resume``."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from lsst.daf.butler import Butler

from jupyter_mpexec import Run
from jupyter_mpexec.errors import JupyterMpexecError, OptionError, RunError, RunInterruptedError
from jupyter_mpexec.execution.runs import RunList
from jupyter_mpexec.front import managing
from jupyter_mpexec.status import RunState
from tests.support.repository import INPUTS
from tests.support.waiting import wait_until

RunCell = Callable[..., Any]

ONE_VISIT = "visit = 2 AND instrument = 'SmallCam'"
WHERE = f'-b {{repo}} -p {{pipe}} -i {INPUTS} -d "{ONE_VISIT}" --register-dataset-types --no-versions'
SLOW = "--background -c detect:sleep=0.3"


@pytest.fixture
def slow(run_cell: RunCell, names: dict[str, str], shell: InteractiveShell) -> Iterator[Run]:
    """A run in this kernel that goes on until it is stopped."""
    run_cell(f"slow = %pipetask run {WHERE} -o u/slow {SLOW}", **names)
    run: Run = shell.user_ns["slow"]
    run.pause()
    yield run
    run.stop(interrupt=True)


def folders(runs_folder: Path) -> set[str]:
    place = runs_folder / "runs"
    return {path.name for path in place.iterdir()} if place.is_dir() else set()


def test_list_attach_stop_resume_prune(
    run_cell: RunCell, names: dict[str, str], slow: Run, shell: InteractiveShell, runs_folder: Path
) -> None:
    listed = run_cell("%pipetask runs")
    assert isinstance(listed.value, RunList)
    [entry] = listed.value
    assert (entry.id, entry.is_alive) == (slow.id, True)
    assert not entry.state.is_final
    assert len(repr(entry)) < 120
    assert slow.id in repr(listed.value)

    # By no name, by the last part of it, by the object.
    for named in ("", slow.id.rpartition("-")[2], "{slow}", "last"):
        attached = run_cell(f"%pipetask attach {named}").value
        assert attached.id == slow.id
        assert shell.user_ns["_run"] is attached
        assert attached.report.total == 6, "It knows at once how far it is."
        assert not attached.state.is_final
    assert run_cell("%pipetask prune last").error is not None, "It goes on."

    stopped = run_cell("%pipetask stop --interrupt --wait")
    assert stopped.stdout == f"The run {slow.id} has ended.\n"
    assert slow.wait(30)
    assert attached.wait(30)
    assert attached.state is slow.state is RunState.STOPPED
    assert isinstance(run_cell("%pipetask stop").error, RunError)
    assert run_cell("%pipetask stop last").error.message == f"The run {slow.id} is over: it was stopped."

    run_cell("again = %pipetask resume {slow} --background")
    again: Run = shell.user_ns["again"]
    assert again.id == slow.id
    assert again.report.total == 6
    again.check()
    assert again.report.ended == 6
    for steering in ("%pipetask stop last", "%pipetask pause last", "again.pause()"):
        error = run_cell(steering).error
        assert error.message.endswith(" is over: it has succeeded, and nothing is left to do.")
        assert not error.hint

    pruned = run_cell("%pipetask prune last")
    assert slow.id in pruned.stdout
    assert "1 run removed" in pruned.stdout
    assert folders(runs_folder) == set()
    assert repr(run_cell("%pipetask runs").value) == "No runs yet."


def test_attach_shows_a_run_that_is_over(
    run_cell: RunCell, names: dict[str, str], shell: InteractiveShell
) -> None:
    run_cell(f"%pipetask run {WHERE} -o u/me -c 'detect:fail_on=visit = 2'", **names)
    failed: Run = shell.user_ns["_run"]
    cell = run_cell("%pipetask attach")
    assert cell.error is None, "To look at a failed run is no failure."
    assert cell.value.id == failed.id
    assert cell.value.report.counts == failed.report.counts
    assert cell.displayed == [], "There is no progress to show; the value shows the report."
    cell = run_cell("%pipetask attach --wait")
    assert "told to fail" in cell.error.message
    assert "variable _run" in cell.error.hint
    cell = run_cell("%pipetask resume")
    assert "told to fail" in cell.error.message
    assert "ValueError: told to fail" in cell.displayed[-1].data["text/plain"]


def test_prune_by_age(run_cell: RunCell, names: dict[str, str], slow: Run, runs_folder: Path) -> None:
    done = run_cell(f"%pipetask run {WHERE} -o u/done", **names).value
    assert "nothing was removed" in run_cell("%pipetask prune --older-than 1").stdout
    assert folders(runs_folder) == {done.id, slow.id}
    assert done.id in run_cell("%pipetask prune --older-than 0").stdout
    assert folders(runs_folder) == {slow.id}, "What goes on is left alone."


def test_which_run_is_not_guessed(run_cell: RunCell, names: dict[str, str], slow: Run) -> None:
    run_cell(f"other = %pipetask run {WHERE} -o u/other {SLOW}\nother.pause()", **names)
    try:
        for line in ("stop", "attach"):
            error = run_cell(f"%pipetask {line}").error
            assert isinstance(error, OptionError)
            assert slow.id in error.hint
        assert "2 runs begin with 'u-'." in run_cell("%pipetask stop u-").error.message
        typo = slow.id.replace("slow", "slwo")
        assert run_cell(f"%pipetask stop {typo}").error.hint == f"Did you mean {slow.id!r}?"
        assert not slow.state.is_final
    finally:
        run_cell("other.stop(interrupt=True)")


@pytest.mark.parametrize(
    ("line", "error", "expected"),
    [
        ("attach", RunError, "There are no runs yet."),
        ("resume", RunError, "There are no runs yet."),
        ("stop", RunError, "There is no run to stop: none goes on."),
        ("attach nothing", RunError, "There is no run 'nothing'."),
        ("prune nothing", RunError, "There is no run 'nothing'."),
        ("attch", OptionError, "Did you mean 'attach'?"),
        ("attach {3}", OptionError, "not an object of type int"),
        ("run -b {repo} -p {pipe} --resume", OptionError, "Name its output with -o, or --output-run."),
    ],
)
def test_one_clear_message(
    run_cell: RunCell, names: dict[str, str], line: str, error: type[JupyterMpexecError], expected: str
) -> None:
    cell = run_cell(f"%pipetask {line}", **names)
    assert isinstance(cell.error, error)
    assert expected in str(cell.error)


def test_a_pipeline_in_the_body_has_no_place(run_cell: RunCell) -> None:
    cell = run_cell("%%pipetask runs\ntasks: {}")
    assert isinstance(cell.error, OptionError)
    assert isinstance(run_cell("%%pipetask runs\n--all").value, RunList)


def interrupt_wait() -> None:
    """Press Ctrl-C as soon as the main thread waits for a run."""
    main = threading.main_thread().ident
    assert main is not None

    def waits() -> bool:
        stack = traceback.extract_stack(sys._current_frames()[main])
        return any(frame.name == "wait_for" and frame.filename == managing.__file__ for frame in stack)

    wait_until(waits, "a cell that waits")
    os.kill(os.getpid(), signal.SIGINT)


def test_interrupted_wait_does_not_stop_the_run(run_cell: RunCell, slow: Run) -> None:
    thread = threading.Thread(target=interrupt_wait)
    thread.start()
    cell = run_cell("%pipetask attach --wait")
    thread.join()
    assert isinstance(cell.error, RunInterruptedError)
    assert f"%pipetask stop {slow.id}" in cell.error.hint
    assert not slow.state.is_final


class TestResumeOption:
    def test_the_same_cell_again_and_again(
        self, run_cell: RunCell, names: dict[str, str], runs_folder: Path, tmp_path: Path
    ) -> None:
        failing = f"-c 'detect:fail_on=visit = 2' -c detect:fail_attempts=1 -c detect:scratch={tmp_path}"
        line = f"%pipetask run {WHERE} -o u/me {failing} --resume"
        first = run_cell(line, **names)
        assert isinstance(first.error, RunError)
        assert "The run u-" not in first.stdout, "There is none to go on with."
        [name] = folders(runs_folder)

        second = run_cell(line)
        assert second.error is None
        assert (second.value.id, second.value.state) == (name, RunState.SUCCEEDED)
        assert "has failed (0 of 6 quanta were done), and what is not done is run again." in second.stdout
        assert "differ" not in second.stdout

        third = run_cell(line.replace("visit = 2 AND", "visit = 3 AND") + " -c detect:value=7")
        assert third.error is None
        assert (third.value.id, third.value.state) == (name, RunState.SUCCEEDED)
        assert "has succeeded: nothing is left to do." in third.stdout
        assert "now -c detect:value=7 -d 'visit = 3 AND" in third.stdout
        assert "then -d 'visit = 2 AND" in third.stdout
        assert folders(runs_folder) == {name}

        other = run_cell(line.replace("-o u/me", "-o u/else"))
        assert other.value.id != name
        assert "The run u-" not in other.stdout, "It is another output: nothing to go on with."

    def test_one_that_goes_on_is_come_back_to(
        self, run_cell: RunCell, names: dict[str, str], slow: Run, runs_folder: Path
    ) -> None:
        cell = run_cell(f"%pipetask run {WHERE} -o u/slow {SLOW} --resume", **names)
        assert cell.value.id == slow.id
        assert "goes on: here it is again." in cell.stdout
        assert "differ" not in cell.stdout
        assert folders(runs_folder) == {slow.id}

    def test_a_graph_knows_its_output(
        self, run_cell: RunCell, names: dict[str, str], runs_folder: Path
    ) -> None:
        where = WHERE.replace(" --register-dataset-types --no-versions", "")
        run_cell(f"graph = %pipetask qgraph {where} -o u/me", **names)
        line = "%pipetask run -g {graph} --register-dataset-types --no-versions --resume"
        first, second = run_cell(line), run_cell(line)
        assert first.error is second.error is None
        assert first.value.id == second.value.id
        assert "nothing is left to do" in second.stdout

    def test_results_that_were_removed_are_made_again(
        self, run_cell: RunCell, names: dict[str, str], runs_folder: Path
    ) -> None:
        line = f"%pipetask run {WHERE} --output-run u/one --resume"
        first = run_cell(line, **names).value
        with Butler.from_config(names["repo"], writeable=True) as butler:
            butler.removeRuns(["u/one"])
        second = run_cell(line)
        assert second.error is None
        assert second.value.id != first.id
        assert second.value.report.ended == 6

    def test_one_that_did_not_even_begin(
        self, run_cell: RunCell, names: dict[str, str], runs_folder: Path
    ) -> None:
        line = f"%pipetask run {WHERE} --output-run u/one"
        dead = run_cell(f"{line} --init-only", **names).value
        (dead.folder / "journal.jsonl").unlink()
        cell = run_cell(f"{line} --resume")
        assert cell.error is None
        assert cell.value.id != dead.id
        assert cell.value.report.ended == 6


def test_names_of_runs_are_completed(
    run_cell: RunCell, names: dict[str, str], slow: Run, shell: InteractiveShell
) -> None:
    from jupyter_mpexec.front.suggestions import suggest

    time.sleep(0.01)
    done = run_cell(f"%pipetask run {WHERE} -o u/done", **names).value
    namespace = {"my_run": done, "_hidden": done, "other": 3}
    assert suggest("attach ", namespace)[1] == [done.id, slow.id, "last", "{my_run}"]
    assert suggest("attach u-s", namespace) == ("u-s", [slow.id])
    assert suggest("stop ", namespace)[1] == [slow.id, "last", "{my_run}"]
    assert suggest("resume u", namespace)[1] == [slow.id], "It is paused."
    assert suggest("pause u", namespace)[1] == []
    assert suggest(f"prune {done.id} ", namespace)[1] == ["last", "{my_run}"]
    assert suggest("runs ", namespace)[1] == []
    assert suggest("stop --", namespace)[1] == ["--interrupt", "--wait"]


def test_a_folder_that_is_damaged_is_listed(
    run_cell: RunCell, names: dict[str, str], runs_folder: Path
) -> None:
    done = run_cell(f"%pipetask run {WHERE} -o u/done", **names).value
    shutil.copytree(done.folder, done.folder.with_name("copy"))
    (done.folder.with_name("copy") / "journal.jsonl").write_text("nonsense\n")
    runs = run_cell("%pipetask runs").value
    assert {entry.id: entry.state for entry in runs} == {
        done.id: RunState.SUCCEEDED,
        "copy": RunState.DEAD,
    }
    assert "is damaged" in repr(runs)
