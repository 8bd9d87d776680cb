"""What becomes of the outputs of a quantum, by the way it ended."""

from __future__ import annotations

from lsst.daf.butler import DatasetRef

from ..events import Event, QuantaIngested, QuantumCancelled, QuantumEnded, QuantumFailed, QuantumReset
from .ingest import Ingester
from .shared_butler import SharedButler

__all__ = ["OutputKeeper"]


class OutputKeeper:
    """Keeps, ingests or removes outputs as quanta end.

    What a quantum wrote stays when it succeeds, and when it fails (so that its log can be read), until it is retried.
    A cancelled quantum leaves nothing.

    Parameters
    ----------
    shared
        The butler that the quanta write with.
    ingester
        Enters what stays into the registry.
    """

    def __init__(self, shared: SharedButler, ingester: Ingester) -> None:
        self._shared = shared
        self._ingester = ingester
        self._of_failed: dict[str, list[DatasetRef]] = {}

    def settle(self, event: Event) -> QuantaIngested | None:
        """Do what an event calls for.

        Returns
        -------
        ingested
            What entered the registry, if anything did.
        """
        match event:
            case QuantumReset():
                self._shared.discard(self._of_failed.pop(event.quantum_id, ()))
            case QuantumCancelled():
                self._shared.discard()
            case QuantumEnded():
                refs = self._shared.keep()
                if isinstance(event, QuantumFailed):
                    self._of_failed[event.quantum_id] = refs
                return self._ingester.add(event.quantum_id)
        return None

    def finish(self) -> QuantaIngested | None:
        """Ingest what is left."""
        return self._ingester.flush()
