"""Which quanta of a run could start now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...report import QuantumRecord
from ...status import QuantumStatus
from ..quanta import enumerate_quanta

if TYPE_CHECKING:
    from ..run import Run

__all__ = ["ready_quanta"]


def ready_quanta(run: Run) -> list[QuantumRecord]:
    """List quanta that wait for nothing but their turn, in the order of the graph."""
    records = dict(run.report.quanta)
    done = {quantum_id for quantum_id, record in records.items() if record.status.is_success}
    found = []
    for quantum in enumerate_quanta(run.graph.graph):
        record = records.get(str(quantum.quantum_id))
        waits = record is None or record.status is QuantumStatus.PENDING
        if waits and all(str(prerequisite) in done for prerequisite in quantum.prerequisites):
            found.append(
                record
                or QuantumRecord(
                    quantum_id=str(quantum.quantum_id), task_label=quantum.task_label, data_id=quantum.data_id
                )
            )
    return found
