"""The files and the socket through which a run is owned, and told what to do."""

from __future__ import annotations

import json
import os
import socket
import stat
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import pytest

from jupyter_mpexec.errors import QueryError, RunError, UsageError
from jupyter_mpexec.execution.control_socket import ControlServer, RemoteControl
from jupyter_mpexec.execution.file_lock import FileLock
from jupyter_mpexec.execution.run_control import RunControl
from jupyter_mpexec.execution.run_folder import RunFolder
from jupyter_mpexec.status import RunState

ROOT = Path(__file__).parents[2]


class TestControlSocket:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> RunFolder:
        path = tmp_path / "run"
        path.mkdir(mode=0o700)
        return RunFolder(path)

    def _say(self, folder: RunFolder, line: bytes) -> dict[str, Any]:
        with socket.socket(socket.AF_UNIX) as client:
            before = Path.cwd()
            os.chdir(folder.path)
            try:
                client.connect("control.sock")
            finally:
                os.chdir(before)
            client.settimeout(20)
            client.sendall(line)
            with client.makefile() as stream:
                answer: dict[str, Any] = json.loads(stream.readline())
        return answer

    def test_commands_arrive_as_they_were_given(self, folder: RunFolder) -> None:
        control, some = RunControl(), uuid.uuid4()
        with folder.own(), ControlServer(folder, control):
            remote = RemoteControl(folder)
            remote.pause()
            remote.step(2)
            assert [control.may_start() for _ in range(3)] == [True, True, False]
            remote.cancel(some)
            remote.retry()
            remote.skip(some)
            commands = control.take_commands()
            assert [(c.action, set(c.quantum_ids)) for c in commands] == [
                ("cancel", {some}),
                ("retry", set()),
                ("skip", {some}),
            ]
            with pytest.raises(RunError, match="at least one quantum"):
                remote.cancel()
            remote.stop("enough")
            assert control.stop_reason == "enough"
            control.close()
            with pytest.raises(RunError, match="over"):
                remote.pause()
        with pytest.raises(RunError, match="over"):
            remote.pause()
        assert not folder.socket.exists()
        assert not folder.control_file.exists()

    def test_breakpoints_and_held_quanta(self, folder: RunFolder) -> None:
        control, some = RunControl(), uuid.uuid4()
        with folder.own(), ControlServer(folder, control):
            remote = RemoteControl(folder)
            number = remote.add_breakpoint(
                "after", task_label="detect", where="visit = 1", quantum_ids=[some]
            )
            assert remote.list_breakpoints() == control.list_breakpoints()
            [record] = remote.list_breakpoints()
            assert (record["number"], record["when"], record["quantum_ids"]) == (number, "after", [str(some)])
            with pytest.raises(UsageError, match="Did you mean 'after'"):
                remote.add_breakpoint("aftr")  # type: ignore[arg-type]  # that is the point
            with pytest.raises(QueryError):
                remote.add_breakpoint(where="visit = = 1")
            remote.remove_breakpoint(number)
            assert remote.list_breakpoints() == []
            remote.hold(some)
            remote.adopt(some, promotion={"event": {"patch": {"methods": []}}, "written": ["x"]})
            remote.prefer(some)
            assert [c.action for c in control.take_commands()] == ["hold", "adopt", "prefer"]
            remote.release(some)
            assert [c.action for c in control.take_commands()] == ["release"]
            assert control.take_promotion(some)["written"] == ["x"]
            with pytest.raises(RunError, match="no promotion"):
                remote.adopt(some, promotion={"event": {"colour": "red"}})
            assert control.take_commands() == []

    def test_strangers_and_nonsense_are_refused(self, folder: RunFolder) -> None:
        control = RunControl()
        with folder.own(), ControlServer(folder, control):
            token = json.loads(folder.control_file.read_text())["token"]
            for line in (
                b'{"action": "stop"}',
                b'{"action": "stop", "token": "guess"}',
                b'{"action": "stop", "token": "\xc3\xa4"}',
                b"not json",
                b"[]",
                json.dumps({"action": "__init__", "token": token}).encode(),
                json.dumps({"action": "take_commands", "token": token}).encode(),
                json.dumps({"action": "step", "count": 1, "many": 2, "token": token}).encode(),
                json.dumps({"action": "cancel", "quantum_ids": ["x"], "token": token}).encode(),
            ):
                assert self._say(folder, line + b"\n")["error"]
            assert control.state is RunState.RUNNING
            assert not control.take_commands()
            assert stat.S_IMODE(folder.socket.stat().st_mode) == 0o600
            assert stat.S_IMODE(folder.control_file.stat().st_mode) == 0o600
            # Somebody who says nothing keeps nobody else waiting.
            with socket.socket(socket.AF_UNIX) as silent:
                before = Path.cwd()
                os.chdir(folder.path)
                silent.connect("control.sock")
                os.chdir(before)
                RemoteControl(folder).pause()
            assert control.state is RunState.PAUSED


def test_a_lock_is_free_when_its_holder_dies(tmp_path: Path) -> None:
    lock = FileLock(tmp_path / "lock")
    assert not lock.is_taken
    script = (
        "import sys, time; from jupyter_mpexec.execution.file_lock import FileLock; lock = FileLock(sys.argv[1]); "
        "print(lock.acquire(), flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(lock.path)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "True\n"
        assert lock.is_taken
        assert not lock.acquire()
        holder.kill()
    assert not lock.is_taken
    shared = FileLock(lock.path)
    assert lock.acquire(shared=True)
    assert shared.acquire(shared=True)
    assert not lock.is_taken
    shared.release()
    lock.release()
