"""``jupyter mpexec runs``, ``attach``, ``pause`` and all else for runs that were begun before."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from jupyter_mpexec.errors import OptionError

from . import managing, steering
from .failures import in_shell
from .progress import progress_for

if TYPE_CHECKING:
    from jupyter_mpexec.execution.run import Run

    from .manage_parser import ManageCommand

__all__ = ["manage"]


def manage(command: ManageCommand, conclude: Callable[[Run], int]) -> int:
    """Do what a command for earlier runs asks for.

    Parameters
    ----------
    command
        The command.
    conclude
        Shows a run that is over, and gives the exit code.

    Returns
    -------
    code
        Exit code.
    """
    options = command.options
    if options.background:
        raise OptionError(
            "--background works in notebooks only.", hint="Let the shell do it: put & at the end."
        )
    match command.subcommand:
        case "runs":
            from jupyter_mpexec.execution.runs import list_runs

            return _say(repr(list_runs(shows_all=options.all)))
        case "attach":
            run = managing.attach(options, lambda: (progress_for(),))
            managing.wait_for(run)
            return conclude(run)
        case "pause":
            return _say(steering.pause(options))
        case "step":
            return _say(steering.step(options))
        case "stop":
            return _say(managing.stop(options))
        case "cancel" | "skip" as action:
            return _say(steering.steer_quanta(action, options))
        case "resume" | "retry" as action:
            # The command is a process of its own: it is the run's.
            act = managing.resume if action == "resume" else managing.retry
            done = act(options, lambda: (progress_for(),), background=False, detached=False)
            return _say(done) if isinstance(done, str) else conclude(done)
        case "report":
            return _say(managing.report(options))
        case "prune":
            return _say(managing.prune(options))


def _say(text: str) -> int:
    sys.stdout.write(f"{in_shell(text)}\n")
    return 0
