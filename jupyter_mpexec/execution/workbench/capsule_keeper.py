"""Keeping failure capsules in the folder of a run."""

from __future__ import annotations

import dataclasses
import logging
from typing import Any

from ...errors import JournalError
from ..built_graph import BuiltQuantumGraph
from ..run_folder import RunFolder
from .failure_capsule import FailureCapsule

__all__ = ["CapsuleKeeper", "load_capsule"]

_LOG = logging.getLogger(__name__)

MOST_KEPT = 200
"""Capsules of a run: where thousands of quanta fail, they do so for a few reasons."""


class CapsuleKeeper:
    """Writes capsules, one a quantum, the newest; what goes wrong there never harms a run.

    Parameters
    ----------
    folder
        Folder of the run.
    built
        What is executed.
    """

    def __init__(self, folder: RunFolder, built: BuiltQuantumGraph) -> None:
        self._folder = folder
        self._of_run: dict[str, Any] = {
            "run_id": folder.name,
            "run_folder": str(folder.path.absolute()),
            "repository": built.repository_uri,
            "output_run": built.output_run,
        }
        self._kept: set[str] = set()

    @property
    def is_full(self) -> bool:
        """Whether no further quantum's capsule is kept."""
        return len(self._kept) >= MOST_KEPT

    def keep(self, capsule: FailureCapsule, attempt: int) -> None:
        """Write a capsule."""
        if self.is_full and capsule.quantum_id not in self._kept:
            return
        try:
            place = self._folder.failures
            place.mkdir(mode=0o700, exist_ok=True)
            whole = dataclasses.replace(capsule, attempt=attempt, **self._of_run)
            whole.save(place / f"{capsule.quantum_id}.json")
            self._kept.add(capsule.quantum_id)
        except Exception:
            _LOG.debug("A failure capsule could not be written.", exc_info=True)


def load_capsule(folder: RunFolder, quantum_id: str) -> FailureCapsule:
    """Read what is kept of the last failure of a quantum.

    Raises
    ------
    JournalError
        Raised if nothing is.
    """
    file = folder.failures / f"{quantum_id}.json"
    if not file.exists():
        raise JournalError(
            f"Of this failure, only the journal of run {folder.name} tells.",
            hint=f"A run keeps {MOST_KEPT} failures with frames and all else.",
        )
    return FailureCapsule.load(file)
