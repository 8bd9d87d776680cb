"""Running one quantum, in five steps that can each be replaced."""

from __future__ import annotations

import contextlib
import copy
import logging
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Self

from lsst.daf.butler import Butler, LimitedButler, Quantum
from lsst.daf.butler.logging import ButlerLogRecords
from lsst.pipe.base import (
    AdjustQuantumHelper,
    AnnotatedPartialOutputsError,
    ExceptionInfo,
    ExecutionResources,
    InvalidQuantumError,
    NoWorkFound,
    PipelineTask,
    QuantumContext,
    QuantumSuccessCaveats,
    TaskFactory,
    TaskMetadata,
)
from lsst.pipe.base.log_capture import LogCapture
from lsst.pipe.base.pipeline_graph import TaskNode
from lsst.pipe.base.quantum_graph_executor import QuantumExecutionResult, QuantumExecutor
from lsst.pipe.base.quantum_reports import QuantumReport
from lsst.utils.introspection import get_full_type_name
from lsst.utils.timer import logInfo

from ..debug.value_text import error_message
from .existing_inputs import existing_inputs
from .existing_outputs import is_already_done
from .memory_limit import lift_memory_limit
from .middleware import NO_WORK_LISTS_OUTPUTS, gc_metrics
from .printed_lines import end_printed_line
from .quantum_attempt import QuantumAttempt
from .quantum_threads import own_records

__all__ = ["SingleQuantumExecutor"]

_LOG = logging.getLogger(__name__)


class SingleQuantumExecutor(QuantumExecutor):
    """Executes one quantum at a time.

    Override one of the five steps to change what happens there; each gets the `QuantumAttempt`, and they are called in
    this order: `setup_logging`, `update_quantum_inputs`, `make_task`, `run_quantum`, `save_quantum`.

    Parameters
    ----------
    butler
        Reads inputs and writes outputs. None: use `limited_butler_factory`.
    task_factory
        Makes task objects.
    skip_existing_in
        Collections; if `butler`'s output run is one of them, quanta whose outputs exist there are skipped.
    clobber_outputs
        Remove outputs of earlier attempts that are in the way.
    enable_lsst_debug
        Import a module named ``debug`` before the task is made.
    limited_butler_factory
        Makes a butler for each quantum, which is closed afterwards; ignored if `butler` is given.
    resources
        What a quantum may use; tasks are told.
    skip_existing
        Skip quanta whose metadata exists.
    assume_no_existing_outputs
        The output run is new: do not look for existing outputs at all.
    raise_on_partial_outputs
        Partial outputs are a failure; otherwise a success with caveats.
    job_metadata
        Stored in the metadata of every quantum, under ``job``.

    Examples
    --------
    Log how many inputs each quantum has::

        class Counting(SingleQuantumExecutor):
            def run_quantum(self, attempt, task):
                task.log.info("%d kinds of inputs", len(attempt.quantum.inputs))
                return super().run_quantum(attempt, task)
    """

    def __init__(
        self,
        *,
        butler: LimitedButler | None = None,
        task_factory: TaskFactory | None = None,
        skip_existing_in: Any = None,
        clobber_outputs: bool = False,
        enable_lsst_debug: bool = False,
        limited_butler_factory: Callable[[Quantum], LimitedButler] | None = None,
        resources: ExecutionResources | None = None,
        skip_existing: bool = False,
        assume_no_existing_outputs: bool = False,
        raise_on_partial_outputs: bool = True,
        job_metadata: Mapping[str, int | str | float] | None = None,
    ) -> None:
        if butler is None and limited_butler_factory is None:
            raise ValueError("Give a butler or a limited_butler_factory.")
        self.butler = butler
        self.task_factory = task_factory if task_factory is not None else TaskFactory()
        self.clobber_outputs = clobber_outputs
        self.enable_lsst_debug = enable_lsst_debug
        self.limited_butler_factory = limited_butler_factory
        self.resources = resources
        self.assume_no_existing_outputs = assume_no_existing_outputs
        self.raise_on_partial_outputs = raise_on_partial_outputs
        self.job_metadata = job_metadata
        self.skip_existing = skip_existing or (
            isinstance(butler, Butler) and _run_is_in(butler, skip_existing_in)
        )
        self._previous_quanta: list[uuid.UUID] = []

    def using(self, butler: LimitedButler) -> Self:
        """Get a copy of this executor that works with another butler.

        Parameters
        ----------
        butler
            The butler; it is not closed after a quantum.
        """
        other = copy.copy(self)
        other.butler = butler
        return other

    def execute(
        self,
        task_node: TaskNode,
        /,
        quantum: Quantum,
        quantum_id: uuid.UUID | None = None,
        *,
        log_records: ButlerLogRecords | None = None,
    ) -> QuantumExecutionResult:
        """Execute a quantum; see `lsst.pipe.base.quantum_graph_executor.QuantumExecutor.execute`.

        Raises
        ------
        Exception
            Whatever the task raises, except `~lsst.pipe.base.NoWorkFound`, which is a success.
        """
        if isinstance(self.butler, Butler):
            self.butler.registry.refresh()
        with self._open_butler(quantum) as butler:
            return self._execute(
                QuantumAttempt(
                    task_node=task_node,
                    quantum=quantum,
                    quantum_id=quantum_id,
                    butler=butler,
                    log_records=log_records,
                )
            )

    def _execute(self, attempt: QuantumAttempt) -> QuantumExecutionResult:
        report = QuantumReport(
            quantumId=attempt.quantum_id, dataId=attempt.data_id, taskLabel=attempt.task_node.label
        )
        start = time.monotonic()
        with self.setup_logging(attempt) as log:
            attempt.log_extra = log.extra
            self._note_time(attempt, "prep")
            _LOG.info("Preparing %s.", attempt.name)
            # If this raises, or finds that there is nothing to do, the log of the earlier attempt has to stay.
            log.store = False
            if self._is_already_done(attempt):
                _LOG.info("Skipping %s: its outputs exist.", attempt.name)
                return QuantumExecutionResult(
                    attempt.quantum, report, skipped_existing=True, adjusted_no_work=False
                )
            log.store = True
            self._note_previous_quanta(attempt)
            try:
                attempt.quantum = self.update_quantum_inputs(attempt)
            except NoWorkFound as nothing:
                _LOG.info("Nothing to do for %s: %s", attempt.name, nothing)
                metadata = self._metadata_without_work(attempt)
                self.save_quantum(attempt, metadata)
                return QuantumExecutionResult(
                    attempt.quantum,
                    report,
                    skipped_existing=False,
                    adjusted_no_work=True,
                    task_metadata=metadata,
                )
            metadata = self._make_and_run(attempt)
            self.save_quantum(attempt, metadata)
            _LOG.info("Finished %s in %.3f seconds.", attempt.name, time.monotonic() - start)
        return QuantumExecutionResult(
            attempt.quantum, report, skipped_existing=False, adjusted_no_work=False, task_metadata=metadata
        )

    def _make_and_run(self, attempt: QuantumAttempt) -> TaskMetadata:
        task: PipelineTask | None = None
        try:
            self._note_time(attempt, "init")
            task = self.make_task(attempt)
            self._note_time(attempt, "start")
            with attempt.butler.record_metrics() as butler_metrics, gc_metrics() as collected:
                caveats = self.run_quantum(attempt, task)
            attempt.metadata["butler_metrics"] = butler_metrics.model_dump()
            attempt.metadata["caveats"] = caveats.value
            if collected is not None:
                attempt.metadata["gc_metrics"] = collected.model_dump()
        except (Exception, SystemExit) as error:
            # Where memory is used up, there is none to tell of it either.
            lift_memory_limit()
            message = error_message(error)
            _LOG.error("%s failed with %s: %s", attempt.name, type(error).__name__, message)
            attempt.log_extra.exception = ExceptionInfo(
                type_name=get_full_type_name(error), message=message, metadata={}
            )
            raise
        finally:
            end_printed_line()
            self._note_time(attempt, "end")
            metadata = self._whole_metadata(attempt, task)
            attempt.log_extra.metadata = metadata
        return metadata

    # The five steps.

    def setup_logging(self, attempt: QuantumAttempt) -> contextlib.AbstractContextManager[Any]:
        """First step: catch log records from now on, and store them as the log dataset in the end.

        Returns
        -------
        context
            A context manager; what it yields has the attributes ``store`` (whether to store the log) and ``extra``.
        """
        capture = (
            LogCapture.from_full(attempt.butler)
            if isinstance(attempt.butler, Butler)
            else LogCapture.from_limited(attempt.butler)
        )
        return own_records(
            capture.capture_logging(attempt.task_node, attempt.quantum, records=attempt.log_records)
        )

    def update_quantum_inputs(self, attempt: QuantumAttempt) -> Quantum:
        """Second step: drop inputs that were predicted but never written.

        Returns
        -------
        quantum
            The quantum to run: the same one, or one with fewer inputs (and outputs), as the task's connections decide.

        Raises
        ------
        lsst.pipe.base.NoWorkFound
            Raised if what is left is not enough.
        """
        quantum = attempt.quantum
        inputs, missing = existing_inputs(quantum, attempt.butler)
        helper = AdjustQuantumHelper(inputs, quantum.outputs)
        if missing:
            helper.adjust_in_place(
                attempt.task_node.get_connections(), label=attempt.task_node.label, data_id=attempt.data_id
            )
        return Quantum(
            taskName=quantum.taskName,
            taskClass=quantum.taskClass,
            dataId=quantum.dataId,
            initInputs=quantum.initInputs,
            inputs=helper.inputs,
            outputs=helper.outputs,
        )

    def make_task(self, attempt: QuantumAttempt) -> PipelineTask:
        """Third step: make the task object, from its frozen configuration and its init-inputs."""
        if self.enable_lsst_debug:
            _import_debug_module()
        attempt.task_node.config.freeze()
        _LOG.info("Making the task for %s.", attempt.name)
        return self.task_factory.makeTask(
            attempt.task_node, attempt.butler, list(attempt.quantum.initInputs.values())
        )

    def run_quantum(self, attempt: QuantumAttempt, task: PipelineTask) -> QuantumSuccessCaveats:
        """Fourth step: call the task's ``runQuantum``.

        Returns
        -------
        caveats
            In what way the success is a qualified one.
        """
        context = QuantumContext(
            attempt.butler, attempt.quantum, resources=self.resources, quantum_id=attempt.quantum_id
        )
        inputs, outputs = attempt.task_node.get_connections().buildDatasetRefs(attempt.quantum)
        caveats = QuantumSuccessCaveats.NO_CAVEATS
        try:
            task.runQuantum(context, inputs, outputs)
        except NoWorkFound as nothing:
            _LOG.info("%s found no work: %s", attempt.name, nothing)
            caveats |= nothing.FLAGS
        except AnnotatedPartialOutputsError as partial:
            cause = partial.__cause__ or partial
            if self.raise_on_partial_outputs:
                # The annotation has done its work; the reader wants the error behind it.
                raise cause from None
            _LOG.error("%s wrote only a part of its outputs; going on.", attempt.name, exc_info=cause)
            caveats |= partial.FLAGS
        finally:
            attempt.outputs_put.extend(output[2] for output in context.outputsPut)
        if not context.outputsPut:
            caveats |= QuantumSuccessCaveats.ALL_OUTPUTS_MISSING
        if context.outputsPut != context.allOutputs:
            caveats |= QuantumSuccessCaveats.ANY_OUTPUTS_MISSING
        return caveats

    def save_quantum(self, attempt: QuantumAttempt, metadata: TaskMetadata) -> None:
        """Fifth step: write the metadata dataset, whose presence says that the quantum is done.

        Raises
        ------
        lsst.pipe.base.InvalidQuantumError
            Raised if the quantum has no such output.
        """
        name = attempt.task_node.metadata_output.dataset_type_name
        try:
            [ref] = attempt.quantum.outputs[name]
        except LookupError as error:
            raise InvalidQuantumError(
                f"{attempt.name} has no output {name!r} for its metadata: the graph was built in another way."
            ) from error
        attempt.butler.put(metadata, ref)

    # What they stand on.

    @contextlib.contextmanager
    def _open_butler(self, quantum: Quantum) -> Iterator[LimitedButler]:
        if self.butler is not None:
            yield self.butler
            return
        assert self.limited_butler_factory is not None, "One of the two is checked for on construction."
        butler = self.limited_butler_factory(quantum)
        try:
            yield butler
        finally:
            butler.close()

    def _is_already_done(self, attempt: QuantumAttempt) -> bool:
        if self.assume_no_existing_outputs:
            return False
        return is_already_done(
            attempt, skip_existing=self.skip_existing, clobber_outputs=self.clobber_outputs
        )

    def _note_previous_quanta(self, attempt: QuantumAttempt) -> None:
        attempt.log_extra.previous_process_quanta.extend(self._previous_quanta)
        if attempt.quantum_id is not None:
            self._previous_quanta.append(attempt.quantum_id)

    @staticmethod
    def _note_time(attempt: QuantumAttempt, prefix: str) -> None:
        # TaskMetadata is what it is for, but not the mapping that it is typed as.
        logInfo(None, prefix, metadata=attempt.metadata)  # type: ignore[arg-type]

    def _whole_metadata(self, attempt: QuantumAttempt, task: PipelineTask | None) -> TaskMetadata:
        if task is not None:
            metadata = task.getFullMetadata()
        else:
            metadata = TaskMetadata()
            metadata[attempt.task_node.label] = TaskMetadata()
        if task is not None or NO_WORK_LISTS_OUTPUTS:
            attempt.metadata["outputs"] = [str(dataset_id) for dataset_id in attempt.outputs_put]
        metadata["quantum"] = attempt.metadata
        if self.job_metadata is not None:
            metadata["job"] = self.job_metadata
        return metadata

    def _metadata_without_work(self, attempt: QuantumAttempt) -> TaskMetadata:
        attempt.metadata["caveats"] = QuantumSuccessCaveats.from_adjust_quantum_no_work().value
        self._note_time(attempt, "end")
        return self._whole_metadata(attempt, None)


def _run_is_in(butler: Butler, collections: Any) -> bool:
    return bool(collections) and butler.run in butler.collections.query(collections, flatten_chains=True)


def _import_debug_module() -> None:
    try:
        import debug  # type: ignore[import-not-found]  # noqa: F401  # written by the user, for its effects
    except ImportError:
        _LOG.warning("No module named 'debug' was found.")
