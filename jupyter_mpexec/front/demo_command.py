"""``jupyter mpexec demo-repo``: its words, with help and errors in the way of the other subcommands."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Sequence
from typing import NoReturn

from jupyter_mpexec.errors import OptionError, sentence

from .failures import PROGRAM

__all__ = ["HELP", "NAME", "demo_repo"]

NAME = "demo-repo"
HELP = "Make a small repository with simulated images, to try things out."

_WIDTH, _INDENT = 100, 34


def demo_repo(words: Sequence[str]) -> int:
    """Make a demo repository.

    Parameters
    ----------
    words
        What stands behind the subcommand.

    Returns
    -------
    code
        Exit code.

    Raises
    ------
    OptionError
        Raised if the words make no sense.
    """
    from jupyter_mpexec.demo import command

    parser = _Parser(prog=f"{PROGRAM} {NAME}", add_help=False)
    command.add_arguments(parser)
    if {"-h", "--help"}.intersection(words):
        parser.print_help()
        return 0
    return int(command.run(parser.parse_args(words)) or 0)


class _Parser(argparse.ArgumentParser):
    """Raises errors as ours do, and writes its help so."""

    def error(self, message: str) -> NoReturn:
        """Raise the error."""
        raise OptionError(
            f"{NAME}: {sentence(message)}", hint=f"{PROGRAM} {NAME} --help lists what it takes."
        )

    def format_help(self) -> str:
        """Write the help."""
        places = [action for action in self._actions if not action.option_strings]
        options = [action for action in self._actions if action.option_strings]
        names = " ".join(_value(action) for action in places)
        lines = [f"Usage: {self.prog} {names} [OPTIONS]", "", HELP, "", "Arguments:"]
        lines += [line for action in places for line in self._describe(_value(action), action)]
        lines += ["", "Options:"]
        for action in options:
            head = ", ".join(action.option_strings) + (f" {_value(action)}" if action.nargs != 0 else "")
            lines += self._describe(head, action)
        lines.append(f"  {'-h, --help':{_INDENT - 2}}Show this text.")
        return "\n".join(lines) + "\n"

    def _describe(self, head: str, action: argparse.Action) -> list[str]:
        help_text = (action.help or "") % {**vars(action), "prog": self.prog}
        body = textwrap.wrap(
            sentence(help_text[:1].upper() + help_text[1:]), _WIDTH - _INDENT, break_on_hyphens=False
        )
        return [
            f"  {head:{_INDENT - 2}}{body[0]}",
            *(" " * _INDENT + line for line in body[1:]),
        ]


def _value(action: argparse.Action) -> str:
    if action.metavar is not None:
        return str(action.metavar)
    return "|".join(map(str, action.choices)) if action.choices else action.dest.upper()
