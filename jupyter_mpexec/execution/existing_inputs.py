"""Which of the inputs that a graph predicted are there when a quantum runs."""

from __future__ import annotations

import logging

from lsst.daf.butler import DatasetRef, DatasetType, LimitedButler, NamedKeyDict, Quantum

__all__ = ["existing_inputs"]

_LOG = logging.getLogger(__name__)


def existing_inputs(
    quantum: Quantum, butler: LimitedButler
) -> tuple[NamedKeyDict[DatasetType, list[DatasetRef]], bool]:
    """Look for the inputs of a quantum.

    Returns
    -------
    inputs
        Those that exist.
    missing
        Whether that is not all of them.
    """
    inputs: NamedKeyDict[DatasetType, list[DatasetRef]] = NamedKeyDict()
    missing = False
    for dataset_type, refs in quantum.inputs.items():
        unsure = [ref for ref in refs if not _is_overall_input(quantum, ref)]
        stored = butler.stored_many(unsure) if unsure else {}
        inputs[dataset_type] = [ref for ref in refs if stored.get(ref, True)]
        for ref in refs:
            if not stored.get(ref, True):
                missing = True
                _LOG.info("Input %s does not exist.", ref)
    return inputs, missing


def _is_overall_input(quantum: Quantum, ref: DatasetRef) -> bool:
    """Whether a dataset was there before the run: then it must exist, and missing it is an error of its reader."""
    return any(ref.id in records.records for records in quantum.datastore_records.values())
