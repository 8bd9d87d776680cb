"""Finding out, from the journal and the files alone, how far a run had come when it was broken off."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from lsst.daf.butler import DatasetRef
from lsst.pipe.base import TaskMetadata
from lsst.pipe.base.quantum_graph_executor import QuantumExecutionResult
from lsst.pipe.base.quantum_reports import QuantumReport

from ..events import Event, QuantumFinished, QuantumReset
from ..report import RunReport
from ..status import QuantumStatus
from .execution_model import identity
from .in_kernel import ending_event
from .quantum_data import QuantumData
from .resources import ResourceUse
from .shared_butler import SharedButler
from .workbench.promotion_record import patch_in

__all__ = ["Recovery", "recover"]

_LOG = logging.getLogger(__name__)

_BATCH = 500


@dataclass(kw_only=True)
class Recovery:
    """How far a run had come.

    Parameters
    ----------
    to_do
        Quanta that have to run, in order.
    to_ingest
        Identifiers of quanta that are done, but whose outputs may not be in the registry.
    events
        What the journal has not heard of.
    """

    to_do: list[QuantumData] = field(default_factory=list)
    to_ingest: list[str] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)


def recover(quanta: Iterable[QuantumData], report: RunReport, shared: SharedButler | None) -> Recovery:
    """Sort out which quanta are done, and remove what the others have left.

    A quantum is done if the journal says so, or if its metadata and its log are there: they are written last. What
    quanta that are not done have left is removed, because nobody knows whether it is all.

    Parameters
    ----------
    quanta
        All quanta of the run.
    report
        What the journal says.
    shared
        The butler of the run, which has just been made; afterwards it keeps what is to be ingested. None if quanta
        write with other butlers: then there is nothing but the journal to go by.
    """
    recovery = Recovery()
    left: list[DatasetRef] = []
    open_ends = [quantum for quantum in quanta if not _is_settled(quantum, report, shared)]
    for begin in range(0, len(open_ends), _BATCH):
        batch = open_ends[begin : begin + _BATCH]
        existing = _existing(batch, shared)
        for quantum in batch:
            there = [ref for ref in quantum.output_refs if ref in existing]
            status = _status(quantum, report)
            if shared is not None and (status.is_success or _is_complete(quantum, existing)):
                recovery.to_ingest.append(str(quantum.quantum_id))
                shared.put_back(ref for ref in there if not shared.was_there(ref))
                if not status.is_success:
                    recovery.events.append(_ending(quantum, shared))
            else:
                recovery.to_do.append(quantum)
                left += there
                if status is not QuantumStatus.PENDING:
                    recovery.events.append(QuantumReset(**identity(quantum)))
            quantum.release()
    if shared is not None:
        if left:
            _LOG.info("Removing %d dataset(s) of quanta that were not done.", len(left))
            shared.discard(left)
        shared.remove_unfinished(_outputs_in_turn(recovery.to_do))
    return recovery


def _is_settled(quantum: QuantumData, report: RunReport, shared: SharedButler | None) -> bool:
    record = report.quanta.get(str(quantum.quantum_id))
    return record is not None and record.status.is_success and (record.ingested or shared is None)


def _status(quantum: QuantumData, report: RunReport) -> QuantumStatus:
    record = report.quanta.get(str(quantum.quantum_id))
    return QuantumStatus.PENDING if record is None else record.status


def _existing(quanta: Iterable[QuantumData], shared: SharedButler | None) -> frozenset[DatasetRef]:
    if shared is None:
        return frozenset()
    stored = shared.stored_many(ref for quantum in quanta for ref in quantum.output_refs)
    return frozenset(ref for ref, exists in stored.items() if exists)


def _is_complete(quantum: QuantumData, existing: frozenset[DatasetRef]) -> bool:
    task, outputs = quantum.task_node, quantum.quantum.outputs
    last = [task.metadata_output, *filter(None, [task.log_output])]
    return all(ref in existing for edge in last for ref in outputs[edge.dataset_type_name])


def _ending(quantum: QuantumData, shared: SharedButler) -> Event:
    """Tell of the end of a quantum that nobody was left to tell of, as far as its metadata knows."""
    [ref] = quantum.quantum.outputs[quantum.task_node.metadata_output.dataset_type_name]
    metadata: TaskMetadata = shared.get(ref)
    result = QuantumExecutionResult(
        quantum.quantum,
        QuantumReport(
            quantumId=quantum.quantum_id, dataId=dict(quantum.data_id), taskLabel=quantum.task_label
        ),
        skipped_existing=False,
        adjusted_no_work=False,
        task_metadata=metadata,
    )
    use = _use(metadata.get("quantum", TaskMetadata()))
    patch = patch_in(metadata)
    if patch is None:
        return ending_event(quantum, result, use, exit_code=0)
    # Written by hand: whoever did it was killed before he could tell.
    ending = ending_event(quantum, result, use)
    assert isinstance(ending, QuantumFinished), "Nothing else leaves metadata."
    return dataclasses.replace(ending, promoted=True, patch=patch)


def _use(metadata: TaskMetadata) -> ResourceUse:
    def difference(name: str, read: Callable[[Any], float]) -> float:
        try:
            return max(0.0, read(metadata[f"end{name}"]) - read(metadata[f"prep{name}"]))
        except (KeyError, TypeError, ValueError):
            return 0.0

    return ResourceUse(
        duration=difference("Utc", lambda text: datetime.fromisoformat(text).timestamp()),
        cpu_time=difference("CpuTime", float),
        # The highest of the whole process, so not that of the quantum.
        peak_memory=0,
    )


def _outputs_in_turn(quanta: Iterable[QuantumData]) -> Iterator[DatasetRef]:
    for quantum in quanta:
        yield from quantum.output_refs
        quantum.release()
