"""A quantum of a run, opened: its inputs, its task, and reruns of it in memory."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from lsst.daf.butler import Quantum
from lsst.pex.config import Config
from lsst.pipe.base import NoWorkFound, PipelineTask, PipelineTaskConnections, QuantumContext
from lsst.pipe.base.pipeline_graph import TaskNode

from ...errors import RunError
from ...events import DataId
from ...report import QuantumRecord
from ...status import QuantumStatus
from ..built_graph import take_quanta
from ..quantum_attempt import QuantumAttempt
from ..quantum_data import QuantumData
from ..single_quantum_executor import SingleQuantumExecutor
from .attempt import Attempt
from .configured_task import ConfigChange, changed_fields, with_config
from .connection_datasets import ConnectionDatasets
from .dataset_reader import DatasetReader
from .input_cache import InputCache
from .patch import Patch
from .rerun import PatchingTaskFactory, Rerun
from .sandbox_butler import Observer, SandboxButler

if TYPE_CHECKING:
    from ...debug.session import DebugSession
    from ..run import Run
    from .comparison import Comparison
    from .debugging import BreakAt, PauseAt

__all__ = ["OpenQuantum"]

_LOG = logging.getLogger(__name__)


class OpenQuantum:
    """A quantum of a run, with its inputs at hand and its task made.

    Made by `Run.quantum`, for runs that go on as well as for those that are over. Reruns write into memory only; what
    is good is written to the output run by `promote`.

    Parameters
    ----------
    run
        The run.
    quantum_id
        Identifier of the quantum.

    Attributes
    ----------
    run
        The run.
    config
        A copy of the task's configuration; change it here for reruns.
    attempts
        All reruns, oldest first.
    patches
        Methods that reruns replace.

    Examples
    --------
    Try other values, look, and keep the result::

        q = run.quantum("calibrate", visit=42, detector=7)
        q.rerun(config={"match_radius": 5.0})
        q.compare()
        q.promote()
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
        self._cache = InputCache(DatasetReader(built, self._predicted))
        self.config: Any = self._node.config.copy()
        self.attempts: list[Attempt] = []
        self.patches: list[Patch] = []
        self._quantum: Quantum | None = None
        self._inputs: ConnectionDatasets | None = None
        self._task: PipelineTask | None = None
        self._task_key: object = None

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

    @cached_property
    def connections(self) -> PipelineTaskConnections:
        """The task's connections."""
        return self._node.get_connections()

    @property
    def quantum(self) -> Quantum:
        """Inputs and outputs, without inputs that were predicted and do not exist (yet)."""
        if self._quantum is None:
            try:
                adjusted = self._adjusted()
            except NoWorkFound as nothing:
                _LOG.warning("%s has nothing to do: %s", self.name, nothing)
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
        if self._inputs is not None:
            return self._inputs
        inputs, _ = self.connections.buildDatasetRefs(self.quantum)
        butler = self.sandbox()
        datasets = ConnectionDatasets(
            inputs, read=self._cache.get, defer=butler.getDeferred, stored=self._cache.stored_many, keeps=True
        )
        if self._quantum is not None:
            # Nothing more can come.
            self._inputs = datasets
        return datasets

    @property
    def outputs(self) -> ConnectionDatasets:
        """Outputs by connection name, as they are in the output run now."""
        _, outputs = self.connections.buildDatasetRefs(self._predicted)
        fresh = InputCache(self._cache.reader)
        return ConnectionDatasets(
            outputs, read=fresh.get, defer=fresh.get, stored=fresh.stored_many, keeps=False
        )

    @property
    def metadata(self) -> Any:
        """Metadata of the task in the output run; None if there is none."""
        return self._record_dataset(self._node.metadata_output.dataset_type_name)

    @property
    def log(self) -> str:
        """The log that the quantum left in the run, as text; of one without, what is known of its failure."""
        from ..in_kernel import all_lines

        edge = self._node.log_output
        records = self._record_dataset(edge.dataset_type_name) if edge is not None else None
        if records is not None:
            return all_lines(records)
        failure = self.record.failure
        return failure.log if failure is not None else ""

    # The task.

    @property
    def task(self) -> PipelineTask:
        """The task, made as the executor makes it, from `config` and with `patches`."""
        key = (self.config.saveToString(), tuple(self.patches))
        if self._task is None or key != self._task_key:
            self._task = self._make_task(self._changed_node(None))
            self._task_key = key
        return self._task

    def sandbox(self, observer: Observer | None = None) -> SandboxButler:
        """Make a butler that reads the inputs through the cache, and keeps what is written in memory."""
        return SandboxButler(self._cache, self.run.graph.pipeline_graph.universe, observer)

    def context(self, butler: SandboxButler | None = None) -> QuantumContext:
        """Make what ``runQuantum`` gets as its first argument, writing to a sandbox."""
        return QuantumContext(
            butler or self.sandbox(),
            self.quantum,
            resources=self.run.options.resources(),
            quantum_id=self.id,
        )

    # Trying.

    def patch(self, target: str, source: str, *, namespace: dict[str, Any] | None = None) -> Patch:
        """Replace a method for reruns of this quantum; nobody else's task changes.

        Parameters
        ----------
        target
            Class and method, ``CalibrateTask.run``; the class may be that of a subtask, or a base class.
        source
            Text of the method, as in the class. It sees the names of its module, and then those of `namespace`.
        namespace
            Names of the notebook.

        Raises
        ------
        UsageError
            Raised if there is no such method, or the text does not define it.
        """
        plain = self._make_task(self._node, ())
        patch = Patch.make(target, source, plain, namespace=namespace)
        self.patches = [each for each in self.patches if each.name != patch.name] + [patch]
        return patch

    def unpatch(self, target: str | None = None) -> None:
        """Take patches away: that of a method, or all of them."""
        self.patches = [] if target is None else [each for each in self.patches if each.name != target]

    def prepare(
        self,
        config: ConfigChange | None = None,
        *,
        observer: Observer | None = None,
        on_task: Any = None,
    ) -> Rerun:
        """Get a rerun ready, without running it; see `rerun`."""
        node = self._changed_node(config)
        # Anew each time: inputs may have come to be there since.
        data = QuantumData(
            quantum_id=self.id,
            task_node=node,
            data_coordinate=self._data.data_coordinate,
            make_quantum=lambda: self._predicted,
        )
        number = 1 + max((attempt.number for attempt in self.attempts), default=0)
        return Rerun(
            number=number,
            data=data,
            butler=self.sandbox(observer),
            options=self.run.options,
            make_executor=self.run.quantum_executor,
            patches=tuple(self.patches),
            config_changes=changed_fields(self._node.config, node.config),
            reader=self._cache.reader.opened,
            on_task=on_task,
        )

    def rerun(self, config: ConfigChange | None = None) -> Attempt:
        """Run the quantum once more from the inputs that are here, and keep what it writes in memory.

        Parameters
        ----------
        config
            Changes for this attempt, beside those of `config`: values by field name, or a function that changes a
            config, or a whole one.

        Returns
        -------
        attempt
            What came of it; what the task raises is in there.

        Raises
        ------
        UsageError
            Raised if the configuration is not right.
        """
        return self.take(self.prepare(config).run())

    def debug(
        self,
        break_at: BreakAt | Sequence[BreakAt] = (),
        *,
        pause_at: Iterable[PauseAt] | None = None,
        config: ConfigChange | None = None,
        on_change: Callable[[DebugSession], object] | None = None,
        start: bool = True,
    ) -> DebugSession:
        """Run the quantum once more, on a thread of its own, and pause in the middle of it; the notebook stays free.

        In a run that goes on, a quantum that is not done is held back first, so that the run leaves it to you;
        `promote` and `discard` end that.

        Parameters
        ----------
        break_at
            Where to pause: ``"file.py:42"``, ``"CalibrateTask.run"``, a function, or a pair of one of the latter two
            and a line (its number, or a part of its text); or several of these.
        pause_at
            Pause at each ``"entry"`` (of ``runQuantum``), ``"get"`` and ``"put"`` of a dataset, entry and exit of
            ``"subtasks"``, and at an ``"exception"`` that leaves the task, before the stack unwinds. By default at an
            exception, and at the entry if there is no `break_at`.
        config
            As for `rerun`.
        on_change
            Called with the session whenever something has changed.
        start
            Begin at once; otherwise, with ``session.start()``.

        Returns
        -------
        session
            See `DebugSession`: step, look, evaluate, go on. Its result is the `Attempt`, which is in `attempts`, too.

        Raises
        ------
        UsageError, BreakpointError
            Raised if there is no such place.
        """
        from .debugging import debug_quantum

        return debug_quantum(
            self, break_at, pause_at=pause_at, config=config, on_change=on_change, start=start
        )

    def take(self, attempt: Attempt) -> Attempt:
        """Add an attempt to the list."""
        self.attempts.append(attempt)
        return attempt

    def compare(self, attempt: Attempt | int | None = None, other: Attempt | int | None = None) -> Comparison:
        """Compare an attempt with another one, or with what is in the run.

        Parameters
        ----------
        attempt
            The newer one, or its number; the last one by default.
        other
            The older one, or its number, where 0 stands for what is in the run; by default, the successful attempt
            before, or else what is in the run.
        """
        from .comparison import compare_attempts

        return compare_attempts(self, self._attempt(attempt), other)

    def promote(self, attempt: Attempt | int | None = None, *, rerun_dependents: bool = False) -> Attempt:
        """Write what an attempt gave to the output run, and let the quanta that depend on it go on.

        Outputs, metadata (which tell of patches and changed fields) and log are written, all of them or none; journal
        and report tell of it. A run that is over goes on with `runs.resume` (``%pipetask resume``).

        Parameters
        ----------
        attempt
            The attempt, or its number; the last one by default.
        rerun_dependents
            If quanta that depend on this one are done already: remove their outputs, and have them run again.

        Raises
        ------
        RunError
            Raised if the attempt failed, or the run cannot take it now.
        """
        from .promotion import promote

        chosen = self._attempt(attempt)
        promote(self, chosen, rerun_dependents=rerun_dependents)
        chosen.promoted = True
        return chosen

    def discard(self) -> None:
        """Forget all attempts and patches; a quantum that was held goes back to its run."""
        self.attempts.clear()
        self.unpatch()
        self.config = self._node.config.copy()
        if self.status is QuantumStatus.HELD and not self.run.state.is_final:
            self.run.control.release(self.id)

    def hold(self) -> None:
        """Take the quantum out of a run that goes on, until `promote` or `discard`; the rest of it goes on."""
        self.run.control.hold(self.id)

    # What it looks like.

    def __repr__(self) -> str:
        return f"OpenQuantum({self.name!r}, {self.status})"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        from ..views.open_quantum import open_quantum_bundle

        return open_quantum_bundle(self)

    # What they stand on.

    def _attempt(self, which: Attempt | int | None) -> Attempt:
        if isinstance(which, Attempt):
            return which
        for attempt in reversed(self.attempts):
            if which is None or attempt.number == which:
                return attempt
        raise RunError(
            f"{self.name} has no attempt {which}." if which else f"{self.name} has not been run again yet.",
            hint="Run it with rerun().",
        )

    def _adjusted(self) -> Quantum:
        executor = SingleQuantumExecutor(butler=self.sandbox(), assume_no_existing_outputs=True)
        return executor.update_quantum_inputs(
            QuantumAttempt(
                task_node=self._node, quantum=self._predicted, quantum_id=self.id, butler=self.sandbox()
            )
        )

    def _changed_node(self, change: ConfigChange | None) -> TaskNode:
        graph = self.run.graph.pipeline_graph
        node = self._node
        if changed_fields(node.config, self.config):
            node = with_config(graph, node, self.config)
        if change is None:
            return node
        if isinstance(change, Config) or node is self._node:
            return with_config(graph, self._node, change)
        merged = self.config.copy()
        if callable(change):
            change(merged)
            return with_config(graph, self._node, merged)
        return with_config(graph, self._node, {**_values(node, self._node), **change})

    def _make_task(self, node: TaskNode, patches: tuple[Patch, ...] | None = None) -> PipelineTask:
        node.config.freeze()
        factory = PatchingTaskFactory(self.patches if patches is None else patches)
        return factory.makeTask(node, self.sandbox(), list(self.quantum.initInputs.values()))

    def _record_dataset(self, name: str) -> Any:
        refs = self._predicted.outputs.get(name, ())
        fresh = InputCache(self._cache.reader)
        for ref in refs:
            if fresh.stored_many([ref])[ref]:
                return fresh.get(ref)
        return None


def _values(node: TaskNode, before: TaskNode) -> dict[str, Any]:
    return {name: new for name, (_, new) in changed_fields(before.config, node.config).items()}


def _is_complete(adjusted: Quantum, predicted: Quantum) -> bool:
    return all(len(adjusted.inputs.get(kind, ())) == len(refs) for kind, refs in predicted.inputs.items())
