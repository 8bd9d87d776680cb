"""How long quanta took in earlier runs, from the metadata that they left in the repository."""

from __future__ import annotations

import datetime
import statistics
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from lsst.daf.butler import MissingCollectionError, MissingDatasetTypeError

if TYPE_CHECKING:
    from lsst.daf.butler import Butler

    from jupyter_mpexec.execution.built_graph import BuiltQuantumGraph

__all__ = ["earlier_durations"]

SAMPLE = 5
"""Quanta of each task that are looked at."""


def earlier_durations(built: BuiltQuantumGraph, butler: Butler) -> dict[str, float]:
    """Find out how long quanta of each task took before.

    Parameters
    ----------
    built
        The graph that is about to be run.
    butler
        Reads the repository.

    Returns
    -------
    durations
        Median seconds of a quantum by task label, for tasks that have left metadata in the output collection; of each
        task a few quanta are looked at.
    """
    collections = [built.output] if built.output is not None else [built.output_run]
    found = {}
    for label, task in built.pipeline_graph.tasks.items():
        name = task.metadata_output.parent_dataset_type_name
        try:
            refs = butler.query_datasets(name, collections, limit=SAMPLE, explain=False)
        except (MissingCollectionError, MissingDatasetTypeError):
            continue
        seconds = [value for value in (_seconds(butler.get(ref)) for ref in refs) if value is not None]
        if seconds:
            found[label] = statistics.median_low(seconds)
    return found


def _seconds(metadata: Any) -> float | None:
    try:
        quantum = metadata["quantum"]
        first, last = (_last(quantum.getArray(name)) for name in ("prepUtc", "endUtc"))
    except KeyError:
        return None
    return (datetime.datetime.fromisoformat(last) - datetime.datetime.fromisoformat(first)).total_seconds()


def _last(values: Iterable[Any]) -> str:
    return str(list(values)[-1])
