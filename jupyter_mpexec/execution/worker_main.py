"""What runs in a worker process.

Imports nothing of the middleware by itself: how many threads numerical libraries start is settled first.
"""

from __future__ import annotations

import atexit
import contextlib
import faulthandler
import logging
import os
import signal
import sys
import tempfile
import threading
import traceback
from multiprocessing import parent_process
from multiprocessing.connection import Connection, wait
from pathlib import Path

from .file_lock import FileLock
from .memory_limit import MemoryLimit, MemoryLimitError
from .worker_messages import RunQuantum, WorkerBroken, WorkerOptions, WorkerSetup, WorkerStarted

__all__ = ["work"]


def work(connection: Connection, options: WorkerOptions) -> None:
    """Run quanta as they are sent, until the pipe is closed."""
    # Ctrl-C in a terminal reaches every process of the group; here the parent decides who ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    os.setpgid(0, 0)
    _end_with_the_parent()
    if options.lock_file is not None:
        # Held to the end of the process: whoever goes on with the run waits until nobody writes any more.
        FileLock(options.lock_file).acquire(shared=True)
    os.environ.update(options.environment)
    # What libraries leave there when the process is killed is removed with the folder.
    tempfile.tempdir = os.environ["TMPDIR"] = str(Path(options.log_file).parent)
    if options.limit_threads:
        from lsst.utils.threads import disable_implicit_threading

        disable_implicit_threading()
    with Path(options.crash_file).open("w") as crash_file:
        faulthandler.enable(crash_file)
        try:
            _serve(connection, options)
        except (EOFError, BrokenPipeError, ConnectionResetError):
            # Nobody waits for the long way that the interpreter takes to its end.
            _leave()


def _serve(connection: Connection, options: WorkerOptions) -> None:
    import numpy

    from .worker_session import WorkerSession

    # Processes that were forked from the same one would all draw the same random numbers.
    numpy.random.seed()
    connection.send(WorkerStarted())
    setup = connection.recv()
    assert isinstance(setup, WorkerSetup), "The first message is the set-up."
    try:
        session = WorkerSession(setup, connection, options.log_file)
        if options.max_memory is not None:
            # Only now: what a worker itself needs has been imported.
            session.memory_limit = MemoryLimit(options.max_memory)
    except MemoryLimitError as error:
        hint = "Give more memory to each worker, or leave out max_memory (--max-memory)."
        connection.send(WorkerBroken(str(error), hint))
        return
    except Exception:
        connection.send(WorkerBroken(traceback.format_exc()))
        return
    while True:
        order = connection.recv()
        assert isinstance(order, RunQuantum), "Nothing else is sent."
        connection.send(session.run(order))


def _leave() -> None:
    logging.shutdown()
    with contextlib.suppress(Exception):
        atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def _end_with_the_parent() -> None:
    """Exit when the parent is gone, also while a quantum runs: there is nobody left to tell."""
    parent = parent_process()
    assert parent is not None, "A worker is always started by multiprocessing."

    def watch(sentinel: int = parent.sentinel) -> None:
        wait([sentinel])
        os.killpg(0, signal.SIGKILL)

    threading.Thread(target=watch, name="mpexec parent watch", daemon=True).start()
