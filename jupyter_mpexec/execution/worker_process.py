"""One worker process, seen from the parent."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
import uuid
import weakref
from collections.abc import Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from lsst.daf.butler.logging import ButlerLogRecords

from .quantum_data import QuantumData
from .worker_log import read_worker_log, worker_log_file, worker_name
from .worker_main import work
from .worker_messages import WorkerOptions

__all__ = ["Assignment", "WorkerProcess", "describe_exit"]

_UNKNOWN = 255
"""What multiprocessing gives for an exit code that nobody can tell."""

_SECONDS_TO_VANISH = 5.0
"""Where no process collects what others leave behind, the remains of a dead one stay."""

_PAUSE = 0.01


_our_ends: weakref.WeakSet[Connection] = weakref.WeakSet()


def _close_our_ends() -> None:
    for connection in _our_ends:
        connection.close()


# A worker that is forked has a copy of our end of its pipe, and of those of others; with them open, no worker would
# ever hear that we have closed ours.
os.register_at_fork(after_in_child=_close_our_ends)


@dataclass(frozen=True)
class Assignment:
    """A quantum that a worker is busy with.

    Parameters
    ----------
    quantum
        The quantum.
    attempt
        1 for the first try.
    started
        When, by `time.monotonic`.
    """

    quantum: QuantumData
    attempt: int
    started: float = field(default_factory=time.monotonic)


class WorkerProcess:
    """Handle of a worker: start it, talk to it, end it.

    Parameters
    ----------
    number
        Place in the crew, from 1.
    context
        Start method.
    folder
        Where the worker may leave files for the case that it dies.
    limit_threads, max_memory, lock_file
        See `WorkerOptions`.

    Attributes
    ----------
    ready
        It has asked for work.
    assignment
        What it does now; None if nothing.
    known_tasks, known_datasets
        What it was sent.
    max_memory
        As given.
    """

    def __init__(
        self,
        number: int,
        context: BaseContext,
        folder: Path,
        *,
        limit_threads: bool,
        max_memory: int | None = None,
        lock_file: Path | None = None,
    ) -> None:
        self.number = number
        self.max_memory = max_memory
        self.ready = False
        self.assignment: Assignment | None = None
        self.known_tasks: set[str] = set()
        self.known_datasets: set[uuid.UUID] = set()
        self._log_file = worker_log_file(folder, number)
        self._crash_file = folder / f"{number}.crash"
        options = WorkerOptions(
            limit_threads=limit_threads,
            # A fork server is older than what the user has set since.
            environment=dict(os.environ) if context.get_start_method() == "forkserver" else {},
            log_file=str(self._log_file),
            crash_file=str(self._crash_file),
            max_memory=max_memory,
            lock_file=str(lock_file) if lock_file is not None else None,
        )
        self.connection: Connection
        self.connection, theirs = context.Pipe()
        _our_ends.add(self.connection)
        self._process: BaseProcess = context.Process(  # type: ignore[attr-defined]  # every concrete context has it
            target=work, args=(theirs, options), name=f"mpexec worker {number}", daemon=False
        )
        with _interrupts_blocked(), _main_left_out():
            self._process.start()
        theirs.close()
        self.pid: int = self._process.pid or 0

    @property
    def name(self) -> str:
        """Name for readers, ``worker 1 (pid 123)``."""
        return worker_name(self.number, self.pid)

    @property
    def sentinel(self) -> int:
        """Becomes readable when the process ends."""
        return self._process.sentinel

    def send(self, message: object) -> bool:
        """Send a message; returns whether there was somebody to send it to."""
        try:
            self.connection.send(message)
        except (BrokenPipeError, ConnectionResetError):
            return False
        return True

    def receive(self) -> Any:
        """Take a message that has arrived; None if there is none and will be none."""
        try:
            return self.connection.recv() if self.connection.poll() else None
        except (EOFError, OSError):
            return None

    def kill(self) -> int:
        """End the process at once, with all that it started; returns its exit code."""
        self._signal(signal.SIGTERM)
        self._process.join(1.0)
        if self._process.exitcode is None:
            self._signal(signal.SIGKILL)
        return self.join()

    def join(self, timeout: float | None = None) -> int:
        """Wait for the end of a process that is about to end; returns its exit code."""
        self._process.join(timeout)
        if self._process.exitcode is None:
            self._signal(signal.SIGKILL)
            self._process.join()
        code = self._process.exitcode
        assert code is not None, "It has been waited for."
        if code == _UNKNOWN:
            # If its fork server was killed, nobody knows whether it has ended, too.
            self._make_sure_of_its_end()
        return code

    def close(self) -> None:
        """Close the pipe: an idle worker then ends."""
        self.connection.close()

    def last_words(self) -> tuple[ButlerLogRecords, str]:
        """Get what a process that died had logged for its quantum, and where in the code it was (if it could tell)."""
        place = ""
        with contextlib.suppress(OSError):
            place = self._crash_file.read_text(errors="replace")
        return read_worker_log(self._log_file), place

    def _make_sure_of_its_end(self) -> None:
        self._signal(signal.SIGKILL)
        deadline = time.monotonic() + _SECONDS_TO_VANISH
        while time.monotonic() < deadline:
            try:
                os.kill(self.pid, 0)
            except (ProcessLookupError, PermissionError):
                return
            time.sleep(_PAUSE)

    def _signal(self, number: signal.Signals) -> None:
        # The worker leads a process group of its own, once it has come so far.
        for send in (os.killpg, os.kill):
            try:
                send(self.pid, number)
            except (ProcessLookupError, PermissionError):
                continue
            return


def describe_exit(exit_code: int) -> str:
    """Put an exit code into words.

    Examples
    --------
    >>> describe_exit(-9)
    'was killed by SIGKILL (out of memory?)'
    >>> describe_exit(3)
    'ended with exit code 3'
    """
    if exit_code >= 0:
        return f"ended with exit code {exit_code}"
    try:
        name = signal.Signals(-exit_code).name
    except ValueError:
        name = f"signal {-exit_code}"
    return f"was killed by {name}{' (out of memory?)' if name == 'SIGKILL' else ''}"


@contextlib.contextmanager
def _interrupts_blocked() -> Iterator[None]:
    """Start a process deaf to Ctrl-C, so that it can import in peace until it handles signals itself."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextlib.contextmanager
def _main_left_out() -> Iterator[None]:
    """Keep multiprocessing from running the main script again in the worker.

    What is defined there travels by value. And a script without an ``if __name__`` guard would start its run anew.
    """
    main = vars(sys.modules["__main__"])
    saved: dict[str, Any] = {name: main[name] for name in ("__file__", "__spec__") if name in main}
    main["__spec__"] = None
    main.pop("__file__", None)
    try:
        yield
    finally:
        del main["__spec__"]
        main.update(saved)
