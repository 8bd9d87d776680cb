"""Having the log datasets of quanta hold what `pipetask` would put there."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator

from lsst.daf.butler.cli.cliLog import CliLog
from lsst.daf.butler.logging import ButlerMDC

__all__ = ["quantum_logging"]


@contextlib.contextmanager
def quantum_logging() -> Iterator[None]:
    """Set up Python's logging for the time of a run, as `pipetask` does for its whole process.

    Messages of level INFO get through from where `pipetask` lets them through: Python's default, WARNING, would leave
    the logs of quanta all but empty. A level that somebody has set is left as it is; so is what appears on the screen,
    which the handlers decide on. Each record tells which quantum it belongs to (its MDC).
    """
    names = {*CliLog.root_loggers(), "jupyter_mpexec"}
    unset = [logger for logger in map(logging.getLogger, sorted(names)) if logger.level == logging.NOTSET]
    factory = logging.getLogRecordFactory()
    if not hasattr(logging.makeLogRecord({}), "MDC"):
        ButlerMDC.add_mdc_log_record_factory()
    for logger in unset:
        logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        for logger in unset:
            logger.setLevel(logging.NOTSET)
        logging.setLogRecordFactory(factory)
