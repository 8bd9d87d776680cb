"""Writing the provenance graph of a run."""

from __future__ import annotations

import contextlib
import itertools
import logging
import uuid
from collections.abc import Iterator

from lsst.daf.butler.logging import ButlerLogRecords
from lsst.pipe.base import TaskMetadata
from lsst.pipe.base.log_on_close import LogOnClose
from lsst.pipe.base.quantum_graph import (
    PredictedQuantumGraph,
    ProvenanceQuantumGraphWriter,
    ProvenanceQuantumScanModels,
)

from ..events import Event, QuantumBlocked, QuantumEnded
from .middleware import predicted_datasets

__all__ = ["ProvenanceRecorder", "record_provenance"]

_LOG = logging.getLogger(__name__)


class ProvenanceRecorder:
    """Takes metadata and logs of quanta as they end.

    Parameters
    ----------
    writer
        Upstream's writer; None to record nothing.
    """

    def __init__(self, writer: ProvenanceQuantumGraphWriter | None) -> None:
        self._writer = writer
        self._unsuccessful: dict[str, tuple[QuantumEnded, TaskMetadata | None, ButlerLogRecords | None]] = {}

    @property
    def is_wanted(self) -> bool:
        """Whether anything is written."""
        return self._writer is not None

    def record(self, event: Event, metadata: TaskMetadata | None, logs: ButlerLogRecords | None) -> None:
        """Take in an event, with what its quantum left behind."""
        if self._writer is None or not isinstance(event, QuantumEnded):
            return
        if event.status.is_success:
            self._unsuccessful.pop(event.quantum_id, None)
            self._write(event, metadata, logs)
        else:
            # A quantum can be written only once, and this one may be tried again.
            self._unsuccessful[event.quantum_id] = (event, metadata, logs)

    def finish(self) -> None:
        """Write all that is not written yet; the file is then complete."""
        if self._writer is None:
            return
        for event, metadata, logs in self._unsuccessful.values():
            self._write(event, metadata, logs)
        self._writer.write_overall_inputs()
        self._writer.write_packages()
        self._writer.write_init_outputs(assume_existence=True)

    def _write(
        self, event: QuantumEnded, metadata: TaskMetadata | None, logs: ButlerLogRecords | None
    ) -> None:
        assert self._writer is not None, "Checked by the callers."
        quantum_id = uuid.UUID(event.quantum_id)
        if isinstance(event, QuantumBlocked):
            # There from 30.2026.4300 on; before, blocked quanta were left out.
            write_blocked = getattr(self._writer, "write_blocked_quantum_provenance", None)
            if write_blocked is not None:
                write_blocked(quantum_id)
        else:
            logs = logs if logs is not None else ButlerLogRecords([])
            predicted = predicted_datasets(self._writer, quantum_id)
            models = ProvenanceQuantumScanModels.from_metadata_and_logs(predicted, metadata, logs)
            for output in itertools.chain.from_iterable(predicted.outputs.values()):
                # A quantum that was ended in the middle could not tell what it wrote; it has been removed.
                models.output_existence.setdefault(output.dataset_id, False)
            self._writer.write_scan_data(models.to_scan_data(predicted, compressor=self._writer.compressor))


@contextlib.contextmanager
def record_provenance(graph: PredictedQuantumGraph, filename: str | None) -> Iterator[ProvenanceRecorder]:
    """Open a provenance file for the time of a run; the file is whole when the context ends.

    Parameters
    ----------
    graph
        The graph that is executed.
    filename
        Where to write; None to record nothing.
    """
    if filename is None:
        yield ProvenanceRecorder(None)
        return
    with contextlib.ExitStack() as stack:
        writer = ProvenanceQuantumGraphWriter(
            filename, exit_stack=stack, log_on_close=LogOnClose(_LOG.log), predicted=graph
        )
        recorder = ProvenanceRecorder(writer)
        yield recorder
        recorder.finish()
