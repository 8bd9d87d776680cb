"""Runs after the first one: their progress, and the variable for the last run."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from jupyter_mpexec import Run
from jupyter_mpexec.front import following
from jupyter_mpexec.front.progress import Progress
from jupyter_mpexec.status import QuantumStatus, RunState
from tests.support.repository import INPUTS, PIPELINE

RunCell = Callable[..., Any]

FAILING = (
    f"-b {{repo}} -p {PIPELINE} -i {INPUTS} -o u/me --register-dataset-types -c detect:fail_on='visit = 2'"
)


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[Progress]:
    """Progress that is shown; here nobody sees it."""
    made: list[Progress] = []

    def progress_for(*_: object, **__: object) -> Progress:
        made.append(Progress())
        return made[-1]

    monkeypatch.setattr(following, "progress_for", progress_for)
    return made


@pytest.fixture
def bare_logging() -> Iterator[None]:
    """Logging as in a notebook, where nobody has set it up: pytest has handlers of its own."""
    root = logging.getLogger()
    before, root.handlers = root.handlers, []
    yield
    root.handlers = before


def test_again_is_shown_and_becomes_the_last_run(
    run_cell: RunCell, repository: Path, shell: InteractiveShell, shown: list[Progress], tmp_path: Path
) -> None:
    attempts = f"-c detect:fail_attempts=2 -c detect:scratch={tmp_path} -d 'visit = 2 AND detector = 0'"
    run_cell(f"%pipetask run {FAILING} {attempts}", repo=str(repository))
    first: Run = shell.user_ns["_run"]
    assert first.state is RunState.FAILED

    second = run_cell("_run.again()").value
    assert shell.user_ns["_run"] is second
    assert second is not first
    assert second.state is RunState.FAILED
    third = run_cell("third = _run.again(background=True); third.wait(); third").value
    assert shell.user_ns["_run"] is third
    assert third.state is RunState.SUCCEEDED
    # Each was followed to its end.
    assert [one.report.state for one in shown] == [RunState.FAILED, RunState.FAILED, RunState.SUCCEEDED]

    # Another run than the last one is followed, too, and leaves the variable alone.
    other = run_cell("other = first.again(); other", first=first).value
    assert shell.user_ns["_run"] is third
    assert len(shown) == 4
    assert shown[-1].report.total == other.report.total


def test_who_names_hooks_gets_these_alone(
    run_cell: RunCell, repository: Path, shell: InteractiveShell, shown: list[Progress]
) -> None:
    run_cell(f"%pipetask run {FAILING} -d 'visit = 2'", repo=str(repository))
    first = shell.user_ns["_run"]
    run_cell("again = _run.again(hooks=())")
    assert len(shown) == 1
    assert shell.user_ns["_run"] is first


@pytest.mark.parametrize("processes", [1, 2])
@pytest.mark.usefixtures("bare_logging")
def test_a_failure_is_told_in_detail_once(
    run_cell: RunCell,
    repository: Path,
    shell: InteractiveShell,
    capsys: pytest.CaptureFixture[str],
    processes: int,
) -> None:
    with capsys.disabled():
        cell = run_cell(f"%pipetask run {FAILING} -d 'visit = 2' -j {processes}", repo=str(repository))
    failed = shell.user_ns["_run"].report.counts[QuantumStatus.FAILED]
    assert failed == 2
    assert "detect(instrument=SmallCam, detector=" in cell.displayed[-1].data["text/plain"]
    assert "detect(" not in cell.stderr
    # Where nothing shows them, they are logged.
    run_cell("_run.again(hooks=())")
    assert logging.lastResort is not None
    assert not logging.lastResort.filters


def test_failures_are_logged_for_who_wants_logs(
    run_cell: RunCell, repository: Path, caplog: pytest.LogCaptureFixture
) -> None:
    run_cell(f"%pipetask run {FAILING} -d 'visit = 2'", repo=str(repository))
    assert len([r for r in caplog.records if " failed: ValueError" in r.message]) == 2
