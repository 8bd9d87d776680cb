"""A run whose graph cannot be read any more: what its events have named is all that is known of its quanta."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..events import Event, QuantumEvent, RunStarted
from ..report import QuantumRecord, RunReport
from .catalogue import QuantumCatalogue, Value
from .watched_run import WatchedRun

__all__ = ["is_unheard_of", "reported_run"]


def reported_run(report: RunReport) -> WatchedRun:
    """Make what views show of a run from its report alone.

    Quanta that no event has named are counted, and that is all: their data IDs are in the graph.
    """
    records: dict[str, list[QuantumRecord]] = {}
    for record in list(report.quanta.values()):
        records.setdefault(record.task_label, []).append(record)
    totals: Mapping[str, int] = report.started.quanta if report.started is not None else {}
    labels = dict.fromkeys((*totals, *records))
    catalogue = QuantumCatalogue(
        {label: tuple(records[label][0].data_id) if label in records else () for label in labels},
        {label: sorted(map(_quantum, found), key=_values) for label, found in records.items()},
    )
    unheard = {label: max(0, totals.get(label, 0) - len(records.get(label, ()))) for label in labels}
    watched = WatchedRun(catalogue, unheard=unheard)
    watched.adopt(report)
    return watched


def is_unheard_of(event: Event, watched: WatchedRun) -> bool:
    """Tell whether an event names what was not known before, so that all is to be made anew."""
    if isinstance(event, QuantumEvent):
        return event.quantum_id not in watched.catalogue.positions
    return isinstance(event, RunStarted) and event.quanta.keys() != watched.catalogue.by_label.keys()


def _quantum(record: QuantumRecord) -> tuple[str, tuple[Value, ...]]:
    return record.quantum_id, tuple(record.data_id.values())


def _values(quantum: tuple[str, Sequence[Value]]) -> Any:
    return quantum[1]
