"""Options among the words of a command: which one it is, and its value."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Any

from jupyter_mpexec.errors import OptionError, did_you_mean
from jupyter_mpexec.options import Option

from .conversion import convert
from .words import Word

__all__ = ["find_option", "is_flag", "is_help", "read_option"]


def is_flag(word: Word) -> bool:
    """Whether a word looks like an option."""
    first = word.parts[0] if word.parts else ""
    return isinstance(first, str) and first.startswith("-") and len(first) > 1


def is_help(word: Word) -> bool:
    """Whether a word asks for help."""
    return word.text in ("-h", "--help")


def find_option(flag: str, options: Iterable[Option]) -> Option:
    """Look an option up by one of its flags.

    Raises
    ------
    OptionError
        Raised if it is unknown or not supported.
    """
    options = tuple(options)
    for option in options:
        if flag in option.flags or flag in option.off_flags:
            if option.refused:
                raise OptionError(f"{flag} is not supported here: {option.refused}.")
            return option
    known = [f for option in options if not option.refused for f in (*option.flags, *option.off_flags)]
    raise OptionError(
        f"There is no option {flag}.",
        hint=did_you_mean(flag, known) or "--help lists all options.",
    )


def read_option(word: Word, queue: deque[Word], options: Iterable[Option]) -> tuple[Option, Any]:
    """Take an option and its value.

    Parameters
    ----------
    word
        The option; the value may be in the same word.
    queue
        What follows; the value is taken off it.
    options
        The table to look it up in.

    Raises
    ------
    OptionError
        Raised if it is unknown, or its value is missing or wrong.
    """
    inline: Word | None = None
    if word.text.startswith("--"):
        flag, inline = word.cut("=") or (word.text, None)
    else:
        flag = word.text[:2]
        inline = word.without(2) if len(word.text) > 2 else None
    option = find_option(flag, options)
    if not option.takes_value:
        if inline is not None:
            raise OptionError(f"{flag} takes no value, but {inline.text!r} follows it.")
        return option, flag not in option.off_flags
    if inline is None:
        if not queue:
            raise OptionError(f"{flag} needs a value: {flag} {option.metavar}")
        inline = queue.popleft()
    try:
        return option, convert(option, flag, inline)
    except OptionError as error:
        if not word.text.startswith("--") and len(word.text) > 2:
            # A long name with one dash, most likely.
            error.hint = f"Write {_ways_to_write(option)}."
        raise


def _ways_to_write(option: Option) -> str:
    value = option.metavar or "VALUE"
    return " or ".join(f"{flag} {value}" for flag in sorted(option.flags, key=len))
