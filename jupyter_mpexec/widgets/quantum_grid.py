"""All quanta of a task as a grid of cells on two data ID axes."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import traitlets

from jupyter_mpexec.display.formats import plural
from jupyter_mpexec.display.status_codes import STATUSES, status_code
from jupyter_mpexec.errors import UsageError
from jupyter_mpexec.status import QuantumStatus

from .live_view import LiveView
from .packing import little_endian

__all__ = ["QuantumGrid"]

Status = QuantumStatus | str | int
"""A state, its value, or its code (see `jupyter_mpexec.display.status_codes`)."""


class QuantumGrid(LiveView):
    """A cell for each quantum, coloured by status; it stays quick with 100,000 of them.

    The tooltip gives data ID and status. A click or Enter selects; the arrow keys move.

    Parameters
    ----------
    label
        What the grid shows, for people who do not see it.
    height
        Greatest height in CSS pixels; a small grid takes less.
    describe
        Given the index of a cell, returns further lines for its tooltip.

    Attributes
    ----------
    selected : `int`
        Index of the selected cell, or -1. Observe it to follow clicks; assign it to select.
    """

    _kind = "grid"

    _cells = traitlets.Dict().tag(sync=True)
    selected = traitlets.Int(-1, help="Index of the selected cell, or -1.").tag(sync=True)

    def __init__(
        self,
        *,
        label: str = "Grid of quanta",
        height: int = 360,
        describe: Callable[[int], str] | None = None,
        **traits: Any,
    ) -> None:
        self._statuses = bytearray()
        self._generation = 0
        super().__init__(label=label, height=height, describe=describe, **traits)

    def show(
        self,
        columns: Sequence[str],
        rows: Sequence[str],
        cells: Iterable[tuple[int, int]],
        statuses: Iterable[Status] | bytes,
        *,
        column_axis: str = "",
        row_axis: str = "",
        title: str = "",
    ) -> None:
        """Show other quanta.

        Parameters
        ----------
        columns, rows
            Values on the axes, in order. With a single row the cells flow over as many lines as they need.
        cells
            Column and row of each quantum, as indices.
        statuses
            State of each quantum, in the same order; as `bytes`, the codes of the states.
        column_axis, row_axis
            Names of the axes, such as ``"detector"`` and ``"visit"``.
        title
            A line above the grid, such as the task label.

        Raises
        ------
        UsageError
            Raised if a cell is outside of the axes, or if there are more or fewer states than cells.
        """
        across, down = array("I"), array("I")
        for column, row in cells:
            across.append(column)
            down.append(row)
        codes = bytearray(statuses if isinstance(statuses, bytes) else map(_code, statuses))
        if len(codes) != len(across):
            raise UsageError(f"There are {plural(len(across), 'cell')}, but {len(codes)} states.")
        if across and (max(across) >= len(columns) or max(down) >= len(rows)):
            raise UsageError(f"A cell is outside of {len(columns)} columns and {len(rows)} rows.")
        with self._lock, self.hold_sync():
            self._generation += 1
            self._statuses = codes
            self.selected = -1
            self._cells = {
                "generation": self._generation,
                "columns": list(columns),
                "rows": list(rows),
                "column_axis": column_axis,
                "row_axis": row_axis,
                "title": title,
                "across": little_endian(across),
                "down": little_endian(down),
            }
            self.keyframe()

    def set_statuses(self, changes: Iterable[tuple[int, Status]]) -> None:
        """Set the states of some cells; only what differs is sent.

        Parameters
        ----------
        changes
            Index of a cell (its place in `show`'s ``cells``) and its state.
        """
        with self._lock:
            last: dict[int, int] = {}
            for index, status in changes:
                last[index] = _code(status)
            changed = {index: code for index, code in last.items() if self._statuses[index] != code}
            for index, code in changed.items():
                self._statuses[index] = code
            if changed:
                packed = little_endian(array("I", changed)), bytes(changed.values())
                self._publish({"generation": self._generation}, packed)

    def reveal(self) -> None:
        """Scroll the page so that the grid is in sight; what is in sight stays where it is."""
        self.send({"kind": "reveal"})

    def counts(self) -> dict[QuantumStatus, int]:
        """Count the cells by state."""
        return {status: n for code, status in enumerate(STATUSES) if (n := self._statuses.count(code))}

    def _whole(self) -> dict[str, Any]:
        return {"generation": self._generation, "statuses": bytes(self._statuses)}

    def _plain_text(self) -> str:
        return f"{self.label}: {plural(len(self._statuses), 'quantum', 'quanta')}"


def _code(status: Status) -> int:
    return status if isinstance(status, int) else status_code(status)
