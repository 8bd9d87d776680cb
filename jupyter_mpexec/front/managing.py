"""``attach``, ``stop``, ``resume``, ``retry``, ``report`` and ``prune``: what magics and the command line share."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from jupyter_mpexec.errors import OptionError, RunError, RunInterruptedError
from jupyter_mpexec.manage_options import ManageOptions
from jupyter_mpexec.status import RunState

from . import steering

if TYPE_CHECKING:
    from jupyter_mpexec.execution.hooks import Hook
    from jupyter_mpexec.execution.run import Run

__all__ = ["attach", "prune", "report", "resume", "retry", "stop", "wait_for"]


def attach(options: ManageOptions, hooks: Callable[[], Iterable[Hook]]) -> Run:
    """Come back to a run, and follow it in the background.

    Parameters
    ----------
    options
        The options.
    hooks
        Makes what is called with each event; itself called if the run goes on.
    """
    from jupyter_mpexec.execution import run_choice, runs

    [name] = options.runs or (run_choice.run_to_attach(),)
    is_alive = runs.find_run(name).is_alive
    return runs.attach(name, hooks=hooks() if is_alive else ())


def stop(options: ManageOptions) -> str:
    """Stop a run; returns what there is to say."""
    from jupyter_mpexec.execution import run_choice, runs

    [name] = options.runs or (run_choice.run_to_steer("stop"),)
    name = runs.find_run(name).name
    runs.stop(name, interrupt=options.interrupt)
    if options.wait:
        wait_for(runs.attach(name))
        return f"The run {name} has ended."
    under_way = "are broken off" if options.interrupt else "come to their end first"
    return f"The run {name} is stopping; quanta under way {under_way}."


def resume(
    options: ManageOptions, hooks: Callable[[], Iterable[Hook]], *, background: bool, detached: bool
) -> Run | str:
    """Go on with a run: end its pause, or take up again what is over.

    Parameters
    ----------
    options
        The options.
    hooks
        Makes what is called with each event; itself called if a run begins.
    background, detached
        As for `execution.runs.resume`.

    Returns
    -------
    run
        The run; or, if it was merely paused, what there is to say.
    """
    from jupyter_mpexec.execution import run_choice, runs

    [name] = options.runs or (run_choice.run_to_resume(),)
    folder = runs.find_run(name)
    if folder.is_alive:
        return steering.go_on(folder, options)
    return runs.resume(
        folder.name,
        processes=options.processes,
        hooks=hooks(),
        background=background,
        detached=detached,
    )


def retry(
    options: ManageOptions, hooks: Callable[[], Iterable[Hook]], *, background: bool, detached: bool
) -> Run | str:
    """Run once more what failed, within a run that goes on; or what is not done, of one that is over.

    Parameters
    ----------
    options, hooks, background, detached
        As for `resume`.

    Returns
    -------
    run
        The run that has begun; or what there is to say.
    """
    from jupyter_mpexec.execution import run_choice, runs

    [name] = options.runs or (run_choice.run_to_attach(),)
    folder = runs.find_run(name)
    if folder.is_alive:
        return steering.retry(folder, options)
    if options.quanta:
        raise OptionError(
            f"The run {folder.name} is over: single quanta of it cannot be run again.",
            hint="Leave them out: then all that is not done is run.",
        )
    run = runs.look(folder.name)
    if run.state is RunState.SUCCEEDED:
        raise RunError(f"All quanta of the run {folder.name} are done: there is nothing to retry.")
    if run.state is RunState.DEAD or not detached:
        # What was written at last is to be found and ingested first. And in a new process, classes are as they are now.
        return runs.resume(folder.name, hooks=hooks(), background=background, detached=detached)
    return run.again(hooks=hooks(), background=background)


def report(options: ManageOptions) -> str:
    """Write the report of a run; returns what there is to say."""
    from jupyter_mpexec.execution import run_choice, runs

    [name] = options.runs or (run_choice.run_to_attach(),)
    return f"Written: {runs.look(name).export_report(options.file or None)}"


def prune(options: ManageOptions) -> str:
    """Remove what is kept of runs; returns what there is to say."""
    from jupyter_mpexec.execution import runs

    pruned = runs.prune(options.runs, older_than=options.older_than)
    if not pruned:
        return "No run is as old as that: nothing was removed."
    word = "run" if len(pruned) == 1 else "runs"
    return "\n".join([f"{len(pruned)} {word} removed; what they wrote stays in the repository:", *pruned])


def wait_for(run: Run) -> None:
    """Wait for the end of a run that is followed in the background; giving up does not stop it.

    Raises
    ------
    RunInterruptedError
        Raised if the wait was interrupted.
    """
    try:
        run.wait()
    except KeyboardInterrupt:
        raise RunInterruptedError(
            f"Nobody waits for the run {run.id} any longer; it goes on.",
            hint=f"It can be ended with: %pipetask stop {run.id}",
        ) from None
