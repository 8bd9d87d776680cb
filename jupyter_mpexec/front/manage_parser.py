"""From words to `ManageOptions`: ``runs``, ``attach``, ``stop``, ``resume`` and ``prune``."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from jupyter_mpexec.errors import OptionError
from jupyter_mpexec.manage_options import (
    MANAGING,
    RUN_ARGUMENTS,
    ManageOptions,
    ManageSubcommand,
    managing_options_of,
)

from .option_words import is_flag, is_help, read_option
from .words import Value, Word

__all__ = ["ManageCommand", "managing_subcommand", "parse_manage"]

_RUN_CLASSES = ("Run", "RunEntry")


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
    runs: list[str] = []
    table = managing_options_of(subcommand)
    while queue:
        word = queue.popleft()
        if is_help(word):
            return ManageCommand(subcommand, ManageOptions(), wants_help=True)
        if is_flag(word):
            option, values[option.name] = read_option(word, queue, table)
        else:
            runs += _run_names(word)
    _check_count(subcommand, runs)
    options = ManageOptions(runs=tuple(runs), **values)
    if subcommand == "prune" and not runs and options.older_than is None:
        raise OptionError(
            "prune needs to know what to remove.", hint="Name runs, or their age: --older-than DAYS."
        )
    return ManageCommand(subcommand, options)


def _run_names(word: Word) -> Iterator[str]:
    value = word.value
    if isinstance(value, str):
        if not value:
            raise OptionError("The name of a run is empty.", hint="%pipetask runs lists all runs.")
        yield value
    elif isinstance(value, Sequence):
        for item in value:
            yield from _run_names(Word((item if isinstance(item, str) else Value(item),)))
    elif any(base.__name__ in _RUN_CLASSES for base in type(value).__mro__):
        # By name: the classes themselves take long to import.
        yield value.id
    else:
        raise OptionError(
            f"A run is named by text, or is a Run, not an object of type {type(value).__name__}.",
            hint="%pipetask runs lists all runs.",
        )


def _check_count(subcommand: ManageSubcommand, runs: Sequence[str]) -> None:
    takes = RUN_ARGUMENTS.get(subcommand, "")
    if takes.endswith("...]") or not runs:
        return
    if not takes:
        raise OptionError(f"{runs[0]!r} belongs to no option.", hint=f"{subcommand} takes no names of runs.")
    if len(runs) > 1:
        raise OptionError(f"{subcommand} takes one run, not {len(runs)}: {', '.join(runs)}.")
