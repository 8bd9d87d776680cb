"""What is to be known of a quantum before it is run again by hand, in sentences."""

from __future__ import annotations

from collections.abc import Sequence

from ...report import QuantumRecord, RunReport
from ...status import QuantumStatus

__all__ = ["quantum_remarks", "waiting_text"]


def quantum_remarks(
    report: RunReport, record: QuantumRecord, missing: Sequence[QuantumRecord]
) -> tuple[str, ...]:
    """Say what it waits for, and whether its run has it in hand.

    Parameters
    ----------
    report
        State of the run.
    record
        The quantum.
    missing
        Quanta that it takes inputs from, and that are not done.
    """
    found = [waiting_text(record, missing)]
    if not report.state.is_final:
        if record.status is QuantumStatus.RUNNING:
            found.append(
                f"The run is executing {record.name} at this moment. A rerun here goes on beside that, in memory."
            )
        elif record.status is QuantumStatus.HELD:
            found.append(f"The run goes on without {record.name}, until you promote a rerun or discard them.")
    return tuple(filter(None, found))


def waiting_text(record: QuantumRecord, missing: Sequence[QuantumRecord]) -> str:
    """Say what a quantum waits for; empty if for nothing."""
    if not missing:
        return ""
    first, more = missing[0], len(missing) - 1
    return (
        f"{record.name} waits for outputs of {first.name}, which is {first.status}"
        f"{f', and of {more} more' if more else ''}."
    )
