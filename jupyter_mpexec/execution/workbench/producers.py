"""The quanta that a quantum takes inputs from: how far they are, and which of their outputs these are."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property

from ...report import QuantumRecord, RunReport
from ..built_graph import BuiltQuantumGraph

__all__ = ["InputVersions", "Producers"]

InputVersions = Mapping[str, float | None]
"""When inputs were made, by the quantum that made them; those that are not done are left out.

A dataset that is made anew keeps its identifier: only the time tells that it is another one.
"""


class Producers:
    """The quanta that a quantum takes inputs from.

    Parameters
    ----------
    built
        The graph.
    quantum_id
        The quantum.
    """

    def __init__(self, built: BuiltQuantumGraph, quantum_id: uuid.UUID) -> None:
        self._built = built
        self._quantum_id = quantum_id

    def records(self, report: RunReport) -> list[QuantumRecord]:
        """List what a report knows of them."""
        return [report.quanta.get(record.quantum_id) or replace(record) for record in self._unheard_of]

    def missing(self, report: RunReport) -> list[QuantumRecord]:
        """List those that are not done."""
        return [record for record in self.records(report) if not record.status.is_success]

    def versions(self, report: RunReport) -> InputVersions:
        """Tell which inputs there are."""
        return {
            record.quantum_id: record.finished_at
            for record in self.records(report)
            if record.status.is_success
        }

    @cached_property
    def _unheard_of(self) -> list[QuantumRecord]:
        # From the parts: to assemble a large graph takes seconds.
        quanta = self._built.components.quantum_datasets
        inputs = set(quanta[self._quantum_id].iter_input_dataset_ids())
        tasks = self._built.pipeline_graph.tasks
        return [
            QuantumRecord(
                quantum_id=str(quantum_id),
                task_label=each.task_label,
                # Values that are implied come after the required ones.
                data_id=dict(
                    zip(tasks[each.task_label].dimensions.required, each.data_coordinate, strict=False)
                ),
            )
            for quantum_id, each in quanta.items()
            if not inputs.isdisjoint(each.iter_output_dataset_ids())
        ]
