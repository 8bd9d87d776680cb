"""Ending a quantum that is under way, and nothing but the quantum.

Between quanta the engine writes its journal and fills the registry: an interrupt must never land there. `Interrupts`
lets one through only while a quantum runs; at any other moment it becomes a request to stop, which the engine sees when
it is ready to. Inside a quantum, what must not be broken off half-way (a statement to a database, writing a file)
is `shielded`: an interrupt then waits until it is done.
"""

from __future__ import annotations

import contextlib
import ctypes
import signal
import threading
import time
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

from .errors import QuantumCancelledError

__all__ = ["Interrupts", "shielded"]

_of_thread = threading.local()


class Interrupts:
    """Guards one thread that runs quanta.

    Parameters
    ----------
    on_interrupt
        Called when a signal arrives, wherever the thread is; must be quick and re-entrant.
    """

    def __init__(self, on_interrupt: Callable[[], None]) -> None:
        self._on_interrupt = on_interrupt
        self._lock = threading.RLock()
        self._thread_id = threading.get_ident()
        self._open = False
        self._sent = False
        self._shields = 0
        self._waiting = False

    @contextlib.contextmanager
    def handle_signals(self) -> Iterator[None]:
        """Take over SIGINT for the time of a run, where this thread is the one that gets it."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = signal.signal(signal.SIGINT, self._on_signal)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    def _on_signal(self, signal_number: int, frame: FrameType | None) -> None:
        self._on_interrupt()
        if self._open and not self._sent:
            if self._shields:
                self._waiting = True
                return
            self._sent = True
            raise QuantumCancelledError("interrupted")

    def interrupt(self) -> bool:
        """Raise `QuantumCancelledError` in the quantum that is under way; may be called from any thread.

        Returns
        -------
        sent
            Whether there was one. A call into a C library is left to return first.
        """
        with self._lock:
            if not self._open or self._sent:
                return False
            if self._shields:
                self._waiting = True
                return True
            self._sent = True
            _raise_in_thread(self._thread_id, QuantumCancelledError)
            return True

    def run(self, function: Callable[[], Any]) -> Any:
        """Call a function that may be interrupted.

        Raises
        ------
        QuantumCancelledError
            Raised if it was interrupted; whatever it returned or raised is then dropped.
        """
        self._sent = self._waiting = False
        self._open = True
        _of_thread.interrupts = self
        try:
            try:
                return function()
            finally:
                with self._lock:
                    self._open = False
        finally:
            _of_thread.interrupts = None
            if self._sent:
                # An exception that was sent from another thread may still be on its way: let it arrive here.
                _let_it_arrive()
                raise QuantumCancelledError("interrupted")

    @contextlib.contextmanager
    def shield(self) -> Iterator[None]:
        """Let no interrupt through; one that was sent meanwhile is raised in the end."""
        with self._lock:
            if self._sent:
                _let_it_arrive(swallow=False)
            self._shields += 1
        try:
            yield
        finally:
            with self._lock:
                self._shields -= 1
                raise_now = self._waiting and not self._shields and not self._sent
                self._sent |= raise_now
        if raise_now:
            raise QuantumCancelledError("interrupted")


def shielded() -> contextlib.AbstractContextManager[None]:
    """Protect what follows from interrupts, if the quantum that this thread runs can be interrupted at all."""
    interrupts: Interrupts | None = getattr(_of_thread, "interrupts", None)
    return interrupts.shield() if interrupts is not None else contextlib.nullcontext()


def _let_it_arrive(*, swallow: bool = True) -> None:
    try:
        deadline = time.monotonic() + 0.05
        while time.monotonic() < deadline:
            pass
    except QuantumCancelledError:
        if not swallow:
            raise


def _raise_in_thread(thread_id: int, exception: type[BaseException]) -> None:
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread_id), ctypes.py_object(exception))
