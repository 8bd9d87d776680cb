"""What is said of outputs that were written by hand: how they differ, where they are, and what made them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from lsst.daf.butler import DatasetRef, Quantum
from lsst.daf.butler.datastore.record_data import DatastoreRecordData, SerializedDatastoreRecordData
from lsst.pipe.base import TaskMetadata

from ..quantum_remains import QuantumRemains

if TYPE_CHECKING:
    from .attempt import Attempt

__all__ = ["facts_of", "patch_in", "patch_of", "promoted_remains", "promotion_record", "with_patch"]

_KEY = "promoted_by_hand"


def patch_of(attempt: Attempt) -> dict[str, Any]:
    """Tell how an attempt differed from its run; empty if it did not."""
    patch: dict[str, Any] = {}
    if attempt.patches:
        patch["methods"] = [each.to_json() for each in attempt.patches]
    if attempt.config_changes:
        patch["config"] = {n: [repr(old), repr(new)] for n, (old, new) in attempt.config_changes.items()}
    return patch


def facts_of(attempt: Attempt) -> dict[str, Any]:
    """Get the fields of the event that tells of a promotion, but for the quantum and the time."""
    return {
        "duration": attempt.duration,
        "cpu_time": attempt.cpu_time,
        "no_work": attempt.no_work,
        "caveats": attempt.caveats,
        "promoted": True,
        "patch": patch_of(attempt),
    }


def with_patch(metadata: TaskMetadata, patch: Mapping[str, Any]) -> TaskMetadata:
    """Get a copy of metadata that tells of the patch, under ``quantum``."""
    copy: TaskMetadata = metadata.model_copy(deep=True)
    copy["quantum"][_KEY] = json.dumps(patch)
    return copy


def patch_in(metadata: TaskMetadata) -> dict[str, Any] | None:
    """Read what `with_patch` wrote; None if the dataset is the work of the pipeline alone."""
    quantum = metadata.get("quantum", TaskMetadata())
    if _KEY not in quantum:
        return None
    patch: dict[str, Any] = json.loads(quantum[_KEY])
    return patch


def promotion_record(
    attempt: Attempt, written: Iterable[DatasetRef], records: Mapping[str, DatastoreRecordData]
) -> dict[str, Any]:
    """Make the plain record that a run is told of a promotion with."""
    return {
        "event": facts_of(attempt),
        "written": [str(ref.id) for ref in written],
        "records": {name: data.to_simple().model_dump_json() for name, data in records.items()},
    }


def promoted_remains(promotion: Mapping[str, Any], quantum: Quantum) -> QuantumRemains:
    """Turn such a record into what a quantum left."""
    written = frozenset(promotion.get("written", ()))
    return QuantumRemains(
        written=tuple(ref for refs in quantum.outputs.values() for ref in refs if str(ref.id) in written),
        records={
            name: DatastoreRecordData.from_simple(SerializedDatastoreRecordData.model_validate_json(text))
            for name, text in promotion.get("records", {}).items()
        }
        or None,
    )
