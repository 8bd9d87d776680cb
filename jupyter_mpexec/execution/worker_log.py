"""The log files of worker processes: what a quantum logs can be read while it runs, and after its process has died."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterable
from pathlib import Path

from lsst.daf.butler.logging import ButlerLogRecords

__all__ = ["CREW_FOLDER", "find_worker_log", "read_worker_log", "worker_log_file", "worker_name"]

CREW_FOLDER = "mpexec-workers-"
"""What the names of the folders begin with that the workers of a run leave files in."""

_NAME = re.compile(r"worker (\d+) \(pid \d+\)")

_MOST_BYTES = 1 << 20
"""Of a longer log, only so much of its end is read while the quantum runs."""


def worker_name(number: int, pid: int) -> str:
    """Name a worker for readers, and in events."""
    return f"worker {number} (pid {pid})"


def worker_log_file(folder: Path, number: int) -> Path:
    """Return the file that a worker logs to."""
    return folder / f"{number}.log"


def find_worker_log(folders: Iterable[Path], name: str) -> Path | None:
    """Find the file that a worker logs to.

    Parameters
    ----------
    folders
        Where it may be.
    name
        As `worker_name` gives it.

    Returns
    -------
    file
        The file; None if there is none, or if it is no worker's name.
    """
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    files = (worker_log_file(folder, int(found[1])) for folder in folders)
    return next((file for file in files if file.is_file()), None)


def read_worker_log(file: Path, *, is_whole: bool = True) -> ButlerLogRecords:
    """Read what a worker has logged for the quantum that it runs, or ran last.

    Parameters
    ----------
    file
        The file; if it is not there, nothing was logged.
    is_whole
        Read all of it, however long it is; otherwise its end.
    """
    lines: list[bytes] = []
    with contextlib.suppress(OSError), file.open("rb") as stream:
        skipped = 0 if is_whole else max(0, stream.seek(0, os.SEEK_END) - _MOST_BYTES)
        stream.seek(skipped)
        lines = stream.read().splitlines(keepends=True)[bool(skipped) :]
    # A line that is being written, or was broken off, is no JSON.
    whole = b"".join(line for line in lines if line.endswith(b"}\n"))
    with contextlib.suppress(ValueError):
        return ButlerLogRecords.from_raw(whole)
    return ButlerLogRecords([])
