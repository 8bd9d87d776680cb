"""Where to pause, as it is typed: ``calibrate.py:42; CalibrateTask.run; CalibrateTask.run: zero_point =``."""

from __future__ import annotations

import re

__all__ = ["HINT", "Place", "code_for", "parse_place", "parse_places", "split_places"]

Place = str | tuple[str, int | str]
"""As `OpenQuantum.debug` takes it."""

HINT = "calibrate.py:42, CalibrateTask.run, or CalibrateTask.run: some text of a line"

_FILE_AND_LINE = re.compile(r".*(\.py|>|[\\/].*):\s*\d+")


_FUNCTION = re.compile(r"[A-Za-z_][\w.]*(:.*)?")
# Behind a text of a line, only this is no part of it: `f(a, self.b)` is one text, and `f(a), IsrTask.run` two places.
_METHOD_OF_CLASS = re.compile(r"[A-Z]\w*(\.\w+)+(:.*)?")


def parse_places(text: str) -> list[Place]:
    """Read several places, separated by semicolons or commas; the text of a line may have commas in it."""
    return [parse_place(part) for part in split_places(text)]


def split_places(text: str) -> list[str]:
    """Cut a text into places, as they are typed.

    Examples
    --------
    >>> split_places("isr.py:42, IsrTask.run; run: f(a, b)")
    ['isr.py:42', 'IsrTask.run', 'run: f(a, b)']
    """
    places: list[str] = []
    for part in text.split(";"):
        first, *rest = part.strip().rstrip(",").split(",")
        cut = [first]
        for piece in rest:
            if _begins_place(piece.strip(), cut[-1]):
                cut.append(piece)
            else:
                cut[-1] += f",{piece}"
        places += [place.strip() for place in cut if place.strip()]
    return places


def _begins_place(piece: str, after: str) -> bool:
    if _FILE_AND_LINE.fullmatch(piece):
        return True
    before = parse_place(after)
    is_text = isinstance(before, tuple) and isinstance(before[1], str)
    return (_METHOD_OF_CLASS if is_text else _FUNCTION).fullmatch(piece) is not None


def parse_place(text: str) -> Place:
    """Read one place: a line of a file, a function, or a line of a function by its number or text."""
    text = text.strip()
    if ":" not in text or _FILE_AND_LINE.fullmatch(text):
        return text.replace(": ", ":")
    function, _, line = (part.strip() for part in text.partition(":"))
    return function, int(line) if line.isdigit() else line


def code_for(places: list[Place]) -> str:
    """Write places as an argument in Python."""
    return repr(places[0]) if len(places) == 1 else repr(places)
