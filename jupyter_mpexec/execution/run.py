"""The handle to a run: what it looks like to its user, wherever it goes on."""

from __future__ import annotations

import contextlib
import dataclasses
import importlib
import threading
import uuid
from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsst.daf.butler import Butler
from lsst.daf.butler.logging import ButlerLogRecords
from lsst.pipe.base.quantum_reports import Report

from ..errors import JupyterMpexecError, RunError
from ..events import Event
from ..report import QuantumRecord, RunReport
from ..status import QuantumStatus, RunState
from .command_words import words_of_run
from .current_classes import with_current_classes
from .execution_options import ExecutionOptions
from .hooks import Hook, Hooks
from .repository import open_butler
from .run_folder import RunFolder
from .run_steering import RunSteering
from .workbench.quantum_choice import choose_quantum
from .worker_log import CREW_FOLDER, find_worker_log, read_worker_log

if TYPE_CHECKING:
    from .journal import Journal
    from .workbench.failed_quantum import FailedQuantum
    from .workbench.open_quantum import OpenQuantum

__all__ = ["Run"]


class Run(RunSteering):
    """One execution of a quantum graph: what happens, and how to steer it.

    Made by `BuiltQuantumGraph.run` or ``%pipetask run``; and by `attach`, for one that goes on (or has been) elsewhere.
    Shown at the end of a cell, it is the report of the run.

    Attributes
    ----------
    options
        How the graph is executed.
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
        folder: RunFolder,
        options: ExecutionOptions,
        *,
        hooks: Iterable[Hook] = (),
        command: tuple[str, ...] = (),
    ) -> None:
        self._run_folder = folder
        self.options = options
        self.report = RunReport()
        self.error: BaseException | None = None
        self._hooks = Hooks(hooks)
        self._command = command
        self._thread: threading.Thread | None = None
        self._ended = threading.Event()

    # What users look at.

    @property
    def id(self) -> str:
        """Identifier of the run: the name of its folder."""
        return self._run_folder.name

    @property
    def folder(self) -> Path:
        """Folder that holds all that is kept of the run."""
        return self._run_folder.path

    @property
    def journal(self) -> Journal:
        """The record on disk."""
        return self._run_folder.journal

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
    def output(self) -> str | None:
        """CHAINED collection above it, if any."""
        return self.graph.output

    @property
    def failures(self) -> list[FailedQuantum]:
        """Quanta that failed, first failure first; each leads to all that is kept of it."""
        from .workbench.failed_quantum import FailedQuantum

        return [FailedQuantum(**vars(record), run=self) for record in self.report.failures]

    @property
    def run_folder(self) -> RunFolder:
        """The files of the run."""
        return self._run_folder

    def butler(self) -> Butler:
        """Open a read-only butler on the results."""
        return open_butler(self.graph.repository, collections=self.output or self.output_run)

    def log_so_far(self, quantum_id: str) -> ButlerLogRecords | None:
        """Read what a quantum has logged until now that a worker process runs.

        Of a very long log it is the end. When the quantum has ended, its log is a dataset like its other outputs.

        Parameters
        ----------
        quantum_id
            The quantum.

        Returns
        -------
        records
            The records; None if no worker process runs the quantum.
        """
        record = self.report.quanta.get(quantum_id)
        if record is None or record.status is not QuantumStatus.RUNNING:
            return None
        worker = record.worker
        file = find_worker_log(self._crew_folders(), worker)
        if file is None:
            return None
        records = read_worker_log(file, is_whole=False)
        # The file is that of the worker: of the next quantum, if this one has ended in the meantime.
        is_the_same = record.status is QuantumStatus.RUNNING and record.worker == worker
        return records if is_the_same else None

    def _crew_folders(self) -> Iterable[Path]:
        """Where worker processes leave files."""
        return self._run_folder.temporary_link.glob(f"{CREW_FOLDER}*")

    @abstractmethod
    def getReport(self) -> Report | None:  # noqa: N802  # upstream's name
        """Get the report in upstream's form; None before the first quantum."""

    def quantum(self, which: str | uuid.UUID, **data_id: Any) -> OpenQuantum:
        """Open a quantum: its inputs, its task, and reruns of it in memory.

        Parameters
        ----------
        which
            Label of a task, or the identifier of a quantum.
        **data_id
            As much of its data ID as is needed to tell it from the others.

        Raises
        ------
        TaskNotFoundError, UsageError, RunError
            Raised if there is no such quantum, or more than one; the message lists what there is.

        Examples
        --------
        ::

            q = run.quantum("calibrate", visit=42, detector=7)
        """
        from .workbench.open_quantum import OpenQuantum

        return OpenQuantum(self, choose_quantum(self.graph, which, data_id))

    @property
    @abstractmethod
    def quantum_executor(self) -> Callable[..., Any]:
        """What makes the executor of single quanta."""

    def panel(self) -> Any:
        """Open a live panel: see what the run does, and steer it. It stays of use when the run is over."""
        # By name, since widgets are above this layer.
        return importlib.import_module("jupyter_mpexec.widgets.run_panel").RunPanel(self)

    def export_report(self, path: str | Path | None = None) -> Path:
        """Write the report to an HTML file that shows anywhere; the run need not be over.

        Parameters
        ----------
        path
            The file; by default named after the run, in the current folder.

        Returns
        -------
        path
            The file that was written.

        Raises
        ------
        RunError
            Raised if the file cannot be written.
        """
        file = Path(path) if path is not None else Path(f"report-{self.id}.html")
        body = self._repr_mimebundle_()["text/html"]
        head = f'<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Run {self.id}</title>'
        try:
            file.write_text(f"{head}<body>{body}</body></html>\n", encoding="utf-8")
        except OSError as error:
            raise RunError(f"The report cannot be written to {file}: {error.strerror}.") from error
        return file.resolve()

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

    def ready(self) -> list[QuantumRecord]:
        """List the quanta that could start now, in the order of the graph; `run_next` chooses among them."""
        from .workbench.ready_quanta import ready_quanta

        return ready_quanta(self)

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

    def again(self, *, hooks: Iterable[Hook] | None = None, background: bool = False) -> Run:
        """Run what is not done yet once more, into the same output run.

        Quanta that succeeded are left alone; outputs of those that failed are removed first. Tasks are made from their
        classes as they are now, so that a task can be mended (and its module reloaded) in between.

        Parameters
        ----------
        hooks
            Called with each event of the new run. By default, a run that began with ``%pipetask`` is followed as that
            follows it: its progress is shown, and if it was the last one, ``_run`` is the new one.
        background
            Return at once; the run goes on.

        Raises
        ------
        RunError
            Raised if this run still goes on.
        """
        from .run_graph import start_run

        if not self._ended.is_set():
            raise RunError("The run still goes on.", hint="Use `run.control.retry()` to retry failed quanta.")
        done = [uuid.UUID(q) for q, r in self.report.quanta.items() if r.status.is_success and r.ingested]
        graph = with_current_classes(self.graph.extended())
        # The run was made ready when it began; what is new is not to be compared with what it was begun with.
        options = dataclasses.replace(
            self.options, clobber_outputs=True, skip_init_writes=True, register_dataset_types=False
        )
        if hooks is None:
            hooks = self._hooks.for_next(self, background=background)
        command = (
            words_of_run(graph, {**self.options.changed(), "clobber_outputs": True}) if self._command else ()
        )
        return start_run(
            graph,
            options,
            hooks=hooks,
            command=command,
            background=background,
            done=done,
            **self._ways_to_execute(),
        )

    @contextlib.contextmanager
    def folder_owned(self) -> Iterator[RunFolder]:
        """Make a run that is over belong to this process, to change what is kept of it.

        Raises
        ------
        JournalError
            Raised if it belongs to another process, which goes on with it.
        """
        with self._run_folder.own():
            yield self._run_folder

    def record(self, events: Iterable[Event]) -> None:
        """Add to the record of a run that is over; only within `folder_owned`."""
        for event in events:
            self.journal(event)
            Run._tell(self, event)
        if self.report.state is RunState.SUCCEEDED:
            self.error = None

    def _ways_to_execute(self) -> dict[str, Any]:
        """What `start_run` is to be given, to execute another run in the same way."""
        return {}

    def _tell(self, event: Event) -> None:
        self.report.apply(event)
        self._hooks(event)
