"""Executing a quantum graph: from the graph to events, a report, and rows in the registry."""

from __future__ import annotations

import contextlib
import functools
import importlib
import logging
import sys
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Literal

from lsst.daf.butler import Butler
from lsst.pipe.base import InvalidQuantumError, QuantumGraph
from lsst.pipe.base.execution_graph_fixup import ExecutionGraphFixup
from lsst.pipe.base.quantum_graph import PredictedQuantumGraph
from lsst.pipe.base.quantum_graph_executor import QuantumExecutor
from lsst.pipe.base.quantum_graph_executor import QuantumGraphExecutor as UpstreamGraphExecutor
from lsst.pipe.base.quantum_reports import Report
from lsst.utils.introspection import get_full_type_name

from ..errors import RunInterruptedError, UsageError
from ..events import (
    Event,
    QuantumEnded,
    QuantumEvent,
    QuantumFailed,
    QuantumReset,
    QuantumSkipped,
)
from ..long_text import HEADLINE, trim
from ..report import RunReport
from .errors import GraphExecutionError, QuantumTimeoutError
from .execution_model import ExecutionModel, identity
from .execution_options import worker_memory
from .held_quanta import HeldQuanta
from .hooks import Hook, Hooks
from .in_kernel import InKernelModel
from .ingest import Ingester
from .output_keeper import OutputKeeper
from .provenance import ProvenanceRecorder, record_provenance
from .quanta import as_predicted_graph, enumerate_quanta
from .quantum_data import QuantumData
from .quantum_logging import packages_of, quantum_logging
from .quantum_remains import QuantumRemains
from .recording_executor import RecordingExecutor
from .recovery import recover
from .retry_policy import RetryPolicy
from .run_control import RunControl
from .shared_butler import can_share, make_shared_butler
from .single_quantum_executor import SingleQuantumExecutor
from .upstream_report import UpstreamReport
from .workbench.capsule_capture import capsule_without_frames
from .workbench.capsule_keeper import CapsuleKeeper
from .worker_crew import WorkerCrew
from .worker_pool import WorkerPoolModel

__all__ = ["QuantumGraphExecutor"]

_LOG = logging.getLogger(__name__)

ModelFactory = Callable[[QuantumExecutor], ExecutionModel]

_INVALID = get_full_type_name(InvalidQuantumError)

MOST_LOGGED = 10
"""Failures that are logged one by one: a screen full of them helps nobody, and the report has them all."""


class QuantumGraphExecutor(UpstreamGraphExecutor):
    """Executes all quanta of a graph.

    It stands wherever upstream takes its ``MPGraphExecutor``, and has the same constructor keywords, followed by its
    own. The output run must have been made ready (collections, dataset types, init-outputs), as `run_graph` does.

    Parameters
    ----------
    num_proc
        Number of processes. 1: quanta run in this one; more: as many workers run them, and this one does not.
    timeout
        Seconds that a quantum may take before its worker is killed; in the kernel, as upstream, nothing enforces it.
    quantum_executor
        Runs one quantum. If it is our `SingleQuantumExecutor` on a full butler, quanta share one butler that needs no
        database, and their outputs enter the registry in batches; any other executor is used as it is.
    start_method
        How processes are started.
    fail_fast
        Stop at the first failure.
    pdb
        Name of a debugger module whose ``post_mortem`` is called after a failure, in a terminal; not with workers.
    execution_graph_fixup
        Adds dependencies between quanta.
    model
        Makes the execution model from an executor of single quanta; by default, `num_proc` decides.
    control
        Handle to steer the run with.
    hooks
        Called with every event.
    command
        The equivalent shell command, for the report.
    done
        Identifiers of quanta that are known to be done already; they are reported as skipped.
    retries
        How often a quantum is tried again that failed with a ``RepeatableQuantumError``.
    limit_threads
        Keep numerical libraries from starting threads of their own in worker processes.
    max_memory
        Memory that each worker may allocate, such as ``"2GB"``; a plain number is in MB. A quantum that needs more
        fails.
    crew
        Workers that were started before, for one execution; then `start_method`, `limit_threads` and `max_memory` say
        nothing.
    earlier
        What happened in the same run before it was broken off; what was done then is not done again.
    capsules
        Keeps what there is to know of failures.
    """

    def __init__(
        self,
        *,
        quantum_executor: QuantumExecutor,
        num_proc: int = 1,
        timeout: float | None = None,
        start_method: Literal["spawn", "forkserver"] | None = None,
        fail_fast: bool = False,
        pdb: str | None = None,
        execution_graph_fixup: ExecutionGraphFixup | None = None,
        model: ModelFactory | None = None,
        control: RunControl | None = None,
        hooks: Iterable[Hook] = (),
        command: tuple[str, ...] = (),
        done: Collection[uuid.UUID] = (),
        retries: int = 0,
        limit_threads: bool = True,
        max_memory: str = "",
        crew: WorkerCrew | None = None,
        earlier: Iterable[Event] = (),
        capsules: CapsuleKeeper | None = None,
    ) -> None:
        if num_proc < 1:
            raise UsageError(f"At least one process (num_proc, -j) is needed, not {num_proc}.")
        self.num_proc = num_proc
        self.timeout = timeout
        self.start_method = start_method
        self.limit_threads = limit_threads
        self.retry = RetryPolicy(retries)
        self.max_memory = worker_memory(max_memory, num_proc)
        self._crew = crew
        self.control = control if control is not None else RunControl()
        self.hooks = Hooks(hooks)
        self._quantum_executor = quantum_executor
        self._fail_fast = fail_fast
        self._pdb = pdb
        self._fixup = execution_graph_fixup
        self._model = model
        self._command = command
        self._done = frozenset(done)
        self._earlier = earlier
        self._capsules = capsules
        self._report: UpstreamReport | None = None

    def execute(
        self, graph: QuantumGraph | PredictedQuantumGraph, *, provenance_graph_file: str | None = None
    ) -> None:
        """Execute a graph, and return when it is done.

        Parameters
        ----------
        graph
            The graph.
        provenance_graph_file
            Where to write the provenance graph.

        Raises
        ------
        GraphExecutionError
            Raised at the end if quanta failed; an ``MPGraphExecutorError``.
        QuantumTimeoutError
            Raised at the end if quanta only ran out of time; an ``MPTimeoutError``.
        RunInterruptedError
            Raised if the run was stopped.
        """
        predicted = as_predicted_graph(graph)
        self._report = UpstreamReport(predicted, self._command)
        try:
            with record_provenance(predicted, provenance_graph_file) as provenance:
                outcome = _Outcome()
                self._run(predicted, provenance, outcome)
            outcome.raise_error(self.control)
        except BaseException as error:
            self._report.fail(error)
            raise

    def getReport(self) -> Report:  # noqa: N802  # upstream's name
        """Get upstream's report of the last execution.

        Raises
        ------
        RuntimeError
            Raised if nothing was executed yet.
        """
        if self._report is None:
            raise RuntimeError("Nothing was executed yet: call execute() first.")
        return self._report.get()

    def _run(self, graph: PredictedQuantumGraph, provenance: ProvenanceRecorder, outcome: _Outcome) -> None:
        assert self._report is not None, "Made by the only caller."
        with contextlib.ExitStack() as stack:
            stack.enter_context(quantum_logging(_packages(graph)))
            make_model = self._model or self._default_model(stack)
            executor, keeper = stack.enter_context(self._butlers(graph))
            recorder = RecordingExecutor(
                executor,
                self._post_mortem if self._pdb else None,
                wants_traces=provenance.is_wanted,
                captures=self._capsules is not None,
            )
            quanta = self._go_on(list(self._quanta_to_do(graph)), keeper)
            held = HeldQuanta(quanta)
            events = make_model(recorder).execute(quanta, self.control)
            try:
                for event in events:
                    remains = QuantumRemains()
                    if isinstance(event, QuantumEnded):
                        remains = recorder.take(event.quantum_id)
                    remains = held.remains(event, self.control) or remains
                    provenance.record(event, remains.metadata, remains.logs)
                    if isinstance(event, QuantumReset) and keeper is not None:
                        # Before anybody hears of it, who might then write in the same places.
                        self._tell(keeper.settle(event, remains))
                    self._tell(event)
                    outcome(event)
                    if isinstance(event, QuantumFailed):
                        self._keep_capsule(event, remains, held)
                        self._log_failure(event, outcome.failures)
                        self._stop_if_hopeless(event)
                    if keeper is not None and not isinstance(event, QuantumReset):
                        self._tell(keeper.settle(event, remains))
            finally:
                close = getattr(events, "close", None)
                if close is not None:
                    close()
                if keeper is not None:
                    for remains in recorder.take_all():
                        keeper.abandon(remains)
                    self._tell(keeper.finish())

    def _default_model(self, stack: contextlib.ExitStack) -> ModelFactory:
        if self.num_proc == 1:
            return functools.partial(InKernelModel, retry=self.retry)
        # Started before anything else, because they import for seconds while all else is prepared.
        crew, self._crew = self._crew, None
        if crew is None:
            crew = WorkerCrew(
                self.num_proc,
                start_method=self.start_method,
                limit_threads=self.limit_threads,
                max_memory=self.max_memory,
            )
        stack.enter_context(crew)
        return functools.partial(WorkerPoolModel, crew=crew, timeout=self.timeout, retry=self.retry)

    def _quanta_to_do(self, graph: PredictedQuantumGraph) -> Iterator[QuantumData]:
        for quantum in enumerate_quanta(graph, self._fixup):
            if quantum.quantum_id in self._done:
                self._tell(QuantumSkipped(**identity(quantum)))
            else:
                yield quantum

    def _go_on(self, quanta: list[QuantumData], keeper: OutputKeeper | None) -> list[QuantumData]:
        """Leave out what was done before the run was broken off."""
        assert self._report is not None, "Made before anything happens."
        before = RunReport()
        for event in self._earlier:
            before.apply(event)
            self._report(event)
        self._earlier = ()
        if before.started is None:
            return quanta
        recovery = recover(quanta, before, keeper.shared if keeper is not None else None)
        for event in recovery.events:
            self._tell(event)
        if keeper is not None:
            self._tell(keeper.take_in(recovery.to_ingest))
        return recovery.to_do

    @contextlib.contextmanager
    def _butlers(self, graph: PredictedQuantumGraph) -> Iterator[tuple[QuantumExecutor, OutputKeeper | None]]:
        """Set up the shared butler where that is possible."""
        executor = self._quantum_executor
        full = executor.butler if isinstance(executor, SingleQuantumExecutor) else None
        if (
            not isinstance(executor, SingleQuantumExecutor)
            or not isinstance(full, Butler)
            or not can_share(full)
        ):
            yield executor, None
            return
        shared = make_shared_butler(full, graph, run_is_new=executor.assume_no_existing_outputs)
        try:
            yield executor.using(shared), OutputKeeper(shared, Ingester(shared, full))
        finally:
            shared.close()

    def _tell(self, event: Event | None) -> None:
        if event is not None:
            assert self._report is not None, "Made before anything happens."
            self._report(event)
            self.hooks(event)

    def _keep_capsule(self, event: QuantumFailed, remains: QuantumRemains, quanta: HeldQuanta) -> None:
        if self._capsules is None:
            return
        capsule = remains.capsule
        quantum = quanta.find(event.quantum_id)
        if capsule is None and quantum is not None and not self._capsules.is_full:
            capsule = capsule_without_frames(event, quantum.task_node, quantum.quantum, remains.logs)
        if capsule is not None:
            self._capsules.keep(capsule, event.attempt)

    def _log_failure(self, event: QuantumFailed, failures: int) -> None:
        if failures <= MOST_LOGGED:
            again = ", and will be tried again" if event.will_retry else ""
            message = trim(event.message, HEADLINE)
            _LOG.error("%s failed%s: %s: %s", event.name, again, event.exception, message)
        if failures == MOST_LOGGED:
            _LOG.error("Further failures are in the report only.")

    def _stop_if_hopeless(self, event: QuantumFailed) -> None:
        if event.will_retry:
            return
        if event.exception == _INVALID:
            self.control.stop(f"{event.name} does not fit its graph", interrupt=True)
        elif self._fail_fast:
            self.control.stop(f"{event.name} failed, and fail-fast is on", interrupt=True)

    def _post_mortem(self, error: Exception) -> None:
        assert self._pdb is not None, "Otherwise this is not called."
        if not (sys.stdin.isatty() and sys.stdout.isatty()):
            _LOG.warning("The debugger %r needs a terminal.", self._pdb)
            return
        try:
            debugger = importlib.import_module(self._pdb)
        except ImportError as missing:
            raise UsageError(f"The debugger module {self._pdb!r} cannot be imported: {missing}") from error
        debugger.post_mortem(error.__traceback__)


def _packages(graph: PredictedQuantumGraph) -> tuple[str, ...]:
    return packages_of(node.task_class_name for node in graph.pipeline_graph.tasks.values())


class _Outcome:
    """Counts, to tell in the end how the run went."""

    def __init__(self) -> None:
        self.failures = 0
        self._failed: dict[str, QuantumFailed] = {}

    def __call__(self, event: Event) -> None:
        if isinstance(event, QuantumEvent):
            self._failed.pop(event.quantum_id, None)
        if isinstance(event, QuantumFailed):
            self._failed[event.quantum_id] = event
            self.failures += 1

    def raise_error(self, control: RunControl) -> None:
        failed = list(self._failed.values())
        if failed:
            first = failed[0]
            others = f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
            error = QuantumTimeoutError if all(f.timed_out for f in failed) else GraphExecutionError
            raise error(
                f"{first.name} failed{others} with {first.exception.rpartition('.')[2]}: "
                f"{trim(first.message, HEADLINE)}",
                hint="The report has the tracebacks; what finished is kept.",
            )
        if control.stop_reason:
            raise RunInterruptedError(
                f"The run was ended early: {control.stop_reason}.", hint="What finished is kept."
            )
