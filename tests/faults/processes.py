"""The processes of a run, found by a mark in their environment, whatever became of those that started them."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["MARK", "MarkedProcess", "is_gone", "kill", "marked_processes", "remaining_processes"]

MARK = "MPEXEC_FAULTS_CASE"
"""Environment variable that every process of a run inherits."""

_PROC = Path("/proc")


@dataclass(frozen=True)
class MarkedProcess:
    """A process, and what it is to its run.

    Parameters
    ----------
    role
        ``runner``, ``worker``, or ``server`` for whatever else belongs to the run (launcher, fork server, tracker).
    """

    pid: int
    role: str
    command: str


def marked_processes(mark: str) -> list[MarkedProcess]:
    """Find all living processes of a run."""
    found = []
    wanted = f"{MARK}={mark}".encode()
    for place in _PROC.iterdir():
        if place.name.isdigit() and int(place.name) != os.getpid():
            # A process may end while it is looked at.
            with contextlib.suppress(OSError):
                if wanted in (place / "environ").read_bytes().split(b"\0") and not _is_zombie(place):
                    found.append(_describe(place))
    return found


def remaining_processes(mark: str, seconds: float = 30.0) -> list[MarkedProcess]:
    """Find processes that do not end by themselves."""
    deadline = time.monotonic() + seconds
    while (left := marked_processes(mark)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return left


def kill(pid: int, number: signal.Signals = signal.SIGKILL) -> bool:
    """Send a signal; returns whether there was somebody to get it."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True


def is_gone(pid: int) -> bool:
    """Tell whether a process has ended, whether or not anybody has taken note of it."""
    place = _PROC / str(pid)
    try:
        return _is_zombie(place)
    except OSError:
        return True


def _describe(place: Path) -> MarkedProcess:
    command = (place / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    # Forked processes all have the same command line; the locks that they hold tell them apart.
    held = set(_open_files(place))
    role = "worker" if "workers.lock" in held else "runner" if "owner.lock" in held else "server"
    return MarkedProcess(int(place.name), role, command)


def _open_files(place: Path) -> Iterator[str]:
    for descriptor in (place / "fd").iterdir():
        with contextlib.suppress(OSError):
            yield descriptor.readlink().name


def _is_zombie(place: Path) -> bool:
    return (place / "stat").read_text().rpartition(")")[2].split()[0] == "Z"
