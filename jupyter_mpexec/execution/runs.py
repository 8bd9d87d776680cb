"""All runs of this user: which there are, and how to come back to one."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import Any, overload

from ..errors import RunError, did_you_mean
from ..status import RunState
from .control_socket import RemoteControl
from .hooks import Hook
from .local_run import LocalRun
from .output_claim import claim_output
from .repository import repository_root
from .run import Run
from .run_entry import RunEntry, remove_runs, run_entry, run_folders
from .run_folder import RunFolder
from .run_request import RunRequest
from .runner_process import RunnerProcess
from .watched_run import WatchedRun

__all__ = ["RunEntry", "RunList", "attach", "find_run", "list_runs", "look", "prune", "resume", "stop"]

_DAY = 86400.0
_MOST_NAMED = 5


class RunList(Sequence[RunEntry]):
    """Runs, the newest first.

    Parameters
    ----------
    entries
        The runs, in any order.
    shows_all
        Show them all at the end of a cell, however many there are.
    """

    def __init__(self, entries: Iterable[RunEntry], *, shows_all: bool = False) -> None:
        self.shows_all = shows_all
        self._entries = sorted(entries, key=lambda entry: entry.started_at, reverse=True)

    @overload
    def __getitem__(self, index: int) -> RunEntry: ...
    @overload
    def __getitem__(self, index: slice) -> RunList: ...
    def __getitem__(self, index: int | slice) -> RunEntry | RunList:
        """Get one or several of them."""
        if isinstance(index, slice):
            return RunList(self._entries[index], shows_all=self.shows_all)
        return self._entries[index]

    def __len__(self) -> int:
        return len(self._entries)

    def __repr__(self) -> str:
        text: str = self._repr_mimebundle_()["text/plain"]
        return text

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        from .views.runs import runs_bundle

        return runs_bundle(self)


def list_runs(*, shows_all: bool = False) -> RunList:
    """List the runs of this user: those that go on, in any process, and those that have ended.

    Parameters
    ----------
    shows_all
        Show them all at the end of a cell, however many there are.
    """
    return RunList(map(run_entry, run_folders()), shows_all=shows_all)


def find_run(name: str) -> RunFolder:
    """Find a run by its identifier, or by ``last``, which is the one that was begun last.

    The beginning of the identifier, or of its last part, is enough if there is only one such run.

    Raises
    ------
    RunError
        Raised if there is none, or more than one.
    """
    folders = {folder.name: folder for folder in run_folders()}
    if name in folders:
        return folders[name]
    if name == "last" and folders:
        return list_runs()[0].folder
    near = [
        folder
        for known, folder in folders.items()
        if name and (known.startswith(name) or known.rpartition("-")[2].startswith(name))
    ]
    if len(near) == 1:
        return near[0]
    if near:
        raise RunError(
            f"{len(near)} runs begin with {name!r}.",
            hint=f"Which one: {', '.join(sorted(f.name for f in near)[-_MOST_NAMED:])}?",
        )
    if name == "last":
        raise RunError("There are no runs yet.", hint="%pipetask run --help tells how to begin one.")
    hint = did_you_mean(name, folders) or "%pipetask runs lists all runs."
    raise RunError(f"There is no run {name!r}.", hint=hint)


def attach(name: str, *, hooks: Iterable[Hook] = (), background: bool = True) -> Run:
    """Come back to a run, wherever it goes on, or has ended.

    Parameters
    ----------
    name
        See `find_run`.
    hooks
        Called with every event, from the first one of the run on.
    background
        Return at once, and follow the run on a thread; otherwise, return when it is over.

    Raises
    ------
    RunError
        Raised if there is no such run, or it cannot be read.
    """
    folder = find_run(name)
    run = WatchedRun(folder, hooks=hooks)
    return run.watch(background=background) if folder.is_alive else run.look()


def look(name: str) -> Run:
    """See how far a run is, wherever it goes on, or how it ended; it is not followed.

    Parameters
    ----------
    name
        See `find_run`.

    Raises
    ------
    RunError
        Raised if there is no such run, or it cannot be read.
    """
    folder = find_run(name)
    # In this order: what it says at last is in the journal before it goes.
    is_alive = folder.is_alive
    return WatchedRun(folder).look(is_over=not is_alive)


def stop(name: str, *, interrupt: bool = False) -> None:
    """End a run early; what has finished is kept, and entered into the registry.

    Parameters
    ----------
    name
        See `find_run`.
    interrupt
        Do not let the quanta under way come to their end.

    Raises
    ------
    RunError
        Raised if there is no such run, or it is over.
    """
    RemoteControl(find_run(name)).stop(interrupt=interrupt)


def resume(
    name: str,
    *,
    processes: int | None = None,
    hooks: Iterable[Hook] = (),
    background: bool = False,
    detached: bool = True,
) -> Run:
    """Go on with a run that was broken off, or has failed: what it wrote is ingested, and what is not done is run.

    Parameters
    ----------
    name
        See `find_run`.
    processes
        Number of processes; by default, as many as before.
    hooks
        Called with every event, from the first one of the run on.
    background
        Return at once; the run goes on.
    detached
        Whether a run with several processes belongs to a process of its own.

    Raises
    ------
    RunError
        Raised if there is no such run, it still goes on, has nothing left to do, or did not even begin.
    """
    folder = find_run(name)
    entry = run_entry(folder)
    if entry.is_alive:
        raise RunError(
            f"The run {folder.name} goes on.", hint=f"Watch it with: %pipetask attach {folder.name}"
        )
    if not entry.has_begun:
        raise RunError(
            f"The run {folder.name} did not begin. {entry.trouble}".strip(),
            hint="Run its command again; the folder can be removed with: %pipetask prune " + folder.name,
        )
    if entry.state is RunState.SUCCEEDED:
        raise RunError(f"The run {folder.name} has come to its end: there is nothing left to do.")
    request = RunRequest.load(folder).with_processes(processes)
    if detached and request.options.processes > 1:
        repository = repository_root(request.repository)
        with claim_output(folder.name, repository, request.plan.output_run) as claim:
            runner = RunnerProcess(folder, claim, processes=request.options.processes)
            try:
                run = WatchedRun(folder, request, hooks=hooks)
            except BaseException:
                runner.dismiss()
                raise
            return run.watch(runner, background=background)
    return _resume_here(folder, request, hooks=hooks, background=background)


def prune(names: Iterable[str] = (), *, older_than: float | None = None) -> tuple[str, ...]:
    """Remove folders of runs; their results stay in the repository, but they can neither be shown nor resumed.

    Parameters
    ----------
    names
        Runs to remove, whatever became of them; see `find_run`.
    older_than
        Days: remove those that came to an end of their own longer ago than that.

    Returns
    -------
    pruned
        Identifiers of the runs that were removed.

    Raises
    ------
    RunError
        Raised if there is no such run, or it still goes on.
    """
    chosen = {folder.name: folder for folder in map(find_run, names)}
    if older_than is not None:
        for entry in list_runs():
            ended = entry.summary.finished_at if entry.summary is not None else None
            if ended is not None and not entry.is_alive and time.time() - ended > older_than * _DAY:
                chosen[entry.id] = entry.folder
    remove_runs(chosen.values())
    return tuple(chosen)


def _resume_here(
    folder: RunFolder, request: RunRequest, *, hooks: Iterable[Hook], background: bool
) -> LocalRun:
    request = request.with_objects(folder)
    run = LocalRun(
        request.graph(folder).extended(),
        request.execution(is_resumed=True),
        folder,
        hooks=hooks,
        command=request.command,
        quantum_executor=request.quantum_executor,
        done=request.done,
        is_resumed=True,
    )
    return run.start(
        background=background,
        prepared=True,
        # Not before: if it is refused, all stays as it was.
        when_accepted=lambda: request.save_options(folder),
    )
