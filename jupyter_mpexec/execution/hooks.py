"""Telling everybody who wants to know what happens in a run."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterable
from typing import Any, Protocol, runtime_checkable

from ..errors import JournalError
from ..events import Event

__all__ = ["Hook", "Hooks", "RunFollower", "RunWatcher"]

_LOG = logging.getLogger(__name__)

Hook = Callable[[Event], object]
"""Called with each event, on the thread of the run; must be quick."""


@runtime_checkable
class RunWatcher(Protocol):
    """A hook that wants to know its run: it is told before the first event."""

    def watch(self, run: Any) -> object:
        """Take the handle to the run, which is about to begin."""


@runtime_checkable
class RunFollower(Protocol):
    """A hook that also has to do with the run in which what is not done is run again."""

    def hooks_for_next(self, run: Any, *, background: bool) -> Iterable[Hook]:
        """Make what is called with each event of the next run.

        Parameters
        ----------
        run
            The run that this is a hook of.
        background
            Whether the next one goes on in the background.
        """


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

    def for_next(self, run: object, *, background: bool) -> list[Hook]:
        """Make the hooks of the run that follows this one, if nobody names any; see `RunFollower`."""
        return [hook for one in self._followers() for hook in one.hooks_for_next(run, background=background)]

    def take_over(self, earlier: Hooks) -> None:
        """Take over the followers of an earlier run, for the run after this one."""
        for follower in earlier._followers():
            hook: Any = follower
            self.remove(hook)
            self.add(hook)

    def _followers(self) -> list[RunFollower]:
        hooks: list[object] = list(self._hooks)
        return [hook for hook in hooks if isinstance(hook, RunFollower)]

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
