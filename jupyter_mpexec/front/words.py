"""Cut a magic's line into words, with the values of notebook variables in them.

``{expression}``, ``$name`` and ``${name}`` stand for what the notebook has under that name. A word that is
nothing but a placeholder keeps the object itself (a Butler, a pipeline builder, a graph); inside other text,
the value is written out, sequences as ``1, 2, 3``, which is how a data query wants them.
"""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from jupyter_mpexec.errors import OptionError, did_you_mean
from jupyter_mpexec.plain_values import plain, sequence_of

__all__ = ["Word", "split_words", "words_from_text"]

_MARK = re.compile("\ue000(\\d+)\ue001")
"""What a placeholder is replaced with while the line is cut: private-use characters around a number."""

_HASH = "\ue002"
"""Stands for a ``#`` that begins no comment while the line is cut."""

_NAME = re.compile(r"\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*)|(\$))")


@dataclass(frozen=True)
class Word:
    """One word of a command.

    Parameters
    ----------
    parts
        Pieces of text, and `Value` between them.
    """

    parts: tuple[str | Value, ...]

    @property
    def text(self) -> str:
        """The word with all values written out."""
        return "".join(part if isinstance(part, str) else part.write() for part in self.parts)

    @property
    def value(self) -> Any:
        """The object, for a word that is one placeholder; the text otherwise."""
        if len(self.parts) == 1 and isinstance(self.parts[0], Value):
            return self.parts[0].value
        return self.text

    def without(self, length: int) -> Word:
        """Leave out the first characters, which must be text."""
        first, *rest = self.parts
        assert isinstance(first, str)
        return Word((*((first[length:],) if first[length:] else ()), *rest))

    def cut(self, separator: str) -> tuple[str, Word] | None:
        """Split at the first separator in the leading text; None if there is none."""
        first = self.parts[0] if self.parts else ""
        if not isinstance(first, str) or separator not in first:
            return None
        left = first.partition(separator)[0]
        return left, self.without(len(left) + len(separator))


@dataclass(frozen=True)
class Value:
    """The value of a placeholder.

    Parameters
    ----------
    value
        The value.
    source
        The expression, for messages.
    """

    value: Any
    source: str = field(default="", compare=False)

    def write(self) -> str:
        """Write the value into other text."""
        match self.value:
            case type():
                return f"{self.value.__module__}.{self.value.__qualname__}"
            case _ if (items := sequence_of(self.value)) is not None:
                return ", ".join(map(repr, items))
            case _:
                return str(plain(self.value))


def words_from_text(texts: list[str] | tuple[str, ...]) -> list[Word]:
    """Make words of plain text, such as ``sys.argv``."""
    return [Word((text,)) for text in texts]


def split_words(line: str, namespace: Mapping[str, Any], *, names_only: bool = False) -> list[Word]:
    """Cut a line into words as a shell does, and fill in notebook variables.

    Parameters
    ----------
    line
        What stands behind the magic; may go over several lines, with ``#`` comments.
    namespace
        Variables of the notebook.
    names_only
        Look variables up, but leave other expressions alone: to evaluate them may take long, or do something.

    Returns
    -------
    words
        The words in order.

    Raises
    ------
    OptionError
        Raised for an unknown variable, an expression that fails, or a quote that is not closed.

    Examples
    --------
    >>> [word.value for word in split_words("-d 'visit IN ({visits})' -n {n}", {"visits": [4, 5], "n": 2})]
    ['-d', 'visit IN (4, 5)', '-n', 2]
    """
    expressions: list[str] = []

    def mark(expression: str) -> str:
        expressions.append(expression)
        return f"\ue000{len(expressions) - 1}\ue001"

    marked = "".join(
        piece if text else mark(piece) if not names_only or piece in namespace else f"{{{piece}}}"
        for text, piece in _pieces(line, namespace)
    )
    try:
        # As in a shell, a comment begins with a word: `pipeline.yaml#label` is not one, though shlex thinks so.
        kept = re.sub(r"(?<=\S)#", _HASH, marked)
        texts = [text.replace(_HASH, "#") for text in shlex.split(kept, comments=True)]
    except ValueError as error:
        raise OptionError(f"{error} in: {line.strip()}", hint="Close the quote, or escape it.") from None
    # Only now, so that nothing in a comment is evaluated.
    return [
        Word(
            tuple(
                _value(expressions[int(part)], namespace) if n % 2 else part
                for n, part in enumerate(_MARK.split(text))
                if part
            )
        )
        for text in texts
    ]


def _pieces(line: str, namespace: Mapping[str, Any]) -> Iterator[tuple[bool, str]]:
    """Yield (True, text) and (False, expression), in order."""
    start = 0
    while start < len(line):
        here = min((n for n in (line.find("{", start), line.find("$", start)) if n >= 0), default=len(line))
        yield True, line[start:here]
        start = here
        if here == len(line):
            return
        if line[here] == "$":
            found = _NAME.match(line, here)
            name = (found[1] or found[2]) if found else None
            if name in namespace:
                yield False, str(name)
            else:
                # An environment variable, which the middleware expands; `$$` is a dollar, as in IPython.
                yield True, "$" if found and found[3] else found[0] if found else "$"
            start = found.end() if found else here + 1
        elif line.startswith("{{", here):
            end = line.find("}}", here)
            end = len(line) if end < 0 else end
            yield True, "{" + line[here + 2 : end] + ("}" if end < len(line) else "")
            start = end + 2
        else:
            end = _closing(line, here)
            expression = line[here + 1 : end].strip()
            if end < len(line) and _is_expression(expression):
                yield False, expression
            else:
                yield True, line[here : end + 1]
            start = end + 1


def _closing(line: str, opening: int) -> int:
    depth = 0
    for here in range(opening, len(line)):
        depth += {"{": 1, "}": -1}.get(line[here], 0)
        if depth == 0:
            return here
    return len(line)


def _is_expression(text: str) -> bool:
    """Whether braces hold a Python expression; if not (a dict, say), they are plain text."""
    try:
        ast.parse(text, mode="eval")
    except SyntaxError:
        return False
    return True


def _value(expression: str, namespace: Mapping[str, Any]) -> Value:
    return Value(_evaluate(expression, namespace), expression)


def _evaluate(expression: str, namespace: Mapping[str, Any]) -> Any:
    try:
        return eval(expression, dict(namespace))
    except NameError as error:
        name = error.name or expression
        hint = did_you_mean(name, namespace) or "Define it first; write {{ and }} for plain braces."
        raise OptionError(f"There is no variable {name!r} in this notebook.", hint=hint) from None
    except Exception as error:
        raise OptionError(f"{{{expression}}} fails: {type(error).__name__}: {error}") from error
