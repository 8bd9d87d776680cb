"""Telling everybody who wants to know what happens in a run."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterable
from typing import Any, Protocol, runtime_checkable

from ..errors import JournalError
from ..events import Event

__all__ = ["Hook", "Hooks", "RunWatcher"]

_LOG = logging.getLogger(__name__)

Hook = Callable[[Event], object]
"""Called with each event, on the thread of the run; must be quick."""


@runtime_checkable
class RunWatcher(Protocol):
    """A hook that wants to know its run: it is told before the first event."""

    def watch(self, run: Any) -> object:
        """Take the handle to the run, which is about to begin."""


class Hooks:
    """A list of hooks of which none can break a run; except a journal, without which a run cannot be gone on with.

    Parameters
    ----------
    hooks
        Called in this order.
    """

    def __init__(self, hooks: Iterable[Hook] = ()) -> None:
        self._hooks = list(hooks)

    def add(self, hook: Hook) -> None:
        """Add a hook; it hears of events from now on."""
        self._hooks.append(hook)

    def introduce(self, run: object) -> None:
        """Tell those hooks that are watchers which run they belong to."""
        for hook in tuple(self._hooks):
            watcher: object = hook
            if isinstance(watcher, RunWatcher):
                try:
                    watcher.watch(run)
                except Exception:
                    self.remove(hook)
                    _LOG.exception("%r cannot watch this run, and is not called.", hook)

    def remove(self, hook: Hook) -> None:
        """Take a hook away, if it is there; it hears of no further event."""
        with contextlib.suppress(ValueError):
            self._hooks.remove(hook)

    def __call__(self, event: Event) -> None:
        """Call every hook; one that raises is logged, and not called again.

        Raises
        ------
        JournalError
            Raised by the journal of a run if it cannot be written.
        """
        for hook in tuple(self._hooks):
            try:
                hook(event)
            except JournalError:
                raise
            except Exception:
                self.remove(hook)
                _LOG.exception("%r raised an exception, and is not called again in this run.", hook)
