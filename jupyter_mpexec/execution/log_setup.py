"""The logging options: where log lines go, and from which level on."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator

from lsst.daf.butler.cli.cliLog import CliLog
from lsst.daf.butler.logging import ButlerMDC
from lsst.utils.logging import TRACE, VERBOSE

from jupyter_mpexec.errors import OptionError, did_you_mean
from jupyter_mpexec.options import RunOptions

from .log_state import LogFile
from .output_files import check_output_files

__all__ = ["logging_for_command", "logging_for_notebook"]

_LEVELS = {
    "TRACE": TRACE,
    "DEBUG": logging.DEBUG,
    "VERBOSE": VERBOSE,
    "INFO": logging.INFO,
    "WARNING": logging.WARNING,
    "ERROR": logging.ERROR,
    "CRITICAL": logging.CRITICAL,
}


@contextlib.contextmanager
def logging_for_command(options: RunOptions) -> Iterator[None]:
    """Log as upstream's commands do: from INFO on, to standard error and to files.

    Raises
    ------
    OptionError
        Raised for a level or label that makes no sense, or a file that cannot be written.
    """
    check_output_files(options)
    levels = [("jupyter_mpexec", "INFO"), *((name or None, level) for name, level in _levels(options))]
    labels = _labels(options)
    root = logging.getLogger()
    before = list(root.handlers)
    CliLog.initLog(options.long_log, options.log_tty, options.log_file, labels)
    CliLog.setLogLevels(levels)
    try:
        yield
    finally:
        logging.captureWarnings(False)
        CliLog.resetLog()
        root.handlers[:] = before


@contextlib.contextmanager
def logging_for_notebook(options: RunOptions) -> Iterator[None]:
    """Set levels, labels and log files for the time of a magic; everything is as before afterwards.

    Without options nothing changes here; that the log datasets of a run are complete is seen to by the run itself.

    Raises
    ------
    OptionError
        Raised for a level or label that makes no sense, or a file that cannot be written.
    """
    check_output_files(options)
    with contextlib.ExitStack() as stack:
        for name, level in _levels(options):
            for logger_name in [name] if name else CliLog.root_loggers():
                _set_level(stack, logger_name, _LEVELS[level])
        if options.log_file:
            ButlerMDC.add_mdc_log_record_factory()
            stack.callback(ButlerMDC.restore_log_record_factory)
        if labels := _labels(options):
            stack.enter_context(ButlerMDC.set_mdc(labels))
        for file in options.log_file:
            stack.enter_context(_handler(file, long_format=options.long_log))
        yield


def _set_level(stack: contextlib.ExitStack, name: str, level: int) -> None:
    logger = logging.getLogger(None if name == "." else name)
    stack.callback(logger.setLevel, logger.level)
    logger.setLevel(level)


@contextlib.contextmanager
def _handler(file: str, *, long_format: bool) -> Iterator[None]:
    handler = LogFile(file, long_format=long_format)
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)
        handler.close()


def _levels(options: RunOptions) -> list[tuple[str, str]]:
    levels = []
    for item in options.log_level:
        name, _, level = item.rpartition("=")
        if level.upper() not in _LEVELS:
            hint = did_you_mean(level.upper(), _LEVELS) or f"Choose from {', '.join(_LEVELS)}."
            raise OptionError(f"--log-level cannot be {level!r}.", hint=hint)
        levels.append((name, level.upper()))
    return levels


def _labels(options: RunOptions) -> dict[str, str]:
    labels = {}
    for item in options.log_label:
        name, found, value = item.partition("=")
        if not found or not name:
            raise OptionError(f"--log-label takes NAME=VALUE, not {item!r}.")
        labels[name.upper()] = value
    return labels
