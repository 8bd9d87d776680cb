"""Texts that somebody else's code has written, such as messages of exceptions: they can be of any length.

What is kept of them, and shown again and again, is cut to a length that anybody may read.
"""

from __future__ import annotations

import re
from typing import NamedTuple

__all__ = ["HEADLINE", "LOG", "MESSAGE", "STORY", "TRACEBACK", "Limits", "left_out_of", "trim"]

_SIGN = " characters left out …"
_MARK = re.compile(r"^… ([\d,]+) characters left out …$", re.MULTILINE)
_ROOM_FOR_MARK = 80


class Limits(NamedTuple):
    """How much of a text is kept.

    Parameters
    ----------
    lines, characters
        How many at most.
    head
        Which share of that is of the beginning; the rest is of the end.
    """

    lines: int
    characters: int
    head: float


MESSAGE = Limits(100, 8_000, 0.5)
"""What an exception says: its beginning is as telling as its end."""

HEADLINE = Limits(20, 2_000, 0.5)
"""The same where it stands above all else."""

STORY = Limits(200, 16_000, 0.5)
"""A sentence with the message of an exception in it."""

TRACEBACK = Limits(400, 40_000, 0.25)
"""Of a traceback, the end says most."""

LOG = Limits(1_000, 100_000, 0.1)
"""The end of a log."""


def trim(text: str, limits: Limits) -> str:
    """Cut the middle out of a text that is too long, by whole lines where that is enough.

    A line in its place says how much is gone, also if the text was cut before. A text within the limits stays as it is.

    Parameters
    ----------
    text
        Any text.
    limits
        How much is kept.

    Examples
    --------
    >>> print(trim("x" * 1000, Limits(lines=3, characters=100, head=0.5)))
    xxxxxxxxxx
    … 980 characters left out …
    xxxxxxxxxx
    """
    text = _cut_lines(text, limits)
    if len(text) > limits.characters:
        room = limits.characters - _ROOM_FOR_MARK
        head = int(room * limits.head)
        # Where it is cut within a line, there are more lines then.
        text = _cut_lines(_cut(text, head, len(text) - (room - head)), limits)
    return text


def left_out_of(text: str) -> int:
    """Tell how many characters were cut out of a text before."""
    return sum(map(_number, _marks(text)))


def _marks(text: str) -> list[re.Match[str]]:
    # The expression alone would look at the beginning of each of a million lines.
    return list(_MARK.finditer(text)) if _SIGN in text else []


def _number(mark: re.Match[str]) -> int:
    return int(mark[1].replace(",", ""))


def _cut_lines(text: str, limits: Limits) -> str:
    if text.count("\n") < limits.lines:
        return text
    rows = text.split("\n")
    room = limits.lines - 1
    head = int(room * limits.head)
    return _cut(text, _length(rows[:head]), len(text) - _length(rows[head - room :]) + 1)


def _length(rows: list[str]) -> int:
    return sum(len(row) + 1 for row in rows)


def _cut(text: str, begin: int, end: int) -> str:
    for mark in _marks(text):
        # Half of one would not be understood, by nobody.
        if mark.start() < end and mark.end() > begin:
            begin, end = min(begin, mark.start()), max(end, mark.end())
    marks = _marks(text[begin:end])
    number = end - begin + sum(_number(mark) - len(mark[0]) for mark in marks)
    before = "" if not begin or text[begin - 1] == "\n" else "\n"
    after = "" if text[end : end + 1] == "\n" else "\n"
    return f"{text[:begin]}{before}… {number:,} characters left out …{after}{text[end:]}"
