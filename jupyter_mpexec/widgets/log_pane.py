"""The log of a quantum, by level and text; while it runs, as it is written."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import ipywidgets

from jupyter_mpexec.display import formats
from jupyter_mpexec.display.html import Html, join, paragraph, tag
from jupyter_mpexec.watch.watched_run import WatchedRun

from .panel_context import PanelContext

__all__ = ["LogLine", "LogPane", "LogTail", "log_html"]

MOST_LINES = 500
"""Lines that are shown, at most: the newest."""

_LEVELS = (("all levels", 0), ("INFO", 20), ("WARNING", 30), ("ERROR", 40))


@dataclass(frozen=True)
class LogLine:
    """A line of a log.

    Parameters
    ----------
    level
        As in `logging`.
    time
        When, as a text.
    logger, message
        Who says what.
    """

    level: int
    time: str
    logger: str
    message: str


class LogTail(logging.Handler):
    """Keeps what threads of this process log, for quanta that run here."""

    def __init__(self) -> None:
        super().__init__()
        self._records: deque[tuple[float, str, LogLine]] = deque(maxlen=5000)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record."""
        moment = logging.Formatter().formatTime(record, "%H:%M:%S")
        try:
            message = record.getMessage()
        except Exception:
            # As every handler: what somebody logs badly is said, and goes on.
            self.handleError(record)
            return
        line = LogLine(record.levelno, moment, record.name, message)
        self._records.append((record.created, record.threadName or "", line))

    def lines(self, thread: str, start: float, end: float | None = None) -> list[LogLine]:
        """Get what a thread has logged in a span of time."""
        last = float("inf") if end is None else end
        return [
            line for created, name, line in list(self._records) if name == thread and start <= created <= last
        ]


class LogPane:
    """A log with filters.

    Parameters
    ----------
    context
        The run.
    """

    def __init__(self, context: PanelContext) -> None:
        self._context = context
        self._lines: list[LogLine] = []
        self._note = ""
        self._tail: LogTail | None = None
        self._level = ipywidgets.Dropdown(
            options=_LEVELS,
            description="Level",
            style={"description_width": "initial"},
            layout={"width": "150px"},
        )
        self._search = ipywidgets.Text(
            description="Search",
            style={"description_width": "initial"},
            continuous_update=False,
            layout={"width": "260px"},
        )
        self.live = ipywidgets.Checkbox(
            value=True,
            description="Follow",
            indent=False,
            tooltip="Keep up with the log of a quantum that runs",
        )
        for control in (self._level, self._search):
            control.observe(lambda _: self._context.reader.do(self._write), "value")
        row = ipywidgets.HBox([self._level, self._search, self.live])
        row.add_class("jmpx-buttons")
        self._text = ipywidgets.HTML("")
        self.widget = ipywidgets.VBox([row, self._text])

    def listen(self) -> None:
        """Begin to keep what this process logs."""
        if self._tail is None:
            self._tail = LogTail()
            logging.getLogger().addHandler(self._tail)

    def close(self) -> None:
        """Keep nothing any more."""
        if self._tail is not None:
            logging.getLogger().removeHandler(self._tail)
            self._tail = None

    def fill(self, position: int, stored: Any) -> None:
        """Show the log of a quantum.

        Parameters
        ----------
        position
            The quantum.
        stored
            Its log dataset, if there is one.
        """
        watched = self._context.watched
        assert watched is not None, "There is a quantum."
        self._note = ""
        if stored is not None:
            self._lines = _lines_of(stored)
        elif (so_far := self._context.run.log_so_far(watched.catalogue.ids[position])) is not None:
            self._lines = _lines_of(so_far)
            self._note = "It has logged nothing yet."
        else:
            self._fill_from_here(watched, position)
        self._write()

    def _fill_from_here(self, watched: WatchedRun, position: int) -> None:
        """Show what was logged in this process, or what is known of a failure."""
        worker, start = watched.workers.get(position, ""), watched.starts[position]
        end = start + watched.seconds[position] if watched.status(position).is_final else None
        self._lines = self._tail.lines(worker, start, end) if self._tail is not None and start else []
        if not self._lines:
            self._lines = self._of_failure(watched.catalogue.ids[position])
        if not self._lines:
            self._note = (
                "The quantum has not started." if not start else "Its log is there when it has ended."
            )

    def _of_failure(self, quantum_id: str) -> list[LogLine]:
        record = self._context.run.report.quanta.get(quantum_id)
        text = record.failure.log if record is not None and record.failure is not None else ""
        return [LogLine(_level_in(line), "", "", line) for line in text.splitlines()]

    def clear(self) -> None:
        """Forget the quantum that was shown."""
        self._lines, self._note = [], ""
        self._text.value = ""

    def _write(self) -> None:
        text = log_html(self._lines, level=self._level.value, search=self._search.value, note=self._note)
        if text != self._text.value:
            self._text.value = text


def _lines_of(records: Iterable[Any]) -> list[LogLine]:
    return [LogLine(r.levelno, f"{r.asctime:%H:%M:%S}", r.name, r.message) for r in records]


def log_html(lines: Iterable[LogLine], *, level: int = 0, search: str = "", note: str = "") -> str:
    """Write lines of a log, those of a level and with a text in them."""
    lines = list(lines)
    wanted = search.casefold()
    found = [
        line for line in lines if line.level >= level and wanted in f"{line.logger} {line.message}".casefold()
    ]
    shown = found[-MOST_LINES:]
    parts = [_line(line) for line in shown]
    count = f"{len(found):,} of {formats.plural(len(lines), 'line')}" if lines else note
    if len(found) > len(shown):
        count += f", the last {len(shown)}"
    text = tag("pre", join(parts, "\n"), class_="jmpx-code", tabindex=0, role="region", aria_label="Log")
    return str(join((paragraph(count, muted=True), text if parts else "")))


def _line(line: LogLine) -> Html:
    name = logging.getLevelName(line.level)
    css = (
        "error"
        if line.level >= 40
        else "warning"
        if line.level >= 30
        else "debug"
        if line.level < 20
        else "info"
    )
    head = " ".join(filter(None, (line.time, f"{name:<7}" if line.time else "", line.logger)))
    text = f"{head}: {line.message}" if head else line.message
    return tag("span", text, class_=f"jmpx-log-{css}")


def _level_in(text: str) -> int:
    names = {"CRITICAL": 50, "ERROR": 40, "WARNING": 30, "INFO": 20, "VERBOSE": 15, "DEBUG": 10}
    return next((level for name, level in names.items() if text.startswith(name)), 20)
