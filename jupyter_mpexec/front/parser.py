"""Words to `RunOptions`: one parser for magics and the command line.

It follows upstream's parser (click): an option takes the word after it, whatever that starts with; long names
are not abbreviated; of an option that takes one value, the last one counts. Beyond that it keeps Python
objects as they are, and the steps of pipeline building in the order in which they were written.
"""

from __future__ import annotations

import dataclasses
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from jupyter_mpexec.errors import OptionError
from jupyter_mpexec.options import SUBCOMMANDS, Option, RunOptions, Subcommand, options_of

from .option_words import is_flag, is_help, read_option
from .options_file import read_options_file
from .subcommands import ALL_SUBCOMMANDS, subcommand_named
from .words import Word

__all__ = ["ParsedCommand", "parse"]


@dataclass(frozen=True)
class ParsedCommand:
    """What a command line asks for.

    Parameters
    ----------
    subcommand
        None if there was none, which only a call for help may do.
    options
        The options.
    wants_help
        ``--help`` was among the words.
    """

    subcommand: Subcommand | None
    options: RunOptions
    wants_help: bool = False


def parse(words: Sequence[Word], *, read_file: Callable[[str], str] | None = None) -> ParsedCommand:
    """Parse a command: subcommand and options.

    Parameters
    ----------
    words
        The command, without the program's name.
    read_file
        Reads the text of an options file; by default from the disk, or any URI that the middleware knows.

    Raises
    ------
    OptionError
        Raised for anything that is wrong; the message names it, the hint says what would be right.
    """
    queue = deque(words)
    subcommand: Subcommand | None = None
    given: list[tuple[Option, Any]] = []
    files: list[str] = []
    wants_help = not queue
    while queue:
        word = queue.popleft()
        if is_help(word):
            wants_help = True
        elif is_flag(word):
            option, value = read_option(word, queue, options_of())
            if option.name == "options_file":
                files.append(str(value))
            else:
                given.append((option, value))
        elif subcommand is None:
            subcommand = _subcommand(word.text)
        else:
            raise OptionError(f"{word.text!r} belongs to no option.", hint=_hint_for_stray(word.text))
    if wants_help:
        return ParsedCommand(subcommand, RunOptions(), wants_help=True)
    if subcommand is None:
        raise OptionError("A subcommand is missing.", hint=f"Choose from {', '.join(ALL_SUBCOMMANDS)}.")
    for option, _ in given:
        _check_belongs(option, subcommand)
    # The last file counts, as upstream; what it says comes first, so that the command line wins.
    from_file = read_options_file(files[-1], subcommand, read_file) if files else []
    options = _collect(from_file, given)
    _check_complete(subcommand, options)
    return ParsedCommand(subcommand, options)


def _subcommand(text: str) -> Subcommand:
    named = subcommand_named(text)
    for subcommand in SUBCOMMANDS:
        if named == subcommand:
            return subcommand
    raise OptionError(f"{text!r} must come first, before any option.")


def _hint_for_stray(text: str) -> str:
    if text.startswith("@"):
        return f"Options are read from a file with -@ {text[1:]}"
    return "Put quotes around a value that has blanks in it."


def _check_belongs(option: Option, subcommand: Subcommand) -> None:
    if subcommand not in option.commands:
        raise OptionError(
            f"{option.flag} is an option of {' and '.join(option.commands)}, not of {subcommand}.",
            hint=f"{subcommand} --help lists those.",
        )


def _collect(*sources: list[tuple[Option, Any]]) -> RunOptions:
    """Merge sources; of an option in two of them, the later source has the say."""
    values: dict[str, Any] = {}
    actions: list[Any] = []
    for source in sources:
        fresh: dict[str, Any] = {}
        for option, value in source:
            if option.kind == "action":
                actions.extend(value)
            elif option.kind in ("list", "repeat", "pairs"):
                fresh[option.name] = (*fresh.get(option.name, ()), *value)
            else:
                fresh[option.name] = value
        values.update(fresh)
    return dataclasses.replace(RunOptions(), **values, pipeline_actions=tuple(actions))


def _check_complete(subcommand: Subcommand, options: RunOptions) -> None:
    graph_is_object = options.qgraph is not None and not isinstance(options.qgraph, str)
    if subcommand != "build" and options.butler_config is None and not graph_is_object:
        raise OptionError(
            f"{subcommand} needs a Butler repository.",
            hint="Name it with -b REPO, or -b {butler} in a notebook.",
        )
