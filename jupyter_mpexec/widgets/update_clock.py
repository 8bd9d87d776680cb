"""The one clock of a panel: it gives parts turns to update themselves, a few times a second."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import Protocol

__all__ = ["Part", "Turns", "UpdateClock"]

INTERVAL = 0.125
"""Seconds between two messages to the browser, at least; some turns take several, and then this many times as long."""

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
    name
        Name of the thread.
    """

    def __init__(
        self,
        parts: Sequence[Part],
        work: Callable[[], object],
        on_error: Callable[[Exception], object],
        *,
        name: str,
    ) -> None:
        self._turns = Turns(parts)
        self._work = work
        self._on_error = on_error
        self._woken = threading.Event()
        self._closing = threading.Event()
        self._starting = threading.Lock()
        self._started = False
        self._thread = threading.Thread(target=self._tick, name=name, daemon=True)

    def start(self) -> None:
        """Start the thread, unless it has been started."""
        with self._starting:
            if not self._started and not self._closing.is_set():
                self._started = True
                self._thread.start()

    def wake(self) -> None:
        """Say that something has happened; this is quick, and may be called from any thread."""
        self._woken.set()

    def close(self) -> None:
        """End the thread."""
        self._closing.set()
        self._woken.set()

    def join(self, timeout: float | None = None) -> None:
        """Wait for the end of the thread."""
        if self._started and threading.current_thread() is not self._thread:
            self._thread.join(timeout)

    def _tick(self) -> None:
        while not self._closing.is_set():
            self._woken.clear()
            messages = self._call(self._step)
            if messages:
                self._closing.wait(INTERVAL * messages)
            else:
                self._woken.wait(IDLE)

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
