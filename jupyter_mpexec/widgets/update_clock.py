"""The one clock of a panel: it gives parts turns to update themselves, a few times a second."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import Protocol

__all__ = ["Part", "Turns", "UpdateClock"]

INTERVAL = 0.125
"""Seconds between two messages to the browser, at least; some turns take several, and then this many times as long."""

REST = 60.0
"""Seconds without any message after which a clock may rest; longer than anything that parts wait for."""

IDLE = 1.0
"""Seconds after which the time on display is brought up to date, whether anything happened or not."""


class Part(Protocol):
    """Something on the page that is kept up to date."""

    def is_due(self) -> bool:
        """Tell whether there is news to show, and anybody to see it."""

    def update(self) -> int | None:
        """Show the news; returns how many messages to the browser it took, if not one."""


class Turns:
    """Gives parts turns: who has waited longest is next.

    Parameters
    ----------
    parts
        The parts.
    """

    def __init__(self, parts: Sequence[Part]) -> None:
        self._waiting = list(parts)

    def next(self) -> Part | None:
        """Choose the part whose turn it is; None if none is due."""
        for part in self._waiting:
            if part.is_due():
                self._waiting.remove(part)
                self._waiting.append(part)
                return part
        return None


class UpdateClock:
    """A thread that works when something has happened, and lets one part update itself each tenth of a second.

    Parameters
    ----------
    parts
        What is kept up to date.
    work
        Called before parts are asked: takes in what has happened.
    on_error
        Called with what a part raised; the clock goes on.
    may_rest
        Tells whether nothing happens any more unless somebody calls `wake`; then the thread ends until that.
    name
        Name of the thread.
    """

    def __init__(
        self,
        parts: Sequence[Part],
        work: Callable[[], object],
        on_error: Callable[[Exception], object],
        *,
        may_rest: Callable[[], bool] = lambda: False,
        name: str,
    ) -> None:
        self._turns = Turns(parts)
        self._work = work
        self._on_error = on_error
        self._may_rest = may_rest
        self._name = name
        self._woken = threading.Event()
        self._closing = threading.Event()
        self._lock = threading.Lock()
        self._started = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start the thread, unless it has been started."""
        with self._lock:
            self._started = True
            self._run()

    def wake(self) -> None:
        """Say that something has happened; this is quick, and may be called from any thread."""
        with self._lock:
            self._woken.set()
            if self._started:
                self._run()

    def close(self) -> None:
        """End the thread."""
        with self._lock:
            self._closing.set()
            self._woken.set()

    def join(self, timeout: float | None = None) -> None:
        """Wait for the end of the thread."""
        thread = self._thread
        if thread is not None and threading.current_thread() is not thread:
            thread.join(timeout)

    def _run(self) -> None:
        """Have a thread; the lock is held."""
        if self._thread is None and not self._closing.is_set():
            self._thread = threading.Thread(target=self._tick, name=self._name, daemon=True)
            self._thread.start()

    def _tick(self) -> None:
        busy_at = time.monotonic()
        while not self._closing.is_set():
            self._woken.clear()
            messages = self._call(self._step)
            if messages:
                self._closing.wait(INTERVAL * messages)
                busy_at = time.monotonic()
            elif not self._woken.wait(IDLE) and time.monotonic() - busy_at >= REST and self._rests():
                return

    def _rests(self) -> bool:
        """Take leave of the thread, if it may end now."""
        if not self._may_rest():
            return False
        with self._lock:
            if self._woken.is_set():
                return False
            self._thread = None
            return True

    def _step(self) -> int:
        self._work()
        part = self._turns.next()
        if part is None:
            return 0
        messages = part.update()
        return 1 if messages is None else max(1, messages)

    def _call(self, step: Callable[[], int]) -> int:
        try:
            return step()
        except Exception as error:
            self._on_error(error)
            # What failed has had its turn; it must not keep the thread busy.
            time.sleep(INTERVAL)
            return 0
