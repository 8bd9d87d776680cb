"""The value of one option: from a word to what `RunOptions` holds."""

from __future__ import annotations

import ast
import os
from typing import Any

from jupyter_mpexec.errors import OptionError, did_you_mean
from jupyter_mpexec.options import Option, PipelineAction
from jupyter_mpexec.plain_values import plain, sequence_of

from .words import Value, Word

__all__ = ["convert", "split_commas"]


def convert(option: Option, flag: str, word: Word) -> Any:
    """Turn the word behind a flag into the option's value.

    Parameters
    ----------
    option
        The option.
    flag
        The flag as it was written, for messages.
    word
        The value.

    Returns
    -------
    value
        A tuple for options that may be given several times (their values are added up), else a single value.

    Raises
    ------
    OptionError
        Raised if the value is not of the kind that the option takes.
    """
    match option.kind:
        case "integer" | "number":
            return _number(option, flag, word)
        case "choice":
            return _choice(option, flag, _text(flag, word))
        case "list":
            return _list(flag, word)
        case "repeat":
            return (_object(option, flag, word) if option.takes_object else _text(flag, word),)
        case "pairs":
            return (_pair(flag, word),)
        case "action":
            return _actions(option, flag, word)
        case _ if option.takes_object:
            return _object(option, flag, word)
        case _:
            _check_lists(option, flag, word)
            return _text(flag, word)


def split_commas(text: str) -> tuple[str, ...]:
    """Split at commas that are not inside square brackets.

    Examples
    --------
    >>> split_commas("a,b[1,2],c")
    ('a', 'b[1,2]', 'c')
    """
    pieces = [""]
    depth = 0
    for character in text:
        depth += {"[": 1, "]": -1}.get(character, 0)
        if character == "," and depth <= 0:
            pieces.append("")
        else:
            pieces[-1] += character
    return tuple(pieces)


def _text(flag: str, word: Word) -> str:
    value = word.value
    if isinstance(value, os.PathLike):
        return str(os.fspath(value))
    if isinstance(value, str | int | float):
        return str(value)
    raise OptionError(f"{flag} takes text, not an object of type {type(value).__name__}.")


def _object(option: Option, flag: str, word: Word) -> Any:
    value = word.value
    if isinstance(value, str | os.PathLike):
        return value
    # By name: the classes themselves take long to import.
    if any(base.__name__ in option.objects for base in type(value).__mro__):
        return value
    expected = " or ".join(option.objects[:2])
    raise OptionError(
        f"{flag} takes text or a {expected}, not an object of type {type(value).__name__}.", hint=option.help
    )


def _check_lists(option: Option, flag: str, word: Word) -> None:
    """Refuse empty lists in a data query: `visit IN ()` is no query, and upstream's error says less."""
    for part in word.parts:
        if option.name == "data_query" and isinstance(part, Value) and sequence_of(part.value) == []:
            raise OptionError(
                f"{flag} has an empty list in it: {part.source or 'the value'}.",
                hint="Nothing could match; check how the list is made.",
            )


def _number(option: Option, flag: str, word: Word) -> float:
    kind, words = (int, "a whole number") if option.kind == "integer" else (float, "a number")
    try:
        number = kind(word.value)
    except (TypeError, ValueError):
        raise OptionError(f"{flag} takes {words}, not {word.text!r}.") from None
    if option.minimum is not None and not number >= option.minimum:
        raise OptionError(f"{flag} must be at least {option.minimum}, not {number}.")
    return number


def _choice(option: Option, flag: str, text: str) -> str:
    if text.lower() in option.choices:
        return text.lower()
    hint = did_you_mean(text.lower(), option.choices) or f"Choose from {', '.join(option.choices)}."
    raise OptionError(f"{flag} cannot be {text!r}.", hint=hint)


def _list(flag: str, word: Word) -> tuple[str, ...]:
    if (items := sequence_of(word.value)) is not None:
        return tuple(map(str, items))
    return split_commas(_text(flag, word))


def _pair(flag: str, word: Word) -> tuple[str, Any]:
    name, value = _cut(word, "=")
    if value is None or not name.isidentifier():
        raise OptionError(f"{flag} takes NAME=VALUE, not {word.text!r}.")
    if not isinstance(value.value, str):
        return name, plain(value.value)
    if any(isinstance(part, Value) for part in value.parts):
        return name, value.text
    try:
        return name, ast.literal_eval(value.text)
    except (ValueError, SyntaxError):
        return name, value.text


def _actions(option: Option, flag: str, word: Word) -> tuple[PipelineAction, ...]:
    wrong = OptionError(f"{flag} takes {option.metavar}, not {word.text!r}.")
    match option.name:
        case "task":
            return _tasks(word, wrong)
        case "delete":
            labels = _list(flag, word)
            if not all(labels):
                raise wrong
            return tuple(PipelineAction(kind="delete", label=label) for label in labels)
        case "config":
            label, rest = _cut(word, ":")
            name, value = _cut(rest, "=") if rest else ("", None)
            if label and name and value is None:
                wrong.hint = "Leave no blank before or after the = sign."
            if not label or not name or value is None or not value.parts:
                raise wrong
            return (PipelineAction(kind="config", label=label, name=name, value=value.value),)
        case "config_file":
            pieces = [piece.partition(":") for piece in _list(flag, word)]
            if not all(label and file for label, _, file in pieces):
                raise wrong
            return tuple(PipelineAction(kind="config_file", label=p[0], value=p[2]) for p in pieces)
        case _:
            value = word.value
            if not word.text or not isinstance(value, str | type):
                raise wrong
            return (PipelineAction(kind="instrument", value=value),)


def _tasks(word: Word, wrong: OptionError) -> tuple[PipelineAction, ...]:
    first, *rest = word.parts or ("",)
    if isinstance(first, Value) and isinstance(first.value, type):
        # A class of the notebook, and perhaps a label behind it.
        label = Word(tuple(rest)).text
        if label and not label.startswith(":"):
            raise wrong
        return (PipelineAction(kind="task", value=first.value, label=label[1:]),)
    if isinstance(first, Value) and not isinstance(first.value, str):
        raise wrong
    pieces = [piece.partition(":") for piece in split_commas(word.text)]
    if not all(name and (label or not colon) for name, colon, label in pieces):
        raise wrong
    return tuple(PipelineAction(kind="task", value=name, label=label) for name, _, label in pieces)


def _cut(word: Word, separator: str) -> tuple[str, Word | None]:
    cut = word.cut(separator)
    if cut:
        return cut
    left, found, right = word.text.partition(separator)
    return (left, Word((right,) if right else ())) if found else (left, None)
