"""Executing a run in a process of its own, from what its folder says.

Three kinds of processes: the launcher, which is light and gone after seconds; a server that imports everything once,
and that all others are forked from, because it has no threads; and the runner, which the run belongs to, with workers.
"""

from __future__ import annotations

import json
import logging
import multiprocessing
import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import JournalError, JupyterMpexecError, RunError
from ..events import RunLogged
from .file_lock import FileLock
from .run_folder import RunFolder

if TYPE_CHECKING:
    from .run import Run

__all__ = ["launch"]

_ONE_THREAD = "jupyter_mpexec.execution.one_thread"
_PRELOAD = [f"jupyter_mpexec.execution.{name}" for name in ("worker_session", "local_run", "run_request")]
_SECONDS_FOR_WORKERS = 30.0
_PAUSE = 0.02


def launch(path: str) -> None:
    """Start the runner for the run in a folder; this process is not needed any more then.

    Raises
    ------
    JournalError
        Raised if the run belongs to another process, or the folder is none of a run.
    RunError
        Raised if there are workers of an earlier session, or the runner does not start.
    """
    folder = RunFolder(path)
    wish = _read_wish(folder)
    lock = folder.own()
    _wait_for_workers(folder)
    known = set(sys.path)
    sys.path += [place for place in wish["search_path"] if place not in known]
    context = multiprocessing.get_context("forkserver")
    first = [] if wish["options"]["enable_implicit_threading"] else [_ONE_THREAD]
    context.set_forkserver_preload([*first, *_PRELOAD])
    runner = context.Process(target=_run, args=(path, lock), name="mpexec runner")
    # Returns when all is imported. The lock is never free in between: the runner has got it too.
    runner.start()


def _run(path: str, lock: FileLock) -> None:
    """Be the runner: own the run in a folder, and execute it to its end, or what is left of it."""
    folder = RunFolder(path)
    code = 0
    try:
        with lock:
            _Runner(folder).run()
    except JupyterMpexecError as error:
        sys.stderr.write(f"Error: {error}\n")
        code = 1
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    # Nobody waits for the long way that the interpreter takes to its end.
    os._exit(code)


class _Runner:
    def __init__(self, folder: RunFolder) -> None:
        from .run_control import RunControl

        self._folder = folder
        self._control = RunControl()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    def run(self) -> None:
        from .control_socket import ControlServer
        from .local_run import LocalRun
        from .run_request import RunRequest

        with ControlServer(self._folder, self._control):
            request = RunRequest.load(self._folder).with_objects(self._folder)
            is_resumed = self._folder.journal.path.exists()
            # The output run is made ready in the meantime.
            if not self._wait_for(self._folder.graph_file):
                return
            graph = request.graph(self._folder)
            if not self._wait_for(self._folder.go_file):
                return
            run = LocalRun(
                graph.extended() if is_resumed else graph,
                request.execution(start_method="forkserver", is_resumed=is_resumed),
                self._folder,
                command=request.command,
                quantum_executor=request.quantum_executor,
                done=request.done,
                control=self._control,
                is_resumed=is_resumed,
            )
            logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
            logging.getLogger("jupyter_mpexec").addHandler(_ToJournal(run))
            run.start(background=False, prepared=True)

    def _wait_for(self, file: Path) -> bool:
        """Wait for a file from whoever asked for the run; returns False if he is gone instead."""
        while not file.exists():
            if not self._folder.asker_lock.is_taken and not file.exists():
                return False
            time.sleep(_PAUSE)
        return True

    def _on_signal(self, number: int, frame: object) -> None:
        self._control.stop(f"{signal.Signals(number).name} was sent to its process", interrupt=True)


class _ToJournal(logging.Handler):
    """Passes on what the run itself has to say to those who watch it."""

    def __init__(self, run: Run) -> None:
        super().__init__(logging.WARNING)
        self._run = run

    def emit(self, record: logging.LogRecord) -> None:
        event = RunLogged(
            time=time.time(), level=record.levelno, logger=record.name, message=record.getMessage()
        )
        try:
            self._run.journal(event)
        except JournalError:
            # The run meets with the same trouble at its next event, and ends.
            self.handleError(record)


def _read_wish(folder: RunFolder) -> dict[str, Any]:
    try:
        wish: dict[str, Any] = json.loads(folder.request_file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise JournalError(f"{folder.path} is not the folder of a run: {error}.") from error
    return wish


def _wait_for_workers(folder: RunFolder) -> None:
    """Let workers of an earlier session come to their end, which they do when their parent is gone."""
    lock = folder.workers_lock
    if not lock.acquire(seconds=_SECONDS_FOR_WORKERS):
        raise RunError(
            f"Worker processes of run {folder.name} are still there, though the run itself has ended.",
            hint="End them (ps tells which they are), and try again.",
        )
    lock.release()
