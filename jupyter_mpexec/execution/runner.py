"""Executing a run in a process of its own, from what its folder says."""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import time
from multiprocessing import forkserver
from typing import TYPE_CHECKING, Any, TextIO

from ..errors import JournalError, RunError
from ..events import RunLogged
from .control_socket import ControlServer
from .run_control import RunControl
from .run_folder import RunFolder

if TYPE_CHECKING:
    from .run import Run

__all__ = ["Runner"]

_PRELOAD = "jupyter_mpexec.execution.worker_session"
_SECONDS_FOR_WORKERS = 30.0


class Runner:
    """Owns the run in a folder, and takes commands for it from the first moment on.

    Parameters
    ----------
    folder
        Path of the folder.

    Raises
    ------
    JournalError
        Raised if the run belongs to another process, or the folder is none of a run.
    """

    def __init__(self, folder: str) -> None:
        self._folder = RunFolder(folder)
        self._lock = self._folder.own()
        self._control = RunControl()
        self._server = ControlServer(self._folder, self._control)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        self._wait_for_workers()

    def prepare(self) -> None:
        """Import all that will be needed, here and in the process that workers are forked from, at the same time."""
        wish = self._read_wish()
        known = set(sys.path)
        sys.path += [place for place in wish["search_path"] if place not in known]
        if not wish["options"]["enable_implicit_threading"]:
            # Libraries look at this when they are loaded. The process is ours: nobody else is concerned.
            from lsst.utils.threads import disable_implicit_threading

            disable_implicit_threading()
        if wish["options"]["start_method"] in (None, "forkserver"):
            forkserver.set_forkserver_preload([_PRELOAD])
            forkserver.ensure_running()
        from . import local_run, run_request  # noqa: F401  # for later

    def wait_for_word(self, stream: TextIO) -> bool:
        """Wait until the process that started this one says that all is ready.

        Returns
        -------
        go
            Whether it did; if not, it has ended, or does not need us.
        """
        return stream.readline().strip() == "go"

    def run(self) -> None:
        """Execute the run to its end, or what is left of it."""
        from .local_run import LocalRun
        from .run_request import RunRequest

        request = RunRequest.load(self._folder).with_objects(self._folder)
        is_resumed = self._folder.journal.path.exists()
        options = request.execution(start_method="forkserver", is_resumed=is_resumed)
        graph = request.graph(self._folder)
        run = LocalRun(
            graph.extended() if is_resumed else graph,
            options,
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

    def leave(self, code: int) -> None:
        """End the process; nobody waits for the long way that the interpreter takes to its end."""
        self._server.close()
        logging.shutdown()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)

    def _wait_for_workers(self) -> None:
        """Let workers of an earlier session come to their end, which they do when their parent is gone."""
        lock = self._folder.workers_lock
        if not lock.acquire(seconds=_SECONDS_FOR_WORKERS):
            raise RunError(
                f"Worker processes of run {self._folder.name} are still there, though the run itself has ended.",
                hint="End them (ps tells which they are), and try again.",
            )
        lock.release()

    def _read_wish(self) -> dict[str, Any]:
        try:
            wish: dict[str, Any] = json.loads(self._folder.request_file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise JournalError(f"{self._folder.path} is not the folder of a run: {error}.") from error
        return wish

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
