"""The workers of a run: as many as were asked for, whatever happens to them."""

from __future__ import annotations

import logging
import multiprocessing
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator
from multiprocessing.connection import wait
from multiprocessing.context import BaseContext
from multiprocessing.util import get_temp_dir
from pathlib import Path
from typing import Literal, Self

from .errors import GraphExecutionError
from .wake_up import WakeUp
from .worker_log import CREW_FOLDER
from .worker_messages import WorkerBroken, WorkerSetup, WorkerStarted
from .worker_process import WorkerProcess, describe_exit

__all__ = ["WorkerCrew"]

_LOG = logging.getLogger(__name__)

_PRELOAD = "jupyter_mpexec.execution.worker_session"
_SECONDS_TO_LEAVE = 10.0


class WorkerCrew:
    """Starts workers, more where some have died, and ends all in the end.

    Parameters
    ----------
    processes
        How many.
    start_method
        How they are started, ``spawn`` by default.
    may_fork
        This process has imported all that workers need, and has no threads: by default, the first workers are forked
        from it.
    limit_threads
        Keep numerical libraries from starting threads in them.
    max_memory
        Bytes that each may allocate; None for any number.
    lock_file
        File that each holds a shared lock on for as long as it lives.

    Attributes
    ----------
    workers
        The workers there are.
    folder
        Where they leave files.

    Notes
    -----
    Processes start at once, and import while the caller goes on; they get work after `set_up`.
    """

    def __init__(
        self,
        processes: int,
        *,
        start_method: Literal["spawn", "forkserver"] | None = None,
        may_fork: bool = False,
        limit_threads: bool = True,
        max_memory: int | None = None,
        lock_file: Path | None = None,
    ) -> None:
        may_fork &= start_method is None and sys.platform == "linux" and threading.active_count() == 1
        # Workers that take the place of others come from a server, which is started when it is needed.
        later = start_method or ("forkserver" if may_fork else "spawn")
        self._context = multiprocessing.get_context(later)
        if later == "forkserver":
            self._context.set_forkserver_preload([_PRELOAD])
        self._limit_threads = limit_threads
        self._max_memory = max_memory
        self._lock_file = lock_file
        self._setup: WorkerSetup | None = None
        self._processes = processes
        self._lost_at_start = 0
        self.folder = Path(tempfile.mkdtemp(prefix=CREW_FOLDER, dir=get_temp_dir()))
        self.workers: list[WorkerProcess] = []
        self._start_missing(multiprocessing.get_context("fork") if may_fork else self._context)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def set_up(self, setup: WorkerSetup) -> None:
        """Say what workers need before their first quantum."""
        self._setup = setup

    def idle(self) -> list[WorkerProcess]:
        """Workers that have nothing to do."""
        return [worker for worker in self.workers if worker.ready and worker.assignment is None]

    def busy(self) -> list[WorkerProcess]:
        """Workers that have."""
        return [worker for worker in self.workers if worker.assignment is not None]

    def wait(self, wake_up: WakeUp, timeout: float | None) -> Iterator[tuple[WorkerProcess, object]]:
        """Wait until something happens.

        Parameters
        ----------
        wake_up
            Ends the waiting.
        timeout
            Seconds after which it ends anyway.

        Yields
        ------
        worker, message
            What workers have said; None where one has died.

        Raises
        ------
        GraphExecutionError
            Raised if workers cannot be set up.
        """
        sources = [source for worker in self.workers for source in (worker.connection, worker.sentinel)]
        happened = set(wait([wake_up.fileno(), *sources], timeout))
        wake_up.silence()
        for worker in list(self.workers):
            if not happened & {worker.connection, worker.sentinel}:
                continue
            # One that has died may have said something before.
            message = worker.receive()
            match message:
                case WorkerStarted():
                    self._greet(worker)
                case WorkerBroken() if message.hint:
                    raise GraphExecutionError(message.reason, hint=message.hint)
                case WorkerBroken():
                    raise GraphExecutionError(
                        f"A worker process cannot be set up:\n{message.reason}",
                        hint="Is everything that the quantum executor refers to installed for worker processes, too?",
                    )
                case _:
                    yield worker, message

    def remove(self, worker: WorkerProcess, *, kill: bool = False) -> int:
        """Take out a worker that has died, or end one that is no longer wanted; `refill` starts another.

        Parameters
        ----------
        worker
            The worker.
        kill
            End it.

        Returns
        -------
        exit_code
            Its exit code.

        Raises
        ------
        GraphExecutionError
            Raised if workers die again and again before they have begun to work.
        """
        self.workers.remove(worker)
        worker.close()
        exit_code = worker.kill() if kill else worker.join(_SECONDS_TO_LEAVE)
        if not worker.ready:
            self._lost_at_start += 1
            if self._lost_at_start > 2 * self._processes:
                raise GraphExecutionError(
                    f"Worker processes do not start: the last one {describe_exit(exit_code)}.",
                    hint="Their messages are on standard error: in a notebook, on that of the server.",
                )
        return exit_code

    def refill(self) -> None:
        """Start workers in the places of those that were removed."""
        self._start_missing(self._context)

    def _start_missing(self, context: BaseContext) -> None:
        taken = {worker.number for worker in self.workers}
        for number in range(1, self._processes + 1):
            if number not in taken:
                worker = WorkerProcess(
                    number,
                    context,
                    self.folder,
                    limit_threads=self._limit_threads,
                    max_memory=self._max_memory,
                    lock_file=self._lock_file,
                )
                _LOG.debug("Started %s.", worker.name)
                self.workers.append(worker)

    def end(self) -> None:
        """End all workers; those that are busy are killed."""
        for worker in self.busy():
            worker.kill()
        for worker in self.workers:
            worker.close()
        for worker in self.workers:
            if not worker.ready:
                # It would import to the end before it found out that it is not needed.
                worker.kill()
            worker.join(_SECONDS_TO_LEAVE)
        self.workers = []
        shutil.rmtree(self.folder, ignore_errors=True)

    def _greet(self, worker: WorkerProcess) -> None:
        assert self._setup is not None, "Nobody waits for workers before."
        self._lost_at_start = 0
        worker.ready = worker.send(self._setup)
