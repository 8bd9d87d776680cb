"""One execution of one quantum graph, and the handle to it."""

from __future__ import annotations

import contextlib
import dataclasses
import importlib
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
from lsst.utils.timer import profile

from ..errors import JupyterMpexecError, RunError, RunInterruptedError
from ..events import Event, RunFinished
from ..report import QuantumRecord, RunReport
from ..status import RunState
from .built_graph import BuiltQuantumGraph
from .command_words import words_of_run
from .current_classes import with_current_classes
from .execution_options import ExecutionOptions
from .graph_fixup import load_fixup
from .hooks import Hook, Hooks
from .journal import Journal, new_run_folder
from .prepare import prepare_output_run
from .quantum_graph_executor import ModelFactory, QuantumGraphExecutor
from .repository import open_butler
from .run_control import RunControl
from .run_started import started_event
from .single_quantum_executor import SingleQuantumExecutor
from .worker_crew import WorkerCrew

__all__ = ["Run", "run_graph"]

_LOG = logging.getLogger(__name__)


class Run:
    """One execution of a quantum graph: what happens, and how to steer it.

    Made by `run_graph`, that is by `BuiltQuantumGraph.run` or ``%pipetask run``. Shown at the end of a cell, it is the
    report of the run.

    Attributes
    ----------
    graph
        What is executed.
    options
        How.
    control
        Pause, resume, step, stop, cancel, retry and skip; from any thread.
    report
        State of the run, kept up to date.
    journal
        The record on disk.
    error
        What ended the run early, or None.
    """

    def __init__(
        self,
        graph: BuiltQuantumGraph,
        options: ExecutionOptions,
        *,
        journal: Journal,
        hooks: Iterable[Hook] = (),
        command: tuple[str, ...] = (),
        quantum_executor: Callable[..., QuantumExecutor] = SingleQuantumExecutor,
        model: ModelFactory | None = None,
        done: Collection[uuid.UUID] = (),
    ) -> None:
        self.graph = graph
        self.options = options
        self.control = RunControl()
        self.report = RunReport()
        self.journal = journal
        self.error: BaseException | None = None
        self._hooks = Hooks([self.report.apply, journal, *hooks])
        self._command = command
        self._quantum_executor = quantum_executor
        self._model = model
        self._done = frozenset(done)
        self._executor: QuantumGraphExecutor | None = None
        self._crew: WorkerCrew | None = None
        self._thread: threading.Thread | None = None
        self._ended = threading.Event()
        self._hooks.introduce(self)

    # What users look at.

    @property
    def id(self) -> str:
        """Identifier of the run: the name of its folder."""
        return self.journal.folder.name

    @property
    def folder(self) -> Path:
        """Folder that holds the journal."""
        return self.journal.folder

    @property
    def state(self) -> RunState:
        """State of the run."""
        return self.report.state

    @property
    def hooks(self) -> Hooks:
        """What is called with each event; more can be added and removed while the run goes on."""
        return self._hooks

    @property
    def output_run(self) -> str:
        """RUN collection that outputs go to."""
        return self.graph.output_run

    @property
    def failures(self) -> list[QuantumRecord]:
        """Quanta that failed, first failure first."""
        return self.report.failures

    def butler(self) -> Butler:
        """Open a read-only butler on the results."""
        return open_butler(self.graph.repository, collections=self.graph.output or self.output_run)

    def getReport(self) -> Report | None:  # noqa: N802  # upstream's name
        """Get the report in upstream's form; None before the first quantum."""
        return self._executor.getReport() if self._executor is not None else None

    def panel(self) -> Any:
        """Open a live panel: see what the run does, and steer it. It stays of use when the run is over."""
        # By name, since widgets are above this layer.
        return importlib.import_module("jupyter_mpexec.widgets.run_panel").RunPanel(self)

    def __repr__(self) -> str:
        counts = ", ".join(f"{n} {status.replace('_', ' ')}" for status, n in self.report.counts.items())
        return f"Run({self.id!r}, {self.state}{': ' if counts else ''}{counts})"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        from .views.run import run_bundle

        return run_bundle(self)

    # What users do.

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for the end of the run.

        Parameters
        ----------
        timeout
            Seconds to wait at most.

        Returns
        -------
        ended
            Whether the run is over.
        """
        return self._ended.wait(timeout)

    def check(self) -> None:
        """Wait for the end, and raise an exception unless the run succeeded.

        Raises
        ------
        RunError
            Raised if quanta failed, or the run was stopped.
        """
        self.wait()
        if isinstance(self.error, JupyterMpexecError):
            raise self.error
        if self.error is not None:
            raise RunError(f"The run failed: {self.error}") from self.error

    def pause(self) -> None:
        """Let no further quantum start."""
        self.control.pause()

    def resume(self) -> None:
        """Go on after a pause."""
        self.control.resume()

    def step(self, count: int = 1) -> None:
        """Let exactly `count` more quanta start."""
        self.control.step(count)

    def stop(self, *, interrupt: bool = False, wait: bool = True) -> None:
        """End the run early; what has finished is kept, and entered into the registry.

        Parameters
        ----------
        interrupt
            Do not let the quanta under way come to their end.
        wait
            Return when the run is over.
        """
        if not self._ended.is_set():
            self.control.stop(interrupt=interrupt)
        if wait and threading.current_thread() is not self._thread:
            self.wait()

    def again(self, *, hooks: Iterable[Hook] = (), background: bool = False) -> Run:
        """Run what is not done yet once more, into the same output run.

        Quanta that succeeded are left alone; outputs of those that failed are removed first. Tasks are made from their
        classes as they are now, so that a task can be mended (and its module reloaded) in between.

        Raises
        ------
        RunError
            Raised if this run still goes on.
        """
        if not self._ended.is_set():
            raise RunError("The run still goes on.", hint="Use `run.control.retry()` to retry failed quanta.")
        done = [uuid.UUID(q) for q, r in self.report.quanta.items() if r.status.is_success and r.ingested]
        graph = with_current_classes(self.graph.extended())
        again = Run(
            graph,
            # The run was made ready when it began; what is new is not to be compared with what it was begun with.
            dataclasses.replace(
                self.options, clobber_outputs=True, skip_init_writes=True, register_dataset_types=False
            ),
            journal=Journal(new_run_folder(self.graph.output or self.output_run)),
            hooks=hooks,
            command=words_of_run(graph, {**self.options.changed(), "clobber_outputs": True})
            if self._command
            else (),
            quantum_executor=self._quantum_executor,
            model=self._model,
            done=done,
        )
        return again._start(background=background)

    # How it goes.

    def _start(self, *, background: bool) -> Run:
        self._crew = self._call_crew()
        try:
            butler = prepare_output_run(self.graph, self.options)
        except BaseException:
            self._dismiss_crew()
            raise
        if background:
            self._thread = threading.Thread(
                target=self._work, args=(butler, True), name=f"mpexec {self.id}", daemon=True
            )
            self._thread.start()
        else:
            self._work(butler, False)
        return self

    def _work(self, butler: Butler, clone: bool) -> None:
        state, error = RunState.FAILED, ""
        try:
            # A butler belongs to one thread; this may be another one than it was made on.
            with butler, butler.clone() if clone else contextlib.nullcontext(butler) as mine:
                self._tell(started_event(self.graph, self.options, run_id=self.id, command=self._command))
                if not self.options.init_only:
                    self._execute(mine)
            state = RunState.SUCCEEDED
        except RunInterruptedError as stopped:
            state, error, self.error = RunState.STOPPED, stopped.message, stopped
        except BaseException as failure:
            error = getattr(failure, "message", "") or str(failure) or type(failure).__name__
            self.error = failure
            if not isinstance(failure, Exception):
                raise
            if not isinstance(failure, JupyterMpexecError):
                _LOG.exception("The run failed.")
        finally:
            self._dismiss_crew()
            self.control.close()
            self._tell(RunFinished(time=time.time(), state=state, error=error))
            self._ended.set()

    def _call_crew(self) -> WorkerCrew | None:
        """Start worker processes, if there will be any: they import for seconds while the output run is made ready."""
        options = self.options
        if options.processes == 1 or options.init_only or self._model is not None:
            return None
        return WorkerCrew(
            options.processes,
            start_method=options.start_method,
            limit_threads=not options.enable_implicit_threading,
        )

    def _dismiss_crew(self) -> None:
        if self._crew is not None:
            self._crew.end()
            self._crew = None

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
            hooks=[self._hooks],
            command=self._command,
            done=self._done,
            retries=options.retries,
            limit_threads=not options.enable_implicit_threading,
            crew=self._crew,
        )

    def _tell(self, event: Event) -> None:
        self._hooks(event)


def run_graph(
    built: BuiltQuantumGraph,
    *,
    hooks: Iterable[Hook] = (),
    command: tuple[str, ...] | None = None,
    background: bool = False,
    quantum_executor: Callable[..., QuantumExecutor] = SingleQuantumExecutor,
    model: ModelFactory | None = None,
    **options: Any,
) -> Run:
    """Execute a quantum graph.

    Parameters
    ----------
    built
        The graph, with the repository and the collections that it belongs to.
    hooks
        Called with every event, on the thread of the run.
    command
        The equivalent shell command, for the report; by default, that of the graph.
    background
        Return at once; the run goes on in a thread of its own.
    quantum_executor
        Makes the executor of single quanta: `SingleQuantumExecutor`, or a subclass.
    model
        Makes the execution model; by default, the option ``processes`` decides.
    **options
        Fields of `ExecutionOptions`.

    Returns
    -------
    run
        The run. Failed quanta are in its report and raise nothing; see `Run.check`.

    Raises
    ------
    JupyterMpexecError
        Raised if the run cannot begin.
    """
    execution_options = ExecutionOptions.make(**options)
    # Everything that can be refused is refused before anything is written.
    load_fixup(execution_options.graph_fixup)
    execution_options.resources()
    journal = Journal(new_run_folder(built.output or built.output_run))
    run = Run(
        built,
        execution_options,
        journal=journal,
        hooks=hooks,
        command=built.command if command is None else command,
        quantum_executor=quantum_executor,
        model=model,
    )
    try:
        return run._start(background=background)
    except BaseException:
        if not journal.path.exists():
            journal.folder.rmdir()
        raise
