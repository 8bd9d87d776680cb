"""Quanta as rows, of which several can be selected."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import traitlets

from jupyter_mpexec.display.formats import plural

from .live_view import LiveView

__all__ = ["QuantumRows", "Row"]

Row = tuple[int, str, str, str, str, int]
"""Code of the state, task, time, memory, data ID; and a number by which the quantum is selected."""


class QuantumRows(LiveView):
    """A list whose rows are coloured by status; mouse and keyboard select as in lists elsewhere.

    Parameters
    ----------
    label
        What the rows are, for people who do not see them.
    height
        Height in CSS pixels; what has no room is scrolled to.

    Attributes
    ----------
    selected : `list` [`int`]
        Numbers of the selected quanta. Observe it to follow clicks; assign it to select.
    """

    _kind = "rows"

    _rows: traitlets.List[list[Any]] = traitlets.List().tag(sync=True)
    selected = traitlets.List(traitlets.Int(), help="Numbers of the selected quanta.").tag(sync=True)

    def __init__(self, *, label: str = "Quanta", height: int = 330, **traits: Any) -> None:
        super().__init__(label=label, height=height, **traits)

    @property
    def rows(self) -> list[Row]:
        """What is shown."""
        return [tuple(row) for row in self._rows]

    def show(self, rows: Sequence[Row]) -> None:
        """Show other rows; of the selected quanta, those stay selected that are still there."""
        there = {row[-1] for row in rows}
        with self._lock, self.hold_sync():
            self._rows = [list(row) for row in rows]
            self.selected = [number for number in self.selected if number in there]

    def _whole(self) -> dict[str, Any]:
        return {}

    def _plain_text(self) -> str:
        return f"{self.label}: {plural(len(self._rows), 'row')}"
