"""``%pipetask runs``, ``attach``, ``pause`` and all else for runs that were begun before: call, and show."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from jupyter_mpexec.manage_options import ManageOptions

from . import managing, steering
from .following import hooks_for
from .formatters import has_panel_here
from .progress import shows_panels
from .run_outcome import keep_run, show_outcome

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from jupyter_mpexec.execution.run import Run

    from .manage_parser import ManageCommand

__all__ = ["manage"]


def manage(command: ManageCommand, shell: InteractiveShell) -> object:
    """Do what a command for earlier runs asks for; returns the value of the magic."""
    options = command.options
    if command.wants_help:
        from .help import help_text

        _say(help_text(command.subcommand))
        return None
    match command.subcommand:
        case "runs":
            from jupyter_mpexec.execution.runs import list_runs

            return list_runs(shows_all=options.all)
        case "attach":
            return _attach(options, shell)
        case "pause":
            _say(steering.pause(options))
        case "step":
            _say(steering.step(options))
        case "stop":
            _say(managing.stop(options))
        case "cancel" | "skip" as action:
            _say(steering.steer_quanta(action, options))
        case "resume":
            return _go_on(managing.resume, options, shell)
        case "retry":
            return _go_on(managing.retry, options, shell)
        case "report":
            _say(managing.report(options))
        case "prune":
            _say(managing.prune(options))
    return None


def _attach(options: ManageOptions, shell: InteractiveShell) -> object:
    # The cell is at its end at once, so the run can be steered from the next one while its progress is shown here.
    run = managing.attach(options, lambda: hooks_for(shell, background=True))
    keep_run(shell, run)
    if run.state.is_final and shows_panels(shell) and not has_panel_here(run):
        # It is over; there is still much to look at, and perhaps to go on with.
        run.panel().show()
    if not options.wait:
        return run
    managing.wait_for(run)
    return show_outcome(run)


def _go_on(act: Callable[..., Run | str], options: ManageOptions, shell: InteractiveShell) -> object:
    background = options.background
    run = act(
        options,
        lambda: hooks_for(shell, background=background),
        background=background,
        detached=True,
    )
    if isinstance(run, str):
        _say(run)
        return None
    keep_run(shell, run)
    return run if background else show_outcome(run)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
