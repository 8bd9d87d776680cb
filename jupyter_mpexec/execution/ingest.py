"""Entering into the registry what quanta have written."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable

from lsst.daf.butler import Butler
from sqlalchemy.exc import OperationalError

from ..events import QuantaIngested
from .errors import GraphExecutionError
from .lock_patience import is_locked, lock_patience
from .shared_butler import SharedButler

__all__ = ["Ingester"]

_LOG = logging.getLogger(__name__)

BATCH_SIZE = 500
"""Number of quanta after which a batch is ingested."""

BATCH_SECONDS = 5.0
"""Time after which a batch is ingested, however small, so that others see results early."""

LOCK_SECONDS = 0.5
"""How long a lock is waited for while quanta run, because no other quantum can start in that time."""

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 60.0
"""Seconds from one attempt to the next."""

PATIENCE = 300.0
"""How long a registry that is locked, or out of reach, is waited for when all quanta are done; the middleware's own."""

PATIENCE_WITH_ERRORS = 30.0
"""The same for a registry that works, and says that something is wrong."""


class Ingester:
    """Collects finished quanta, and ingests their outputs in batches, each in one transaction.

    A registry that cannot be written to is left alone for a while, and for a longer while the next time. Nothing is
    lost by that, because the files are there. Only `flush` waits for it.

    Parameters
    ----------
    shared
        The butler that the quanta wrote with.
    full
        The butler to ingest with.
    """

    def __init__(self, shared: SharedButler, full: Butler) -> None:
        self._shared = shared
        self._full = full
        self._waiting: list[str] = []
        self._last = time.monotonic()
        self._pause = 0.0

    def add(self, quantum_id: str) -> QuantaIngested | None:
        """Note that a quantum has ended, and ingest if a batch is full.

        Returns
        -------
        event
            What was ingested, if anything was.
        """
        self._waiting.append(quantum_id)
        return self._attempt() if self._is_due() else None

    def take_in(self, quantum_ids: Iterable[str]) -> QuantaIngested | None:
        """Ingest what was kept of quanta that ended in an earlier session of the run."""
        self._waiting += quantum_ids
        return self._attempt() if self._waiting else None

    def flush(self) -> QuantaIngested | None:
        """Ingest all that waits, even if the registry has to be waited for.

        Raises
        ------
        GraphExecutionError
            Raised if the registry cannot be written to; the files stay, and a later call tries again.
        """
        start = time.monotonic()
        pause = 0.0
        while self._waiting:
            try:
                return self._ingest()
            except OperationalError as error:
                patience = PATIENCE if is_locked(error) else PATIENCE_WITH_ERRORS
                left = start + patience - time.monotonic()
                if left <= 0:
                    raise GraphExecutionError(
                        f"The registry of the repository cannot be written to: {error.orig}.",
                        hint="The files of all finished quanta are there; run again with extend_run "
                        "(--extend-run) when the registry works again.",
                    ) from error
                if not pause:
                    _LOG.warning(
                        "The registry cannot be written to (%s); trying for %.0f s to enter the results.",
                        error.orig,
                        left,
                    )
                pause = min(4.0, max(0.5, 2 * pause))
                time.sleep(min(pause, left))
        return None

    def _attempt(self) -> QuantaIngested | None:
        try:
            return self._ingest()
        except OperationalError as error:
            if not self._pause:
                _LOG.warning(
                    "The registry of the repository cannot be written to now (%s). The run goes on, and the results "
                    "of finished quanta are entered when that works again.",
                    error.orig,
                )
            self._pause = min(LONGEST_PAUSE, max(FIRST_PAUSE, 2 * self._pause))
            self._last = time.monotonic()
            return None

    def _is_due(self) -> bool:
        since = time.monotonic() - self._last
        if self._pause:
            return since >= self._pause
        return len(self._waiting) >= BATCH_SIZE or since >= BATCH_SECONDS

    def _ingest(self) -> QuantaIngested:
        refs = self._shared.take_kept()
        try:
            with lock_patience(self._full, LOCK_SECONDS):
                self._full.transfer_from(self._shared, self._shared.as_registered(refs), transfer="auto")
        except BaseException:
            self._shared.put_back(refs)
            raise
        self._shared.note_ingested(refs)
        event = QuantaIngested(time=time.time(), quantum_ids=tuple(self._waiting), datasets=len(refs))
        self._waiting.clear()
        self._last = time.monotonic()
        if self._pause:
            _LOG.info("The registry can be written to again.")
            self._pause = 0.0
        return event
