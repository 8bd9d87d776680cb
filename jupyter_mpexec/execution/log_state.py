"""How logging is set up in a process, so that another one can log in the same way."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from lsst.daf.butler.cli.cliLog import CliLog
from lsst.daf.butler.logging import JsonLogFormatter

from .middleware import label_logs, log_labels

__all__ = ["LogFile", "LogState"]


class LogFile(logging.FileHandler):
    """A file that log records are appended to; processes that log in the same way append to it too.

    Parameters
    ----------
    path
        The file; records are written as JSON if its name ends in ``.json``.
    long_format
        Log lines with time, label and place in the source.
    """

    def __init__(self, path: str, *, long_format: bool) -> None:
        super().__init__(path)
        self.origin = (os.path.abspath(path), long_format)  # noqa: PTH100  # as `FileHandler` has it
        layout = CliLog.pylog_longLogFmt if long_format else CliLog.pylog_normalFmt
        self.setFormatter(
            JsonLogFormatter() if path.endswith(".json") else logging.Formatter(layout, style="{")
        )


@dataclass(frozen=True, kw_only=True)
class LogState:
    """Levels, labels and handlers of log records; can be pickled.

    Parameters
    ----------
    levels
        Levels of loggers by name.
    labels
        What each log record is labelled with (its MDC).
    config
        Upstream's configuration of logging in commands; empty in a notebook.
    files
        Paths of log files of a notebook, each with whether its lines are long.
    """

    levels: Mapping[str, int]
    labels: Mapping[str, str]
    config: tuple[Any, ...]
    files: tuple[tuple[str, bool], ...]

    @classmethod
    def of_this_process(cls) -> Self:
        """Get that of this process."""
        loggers = {"": logging.getLogger(), **logging.root.manager.loggerDict}
        levels = {
            name: logger.level
            for name, logger in loggers.items()
            if isinstance(logger, logging.Logger) and logger.level != logging.NOTSET
        }
        files = tuple(h.origin for h in logging.getLogger().handlers if isinstance(h, LogFile))
        return cls(levels=levels, labels=log_labels(), config=tuple(CliLog.configState), files=files)

    def apply(self) -> None:
        """Set this process up so, for good."""
        if self.config:
            CliLog.replayConfigState(list(self.config))
        for name, level in self.levels.items():
            logging.getLogger(name or None).setLevel(level)
        label_logs(self.labels)
        for path, long_format in self.files:
            logging.getLogger().addHandler(LogFile(path, long_format=long_format))
