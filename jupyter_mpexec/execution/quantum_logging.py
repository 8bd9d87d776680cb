"""Having the log datasets of quanta hold what `pipetask` would put there, and what the tasks of a notebook say."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterable, Iterator

from lsst.daf.butler.cli.cliLog import CliLog
from lsst.daf.butler.logging import ButlerMDC

__all__ = ["packages_of", "quantum_logging"]


def packages_of(class_names: Iterable[str]) -> tuple[str, ...]:
    """List the packages that classes of tasks are in: loggers of tasks are named after them.

    Examples
    --------
    >>> packages_of(["lsst.ip.isr.IsrTask", "__main__.Mean", "mine.tasks.Mean"])
    ('__main__', 'lsst', 'mine')
    """
    return tuple(sorted({name.partition(".")[0] for name in class_names}))


@contextlib.contextmanager
def quantum_logging(packages: Iterable[str] = ()) -> Iterator[None]:
    """Set up Python's logging for the time of a run, as `pipetask` does for its whole process.

    Messages of level INFO get through from where `pipetask` lets them through: Python's default, WARNING, would leave
    the logs of quanta all but empty. A level that somebody has set is left as it is; so is what appears on the screen,
    which the handlers decide on. Each record tells which quantum it belongs to (its MDC).

    Parameters
    ----------
    packages
        Packages of the tasks (see `packages_of`). What they log gets through like what the middleware logs, though
        `pipetask` would drop it: who writes a task in a notebook looks for its messages in the log of its quanta.
    """
    factory = logging.getLogRecordFactory()
    if not hasattr(logging.makeLogRecord({}), "MDC"):
        ButlerMDC.add_mdc_log_record_factory()
    with contextlib.ExitStack() as stack:
        roots = sorted({*CliLog.root_loggers(), "jupyter_mpexec"})
        for name in roots:
            _let_through(stack, name, logging.INFO)
        # Where `--log-level` names no logger, it means these.
        level = min(logging.getLogger(name).level for name in CliLog.root_loggers())
        for name in sorted({*packages}.difference(roots)):
            if logging.getLogger(name).getEffectiveLevel() > level:
                _let_through(stack, name, level)
        try:
            yield
        finally:
            logging.setLogRecordFactory(factory)


def _let_through(stack: contextlib.ExitStack, name: str, level: int) -> None:
    logger = logging.getLogger(name)
    if logger.level == logging.NOTSET:
        stack.callback(logger.setLevel, logging.NOTSET)
        logger.setLevel(level)
