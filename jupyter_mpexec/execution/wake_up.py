"""Waking a thread that waits for pipes and processes."""

from __future__ import annotations

import contextlib
import os

__all__ = ["WakeUp"]


class WakeUp:
    """A pipe to oneself, to be waited for beside others; `ring` may be called from any thread and signal handler."""

    def __init__(self) -> None:
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._reader, False)
        os.set_blocking(self._writer, False)

    def fileno(self) -> int:
        """What to wait for."""
        return self._reader

    def ring(self) -> None:
        """Wake the thread."""
        # A full pipe wakes it just as well, and a closed one means that nobody waits any more.
        with contextlib.suppress(OSError):
            os.write(self._writer, b"!")

    def silence(self) -> None:
        """Take note of all calls so far."""
        with contextlib.suppress(BlockingIOError):
            while os.read(self._reader, 4096):
                pass

    def close(self) -> None:
        """Free the pipe."""
        writer, self._writer = self._writer, -1
        os.close(writer)
        os.close(self._reader)
