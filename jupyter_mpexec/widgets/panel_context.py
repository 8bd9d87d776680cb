"""What the parts of a panel share: the run, its state, and the threads that work for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from jupyter_mpexec.watch.watched_run import WatchedRun

from .worker import Worker

if TYPE_CHECKING:
    from jupyter_mpexec.execution.run import Run

__all__ = ["PanelContext"]

PATIENCE = 30.0
"""Seconds without anything to do after which the threads end, until there is something again."""


class PanelContext:
    """The run that a panel shows.

    Parameters
    ----------
    run
        The run.
    on_error
        Shows what went wrong; called from any thread.
    wake
        Lets the clock of the panel look again; called from any thread.

    Attributes
    ----------
    watched
        State of the run; None until its graph has been read. Only the thread of the clock changes it.
    graph_error
        Why the graph cannot be read: then what is shown comes from the journal alone; None if it can.
    is_seen
        Tells whether the panel is on a page that somebody may see.
    on_success
        Called, from any thread, when something has been done that a reader asked for.
    commands
        Thread that steers the run.
    reader
        Thread that reads datasets; a slow one does not keep commands waiting.
    """

    def __init__(self, run: Run, on_error: Callable[[Exception], object], wake: Callable[[], object]) -> None:
        self.run = run
        self.on_error = on_error
        self.wake = wake
        self.watched: WatchedRun | None = None
        self.graph_error: Exception | None = None
        self.is_seen: Callable[[], bool] = lambda: True
        self.on_success: Callable[[], object] = lambda: None
        self.commands = Worker("mpexec panel commands", on_error, patience=PATIENCE)
        self.reader = Worker("mpexec panel reader", on_error, patience=PATIENCE)

    def close(self) -> None:
        """End the threads."""
        self.commands.close()
        self.reader.close()
