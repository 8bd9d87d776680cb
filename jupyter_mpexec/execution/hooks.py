"""Telling everybody who wants to know what happens in a run."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable

from ..errors import JournalError
from ..events import Event

__all__ = ["Hook", "Hooks"]

_LOG = logging.getLogger(__name__)

Hook = Callable[[Event], object]
"""Called with each event, on the thread of the run; must be quick."""


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
                self._hooks.remove(hook)
                _LOG.exception("%r raised an exception, and is not called again in this run.", hook)
