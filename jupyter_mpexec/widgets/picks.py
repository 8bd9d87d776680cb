"""Rows of which one is picked at a time: lines of source, frames, variables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import anywidget
import traitlets

from . import assets

__all__ = ["PANE", "Pick", "Picks"]

PANE = "jmpx-debug"
"""Class of the pane in which keys are heard."""

Pick = tuple[Sequence[str], Sequence[str], str]
"""Cells, classes of CSS, and what a tooltip says."""


class Picks(anywidget.AnyWidget):
    """A list that mouse and keyboard pick rows of.

    Parameters
    ----------
    label
        What the rows are, for people who do not see them.
    on_pick
        Called with the index of a row that was picked, unless other rows are shown by then.
    gutter
        Only the first cell of a row is picked with the mouse; the rest can be selected as text.
    keys
        Keys, such as ``"F10"`` and ``"Shift+F11"``, that are heard wherever they are pressed in the pane.
    on_key
        Called with such a key.
    """

    _esm = traitlets.Unicode().tag(sync=True)
    label = traitlets.Unicode().tag(sync=True)
    gutter = traitlets.Bool(False).tag(sync=True)
    _keys: traitlets.List[str] = traitlets.List().tag(sync=True)
    _pane = traitlets.Unicode(f".{PANE}").tag(sync=True)
    _shown = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        *,
        label: str,
        on_pick: Callable[[int], object],
        gutter: bool = False,
        keys: Sequence[str] = (),
        on_key: Callable[[str], object] | None = None,
    ) -> None:
        self._on_pick = on_pick
        self._on_key = on_key
        self._sequence = 0
        super().__init__(
            _esm=assets.debug_script(),
            label=label,
            gutter=gutter,
            _keys=list(keys),
            _shown={"rows": [], "current": -1, "sequence": 0},
        )
        self.on_msg(self._hear)

    @property
    def rows(self) -> list[list[Any]]:
        """What is shown."""
        return list(self._shown["rows"])

    @property
    def current(self) -> int:
        """The row that is marked; -1 if none is."""
        return int(self._shown["current"])

    def show(self, rows: Sequence[Pick], current: int = -1) -> None:
        """Show other rows.

        Parameters
        ----------
        rows
            The rows.
        current
            Index of the one to mark.
        """
        plain = [[list(cells), list(marks), title] for cells, marks, title in rows]
        if plain != self._shown["rows"] or current != self.current:
            self._sequence += 1
            self._shown = {"rows": plain, "current": current, "sequence": self._sequence}

    def _hear(self, _widget: object, content: Any, _buffers: object) -> None:
        kind = content.get("kind") if isinstance(content, dict) else None
        # A click at rows that have gone meanwhile meant something else.
        if kind == "pick" and content["sequence"] == self._sequence:
            self._on_pick(int(content["index"]))
        elif kind == "key" and self._on_key is not None:
            self._on_key(str(content["key"]))
        elif kind == "deaf":
            # What was sent so far was refused, and the page has mended that.
            self.send_state()
