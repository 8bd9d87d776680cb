"""Where panels are shown: a cell that is executed again loses the panel that it showed before."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from .current_cell import parent_cell, parent_message

if TYPE_CHECKING:
    from .run_panel import RunPanel

__all__ = ["take_place"]

_places: WeakKeyDictionary[RunPanel, dict[str, str]] = WeakKeyDictionary()
"""By panel: the cells that show it, each with the message that had it executed."""


def take_place(panel: RunPanel) -> list[RunPanel]:
    """Note that a panel is shown in the cell that is being executed.

    Parameters
    ----------
    panel
        The panel.

    Returns
    -------
    replaced
        Panels that were shown nowhere but in this cell, when it was executed before. None if the front end does not
        say which cell it is.
    """
    message = parent_message()
    # Without a name, the place is one that is never taken by another panel.
    cell = parent_cell() or message
    replaced = []
    for other, places in list(_places.items()):
        if places.get(cell, message) != message:
            del places[cell]
            if not places and other is not panel:
                replaced.append(other)
    _places.setdefault(panel, {})[cell] = message
    return replaced
