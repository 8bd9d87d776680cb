"""Who holds quanta of a run that goes on in another process: a hold ends with the process that has it."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import threading
import uuid
from collections.abc import Iterable
from pathlib import Path

from ..errors import RunError
from .file_lock import FileLock
from .run_control import RunControl
from .run_folder import RunFolder

__all__ = ["Holders", "holder_of"]

_PAUSE = 0.5
_NAME = re.compile(r"\d+-[0-9a-f]+")

_own: dict[Path, tuple[str, FileLock]] = {}
_lock = threading.Lock()


def holder_of(folder: RunFolder) -> str:
    """Get the name under which this process holds quanta of a run.

    Under that name there is a locked file in the run folder. The operating system ends the lock with the process, and
    not before: a machine that sleeps, or a kernel that is stopped for a while, loses nothing.
    """
    with _lock:
        if folder.path not in _own:
            name = f"{os.getpid()}-{secrets.token_hex(4)}"
            folder.holders.mkdir(mode=0o700, exist_ok=True)
            lock = FileLock(folder.holders / name)
            if not lock.acquire():
                raise RunError(f"{lock.path} is locked by somebody else.")
            # A process that is forked from here would keep it.
            os.register_at_fork(after_in_child=lock.release)
            _own[folder.path] = name, lock
        return _own[folder.path][0]


class Holders:
    """Watches over those who hold quanta, in the process that the run belongs to; gives back what the dead leave.

    Parameters
    ----------
    folder
        Folder of the run.
    control
        Is told which quanta to take back.
    """

    def __init__(self, folder: RunFolder, control: RunControl) -> None:
        self._folder = folder
        self._control = control
        self._lock = threading.Lock()
        self._held: dict[uuid.UUID, str] = {}
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None

    def note(self, name: str, quantum_ids: Iterable[uuid.UUID]) -> None:
        """Note that somebody holds quanta.

        Parameters
        ----------
        name
            What `holder_of` gave him.
        quantum_ids
            The quanta.
        """
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no name of a holder")
        with self._lock:
            self._held |= dict.fromkeys(quantum_ids, name)
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._watch, name=f"mpexec holders {self._folder.name}", daemon=True
                )
                self._thread.start()

    def forget(self, quantum_ids: Iterable[uuid.UUID]) -> None:
        """Note that quanta are not held any more."""
        with self._lock:
            for quantum_id in quantum_ids:
                self._held.pop(quantum_id, None)

    def close(self) -> None:
        """Watch no longer."""
        self._closed.set()
        for file in self._folder.holders.glob("*"):
            file.unlink(missing_ok=True)

    def _watch(self) -> None:
        while not self._closed.wait(_PAUSE):
            with self._lock:
                names = set(self._held.values())
            for name in names:
                file = self._folder.holders / name
                # What fails now, as for too many open files, is tried again.
                with contextlib.suppress(OSError):
                    if not FileLock(file).is_taken:
                        self._give_back(name)
                        file.unlink(missing_ok=True)

    def _give_back(self, name: str) -> None:
        with self._lock:
            left = [quantum_id for quantum_id, holder in self._held.items() if holder == name]
            for quantum_id in left:
                del self._held[quantum_id]
        if left:
            self._control.release(*left, reason=f"process {name.partition('-')[0]}, which had it, has ended")
