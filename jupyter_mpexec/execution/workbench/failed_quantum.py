"""A quantum that failed: its record, and the way to all that is kept of the failure."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from ...debug.summaries import FrameSummary
from ...long_text import HEADLINE, trim
from ...report import QuantumRecord
from .capsule_keeper import load_capsule
from .failure_capsule import FailureCapsule
from .open_quantum import OpenQuantum

__all__ = ["FailedQuantum"]


@dataclass(kw_only=True, repr=False)
class FailedQuantum(QuantumRecord):
    """One of `Run.failures`.

    Parameters
    ----------
    run
        The run.
    """

    run: Any = field(compare=False)

    @cached_property
    def capsule(self) -> FailureCapsule:
        """All that is kept of the failure.

        Raises
        ------
        JournalError
            Raised if nothing is.
        """
        return load_capsule(self.run.run_folder, self.quantum_id)

    @property
    def frames(self) -> tuple[FrameSummary, ...]:
        """Frames of the task when it failed, the outermost first."""
        return self.capsule.frames

    def open(self) -> OpenQuantum:
        """Open the quantum: its inputs and its task."""
        quantum: OpenQuantum = self.run.quantum(self.quantum_id)
        return quantum

    def notebook(self, path: str | os.PathLike[str] = "debug.ipynb") -> Path:
        """Write a notebook that comes back to this situation in a new kernel; see `FailureCapsule.notebook`."""
        return self.capsule.notebook(path)

    def __repr__(self) -> str:
        failure = self.failure
        message = trim(failure.message, HEADLINE) if failure is not None else ""
        what = f": {failure.exception.rpartition('.')[2]}: {message}" if failure is not None else ""
        return f"FailedQuantum({self.name}{what})"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        from ..views.failure import failed_quantum_bundle

        return failed_quantum_bundle(self)
