"""Where to pause, as it is typed: ``calibrate.py:42; CalibrateTask.run; CalibrateTask.run: zero_point =``."""

from __future__ import annotations

import re

__all__ = ["HINT", "Place", "code_for", "parse_place", "parse_places"]

Place = str | tuple[str, int | str]
"""As `OpenQuantum.debug` takes it."""

HINT = "calibrate.py:42, CalibrateTask.run, or CalibrateTask.run: some text of a line"

_FILE_AND_LINE = re.compile(r".*(\.py|>|[\\/].*):\s*\d+")


def parse_places(text: str) -> list[Place]:
    """Read several places, separated by semicolons."""
    return [parse_place(part) for part in text.split(";") if part.strip()]


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
