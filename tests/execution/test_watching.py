"""Watching runs that belong to another process, when files cannot be read: now, ever, or by this user."""

from __future__ import annotations

import logging
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jupyter_mpexec import Run
from jupyter_mpexec.errors import JournalError, RunError
from jupyter_mpexec.event_json import event_to_json
from jupyter_mpexec.events import Event, RunFinished, RunLogged
from jupyter_mpexec.execution import runs
from jupyter_mpexec.execution.file_lock import FileLock
from jupyter_mpexec.status import QuantumStatus, RunState

NOBODY = 65534


@pytest.fixture
def data_folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A data folder that every user can get at."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        monkeypatch.setenv("JUPYTER_MPEXEC_DATA", folder)
        yield Path(folder)


@pytest.fixture
def somebody_else() -> Iterator[Callable[[], None]]:
    """Become, for the rest of the test, a user who is not root."""
    was_root = os.geteuid() == 0
    yield lambda: os.seteuid(NOBODY) if was_root else None
    if was_root:
        os.seteuid(0)


class Halfway:
    """A run of which the journal has the first half, and that seems to go on until the lock is released."""

    def __init__(self, done: Run) -> None:
        self.lock = done.run_folder.own()
        self.journal = done.journal.path
        self.lines = self.journal.read_text().splitlines(keepends=True)
        self.journal.write_text("".join(self.lines[:9]))
        self.heard: list[Event] = []
        self.watched = runs.attach(done.id, hooks=[self.heard.append])
        assert self.watched.state is RunState.RUNNING

    def write(self, *lines: str) -> None:
        with self.journal.open("a") as stream:
            stream.writelines(lines)


@pytest.fixture
def halfway(run: Callable[..., Run], data_folder: Path) -> Iterator[Halfway]:
    halfway = Halfway(run("visit = 1"))
    yield halfway
    halfway.lock.release()
    assert halfway.watched.wait(60)


def test_what_cannot_be_read_for_a_while_is_read_later(halfway: Halfway) -> None:
    aside = halfway.journal.rename(halfway.journal.with_suffix(".aside"))
    # It can be opened neither by root.
    halfway.journal.mkdir()
    # Some looks at the journal later:
    time.sleep(0.3)
    halfway.journal.rmdir()
    aside.rename(halfway.journal)
    halfway.write(*halfway.lines[9:])
    halfway.lock.release()
    assert halfway.watched.wait(60)
    assert halfway.watched.state is RunState.SUCCEEDED
    assert halfway.watched.report.counts == {QuantumStatus.SUCCEEDED: 6}


def test_watching_ends_at_a_damaged_line_and_everybody_is_told(halfway: Halfway) -> None:
    halfway.write("damaged\n")
    assert halfway.watched.wait(60)
    assert isinstance(halfway.watched.error, JournalError)
    last = halfway.heard[-1]
    assert isinstance(last, RunFinished)
    assert "Line 10 of" in last.error
    assert f"%pipetask attach {halfway.watched.id}" in last.hint


def test_watching_ends_at_what_nobody_thought_of(
    halfway: Halfway, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(record: logging.LogRecord) -> bool:
        raise ValueError("a filter of the user")

    monkeypatch.setattr(logging.getLogger("tests.broken"), "filters", [broken])
    said = RunLogged(time=time.time(), level=logging.ERROR, logger="tests.broken", message="m")
    halfway.write(event_to_json(said) + "\n")
    assert halfway.watched.wait(60)
    assert isinstance(halfway.watched.error, ValueError)
    assert isinstance(halfway.heard[-1], RunFinished)
    assert "cannot be watched any longer" in caplog.text


def test_a_run_that_only_others_may_write_to_is_seen(
    run: Callable[..., Run], data_folder: Path, somebody_else: Callable[[], None]
) -> None:
    done = run("visit = 1")
    for path in (done.folder, *done.folder.rglob("*")):
        path.chmod(path.stat().st_mode & ~stat.S_IWUSR | stat.S_IRGRP | stat.S_IROTH | _search(path))
    somebody_else()
    [entry] = runs.list_runs()
    assert (entry.state, entry.trouble) == (RunState.SUCCEEDED, "")
    assert runs.attach(done.id).report.counts == {QuantumStatus.SUCCEEDED: 6}
    assert runs.look(done.id).state is RunState.SUCCEEDED


def test_a_run_that_only_others_may_read_is_listed_with_the_others(
    run: Callable[..., Run], data_folder: Path, somebody_else: Callable[[], None]
) -> None:
    done = run("visit = 1")
    hidden = Path(shutil.copytree(done.folder, done.folder.with_name("hidden")))
    hidden.chmod(0)
    for path in (done.folder, *done.folder.rglob("*")):
        path.chmod(path.stat().st_mode | stat.S_IRGRP | stat.S_IROTH | _search(path))
    somebody_else()
    troubles = {entry.id: entry.trouble for entry in runs.list_runs()}
    assert troubles.pop(done.id) == ""
    assert "Permission denied" in troubles.pop("hidden")
    assert "hidden" in repr(runs.list_runs())
    for action in (runs.attach, runs.look, runs.resume, runs.stop):
        with pytest.raises(RunError, match="hidden"):
            action("hidden")
    with pytest.raises(RunError, match="Permission denied"):
        runs.stop("hidden")


def test_a_lock_is_looked_at_without_writing(data_folder: Path, somebody_else: Callable[[], None]) -> None:
    lock = FileLock(data_folder / "lock")
    with lock:
        assert lock.acquire()
        lock.path.chmod(0o444)
        somebody_else()
        assert FileLock(lock.path).is_taken
    assert not lock.is_taken
    missing = FileLock(data_folder / "missing")
    assert not missing.is_taken
    assert not missing.path.exists()


def _search(path: Path) -> int:
    return stat.S_IXGRP | stat.S_IXOTH if path.is_dir() else 0
