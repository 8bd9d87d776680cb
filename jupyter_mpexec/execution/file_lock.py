"""Locks between processes that end with the process that holds them, however that ends."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path
from types import TracebackType
from typing import Self

__all__ = ["FileLock"]

_PAUSE = 0.02


class FileLock:
    """A lock on a file, held by one process or (shared) by several.

    The operating system takes it back when its holder dies, so that, unlike a process number in a file, it never lies.

    Parameters
    ----------
    path
        The file; made if it does not exist. What is in it does not matter.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._descriptor: int | None = None

    def acquire(self, *, shared: bool = False, seconds: float = 0.0) -> bool:
        """Take the lock.

        Parameters
        ----------
        shared
            Others may hold it too, if they share it.
        seconds
            How long to wait for it.

        Returns
        -------
        acquired
            Whether it is held now.
        """
        # Not inherited by processes that are started from here: a worker must not keep its parent's lock.
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        deadline = time.monotonic() + seconds
        try:
            while not _lock(descriptor, fcntl.LOCK_SH if shared else fcntl.LOCK_EX):
                if time.monotonic() >= deadline:
                    os.close(descriptor)
                    return False
                time.sleep(_PAUSE)
        except BaseException:
            os.close(descriptor)
            raise
        self._descriptor = descriptor
        return True

    def release(self) -> None:
        """Give the lock back."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    @property
    def is_taken(self) -> bool:
        """Whether somebody, in this process or another one, holds the lock for himself.

        Raises
        ------
        OSError
            Raised if that cannot be found out.
        """
        try:
            # Who asks need not be allowed to write.
            descriptor = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        try:
            return not _lock(descriptor, fcntl.LOCK_SH)
        finally:
            os.close(descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def _lock(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
