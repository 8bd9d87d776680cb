"""Progress of a run: one line that is kept up to date, in a notebook or a terminal.

In a notebook it is plain HTML that is replaced in place, and no widget: what a saved notebook, nbconvert or a
restarted kernel show is the last state.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TextIO

from jupyter_mpexec.events import Event, QuantumEnded, RunFinished, RunStarted
from jupyter_mpexec.report import RunReport

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["NotebookProgress", "Progress", "TerminalProgress", "progress_for"]

_INTERVAL = 0.1
"""Seconds between two updates at least."""


class Progress:
    """A hook that shows how far a run is.

    Parameters
    ----------
    clock
        Tells the time in seconds; tests have their own.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.report = RunReport()
        self._clock = clock
        self._shown_at: float | None = None

    def __call__(self, event: Event) -> None:
        """Take in an event, and show the new state unless that was done a moment ago."""
        self.report.apply(event)
        if isinstance(event, RunFinished):
            self._show(final=True)
            return
        now = self._clock()
        due = self._shown_at is None or now - self._shown_at >= _INTERVAL
        if due and isinstance(event, RunStarted | QuantumEnded):
            self._shown_at = now
            self._show(final=False)

    def _show(self, *, final: bool) -> None:
        """Show `report`: subclasses do; here nothing is shown."""


class NotebookProgress(Progress):
    """Progress as an HTML line in the output of a cell.

    Make it in the cell: the output belongs there, also when the run goes on in another thread.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(clock)
        from IPython.display import display

        self._display: Any = display(self._bundle(), raw=True, display_id=True)

    def _show(self, *, final: bool) -> None:
        self._display.update(self._bundle(), raw=True)

    def _bundle(self) -> dict[str, str]:
        from jupyter_mpexec.display.progress import line, progress_html, progress_view

        view = progress_view(self.report)
        return {"text/plain": line(view), "text/html": progress_html(view)}


class TerminalProgress(Progress):
    """Progress as a bar in a terminal.

    Parameters
    ----------
    stream
        Where to draw; standard error by default.
    """

    def __init__(self, stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(clock)
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


def progress_for(shell: InteractiveShell | None = None) -> Progress:
    """Choose what shows progress here: a notebook, a terminal, or neither (a log file, say).

    Parameters
    ----------
    shell
        The IPython shell, if there is one.
    """
    if shell is not None and shell.has_trait("kernel"):
        return NotebookProgress()
    if sys.stderr is not None and sys.stderr.isatty():
        return TerminalProgress()
    return Progress()
