"""Faults that chance would seldom find, each exactly where it hurts most."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jupyter_mpexec.events import QuantumFailed, QuantumFinished, QuantumStarted, RunStarted
from jupyter_mpexec.execution.run import Run
from jupyter_mpexec.status import RunState

from .processes import kill, marked_processes, remaining_processes
from .scene import Scene, open_scene
from .survey import Reference, Survey


@pytest.fixture
def scene(survey: Survey, reference: Reference, tmp_path: Path) -> Iterator[Scene]:
    with open_scene(survey, tmp_path / "scene", "directed", reference) as opened:
        yield opened


def _wait_until(condition: Callable[[], object], seconds: float = 120.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "It did not happen."
        time.sleep(0.005)


def _kill_runner(scene: Scene, run: Run) -> None:
    kill(scene.process("runner").pid)
    scene.wait(run)
    assert run.state is RunState.DEAD


def _complete(scene: Scene) -> None:
    run = scene.go_on()
    scene.wait(run)
    assert run.state is RunState.SUCCEEDED, scene.describe()
    assert list(scene.faults()) == []


def _count(scene: Scene, *kinds: type) -> int:
    return len(scene.events(*kinds))


def test_runner_is_killed_in_the_middle_of_a_transaction(scene: Scene) -> None:
    run = scene.begin()
    hot_journal = scene.root / "gen3.sqlite3-journal"
    _wait_until(lambda: _count(scene, QuantumFinished))
    runner = scene.process("runner").pid
    while True:
        _wait_until(hot_journal.exists)
        kill(runner, signal.SIGSTOP)
        if hot_journal.exists():
            break
        kill(runner, signal.SIGCONT)
    kill(runner)
    scene.wait(run)
    assert hot_journal.exists()
    _complete(scene)


def test_runner_is_killed_while_it_waits_for_the_registry(scene: Scene) -> None:
    run = scene.begin()
    _wait_until(lambda: _count(scene, QuantumFinished))
    with contextlib.closing(sqlite3.connect(scene.root / "gen3.sqlite3")) as other:
        other.execute("BEGIN IMMEDIATE")
        _wait_for_standstill(scene)
        finished = _count(scene, QuantumFinished)
        assert _count(scene, RunStarted) == 1
        _kill_runner(scene, run)
        other.rollback()
    _complete(scene)
    assert _count(scene, QuantumFinished) >= finished


def _wait_for_standstill(scene: Scene, seconds: float = 5.0) -> None:
    """Wait until no event comes any more: then the runner is stuck with what is locked."""
    before, since = -1, time.monotonic()
    while time.monotonic() - since < seconds:
        now = _count(scene)
        if now != before:
            before, since = now, time.monotonic()
        time.sleep(0.05)


@pytest.mark.parametrize("torn", [b'{"kind": "QuantumFin', bytes(64), b""])
def test_journal_ends_in_the_middle_of_a_line(scene: Scene, torn: bytes) -> None:
    run = scene.begin()
    _wait_until(lambda: _count(scene, QuantumFinished) > 3)
    _kill_runner(scene, run)
    with scene.journal.path.open("rb+") as stream:
        if torn:
            stream.seek(0, os.SEEK_END)
            stream.write(torn)
        else:
            # Half of its last line was never written.
            stream.truncate(scene.journal.path.stat().st_size - 20)
    _complete(scene)


def test_journal_breaks_off_in_its_first_line(scene: Scene) -> None:
    run = scene.begin()
    _wait_until(lambda: _count(scene, RunStarted))
    _kill_runner(scene, run)
    with scene.journal.path.open("rb+") as stream:
        stream.truncate(100)
    _complete(scene)


def test_files_of_the_runner_cannot_grow(scene: Scene) -> None:
    run = scene.begin()
    _wait_until(lambda: _count(scene, QuantumFinished) > 5)
    runner = scene.process("runner").pid
    # The next line of the journal will be torn, and the database cannot be written to either.
    room = scene.journal.path.stat().st_size + 40
    resource.prlimit(runner, resource.RLIMIT_FSIZE, (room, room))
    scene.wait(run)
    assert run.state is not RunState.SUCCEEDED
    assert remaining_processes(scene.mark) == []
    _complete(scene)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=512k", "none", str(place)]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("Only the administrator may mount a small disk.")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def test_disk_of_the_journal_is_full(scene: Scene, small_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_MPEXEC_DATA", str(small_disk))
    run = scene.begin()
    _wait_until(lambda: _count(scene, QuantumFinished) > 5)
    filler = small_disk / "filler"
    with contextlib.suppress(OSError), filler.open("wb", buffering=0) as stream:
        while stream.write(bytes(1024)):
            pass
    scene.wait(run)
    assert run.state is not RunState.SUCCEEDED
    assert remaining_processes(scene.mark) == []
    filler.unlink()
    _complete(scene)


def test_worker_whose_fork_server_is_killed_writes_no_more(scene: Scene) -> None:
    run = scene.begin()
    _wait_until(lambda: _count(scene, QuantumStarted))
    worker = scene.process("worker").pid
    # It would go on later, when its quantum has been given up.
    kill(worker, signal.SIGSTOP)
    for process in marked_processes(scene.mark):
        if process.role == "server" and "forkserver" in process.command:
            kill(process.pid)
    _wait_until(lambda: _count(scene, QuantumFailed))
    assert worker not in [process.pid for process in marked_processes(scene.mark)]
    scene.wait(run)
    _complete(scene)


def test_resume_waits_for_a_worker_that_does_not_end(scene: Scene) -> None:
    run = scene.begin()
    _wait_until(lambda: _count(scene, QuantumStarted))
    worker = scene.process("worker").pid
    kill(worker, signal.SIGSTOP)
    _kill_runner(scene, run)
    before = _count(scene)
    again = scene.go_on()
    # Not one moment is looked at, but all the time that a start takes, and more.
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        assert _count(scene) == before
        assert not again.wait(0.1)
    kill(worker, signal.SIGCONT)
    scene.wait(again)
    assert again.state is RunState.SUCCEEDED, scene.describe()
    assert list(scene.faults()) == []


def test_resume_is_refused_while_a_worker_does_not_end(scene: Scene) -> None:
    run = scene.begin()
    _wait_until(lambda: _count(scene, QuantumStarted))
    worker = scene.process("worker").pid
    kill(worker, signal.SIGSTOP)
    _kill_runner(scene, run)
    before = _count(scene)
    again = scene.go_on()
    scene.wait(again)
    assert again.state is RunState.DEAD
    assert _count(scene) == before
    assert "Worker processes of run" in scene.describe()
    kill(worker, signal.SIGCONT)
    _complete(scene)
