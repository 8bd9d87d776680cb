"""``jupyter mpexec`` and ``python -m jupyter_mpexec``: the magics' options as a command."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from jupyter_mpexec._version import __version__
from jupyter_mpexec.errors import JupyterMpexecError, OptionError, RunInterruptedError, UsageError
from jupyter_mpexec.options import RunOptions

from .failures import brief

__all__ = ["main"]

OK, FAILED, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130

_PROGRAM = "jupyter mpexec"

_MORE_SUBCOMMANDS = {"demo-repo": "Make a small repository with simulated images, to try things out."}


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
        if words[:1] == ["demo-repo"]:
            return _demo_repo(words[1:])
        return _pipetask(words)
    except UsageError as error:
        sys.stderr.write(f"Error: {brief(error)}\n")
        return WRONG_USAGE
    except JupyterMpexecError as error:
        sys.stderr.write(f"Error: {brief(error)}\n")
        return FAILED
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted.\n")
        return INTERRUPTED


def _demo_repo(words: list[str]) -> int:
    from jupyter_mpexec.demo import command

    parser = argparse.ArgumentParser(prog=f"{_PROGRAM} demo-repo", description=command.__doc__)
    command.add_arguments(parser)
    try:
        arguments = parser.parse_args(words)
    except SystemExit as stopped:
        return int(stopped.code or OK)
    return int(command.run(arguments) or OK)


def _pipetask(words: list[str]) -> int:
    from .parser import parse
    from .words import words_from_text

    command = parse(words_from_text(words))
    if command.wants_help:
        from .help import help_text

        sys.stdout.write(help_text(command.subcommand, _PROGRAM, _MORE_SUBCOMMANDS) + "\n")
        return OK
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


def _run(options: RunOptions) -> int:
    from jupyter_mpexec.execution import pipetask

    from .progress import progress_for

    run = pipetask.run(options, hooks=lambda: (progress_for(),))
    if not isinstance(run, pipetask.Run):
        return OK
    error = pipetask.failure_of(run)
    if error is None:
        sys.stderr.write(f"{run!r}\n")
        return OK
    sys.stderr.write(f"{run._repr_mimebundle_()['text/plain']}\nError: {brief(error)}\n")
    return INTERRUPTED if isinstance(error, RunInterruptedError) else FAILED
