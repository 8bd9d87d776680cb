"""A thread that does one thing after the other, so that callbacks only leave notes."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

__all__ = ["Worker"]


class Worker:
    """A thread that calls functions in the order in which they came.

    Parameters
    ----------
    name
        Name of the thread.
    on_error
        Called, on that thread, with what a function raised.
    patience
        Seconds without anything to do after which the thread ends; the next function makes another one. None keeps it,
        for what must always be called on the same thread.

    Attributes
    ----------
    on_rest
        Called on the thread before it ends for that reason: what belongs to this thread alone is to be given up.
    """

    def __init__(
        self, name: str, on_error: Callable[[Exception], object], *, patience: float | None = None
    ) -> None:
        self._name = name
        self._on_error = on_error
        self._patience = patience
        self.on_rest: Callable[[], object] = lambda: None
        self._tasks: queue.SimpleQueue[Callable[[], object] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._closed = False

    def do(self, function: Callable[[], object]) -> None:
        """Call a function soon; after `close`, nothing happens."""
        with self._lock:
            if self._closed:
                return
            self._tasks.put(function)
            if self._thread is None:
                # Only now: many panels are never clicked at.
                self._thread = threading.Thread(target=self._work, name=self._name, daemon=True)
                self._thread.start()

    def close(self) -> None:
        """End the thread, after what it has to do already."""
        with self._lock:
            self._closed = True
            self._tasks.put(None)

    def join(self, timeout: float | None = None) -> None:
        """Wait for the end of the thread."""
        thread = self._thread
        if thread is not None:
            thread.join(timeout)

    def _work(self) -> None:
        while True:
            try:
                task = self._tasks.get(timeout=self._patience)
            except queue.Empty:
                self._call(self.on_rest)
                with self._lock:
                    if self._tasks.empty():
                        self._thread = None
                        return
                continue
            if task is None:
                return
            self._call(task)

    def _call(self, task: Callable[[], object]) -> None:
        try:
            task()
        except Exception as error:
            self._on_error(error)
