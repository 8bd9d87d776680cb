"""Beginning a run: in this process, or in one of its own."""

from __future__ import annotations

import logging
import shutil
import uuid
from collections.abc import Callable, Collection, Iterable
from typing import Any

from lsst.pipe.base.quantum_graph_executor import QuantumExecutor

from .built_graph import BuiltQuantumGraph
from .execution_options import ExecutionOptions
from .graph_fixup import load_fixup
from .hooks import Hook
from .local_run import LocalRun
from .output_claim import claim_output
from .prepare import prepare_output_run
from .quantum_graph_executor import ModelFactory
from .repository import is_location, repository_root
from .run import Run
from .run_folder import RunFolder, new_run_folder
from .run_request import RunRequest
from .runner_process import RunnerProcess
from .single_quantum_executor import SingleQuantumExecutor
from .watched_run import WatchedRun

__all__ = ["run_graph", "start_run"]

_LOG = logging.getLogger(__name__)


def run_graph(
    built: BuiltQuantumGraph,
    *,
    hooks: Iterable[Hook] = (),
    command: tuple[str, ...] | None = None,
    background: bool = False,
    quantum_executor: Callable[..., QuantumExecutor] = SingleQuantumExecutor,
    model: ModelFactory | None = None,
    detached: bool = True,
    **options: Any,
) -> Run:
    """Execute a quantum graph.

    With several processes, the run belongs to a process of its own, and goes on when this one ends.

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
        Makes the execution model, which works in this process; by default, the option ``processes`` decides.
    detached
        Whether a run with several processes belongs to a process of its own.
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
    return start_run(
        built,
        ExecutionOptions.make(**options),
        hooks=hooks,
        command=built.command if command is None else command,
        background=background,
        quantum_executor=quantum_executor,
        model=model,
        detached=detached,
    )


def start_run(
    built: BuiltQuantumGraph,
    options: ExecutionOptions,
    *,
    hooks: Iterable[Hook],
    command: tuple[str, ...],
    background: bool,
    quantum_executor: Callable[..., QuantumExecutor] = SingleQuantumExecutor,
    model: ModelFactory | None = None,
    detached: bool = True,
    done: Collection[uuid.UUID] = (),
) -> Run:
    """Execute a quantum graph; see `run_graph`.

    Parameters
    ----------
    built, options, hooks, command, background, quantum_executor, model, detached
        As there.
    done
        Identifiers of quanta that another run into the same collection has done.
    """
    # Everything that can be refused is refused before anything is written.
    load_fixup(options.graph_fixup)
    options.resources()
    if options.timeout is not None and options.processes == 1:
        _LOG.warning(
            "The time limit (timeout, --timeout) has no effect in one process, where nothing can end a quantum: "
            "give it several (processes, -j)."
        )
    folder = new_run_folder(built.output or built.output_run)
    request = RunRequest.of(
        built, options, command=command, done=frozenset(done), quantum_executor=quantum_executor
    )
    try:
        detached &= options.processes > 1 and model is None and not options.init_only
        if detached and _can_be_elsewhere(built):
            return _start_elsewhere(folder, request, built, hooks, background)
        if is_location(built.repository) and model is None:
            request.save(folder)
            request.save_graph(folder, built)
        run = LocalRun(
            built,
            options,
            folder,
            hooks=hooks,
            command=command,
            quantum_executor=quantum_executor,
            model=model,
            done=done,
        )
        return run.start(background=background)
    except BaseException:
        if not folder.journal.path.exists():
            shutil.rmtree(folder.path)
        raise


def _start_elsewhere(
    folder: RunFolder, request: RunRequest, built: BuiltQuantumGraph, hooks: Iterable[Hook], background: bool
) -> WatchedRun:
    request.save(folder)
    with claim_output(folder.name, repository_root(built.repository), built.output_run) as claim:
        # It imports while the output run is made ready here.
        runner = RunnerProcess(folder, claim, processes=request.options.processes)
        try:
            request.save_graph(folder, built)
            prepare_output_run(built, request.options).close()
            run = WatchedRun(folder, request, built, hooks=hooks, quantum_executor=request.quantum_executor)
        except BaseException:
            runner.dismiss()
            raise
        return run.watch(runner, background=background)


def _can_be_elsewhere(built: BuiltQuantumGraph) -> bool:
    if is_location(built.repository):
        return True
    _LOG.warning(
        "The repository exists in the memory of this process only, so the run ends with it (and cannot be resumed)."
    )
    return False
