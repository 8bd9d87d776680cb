"""What is kept of a failure that is over, for the debugging pane."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jupyter_mpexec.debug import FrameSummary
from jupyter_mpexec.debug.value_text import describe_error
from jupyter_mpexec.errors import JournalError
from jupyter_mpexec.status import QuantumStatus

__all__ = ["error_text", "kept_failure"]


def error_text(error: BaseException | None) -> str:
    """Write an exception's type and message; nothing if there is none."""
    return "" if error is None else describe_error(error)


def kept_failure(run: Any, quantum_id: str) -> tuple[Sequence[FrameSummary], str]:
    """Read frames and exception of a failure from the folder of the run; nothing if it has not failed."""
    record = run.report.quanta.get(quantum_id)
    if record is None or record.status is not QuantumStatus.FAILED or record.failure is None:
        return (), ""
    failure = record.failure
    problem = f"{failure.exception.rpartition('.')[2]}: {failure.message}"
    try:
        from jupyter_mpexec.execution.workbench.capsule_keeper import load_capsule

        return load_capsule(run.run_folder, quantum_id).frames, problem
    except JournalError:
        return (), problem
