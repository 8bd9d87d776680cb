"""A folder in memory, for the files of tests: SQLite waits for the disk at each commit, and a run has hundreds."""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = Path("/dev/shm")
ENOUGH = 4 * 2**30
"""Bytes; all tests together need less than half of it."""


def folder_in_memory() -> Path | None:
    """Find a folder that is in memory; None if there is none, or too little room, or programs cannot be run in it."""
    try:
        folder = FOLDER.resolve()
        place = os.statvfs(folder)
    except OSError:
        return None
    may_run = not place.f_flag & os.ST_NOEXEC
    has_room = place.f_bavail * place.f_frsize >= ENOUGH
    return folder if may_run and has_room and os.access(folder, os.W_OK | os.X_OK) else None
