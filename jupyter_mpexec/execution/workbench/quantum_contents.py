"""What there is of a quantum in its run: state, inputs, outputs, metadata, log."""

from __future__ import annotations

import logging
import uuid
from functools import cached_property
from typing import TYPE_CHECKING, Any

from lsst.daf.butler import DatasetRef, Quantum
from lsst.pipe.base import NoWorkFound, PipelineTaskConnections, QuantumContext
from lsst.pipe.base.pipeline_graph import TaskNode

from ...errors import RunError, sentence
from ...events import DataId
from ...report import QuantumRecord
from ...status import QuantumStatus
from ..built_graph import take_quanta
from ..quantum_attempt import QuantumAttempt
from ..quantum_data import QuantumData
from ..single_quantum_executor import SingleQuantumExecutor
from .connection_datasets import ConnectionDatasets
from .dataset_reader import DatasetReader
from .input_cache import InputCache
from .log_text import LogText
from .producers import InputVersions, Producers
from .quantum_remarks import quantum_remarks, waiting_text
from .sandbox_butler import Observer, SandboxButler

if TYPE_CHECKING:
    from ..run import Run

__all__ = ["QuantumContents"]

_LOG = logging.getLogger(__name__)


class QuantumContents:
    """A quantum of a run, to look at; see `OpenQuantum`.

    Parameters
    ----------
    run
        The run.
    quantum_id
        Identifier of the quantum.

    Attributes
    ----------
    producers
        The quanta that it takes inputs from.
    """

    def __init__(self, run: Run, quantum_id: uuid.UUID) -> None:
        self.run = run
        self.id = quantum_id
        built = run.graph
        # A graph of its own: that of the run may be in use on another thread.
        graph = take_quanta(built.components, [quantum_id]).assemble()
        self._predicted: Quantum = graph.build_execution_quanta([quantum_id])[quantum_id]
        label = built.components.quantum_datasets[quantum_id].task_label
        self._node: TaskNode = built.pipeline_graph.tasks[label]
        assert self._predicted.dataId is not None, "Every quantum of a graph has one."
        self._data = QuantumData(
            quantum_id=quantum_id,
            task_node=self._node,
            data_coordinate=self._predicted.dataId,
            make_quantum=lambda: self._predicted,
        )
        self._reader = DatasetReader(built, self._predicted)
        self._cache = InputCache(self._reader)
        self.producers = Producers(built, quantum_id)
        self._versions = self.input_versions
        self._quantum: Quantum | None = None
        self._inputs: ConnectionDatasets | None = None

    # What it is.

    @property
    def task_label(self) -> str:
        """Label of the task."""
        return self._node.label

    @property
    def data_id(self) -> DataId:
        """Required values of the data ID."""
        return self._data.data_id

    @property
    def name(self) -> str:
        """Task label and data ID in one short text."""
        return self._data.name

    @property
    def record(self) -> QuantumRecord:
        """What is known of it from the run."""
        return self.run.report.quanta.get(str(self.id)) or QuantumRecord(
            quantum_id=str(self.id), task_label=self.task_label, data_id=self.data_id
        )

    @property
    def status(self) -> QuantumStatus:
        """Its state in the run."""
        return self.record.status

    @property
    def data(self) -> QuantumData:
        """The quantum as the run knows it."""
        return self._data

    @property
    def task_node(self) -> TaskNode:
        """The task in the pipeline of the run."""
        return self._node

    @property
    def waits_for(self) -> list[QuantumRecord]:
        """The quanta that it takes inputs from, and that are not done."""
        return self.producers.missing(self.run.report)

    @property
    def waiting(self) -> str:
        """A sentence on what it waits for; empty if for nothing."""
        return waiting_text(self.record, self.waits_for)

    @property
    def remarks(self) -> tuple[str, ...]:
        """What is to be known before it is run again here: what it waits for, or that the run has it in hand."""
        return quantum_remarks(self.run.report, self.record, self.waits_for)

    def warn_of_missing_inputs(self) -> None:
        """Log what it waits for, if for anything: it can be tried with what there is."""
        if waiting := self.waiting:
            _LOG.warning("%s", waiting)

    @property
    def input_versions(self) -> InputVersions:
        """Which outputs of other quanta its inputs are at this moment."""
        return self.producers.versions(self.run.report)

    @cached_property
    def connections(self) -> PipelineTaskConnections:
        """The task's connections."""
        return self._node.get_connections()

    @property
    def quantum(self) -> Quantum:
        """Inputs and outputs, without inputs that were predicted and do not exist (yet)."""
        self._forget_old_inputs()
        if self._quantum is None:
            try:
                adjusted = self._adjusted()
            except NoWorkFound as nothing:
                _LOG.warning("%s", self.waiting or f"{self.name} has nothing to do: {sentence(nothing)}")
                return self._predicted
            if self.run.state.is_final or _is_complete(adjusted, self._predicted):
                self._quantum = adjusted
            return adjusted
        return self._quantum

    # What it reads and writes.

    @property
    def inputs(self) -> ConnectionDatasets:
        """Inputs by connection name, read when first asked for.

        They are yours: what is done to them here, a rerun does not see.
        """
        self._forget_old_inputs()
        if self._inputs is not None:
            return self._inputs
        inputs, _ = self.connections.buildDatasetRefs(self.quantum)
        datasets = ConnectionDatasets(
            inputs,
            read=self._read_input,
            defer=self.sandbox().getDeferred,
            stored=self._cache.stored_many,
            keeps=True,
        )
        if self._quantum is not None:
            # Nothing more can come.
            self._inputs = datasets
        return datasets

    @property
    def outputs(self) -> ConnectionDatasets:
        """Outputs by connection name, as they are in the output run now."""
        _, outputs = self.connections.buildDatasetRefs(self._predicted)
        fresh = InputCache(self._reader)
        return ConnectionDatasets(
            outputs, read=fresh.get, defer=fresh.get, stored=fresh.stored_many, keeps=False
        )

    @property
    def metadata(self) -> Any:
        """Metadata of the task in the output run; None if there is none."""
        return self._record_dataset(self._node.metadata_output.dataset_type_name)

    @property
    def log(self) -> LogText:
        """The log that the quantum left in the run, as text; of one without, what is known of its failure."""
        from ..in_kernel import all_lines

        edge = self._node.log_output
        records = self._record_dataset(edge.dataset_type_name) if edge is not None else None
        if records is not None:
            return LogText(all_lines(records))
        failure = self.record.failure
        return LogText(failure.log if failure is not None else "")

    def sandbox(self, observer: Observer | None = None) -> SandboxButler:
        """Make a butler that reads the inputs through the cache, and keeps what is written in memory."""
        self._forget_old_inputs()
        return SandboxButler(self._cache, self.run.graph.pipeline_graph.universe, observer)

    def context(self, butler: SandboxButler | None = None) -> QuantumContext:
        """Make what ``runQuantum`` gets as its first argument, writing to a sandbox."""
        return QuantumContext(
            butler or self.sandbox(),
            self.quantum,
            resources=self.run.options.resources(),
            quantum_id=self.id,
        )

    def _forget_old_inputs(self) -> None:
        """Read inputs anew if quanta that they come from have run, or were promoted, since."""
        versions = self.input_versions
        if versions != self._versions:
            # Another one, and not this one emptied: a rerun under way goes on with what it has.
            self._cache = InputCache(self._reader)
            self._quantum = self._inputs = None
            self._versions = versions

    def _read_input(self, ref: DatasetRef) -> Any:
        try:
            return self._cache.get(ref)
        except FileNotFoundError as error:
            raise RunError(
                f"The input {ref.datasetType.name} of {self.name} is not there.",
                hint=self.waiting or "It may have been removed from the repository.",
            ) from error

    def _adjusted(self) -> Quantum:
        executor = SingleQuantumExecutor(butler=self.sandbox(), assume_no_existing_outputs=True)
        return executor.update_quantum_inputs(
            QuantumAttempt(
                task_node=self._node, quantum=self._predicted, quantum_id=self.id, butler=self.sandbox()
            )
        )

    def _record_dataset(self, name: str) -> Any:
        refs = self._predicted.outputs.get(name, ())
        fresh = InputCache(self._reader)
        for ref in refs:
            if fresh.stored_many([ref])[ref]:
                return fresh.get(ref)
        return None


def _is_complete(adjusted: Quantum, predicted: Quantum) -> bool:
    return all(len(adjusted.inputs.get(kind, ())) == len(refs) for kind, refs in predicted.inputs.items())
