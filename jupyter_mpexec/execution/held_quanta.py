"""Quanta that are held back from a run, and what others may have written for them."""

from __future__ import annotations

from collections.abc import Iterable

from ..events import Event, QuantumEvent, QuantumFinished, QuantumReset
from .quantum_data import QuantumData
from .quantum_remains import QuantumRemains
from .run_control import RunControl
from .workbench.promotion_record import promoted_remains

__all__ = ["HeldQuanta"]


class HeldQuanta:
    """Knows what others may have written for quanta that are held.

    Parameters
    ----------
    quanta
        All quanta of the run.
    """

    def __init__(self, quanta: Iterable[QuantumData]) -> None:
        self._quanta = {str(quantum.quantum_id): quantum for quantum in quanta}
        self._held: set[str] = set()

    def find(self, quantum_id: str) -> QuantumData | None:
        """Get a quantum by its identifier."""
        return self._quanta.get(quantum_id)

    def remains(self, event: Event, control: RunControl) -> QuantumRemains | None:
        """Tell what there is of a quantum that was promoted or released; None for any other event."""
        if not isinstance(event, QuantumEvent):
            return None
        quantum = self._quanta.get(event.quantum_id)
        was_held = event.quantum_id in self._held
        if isinstance(event, QuantumReset) and event.held:
            self._held.add(event.quantum_id)
        else:
            self._held.discard(event.quantum_id)
        if quantum is None:
            return None
        if isinstance(event, QuantumFinished) and event.promoted:
            promotion = control.take_promotion(quantum.quantum_id)
            return promoted_remains(promotion, quantum.quantum)
        if was_held:
            # Whoever had it may have been killed while he wrote.
            return QuantumRemains(doubtful=tuple(quantum.output_refs))
        return None
