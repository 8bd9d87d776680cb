"""What a quantum leaves behind, beside its result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lsst.daf.butler import DatasetRef
from lsst.daf.butler.logging import ButlerLogRecords
from lsst.pipe.base import TaskMetadata

from .workbench.failure_capsule import FailureCapsule

__all__ = ["QuantumRemains"]


@dataclass(frozen=True, kw_only=True)
class QuantumRemains:
    """Traces and files of one attempt to run a quantum.

    Parameters
    ----------
    metadata, logs
        Task metadata and log records, if they are known.
    written
        Datasets that another process wrote, each of them whole.
    records
        Datastore records of those.
    doubtful
        Datasets that may be there, or be there in part: the process died.
    log_ref
        The log dataset of a quantum that could not write it any more.
    capsule
        What there is to know of its failure.
    """

    metadata: TaskMetadata | None = None
    logs: ButlerLogRecords | None = None
    written: tuple[DatasetRef, ...] = ()
    records: Any = None
    doubtful: tuple[DatasetRef, ...] = ()
    log_ref: DatasetRef | None = None
    capsule: FailureCapsule | None = None
