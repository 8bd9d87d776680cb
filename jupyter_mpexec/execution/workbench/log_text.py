"""What was logged, as text that a notebook shows line by line."""

from __future__ import annotations

from typing import Any

__all__ = ["LogText"]


class LogText(str):
    """The lines of a log, as text; as the value of a cell it is what ``print`` would show, without quotes."""

    __slots__ = ()

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(str(self) or "Nothing was logged.")
