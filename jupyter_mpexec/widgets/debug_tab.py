"""The place of the debugging pane, which is made when somebody first wants it: most readers of a panel never debug."""

from __future__ import annotations

import ipywidgets

from .beside_cells import hear_beside_cells
from .debug_pane import DebugPane
from .panel_context import PanelContext

__all__ = ["DebugTab"]


class DebugTab:
    """A tab that is empty until it is opened.

    Parameters
    ----------
    context
        The run.

    Attributes
    ----------
    pane
        The debugging pane; None until the tab was opened.
    """

    def __init__(self, context: PanelContext) -> None:
        self._context = context
        self.pane: DebugPane | None = None
        self.widget = ipywidgets.VBox([])

    def select(self, quantum_id: str, name: str) -> None:
        """Offer to debug a quantum; may be called from a callback."""
        self._context.commands.do(lambda: self._select(quantum_id, name))

    def _select(self, quantum_id: str, name: str) -> None:
        if self.pane is None:
            self.pane = DebugPane(self._context)
            hear_beside_cells(self.pane.widget)
            self.widget.children = [self.pane.widget]
        self.pane.select(quantum_id, name)

    def close(self) -> None:
        """Abandon what is being debugged."""
        if self.pane is not None:
            self.pane.close()

    # On the thread of the clock.

    def is_due(self) -> bool:
        """Tell whether there is news."""
        return self.pane is not None and self.pane.is_due()

    def update(self) -> int:
        """Show the news."""
        assert self.pane is not None, "It is due."
        return self.pane.update()
