"""A run that goes on in another process, and is followed by its journal."""

from __future__ import annotations

import contextlib
import functools
import logging
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from lsst.daf.butler import Butler
from lsst.pipe.base.quantum_graph_executor import QuantumExecutor
from lsst.pipe.base.quantum_reports import Report
from lsst.utils.doImport import doImportType

from ..errors import JournalError, JupyterMpexecError, RunError, RunInterruptedError
from ..events import Event, QuantumEvent, RunFinished, RunLogged, RunStarted
from ..status import RunState
from .built_graph import BuiltQuantumGraph
from .control_socket import RemoteControl
from .death import death
from .departure import process_departs
from .hooks import Hook
from .interrupts import Interrupts
from .journal import JournalTail
from .quanta import as_predicted_graph
from .repository import open_butler
from .run import Run
from .run_folder import RunFolder
from .run_request import RunRequest
from .runner_process import RunnerProcess
from .upstream_report import UpstreamReport
from .worker_process import describe_exit

__all__ = ["WatchedRun"]

_LOG = logging.getLogger(__name__)

_PAUSE = 0.05
"""Seconds between two looks at the journal: more often than anybody sees."""

_PATIENCE = 60.0
"""Seconds in which nothing can be read before the watching ends: there may be too many open files for a while, or a
network disk may not answer."""


class WatchedRun(Run):
    """A run that another process executes; this one can go away, and come back.

    Parameters
    ----------
    folder
        Folder of the run.
    request
        What was asked for; by default, what the folder says.
    graph
        What is executed; by default, what the folder says.
    hooks
        Called with every event, those of the past too.
    quantum_executor
        Makes the executor of single quanta, for another run like this one; by default, what the folder says.
    """

    control: RemoteControl

    def __init__(
        self,
        folder: RunFolder,
        request: RunRequest | None = None,
        graph: BuiltQuantumGraph | None = None,
        *,
        hooks: Iterable[Hook] = (),
        quantum_executor: Callable[..., QuantumExecutor] | None = None,
    ) -> None:
        request = request if request is not None else RunRequest.load(folder)
        super().__init__(folder, request.options, hooks=hooks, command=request.command)
        if graph is not None:
            self.graph = graph
        self.control = RemoteControl(folder)
        self._request = request
        self._quantum_executor = quantum_executor
        self._tail = JournalTail(folder.journal)
        self._since = time.time()
        self._blind_since: float | None = None
        self._finished: RunFinished | None = None
        self._interrupts = 0
        self._heeded = False
        self._process: RunnerProcess | None = None

    @functools.cached_property
    def graph(self) -> BuiltQuantumGraph:
        """What is executed."""
        return self._request.with_objects(self._run_folder).graph(self._run_folder)

    @functools.cached_property
    def quantum_executor(self) -> Callable[..., Any]:
        """What makes the executor of single quanta."""
        if self._quantum_executor is None:
            self._quantum_executor = self._request.with_objects(self._run_folder).quantum_executor
        return self._quantum_executor

    @property
    def output_run(self) -> str:
        """RUN collection that outputs go to."""
        # The graph, which also knows, may be large, and not be read yet.
        return self._request.plan.output_run

    @property
    def output(self) -> str | None:
        """CHAINED collection above it, if any."""
        return self._request.plan.output

    def butler(self) -> Butler:
        """Open a read-only butler on the results."""
        return open_butler(self._request.repository, collections=self.output or self.output_run)

    def getReport(self) -> Report | None:  # noqa: N802  # upstream's name
        """Get the report in upstream's form; None before the first quantum."""
        report = UpstreamReport(as_predicted_graph(self.graph.graph), self._command)
        is_empty = True
        for event in self.journal.read():
            report(event)
            is_empty &= not isinstance(event, QuantumEvent)
        if self.error is not None:
            report.fail(self.error)
        return None if is_empty and self.error is None else report.get()

    # How it is followed.

    def watch(self, process: RunnerProcess | None = None, *, background: bool) -> WatchedRun:
        """Follow the run to its end.

        Parameters
        ----------
        process
            The process that it belongs to, if it was started here, and just now.
        background
            Return at once; a thread of its own follows the run.
        """
        self._process = process
        with contextlib.ExitStack() as stack:
            if process is not None:
                stack.callback(process.dismiss)
            self._hooks.introduce(self)
            # Now, so that who gets this run sees at once how far it is.
            for event in self._tail.read():
                self._take(event)
            if process is not None:
                # The end of an earlier session is not that of the run.
                self._finished = None
                process.go()
            stack.pop_all()
        if background:
            self._thread = threading.Thread(target=self._follow, name=f"mpexec {self.id}", daemon=True)
            self._thread.start()
        else:
            with Interrupts(self._note_interrupt).handle_signals():
                self._follow()
        return self

    def look(self, *, is_over: bool = True) -> WatchedRun:
        """Take in what has happened until now, and do not follow the run any further.

        Parameters
        ----------
        is_over
            There is no process that the run belongs to: without an end in its journal, it died.
        """
        self._hooks.introduce(self)
        for event in self._tail.read():
            self._take(event)
        if is_over:
            self._conclude()
        return self

    def _follow(self) -> None:
        try:
            while True:
                self._heed_interrupts()
                is_gone, events = self._news()
                for event in events:
                    self._take(event)
                if is_gone:
                    self._conclude()
                    return
                time.sleep(_PAUSE)
        except RunInterruptedError:
            # For whoever waits in this thread.
            raise
        except Exception as error:
            self._lose_sight(error)

    def _news(self) -> tuple[bool, list[Event]]:
        """Look whether the process of the run is gone, and what is new in the journal."""
        try:
            # In this order: what it says at last is in the journal before it goes.
            is_gone, events = not self._is_alive(), self._tail.read()
        except JournalError as error:
            now = time.monotonic()
            self._blind_since = now if self._blind_since is None else self._blind_since
            if not isinstance(error.__cause__, OSError) or now - self._blind_since > _PATIENCE:
                raise
            return False, []
        self._blind_since = None
        return is_gone, events

    def _lose_sight(self, error: Exception) -> None:
        """End the watching, which is not the end of the run."""
        self.error = error
        if not isinstance(error, JupyterMpexecError):
            _LOG.exception("The run %s cannot be watched any longer.", self.id)
        try:
            # Everybody would wait for it.
            self._tell(
                RunFinished(
                    time=time.time(),
                    state=RunState.DEAD,
                    error=f"What becomes of the run cannot be seen any longer: {getattr(error, 'message', error)}",
                    hint=f"It may go on. Come back to it with: %pipetask attach {self.id}",
                )
            )
        finally:
            self._ended.set()

    def _note_interrupt(self) -> None:
        self._interrupts += 1

    def _heed_interrupts(self) -> None:
        """End the run at the first ■, as in the kernel; and at the second one, if that is not enough, the watching.

        The end of the kernel begins with an interrupt, too, and ends the watching only.
        """
        if self._interrupts > 1 and self._heeded:
            raise RunInterruptedError(
                f"The run {self.id} is no longer watched; it has been told to stop.",
                hint=f"See what becomes of it with: %pipetask attach {self.id}",
            )
        if self._interrupts and not self._heeded:
            self._heeded = True
            if process_departs():
                raise RunInterruptedError(
                    f"The run {self.id} is no longer watched, because this kernel ends; the run goes on.",
                    hint=f"Come back to it with: %pipetask attach {self.id}",
                )
            with contextlib.suppress(RunError):
                self.control.stop("interrupted", interrupt=True)

    def _is_alive(self) -> bool:
        if self._process is not None:
            return self._process.is_running
        return self._run_folder.is_alive

    def _take(self, event: Event) -> None:
        match event:
            case RunFinished():
                # Kept back: if the run was resumed after it, it was not the end.
                self._finished = event
                self.report.leave_off(event.time)
            case RunLogged() if event.time >= self._since:
                logging.getLogger(event.logger).log(event.level, "%s", event.message)
                self._tell(event)
            case _:
                if isinstance(event, RunStarted):
                    self._finished = None
                self._tell(event)

    def _conclude(self) -> None:
        self._tidy_up()
        finished = self._finished
        if finished is None:
            finished = self._death()
        self.error = _error_of(finished)
        self._tell(finished)
        self._ended.set()

    def _tidy_up(self) -> None:
        # Somebody may just begin to go on with the run; or have removed its folder.
        with contextlib.suppress(OSError):
            lock = self._run_folder.owner_lock
            if lock.acquire():
                with lock:
                    self._run_folder.tidy_up()

    def _death(self) -> RunFinished:
        code = self._process.exit_code if self._process is not None else None
        how = describe_exit(code) if code is not None else ""
        return death(self._run_folder, self.report, how=how)

    def _ways_to_execute(self) -> dict[str, Any]:
        return {"quantum_executor": self.quantum_executor}


def _error_of(finished: RunFinished) -> Exception | None:
    """Make the exception anew that ended a run."""
    if finished.state is RunState.SUCCEEDED:
        return None
    cls: Any = RunError
    if finished.error_class.startswith("jupyter_mpexec."):
        cls = doImportType(finished.error_class)
    elif finished.error_class:
        return RunError(f"{finished.error_class}: {finished.error}", hint=finished.hint)
    error: Exception = cls(finished.error, hint=finished.hint)
    return error
