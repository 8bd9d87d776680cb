"""``jupyter mpexec`` and ``python -m jupyter_mpexec``: the magics' options as a command."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from jupyter_mpexec._version import __version__
from jupyter_mpexec.errors import JupyterMpexecError, OptionError, RunInterruptedError, UsageError
from jupyter_mpexec.options import RunOptions

from .demo_command import HELP, NAME, demo_repo
from .failures import PROGRAM, brief, in_shell

if TYPE_CHECKING:
    from jupyter_mpexec.execution.run import Run
    from jupyter_mpexec.manage_options import ManageSubcommand
    from jupyter_mpexec.options import Subcommand

    from .manage_parser import ManageCommand

__all__ = ["main"]

OK, FAILED, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130

_MORE_SUBCOMMANDS = {NAME: HELP}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command.

    Parameters
    ----------
    argv
        The words behind the program's name; those of this process by default.

    Returns
    -------
    code
        Exit code: 0 all went well; 1 it failed; 2 the command was wrong; 130 it was interrupted.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        if words[:1] == ["--version"]:
            sys.stdout.write(f"jupyter_mpexec {__version__}\n")
            return OK
        if words[:1] == [NAME]:
            return demo_repo(words[1:])
        return _pipetask(words)
    except JupyterMpexecError as error:
        sys.stderr.write(_message(error))
        return _code(error)
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted.\n")
        return INTERRUPTED


def _pipetask(texts: list[str]) -> int:
    from .manage_parser import managing_subcommand, parse_manage
    from .parser import parse
    from .words import words_from_text

    words = words_from_text(texts)
    if (managing := managing_subcommand(words)) is not None:
        return _manage(parse_manage(managing, words[1:]))
    command = parse(words)
    if command.wants_help:
        return _help(command.subcommand)
    if command.options.background:
        raise OptionError(
            "--background works in notebooks only.", hint="Let the shell do it: put & at the end."
        )

    from jupyter_mpexec.execution import pipetask
    from jupyter_mpexec.execution.log_setup import logging_for_command

    with logging_for_command(command.options):
        match command.subcommand:
            case "build":
                pipetask.build(command.options)
            case "qgraph":
                pipetask.qgraph(command.options)
            case _:
                return _run(command.options)
    return OK


def _manage(command: ManageCommand) -> int:
    if command.wants_help:
        return _help(command.subcommand)
    from .manage_command import manage

    return manage(command, _conclude)


def _help(subcommand: Subcommand | ManageSubcommand | None) -> int:
    from .help import help_text

    sys.stdout.write(help_text(subcommand, PROGRAM, _MORE_SUBCOMMANDS) + "\n")
    return OK


def _run(options: RunOptions) -> int:
    from jupyter_mpexec.execution import pipetask

    from .progress import progress_for

    # This process is the run's: Ctrl-C, the log and the exit code are those of the run.
    run = pipetask.run(options, hooks=lambda: (progress_for(),), tell=sys.stderr.write, detached=False)
    return _conclude(run) if isinstance(run, pipetask.Run) else OK


def _conclude(run: Run) -> int:
    """Show a run that is over."""
    from jupyter_mpexec.execution import pipetask

    error = pipetask.failure_of(run)
    if error is None:
        sys.stderr.write(f"{run!r}\n")
        return OK
    sys.stderr.write(f"{run._repr_mimebundle_()['text/plain']}\n{_message(error)}")
    return _code(error)


def _message(error: JupyterMpexecError) -> str:
    return f"Error: {in_shell(brief(error))}\n"


def _code(error: JupyterMpexecError) -> int:
    match error:
        case UsageError():
            return WRONG_USAGE
        case RunInterruptedError():
            return INTERRUPTED
        case _:
            return FAILED
