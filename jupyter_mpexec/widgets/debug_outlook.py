"""What stands in the way of debugging a quantum that is not open yet: to open it may take seconds."""

from __future__ import annotations

from jupyter_mpexec.report import QuantumRecord, RunReport
from jupyter_mpexec.watch.catalogue import QuantumCatalogue

from .panel_context import PanelContext

__all__ = ["outlook"]


def outlook(context: PanelContext, quantum_id: str) -> tuple[str, ...]:
    """Say what a quantum waits for, and whether its run has it in hand, in sentences."""
    from jupyter_mpexec.execution.workbench.quantum_remarks import quantum_remarks

    report, watched = context.run.report, context.watched
    if watched is None or (position := watched.catalogue.positions.get(quantum_id)) is None:
        return ()
    catalogue = watched.catalogue
    before = [_record(report, catalogue, each) for each in catalogue.prerequisites(position)]
    missing = [record for record in before if not record.status.is_success]
    return quantum_remarks(report, _record(report, catalogue, position), missing)


def _record(report: RunReport, catalogue: QuantumCatalogue, position: int) -> QuantumRecord:
    return report.quanta.get(catalogue.ids[position]) or QuantumRecord(
        quantum_id=catalogue.ids[position],
        task_label=catalogue.task(position).label,
        data_id=catalogue.data_id(position),
    )
