"""Faults that chance would seldom find, each exactly where it hurts most."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_mpexec.events import QuantumEnded, QuantumFailed, QuantumFinished, QuantumStarted, RunStarted
from jupyter_mpexec.execution import runs
from jupyter_mpexec.execution.run import Run
from jupyter_mpexec.status import RunState
from tests.support.waiting import wait_until

from .processes import is_gone, kill, marked_processes, remaining_processes
from .scene import Scene, open_scene
from .snapshot import DATABASE, OUTPUT_RUN
from .survey import Reference, Survey


@pytest.fixture
def scene(survey: Survey, reference: Reference, tmp_path: Path) -> Iterator[Scene]:
    with open_scene(survey, tmp_path / "scene", "directed", reference) as opened:
        yield opened


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


_BREAK_OFF = """
import os, signal, sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
# With next to no room in memory, pages go to the file before the transaction is whole.
connection.execute("PRAGMA cache_size = 1")
connection.execute("BEGIN IMMEDIATE")
connection.execute("CREATE TABLE broken_off (text TEXT)")
connection.executemany("INSERT INTO broken_off VALUES (?)", [("x" * 4000,)] * 100)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_transaction_is_broken_off(scene: Scene) -> None:
    run = scene.begin()
    wait_until(lambda: _count(scene, QuantumFinished))
    _kill_runner(scene, run)
    database = scene.root / DATABASE
    # What a process leaves that is killed in the middle of its transaction.
    writer = subprocess.run([sys.executable, "-c", _BREAK_OFF, str(database)], check=False)
    assert writer.returncode == -signal.SIGKILL
    # Who may only read cannot read the database now.
    with (
        contextlib.closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as reader,
        pytest.raises(sqlite3.OperationalError),
    ):
        reader.execute("SELECT count(*) FROM sqlite_master")
    with run.butler() as butler:
        assert butler.collections.get_info(OUTPUT_RUN)
    _complete(scene)


def test_runner_is_killed_while_it_waits_for_the_registry(scene: Scene) -> None:
    run = scene.begin()
    wait_until(lambda: _count(scene, QuantumFinished))
    with contextlib.closing(sqlite3.connect(scene.root / DATABASE)) as other:
        other.execute("BEGIN IMMEDIATE")
        _wait_for_standstill(scene)
        finished = _count(scene, QuantumFinished)
        assert _count(scene, RunStarted) == 1
        _kill_runner(scene, run)
        other.rollback()
    _complete(scene)
    assert _count(scene, QuantumFinished) >= finished


def test_quantum_that_failed_before_is_ingested_after_all(scene: Scene) -> None:
    run = scene.begin()
    wait_until(lambda: _count(scene, QuantumStarted))
    kill(scene.process("worker").pid)
    scene.wait(run)
    assert run.state is RunState.FAILED
    # What is left of those that failed or were blocked has been ingested.
    ended = _count(scene, QuantumFinished)
    run = scene.go_on()
    wait_until(lambda: _count(scene, QuantumFinished) > ended)
    _kill_runner(scene, run)
    _complete(scene)


def _wait_for_standstill(scene: Scene, seconds: float = 5.0) -> None:
    """Wait until no event comes any more: then the runner is stuck with what is locked."""
    before, since = -1, time.monotonic()
    while time.monotonic() - since < seconds:
        now = _count(scene)
        if now != before:
            before, since = now, time.monotonic()
        time.sleep(0.05)


@pytest.mark.parametrize("torn", [b'{"kind": "QuantumFin', bytes(64), b""], ids=["torn", "zeros", "cut"])
def test_journal_ends_in_the_middle_of_a_line(scene: Scene, torn: bytes) -> None:
    run = scene.begin()
    wait_until(lambda: _count(scene, QuantumFinished) > 3)
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
    wait_until(lambda: _count(scene, RunStarted))
    _kill_runner(scene, run)
    with scene.journal.path.open("rb+") as stream:
        stream.truncate(100)
    _complete(scene)


def test_files_of_the_runner_cannot_grow(scene: Scene) -> None:
    run = scene.begin()
    wait_until(lambda: _count(scene, QuantumFinished) > 5)
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
    wait_until(lambda: _count(scene, QuantumFinished) > 5)
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
    wait_until(lambda: _count(scene, QuantumStarted))
    run.pause()
    # The first workers are forked from the runner; one that takes the place of another comes from a server.
    kill(scene.process("worker").pid)
    wait_until(lambda: _born_of_server(scene))
    [worker] = _born_of_server(scene)
    run.resume()
    [server] = [
        p.pid for p in marked_processes(scene.mark) if p.role == "server" and _FORK_SERVER in p.command
    ]
    failed = _count(scene, QuantumFailed)
    wait_until(lambda: _work_of(scene).get(worker) in _LONG)
    kill(server)
    wait_until(lambda: is_gone(server))
    # If it is still there, it would go on later, when its quantum has been given up.
    kill(worker, signal.SIGSTOP)
    wait_until(lambda: _count(scene, QuantumFailed) > failed)
    assert worker not in [process.pid for process in marked_processes(scene.mark)]
    scene.wait(run)
    _complete(scene)


_FORK_SERVER = "multiprocessing.forkserver"
_LONG = ("detect", "warp")


def _born_of_server(scene: Scene) -> list[int]:
    return [p.pid for p in marked_processes(scene.mark) if p.role == "worker" and _FORK_SERVER in p.command]


def _work_of(scene: Scene) -> dict[int, str]:
    """Tell the task label of the quantum that each worker is busy with."""
    busy: dict[str, QuantumStarted] = {}
    for event in scene.events(QuantumStarted, QuantumEnded):
        if isinstance(event, QuantumStarted):
            busy[event.quantum_id] = event
        elif isinstance(event, QuantumEnded):
            busy.pop(event.quantum_id, None)
    return {int(e.worker.partition("(pid ")[2].rstrip(")")): e.task_label for e in busy.values()}


def test_stopped_worker_ends_with_its_runner(scene: Scene) -> None:
    run = scene.begin()
    wait_until(lambda: _count(scene, QuantumStarted))
    worker = scene.process("worker").pid
    kill(worker, signal.SIGSTOP)
    _kill_runner(scene, run)
    _complete(scene)
    assert remaining_processes(scene.mark) == []


def test_resume_waits_for_workers_that_do_not_end(scene: Scene) -> None:
    run = scene.begin()
    wait_until(lambda: _count(scene, QuantumFinished))
    _kill_runner(scene, run)
    folder = runs.find_run(run.id)
    # What a worker holds that hangs in the middle of a write to a disk.
    with folder.workers_lock as lock:
        assert lock.acquire(shared=True, seconds=30)
        before = _count(scene)
        again = scene.go_on()
        wait_until(lambda: folder.is_alive)
        assert not again.wait(5)
        assert _count(scene) == before
    scene.wait(again)
    assert again.state is RunState.SUCCEEDED, scene.describe()
    assert list(scene.faults()) == []


def test_resume_is_refused_where_workers_do_not_end(scene: Scene) -> None:
    run = scene.begin()
    wait_until(lambda: _count(scene, QuantumFinished))
    _kill_runner(scene, run)
    with runs.find_run(run.id).workers_lock as lock:
        assert lock.acquire(shared=True, seconds=30)
        before = _count(scene)
        again = scene.go_on()
        scene.wait(again)
        assert again.state is RunState.DEAD
        assert _count(scene) == before
        assert "Worker processes of run" in scene.describe()
    _complete(scene)
