"""Executing a run in a process of its own, from what its folder says."""

from __future__ import annotations

import contextlib
import importlib
import json
import logging
import multiprocessing.util
import os
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import JournalError, RunError
from ..events import RunLogged
from .file_lock import FileLock
from .output_claim import OutputClaim
from .run_control import RunControl
from .run_folder import RunFolder
from .temporary_place import place_for_sockets

if TYPE_CHECKING:
    from .run import Run
    from .worker_crew import WorkerCrew

__all__ = ["execute_run"]

_ONE_THREAD = "jupyter_mpexec.execution.one_thread"
_SECONDS_FOR_WORKERS = 30.0
_PAUSE = 0.02


def execute_run(path: str, claim: OutputClaim, *, processes: int) -> None:
    """Own the run in a folder, and execute it to its end, or what is left of it.

    Parameters
    ----------
    path
        The folder.
    claim
        The claim to its output run; it is released in the end.
    processes
        Number of workers.

    Raises
    ------
    JournalError
        Raised if the run belongs to another process, or the folder is none of a run.
    RunError
        Raised if there are workers of an earlier session.
    """
    folder = RunFolder(path)
    wish = _read_wish(folder)
    with folder.own() as lock, claim, contextlib.ExitStack() as stack:
        # A process that is forked from this one must not own the run when this one is gone.
        os.register_at_fork(after_in_child=lock.release)
        os.register_at_fork(after_in_child=claim.leave)
        _wait_for_workers(folder)
        folder.tidy_up()
        stack.callback(folder.tidy_up)
        # Where sockets, temporary files and those of workers are: whoever goes on with the run can remove them.
        tempfile.tempdir = place_for_sockets()
        tempfile.tempdir = multiprocessing.util.get_temp_dir()
        folder.temporary_link.symlink_to(tempfile.tempdir)
        crew = _call_crew(folder, wish, processes)
        stack.callback(crew.end)
        _Runner(folder, crew, processes).run()


def _call_crew(folder: RunFolder, wish: dict[str, Any], processes: int) -> WorkerCrew:
    """Import everything, once, and fork workers that need not; before there is any thread."""
    options = wish["options"]
    known = set(sys.path)
    sys.path += [place for place in wish["search_path"] if place not in known]
    if not options["enable_implicit_threading"]:
        # Libraries look at this when they are loaded. The process is ours: nobody else is concerned.
        importlib.import_module(_ONE_THREAD)
    from . import local_run, worker_session  # noqa: F401  # for the workers
    from .execution_options import worker_memory
    from .worker_crew import WorkerCrew

    return WorkerCrew(
        processes,
        start_method=options["start_method"],
        may_fork=not options["enable_implicit_threading"],
        limit_threads=not options["enable_implicit_threading"],
        max_memory=worker_memory(options["max_memory"], processes),
        lock_file=folder.workers_lock.path,
    )


class _Runner:
    def __init__(self, folder: RunFolder, crew: WorkerCrew, processes: int) -> None:
        self._folder = folder
        self._processes = processes
        self._crew = crew
        self._control = RunControl()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    def run(self) -> None:
        from .control_socket import ControlServer
        from .local_run import LocalRun
        from .run_request import RunRequest

        with ControlServer(self._folder, self._control):
            request = RunRequest.load(self._folder).with_processes(self._processes)
            request = request.with_objects(self._folder)
            request.take_over_logging(self._folder)
            is_resumed = self._folder.journal.path.exists()
            # The output run is made ready in the meantime.
            if not self._wait_for(self._folder.graph_file):
                return
            graph = request.graph(self._folder)
            if not self._wait_for(self._folder.go_file):
                return
            run = LocalRun(
                graph.extended() if is_resumed else graph,
                request.execution(is_resumed=is_resumed),
                self._folder,
                command=request.command,
                quantum_executor=request.quantum_executor,
                done=request.done,
                control=self._control,
                crew=self._crew,
                is_resumed=is_resumed,
            )
            logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
            logging.getLogger("jupyter_mpexec").addHandler(_ToJournal(run))
            run.start(
                background=False,
                prepared=True,
                when_accepted=lambda: request.save_options(self._folder),
            )

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
    lock: FileLock = folder.workers_lock
    if not lock.acquire(seconds=_SECONDS_FOR_WORKERS):
        raise RunError(
            f"Worker processes of run {folder.name} are still there, though the run itself has ended.",
            hint="End them (ps tells which they are), and try again.",
        )
    lock.release()
