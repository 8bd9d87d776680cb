"""Progress of a run: one line that is kept up to date, in a notebook or a terminal.

In a notebook it is plain HTML that is replaced in place, and no widget: what a saved notebook, nbconvert or a
restarted kernel show is the last state.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TextIO

from jupyter_mpexec.events import Event, QuantaIngested, RunFinished, RunLogged
from jupyter_mpexec.report import RunReport

from .widget_reader import shows_widgets

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from jupyter_mpexec.execution.hooks import Hook
    from jupyter_mpexec.execution.run import Run

__all__ = [
    "NotebookProgress",
    "Progress",
    "TerminalProgress",
    "has_line_here",
    "progress_for",
    "shows_panels",
]

_INTERVAL = 0.1
"""Seconds between two updates at least."""

_SHARE = 0.05
"""Share of the time that may go into showing progress; with many quanta, one look takes a while."""


_lines: set[tuple[str, str]] = set()
"""IDs of runs and of messages whose cells have a live line of the run."""


class Progress:
    """A hook that shows how far a run is.

    Parameters
    ----------
    clock
        Tells the time in seconds; tests have their own.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.report = RunReport()
        self._clock = clock
        self._next_at = float("-inf")
        self._lock = threading.Lock()
        self._later: threading.Timer | None = None

    def __call__(self, event: Event) -> None:
        """Take in an event, and show the new state: now, or in a moment if that was done a moment ago."""
        with self._lock:
            self.report.apply(event)
            if isinstance(event, RunFinished):
                self._forget_later()
                self._show(final=True)
            elif not isinstance(event, RunLogged | QuantaIngested):
                if (wait := self._next_at - self._clock()) <= 0:
                    self._show_now()
                elif self._later is None:
                    # The next event may be an hour away, and what is shown would be wrong for as long.
                    self._later = threading.Timer(wait, self._catch_up)
                    self._later.daemon = True
                    self._later.start()

    def _catch_up(self) -> None:
        with self._lock:
            # Unless the end came first.
            if self._later is not None:
                self._show_now()

    def _show_now(self) -> None:
        self._forget_later()
        now = self._clock()
        self._show(final=False)
        spent = self._clock() - now
        self._next_at = now + max(_INTERVAL, spent / _SHARE)

    def _forget_later(self) -> None:
        if self._later is not None:
            self._later.cancel()
            self._later = None

    def _show(self, *, final: bool) -> None:
        """Show `report`: subclasses do; here nothing is shown."""


class NotebookProgress(Progress):
    """Progress as an HTML line in the output of a cell.

    Parameters
    ----------
    at_once
        Make room in the output of the cell now: what another thread shows first would belong to no cell.
    clock
        Tells the time in seconds.
    """

    def __init__(self, *, at_once: bool = False, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(clock=clock)
        self._display: Any = None
        if at_once:
            self._put({"text/plain": "", "text/html": ""})

    def watch(self, run: Run) -> None:
        """Note that the cell that is being executed has a line of this run, which is kept up to date."""
        from jupyter_mpexec.widgets.current_cell import parent_message

        if message := parent_message():
            _lines.add((run.id, message))

    def _show(self, *, final: bool) -> None:
        from jupyter_mpexec.display.progress import line, progress_html, progress_view

        view = progress_view(self.report)
        self._put({"text/plain": line(view), "text/html": progress_html(view)})

    def _put(self, bundle: dict[str, str]) -> None:
        if self._display is None:
            from IPython.display import display

            self._display = display(bundle, raw=True, display_id=True)
        else:
            self._display.update(bundle, raw=True)


class TerminalProgress(Progress):
    """Progress as a bar in a terminal.

    Parameters
    ----------
    stream
        Where to draw; standard error by default.
    clock
        What tells the time, in seconds.
    """

    def __init__(self, stream: TextIO | None = None, *, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(clock=clock)
        self._stream = stream or sys.stderr
        self._bar: Any = None

    def _show(self, *, final: bool) -> None:
        if self._bar is None:
            from tqdm import tqdm

            self._bar = tqdm(total=self.report.total, unit="quantum", file=self._stream, dynamic_ncols=True)
        self._bar.total = self.report.total
        counts = {status: n for status, n in self.report.counts.items() if status.is_final}
        text = ", ".join(f"{n} {status.replace('_', ' ')}" for status, n in counts.items())
        self._bar.set_postfix_str(text, refresh=False)
        self._bar.n = self.report.ended
        self._bar.refresh()
        if final:
            self._bar.close()


def has_line_here(run_id: str) -> bool:
    """Tell whether the cell that is being executed has a live line of a run."""
    from jupyter_mpexec.widgets.current_cell import parent_message

    return bool(_lines) and (run_id, parent_message()) in _lines


def shows_panels(shell: InteractiveShell | None) -> bool:
    """Tell whether a run panel can be shown in the cell that is being executed."""
    if not shows_widgets(shell):
        return False
    from jupyter_mpexec.widgets.assets import views_are_built

    return views_are_built()


def progress_for(shell: InteractiveShell | None = None, *, background: bool = False) -> Hook:
    """Choose what shows progress here: a panel, a line in a notebook, a terminal, or nothing (a log file, say).

    Parameters
    ----------
    shell
        The IPython shell, if there is one.
    background
        The run will go on in another thread.
    """
    if shows_panels(shell):
        from jupyter_mpexec.widgets.run_panel import RunPanel

        return RunPanel()
    if shell is not None and shell.has_trait("kernel"):
        return NotebookProgress(at_once=background)
    if sys.stderr is not None and sys.stderr.isatty():
        return TerminalProgress()
    return Progress()
