"""Ending a quantum that is under way, and nothing but the quantum.

Between quanta the engine writes its journal and fills the registry: an interrupt must never land there. `Interrupts`
lets one through only while a quantum runs; at any other moment it becomes a request to stop, which the engine sees when
it is ready to.
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

__all__ = ["Interrupts"]


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
        self._sent = False
        self._open = True
        try:
            try:
                return function()
            finally:
                with self._lock:
                    self._open = False
        finally:
            if self._sent:
                # An exception that was sent from another thread may still be on its way: let it arrive here.
                _let_it_arrive()
                raise QuantumCancelledError("interrupted")


def _let_it_arrive() -> None:
    try:
        deadline = time.monotonic() + 0.05
        while time.monotonic() < deadline:
            pass
    except QuantumCancelledError:
        pass


def _raise_in_thread(thread_id: int, exception: type[BaseException]) -> None:
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread_id), ctypes.py_object(exception))
