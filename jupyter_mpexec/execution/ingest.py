"""Entering into the registry what quanta have written."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable

from lsst.daf.butler import Butler, DatasetRef
from sqlalchemy.exc import OperationalError

from ..events import QuantaIngested
from .errors import GraphExecutionError
from .shared_butler import SharedButler

__all__ = ["Ingester"]

_LOG = logging.getLogger(__name__)

BATCH_SIZE = 500
"""Number of quanta after which a batch is ingested."""

BATCH_SECONDS = 5.0
"""Time after which a batch is ingested, however small, so that others see results early."""

_WAITS = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)


class Ingester:
    """Collects finished quanta, and ingests their outputs in batches, each in one transaction.

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

    def add(self, quantum_id: str) -> QuantaIngested | None:
        """Note that a quantum has ended, and ingest if a batch is full.

        Returns
        -------
        event
            What was ingested, if anything was.
        """
        self._waiting.append(quantum_id)
        if len(self._waiting) >= BATCH_SIZE or time.monotonic() - self._last >= BATCH_SECONDS:
            return self.flush()
        return None

    def take_in(self, quantum_ids: Iterable[str]) -> QuantaIngested | None:
        """Ingest what was kept of quanta that ended in an earlier session of the run."""
        self._waiting += quantum_ids
        return self.flush()

    def flush(self) -> QuantaIngested | None:
        """Ingest all that waits.

        Raises
        ------
        GraphExecutionError
            Raised if the registry cannot be written to; the files stay, and a later call tries again.
        """
        if not self._waiting:
            return None
        refs = self._shared.take_kept()
        try:
            self._transfer(refs)
        except BaseException:
            self._shared.put_back(refs)
            raise
        event = QuantaIngested(time=time.time(), quantum_ids=tuple(self._waiting), datasets=len(refs))
        self._waiting.clear()
        self._last = time.monotonic()
        return event

    def _transfer(self, refs: Iterable[DatasetRef]) -> None:
        for wait in (*_WAITS, None):
            try:
                self._full.transfer_from(self._shared, refs, transfer="auto")
                return
            except OperationalError as error:
                if wait is None:
                    raise GraphExecutionError(
                        f"The registry of the repository cannot be written to: {error.orig}.",
                        hint="The files of all finished quanta are there; run again with extend_run "
                        "(--extend-run) when the registry works again.",
                    ) from error
                _LOG.warning("The registry is busy (%s); trying again in %.1f s.", error.orig, wait)
                time.sleep(wait)
