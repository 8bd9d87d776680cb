"""What belongs to a run that a notebook follows: its progress, the variable for the last run, and the run after it."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jupyter_mpexec.events import Event, RunFinished

from .last_run import LAST_RUN
from .progress import progress_for

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from jupyter_mpexec.execution.hooks import Hook
    from jupyter_mpexec.execution.run import Run

__all__ = ["follow_on", "hooks_for"]

_FAILURES = "jupyter_mpexec.execution.quantum_graph_executor"
"""Logger of each failure."""


def hooks_for(shell: InteractiveShell | None, *, background: bool) -> tuple[Hook, ...]:
    """Make what shows a run in the cell that is being executed.

    Parameters
    ----------
    shell
        The shell.
    background
        The run will go on in another thread.
    """
    return progress_for(shell, background=background), _FailuresAreShown()


def follow_on(shell: InteractiveShell, run: Run) -> None:
    """Put a run into the variable for the last one, and have the runs after it shown and put there."""
    shell.push({LAST_RUN: run})
    follower = _Follower(shell)
    # It may be there already.
    run.hooks.remove(follower)
    run.hooks.add(follower)


class _FailuresAreShown:
    """A hook that keeps failures from being printed in the cell as well, which shows them in its own way.

    Whoever has set up logging still gets them: only the handler that Python has for nobody's messages is told.
    """

    def __init__(self) -> None:
        self._handler = logging.lastResort

    def watch(self, run: Run) -> None:
        """Begin."""
        if self._handler is not None:
            self._handler.addFilter(self._passes)

    def __call__(self, event: Event) -> None:
        """Take in an event; at the end, all is as before."""
        if isinstance(event, RunFinished) and self._handler is not None:
            self._handler.removeFilter(self._passes)

    def _passes(self, record: logging.LogRecord) -> bool:
        # A method, so that runs side by side have filters of their own.
        return record.name != _FAILURES


@dataclass(frozen=True)
class _Follower:
    """A hook that does nothing but see to the next run."""

    shell: InteractiveShell

    def __call__(self, event: Event) -> None:
        """Take in an event."""

    def hooks_for_next(self, run: Run, *, background: bool) -> Iterable[Hook]:
        """Make the hooks of the run after this one."""
        return *hooks_for(self.shell, background=background), _Successor(self.shell, run)


@dataclass(frozen=True)
class _Successor:
    """A hook of a run that takes the place of an earlier one."""

    shell: InteractiveShell
    earlier: Run

    def __call__(self, event: Event) -> None:
        """Take in an event."""

    def watch(self, run: Run) -> None:
        """Take its place."""
        if self.shell.user_ns.get(LAST_RUN) is self.earlier:
            follow_on(self.shell, run)
        else:
            run.hooks.add(_Follower(self.shell))
