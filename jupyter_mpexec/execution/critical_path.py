"""Which quanta hold up the most: the lengths of the paths from each to the end of the graph."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from .quantum_data import QuantumData

__all__ = ["lengths_to_end"]


def lengths_to_end(quanta: Iterable[QuantumData]) -> dict[uuid.UUID, int]:
    """Find the length of the longest path that begins with each quantum.

    Running quanta with the longest path first keeps the end of a run short (Hu's algorithm; T. C. Hu, "Parallel
    sequencing and assembly line problems", Operations Research 9, 841, 1961).

    Parameters
    ----------
    quanta
        The quanta; each after all its prerequisites.

    Returns
    -------
    lengths
        Number of quanta, by quantum ID; that quantum itself is included.
    """
    lengths: dict[uuid.UUID, int] = {}
    after: dict[uuid.UUID, int] = {}
    for quantum in reversed(list(quanta)):
        length = lengths[quantum.quantum_id] = after.pop(quantum.quantum_id, 0) + 1
        for prerequisite in quantum.prerequisites:
            after[prerequisite] = max(after.get(prerequisite, 0), length)
    return lengths
