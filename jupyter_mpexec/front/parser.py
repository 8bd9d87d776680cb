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

from jupyter_mpexec.errors import OptionError, did_you_mean
from jupyter_mpexec.options import SUBCOMMANDS, Option, RunOptions, Subcommand, options_of

from .conversion import convert
from .options_file import read_options_file
from .words import Word

__all__ = ["ParsedCommand", "find_option", "parse", "subcommand_named"]


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
        if word.text in ("-h", "--help"):
            wants_help = True
        elif _is_flag(word):
            option, value = _read_option(word, queue)
            if option.name == "options_file":
                files.append(str(value))
            else:
                given.append((option, value))
        elif subcommand is None:
            subcommand = subcommand_named(word.text)
        else:
            raise OptionError(f"{word.text!r} belongs to no option.", hint=_hint_for_stray(word.text))
    if wants_help:
        return ParsedCommand(subcommand, RunOptions(), wants_help=True)
    if subcommand is None:
        raise OptionError("A subcommand is missing.", hint=f"Choose from {', '.join(SUBCOMMANDS)}.")
    for option, _ in given:
        _check_belongs(option, subcommand)
    # The last file counts, as upstream; what it says comes first, so that the command line wins.
    from_file = read_options_file(files[-1], subcommand, read_file) if files else []
    options = _collect(from_file, given)
    _check_complete(subcommand, options)
    return ParsedCommand(subcommand, options)


def subcommand_named(text: str) -> Subcommand:
    """Recognise a subcommand.

    Raises
    ------
    OptionError
        Raised if it is none.
    """
    for subcommand in SUBCOMMANDS:
        if text == subcommand:
            return subcommand
    hint = did_you_mean(text, SUBCOMMANDS) or f"Choose from {', '.join(SUBCOMMANDS)}."
    raise OptionError(f"There is no subcommand {text!r}.", hint=hint)


def find_option(flag: str) -> Option:
    """Look an option up by one of its flags.

    Raises
    ------
    OptionError
        Raised if it is unknown or not supported.
    """
    for option in options_of():
        if flag in option.flags or flag in option.off_flags:
            if option.refused:
                raise OptionError(f"{flag} is not supported here: {option.refused}.")
            return option
    known = [f for option in options_of() if not option.refused for f in (*option.flags, *option.off_flags)]
    raise OptionError(
        f"There is no option {flag}.",
        hint=did_you_mean(flag, known) or "--help lists all options.",
    )


def _is_flag(word: Word) -> bool:
    first = word.parts[0] if word.parts else ""
    return isinstance(first, str) and first.startswith("-") and len(first) > 1


def _read_option(word: Word, queue: deque[Word]) -> tuple[Option, Any]:
    inline: Word | None = None
    if word.text.startswith("--"):
        flag, inline = word.cut("=") or (word.text, None)
    else:
        flag = word.text[:2]
        inline = word.without(2) if len(word.text) > 2 else None
    option = find_option(flag)
    if not option.takes_value:
        if inline is not None:
            raise OptionError(f"{flag} takes no value, but {inline.text!r} follows it.")
        return option, flag not in option.off_flags
    if inline is None:
        if not queue:
            raise OptionError(f"{flag} needs a value: {flag} {option.metavar}")
        inline = queue.popleft()
    return option, convert(option, flag, inline)


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
