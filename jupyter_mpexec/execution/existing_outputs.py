"""What to do about outputs that are there before a quantum has run."""

from __future__ import annotations

import logging
from itertools import chain

from ..errors import RunError
from .quantum_attempt import QuantumAttempt

__all__ = ["ExistingOutputsError", "is_already_done"]

_LOG = logging.getLogger(__name__)


class ExistingOutputsError(RunError, RuntimeError):
    """Outputs of a quantum exist, and nobody said whether to keep or to remove them."""


def is_already_done(attempt: QuantumAttempt, *, skip_existing: bool, clobber_outputs: bool) -> bool:
    """Look for outputs of an earlier attempt, and remove them where that is wanted.

    Parameters
    ----------
    attempt
        The quantum; logs of the earlier attempt are attached to its log.
    skip_existing
        Complete outputs, or the metadata alone, mean that there is nothing left to do.
    clobber_outputs
        Outputs in the way are removed.

    Returns
    -------
    done
        Whether the quantum can be skipped.

    Raises
    ------
    ExistingOutputsError
        Raised if outputs are in the way and may not be removed.
    """
    task_node, quantum, butler = attempt.task_node, attempt.quantum, attempt.butler
    [metadata_ref] = quantum.outputs[task_node.metadata_output.dataset_type_name]
    if skip_existing and butler.stored(metadata_ref):
        return True
    stored = butler.stored_many(chain.from_iterable(quantum.outputs.values()))
    existing = [ref for ref, exists in stored.items() if exists]
    if not existing:
        return False
    if skip_existing and len(existing) == len(stored):
        return True
    if task_node.log_output is not None:
        [log_ref] = quantum.outputs[task_node.log_output.dataset_type_name]
        if stored[log_ref]:
            attempt.log_extra.attach_previous_attempt(butler.get(log_ref))
    if not clobber_outputs:
        how = "All" if len(existing) == len(stored) else "Some"
        names = ", ".join(sorted({ref.datasetType.name for ref in existing}))
        raise ExistingOutputsError(
            f"{how} outputs of {attempt.name} exist already in run {metadata_ref.run!r}: {names}.",
            hint="Use clobber_outputs (--clobber-outputs) to replace them, or skip_existing (--skip-existing) "
            "to keep complete ones.",
        )
    _LOG.info("Removing %d existing output(s) of %s.", len(existing), attempt.name)
    butler.pruneDatasets(existing, disassociate=True, unstore=True, purge=True)
    return False
