"""From words to `ManageOptions`: ``runs``, ``attach``, ``pause`` and all else for runs that were begun before."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from jupyter_mpexec.errors import OptionError
from jupyter_mpexec.manage_options import (
    MANAGING,
    ManageOptions,
    ManageSubcommand,
    managing_options_of,
)

from .manage_arguments import read_arguments
from .option_words import is_flag, is_help, read_option
from .words import Word

__all__ = ["ManageCommand", "managing_subcommand", "parse_manage"]


@dataclass(frozen=True)
class ManageCommand:
    """What a command line for earlier runs asks for.

    Parameters
    ----------
    subcommand
        The subcommand.
    options
        The options, and the runs that are named.
    wants_help
        ``--help`` was among the words.
    """

    subcommand: ManageSubcommand
    options: ManageOptions
    wants_help: bool = False


def managing_subcommand(words: Sequence[Word]) -> ManageSubcommand | None:
    """Get the subcommand that the first word is; None if it is not one of those for earlier runs."""
    return next((name for name in MANAGING if words and words[0].text == name), None)


def parse_manage(subcommand: ManageSubcommand, words: Sequence[Word]) -> ManageCommand:
    """Parse what stands behind the subcommand.

    Parameters
    ----------
    subcommand
        The subcommand.
    words
        The rest of the command.

    Raises
    ------
    OptionError
        Raised for anything that is wrong; the message names it, the hint says what would be right.
    """
    queue = deque(words)
    values: dict[str, Any] = {}
    arguments: list[Word] = []
    table = managing_options_of(subcommand)
    while queue:
        word = queue.popleft()
        if is_help(word):
            return ManageCommand(subcommand, ManageOptions(), wants_help=True)
        if is_flag(word):
            option, values[option.name] = read_option(word, queue, table)
        else:
            arguments.append(word)
    options = ManageOptions(**read_arguments(subcommand, arguments), **values)
    if subcommand == "prune" and not options.runs and options.older_than is None:
        raise OptionError(
            "prune needs to know what to remove.", hint="Name runs, or their age: --older-than DAYS."
        )
    return ManageCommand(subcommand, options)
