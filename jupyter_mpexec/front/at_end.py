"""Something to do when a run ends, whether that is now or later, in a background thread."""

from __future__ import annotations

import threading
from collections.abc import Callable

from jupyter_mpexec.events import Event, RunFinished

__all__ = ["AtEnd"]


class AtEnd:
    """A hook that calls a function when the run ends; at once, if it has ended when the function is given."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ended = False
        self._function: Callable[[], object] | None = None

    def __call__(self, event: Event) -> None:
        """Take in an event."""
        if isinstance(event, RunFinished):
            with self._lock:
                self._ended = True
            self._call()

    def do(self, function: Callable[[], object]) -> None:
        """Say what to do at the end."""
        with self._lock:
            self._function = function
            ended = self._ended
        if ended:
            self._call()

    def _call(self) -> None:
        with self._lock:
            function, self._function = self._function, None
        if function is not None:
            function()
