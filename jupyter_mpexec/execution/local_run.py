"""A run that goes on in this process: in a notebook's kernel, or in a runner."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
import uuid
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Any

import threadpoolctl
from lsst.daf.butler import Butler
from lsst.pipe.base.quantum_graph_executor import QuantumExecutor
from lsst.pipe.base.quantum_reports import Report
from lsst.resources import ResourcePath
from lsst.utils.introspection import get_full_type_name
from lsst.utils.timer import profile

from ..errors import JournalError, JupyterMpexecError, RunInterruptedError
from ..events import Event, RunFinished
from ..report import RunReport
from ..status import RunState
from .built_graph import BuiltQuantumGraph
from .control_socket import ControlServer
from .execution_options import ExecutionOptions, worker_memory
from .graph_fixup import load_fixup
from .hooks import Hook
from .output_claim import claim_output
from .prepare import prepare_output_run
from .quantum_graph_executor import ModelFactory, QuantumGraphExecutor
from .repository import is_location, repository_root
from .run import Run
from .run_control import RunControl
from .run_folder import RunFolder
from .run_started import started_event
from .single_quantum_executor import SingleQuantumExecutor
from .workbench.capsule_keeper import CapsuleKeeper
from .worker_crew import WorkerCrew
from .write_butler import open_output_butler

__all__ = ["LocalRun"]

_LOG = logging.getLogger(__name__)


class LocalRun(Run):
    """A run that this process executes.

    Parameters
    ----------
    graph
        What is executed.
    options
        How.
    folder
        Folder of the run, which must belong to nobody else (see `RunFolder.own`).
    hooks
        Called with every event, on the thread of the run.
    command
        The equivalent shell command, for the report.
    quantum_executor
        Makes the executor of single quanta.
    model
        Makes the execution model; by default, the option ``processes`` decides.
    done
        Identifiers of quanta that another run has done; they are reported as skipped.
    control
        Handle to steer the run with, if there is one already that takes commands.
    crew
        Workers that were started before; whoever did that ends them.
    is_resumed
        The run was broken off, and is gone on with.
    """

    control: RunControl

    def __init__(
        self,
        graph: BuiltQuantumGraph,
        options: ExecutionOptions,
        folder: RunFolder,
        *,
        hooks: Iterable[Hook] = (),
        command: tuple[str, ...] = (),
        quantum_executor: Callable[..., QuantumExecutor] = SingleQuantumExecutor,
        model: ModelFactory | None = None,
        done: Collection[uuid.UUID] = (),
        control: RunControl | None = None,
        crew: WorkerCrew | None = None,
        is_resumed: bool = False,
    ) -> None:
        super().__init__(folder, options, hooks=hooks, command=command)
        self._graph = graph
        self._takes_commands = control is not None
        self.control = control if control is not None else RunControl()
        self._quantum_executor = quantum_executor
        self._model = model
        self._done = frozenset(done)
        self._is_resumed = is_resumed
        if is_resumed:
            for event in folder.journal.read():
                # The end of an earlier session is not that of the run.
                if isinstance(event, RunFinished):
                    self.report.leave_off(event.time)
                else:
                    super()._tell(event)
        self._executor: QuantumGraphExecutor | None = None
        self._crew = crew

    @property
    def graph(self) -> BuiltQuantumGraph:
        """What is executed."""
        return self._graph

    def _crew_folders(self) -> Iterable[Path]:
        return [self._crew.folder] if self._crew is not None else []

    @property
    def quantum_executor(self) -> Callable[..., Any]:
        """What makes the executor of single quanta."""
        return self._quantum_executor

    def getReport(self) -> Report | None:  # noqa: N802  # upstream's name
        """Get the report in upstream's form; None before the first quantum."""
        return self._executor.getReport() if self._executor is not None else None

    def start(
        self, *, background: bool, prepared: bool = False, when_accepted: Callable[[], object] | None = None
    ) -> LocalRun:
        """Make the output run ready, and execute the graph.

        Parameters
        ----------
        background
            Return at once; the run goes on in a thread of its own.
        prepared
            The output run was made ready before.
        when_accepted
            Called when nothing stands in the way of the run any more, and before it begins.
        """
        with contextlib.ExitStack() as stack:
            repository = self.graph.repository
            # What is in memory only, nobody else finds; and for a runner, whoever asked for the run has claimed it.
            if is_location(repository) and not self._takes_commands:
                stack.enter_context(claim_output(self.id, repository_root(repository), self.graph.output_run))
            if self._crew is None:
                self._crew = self._call_crew(stack)
            if prepared:
                butler = open_output_butler(self.graph.plan, repository)
            else:
                butler = prepare_output_run(self.graph, self.options)
            stack.callback(butler.close)
            if not self._takes_commands:
                stack.enter_context(self._run_folder.own())
                stack.enter_context(ControlServer(self._run_folder, self.control))
            # Not before: of a run that is refused, nothing is to be shown.
            if when_accepted is not None:
                when_accepted()
            self._hooks.introduce(self)
            ending = stack.pop_all()
        if background:
            self._thread = threading.Thread(
                target=self._work, args=(butler, True, ending), name=f"mpexec {self.id}", daemon=True
            )
            self._thread.start()
        else:
            self._work(butler, False, ending)
        return self

    def _work(self, butler: Butler, clone: bool, ending: contextlib.ExitStack) -> None:
        failure: BaseException | None = None
        try:
            # A butler belongs to one thread; this may be another one than it was made on.
            with butler.clone() if clone else contextlib.nullcontext(butler) as mine:
                self._tell(started_event(self.graph, self.options, run_id=self.id, command=self._command))
                if not self.options.init_only:
                    self._execute(mine)
        except BaseException as error:
            failure = self.error = error
            if not isinstance(error, Exception):
                raise
            if not isinstance(error, JupyterMpexecError):
                _LOG.exception("The run failed.")
        finally:
            try:
                self.control.close(is_done=failure is None)
                self._tell(_finished(failure, self.report))
            except JupyterMpexecError as error:
                # The journal cannot be written. Everybody else hears of the end all the same: they would wait for it.
                self.error = self.error or error
                with contextlib.suppress(JournalError):
                    super()._tell(_finished(self.error, self.report))
            finally:
                # Before anybody who waits hears of the end: then all is gone that belongs to the run.
                ending.close()
                self._ended.set()

    def _call_crew(self, stack: contextlib.ExitStack) -> WorkerCrew | None:
        """Start worker processes, if there will be any: they import for seconds while the output run is made ready."""
        options = self.options
        if options.processes == 1 or options.init_only or self._model is not None:
            return None
        crew = WorkerCrew(
            options.processes,
            start_method=options.start_method,
            limit_threads=not options.enable_implicit_threading,
            max_memory=worker_memory(options.max_memory, options.processes),
            lock_file=self._run_folder.workers_lock.path,
        )
        stack.callback(crew.end)
        return crew

    def _execute(self, butler: Butler) -> None:
        options = self.options
        self._executor = executor = self._make_executor(butler)
        try:
            with contextlib.ExitStack() as stack:
                if not options.enable_implicit_threading and options.processes == 1:
                    # For the time of the run only: the kernel's own threads are not ours to take.
                    stack.enter_context(threadpoolctl.threadpool_limits(1))
                if options.profile:
                    stack.enter_context(profile(options.profile, _LOG))
                executor.execute(self.graph.graph)
        finally:
            if options.summary:
                text = executor.getReport().model_dump_json(exclude_none=True, indent=2)
                ResourcePath(options.summary).write(text.encode())

    def _make_executor(self, butler: Butler) -> QuantumGraphExecutor:
        options, built = self.options, self.graph
        skip_existing_in = built.options.skip_existing_in
        if built.options.skips_output_run:
            skip_existing_in += (built.output_run,)
        clobber = (
            built.options.clobber_outputs if options.clobber_outputs is None else options.clobber_outputs
        )
        single = self._quantum_executor(
            butler=butler,
            skip_existing_in=skip_existing_in,
            clobber_outputs=clobber and built.options.extend_run,
            enable_lsst_debug=options.enable_lsst_debug,
            resources=options.resources(),
            assume_no_existing_outputs=built.plan.run_is_new,
            raise_on_partial_outputs=options.raise_on_partial_outputs,
        )
        return QuantumGraphExecutor(
            quantum_executor=single,
            num_proc=options.processes,
            timeout=options.timeout,
            start_method=options.start_method,
            fail_fast=options.fail_fast,
            pdb=options.pdb,
            execution_graph_fixup=load_fixup(options.graph_fixup),
            model=self._model,
            control=self.control,
            hooks=[self._tell],
            command=self._command,
            done=self._done,
            retries=options.retries,
            limit_threads=not options.enable_implicit_threading,
            max_memory=options.max_memory,
            crew=self._crew,
            earlier=self.journal.read() if self._is_resumed else (),
            capsules=CapsuleKeeper(self._run_folder, self.graph),
        )

    def _ways_to_execute(self) -> dict[str, Any]:
        return {"quantum_executor": self._quantum_executor, "model": self._model}

    def _tell(self, event: Event) -> None:
        # What is not in the journal has not happened: without it, nobody could go on with the run.
        self.journal(event)
        super()._tell(event)


def _finished(failure: BaseException | None, report: RunReport) -> RunFinished:
    counts = {status.value: n for status, n in report.counts.items()}
    if failure is None:
        return RunFinished(time=time.time(), state=RunState.SUCCEEDED, counts=counts)
    return RunFinished(
        time=time.time(),
        state=RunState.STOPPED if isinstance(failure, RunInterruptedError) else RunState.FAILED,
        error=getattr(failure, "message", "") or str(failure) or type(failure).__name__,
        hint=getattr(failure, "hint", ""),
        error_class=get_full_type_name(failure),
        counts=counts,
    )
