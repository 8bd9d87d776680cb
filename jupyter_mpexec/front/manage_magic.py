"""``%pipetask runs``, ``attach``, ``stop``, ``resume`` and ``prune``: call, and show."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from jupyter_mpexec.manage_options import ManageOptions

from . import managing
from .progress import progress_for, shows_panels
from .run_outcome import keep_run, show_outcome

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

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
        case "stop":
            _say(managing.stop(options))
        case "resume":
            return _resume(options, shell)
        case "prune":
            _say(managing.prune(options))
    return None


def _attach(options: ManageOptions, shell: InteractiveShell) -> object:
    # The cell is at its end at once, so the run can be steered from the next one while its progress is shown here.
    run = managing.attach(options, lambda: (progress_for(shell, background=True),))
    keep_run(shell, run)
    if run.state.is_final and shows_panels(shell):
        from jupyter_mpexec.widgets.panel_display import was_shown_here

        if not was_shown_here(run.id):
            # It is over; there is still much to look at, and perhaps to go on with.
            run.panel().show()
    if not options.wait:
        return run
    managing.wait_for(run)
    return show_outcome(shell, run)


def _resume(options: ManageOptions, shell: InteractiveShell) -> object:
    background = options.background
    run = managing.resume(
        options,
        lambda: (progress_for(shell, background=background),),
        background=background,
        detached=True,
    )
    keep_run(shell, run)
    return run if background else show_outcome(shell, run)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
