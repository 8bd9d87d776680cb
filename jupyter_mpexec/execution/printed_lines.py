"""What a task prints in a worker process, as lines of the quantum's log: nobody sees the worker's own output."""

from __future__ import annotations

import contextlib
import logging
import sys
import threading
from collections.abc import Iterator
from typing import Any, TextIO

__all__ = ["LOGGER_NAME", "end_printed_line", "keep_from_handlers", "printed_lines"]

LOGGER_NAME = "stdout"
"""Logger of what is printed."""

_LOG = logging.getLogger(LOGGER_NAME)


@contextlib.contextmanager
def printed_lines() -> Iterator[None]:
    """Log each line that is printed, at level INFO, and let it go where it went before."""
    printed = _PrintedLines(sys.stdout)
    # A level of its own: it is not for options to hide what a task prints.
    _LOG.setLevel(logging.INFO)
    with contextlib.redirect_stdout(printed):
        try:
            yield
        finally:
            printed.end_line()


def end_printed_line() -> None:
    """Log what has been printed of a line that is not ended yet, as long as somebody catches the log."""
    if isinstance(sys.stdout, _PrintedLines):
        sys.stdout.end_line()


def keep_from_handlers() -> None:
    """Keep what is printed from the handlers that there are now: where they write, it has been printed already."""
    for handler in logging.getLogger().handlers:
        handler.addFilter(lambda record: record.name != LOGGER_NAME)


class _PrintedLines:
    """Stands for a stream, and logs the lines that are written to it."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._begun = ""
        self._state = threading.local()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        written = self._stream.write(text)
        # A handler that writes here, when a line is logged, must not be logged again.
        if not getattr(self._state, "is_logging", False):
            *lines, self._begun = (self._begun + text).split("\n")
            self._log(lines)
        return written

    def writelines(self, lines: list[str]) -> None:
        for line in lines:
            self.write(line)

    def end_line(self) -> None:
        """Log what has been written of a line without an end."""
        begun, self._begun = self._begun, ""
        self._log([begun])

    def _log(self, lines: list[str]) -> None:
        self._state.is_logging = True
        try:
            for line in lines:
                # What overwrites itself, such as a progress bar, is there as it was last.
                if shown := line.rstrip("\r").rpartition("\r")[2].rstrip():
                    _LOG.info("%s", shown)
        finally:
            self._state.is_logging = False
