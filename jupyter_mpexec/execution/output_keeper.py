"""What becomes of the outputs of a quantum, by the way it ended."""

from __future__ import annotations

from collections.abc import Iterable

from lsst.daf.butler import DatasetRef

from ..events import (
    Event,
    QuantaIngested,
    QuantumCancelled,
    QuantumEnded,
    QuantumFailed,
    QuantumReset,
    RunStateChanged,
)
from ..status import RunState
from .ingest import Ingester
from .quantum_remains import QuantumRemains
from .shared_butler import SharedButler

__all__ = ["OutputKeeper"]


class OutputKeeper:
    """Keeps, ingests or removes outputs as quanta end.

    What a quantum wrote stays when it succeeds, and when it fails (so that its log can be read), until it is retried.
    A cancelled quantum leaves nothing, and one whose process died nothing but its log.

    Parameters
    ----------
    shared
        The butler that the quanta write with, or that adopts what they wrote in other processes.
    ingester
        Enters what stays into the registry.
    """

    def __init__(self, shared: SharedButler, ingester: Ingester) -> None:
        self.shared = shared
        self._ingester = ingester
        self._of_failed: dict[str, list[DatasetRef]] = {}
        self._is_paused = False

    def settle(self, event: Event, remains: QuantumRemains) -> QuantaIngested | None:
        """Do what an event calls for.

        Parameters
        ----------
        event
            How a quantum ended, or anything else that happened.
        remains
            What the quantum left.

        Returns
        -------
        ingested
            What entered the registry, if anything did.
        """
        self.shared.adopt(remains.written, remains.records)
        self.shared.sweep(remains.doubtful)
        match event:
            case RunStateChanged():
                # Whoever pauses wants to look at what there is.
                self._is_paused = event.state is RunState.PAUSED
                return self._ingester.take_in(()) if self._is_paused else None
            case QuantumReset():
                self.shared.discard(self._of_failed.pop(event.quantum_id, ()))
            case QuantumCancelled():
                self.shared.discard()
            case QuantumEnded():
                if remains.log_ref is not None and remains.logs is not None:
                    self.shared.put(remains.logs, remains.log_ref)
                refs = self.shared.keep()
                if isinstance(event, QuantumFailed):
                    self._of_failed[event.quantum_id] = refs
                if self._is_paused:
                    return self._ingester.take_in([event.quantum_id])
                return self._ingester.add(event.quantum_id)
        return None

    def take_in(self, quantum_ids: Iterable[str]) -> QuantaIngested | None:
        """Ingest what the butler was made to keep of quanta that ended in an earlier session of the run."""
        return self._ingester.take_in(quantum_ids)

    def abandon(self, remains: QuantumRemains) -> None:
        """Remove what is left of a quantum of which nobody was told how it ended."""
        self.shared.adopt(remains.written, remains.records)
        self.shared.discard()
        self.shared.sweep(remains.doubtful)

    def finish(self) -> QuantaIngested | None:
        """Ingest what is left."""
        return self._ingester.flush()
