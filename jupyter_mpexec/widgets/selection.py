"""What is selected in a panel: a task, and perhaps one of its quanta."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from .panel_context import PanelContext

__all__ = ["Selection"]


class Selection:
    """The selected task and quantum.

    Parameters
    ----------
    context
        The run.
    on_change
        Called, on the thread of commands, when something else is selected.
    """

    def __init__(self, context: PanelContext, on_change: Callable[[], object]) -> None:
        self._context = context
        self._on_change = on_change
        self.task = ""
        self.quantum: int | None = None

    def select_task(self, label: str) -> None:
        """Select a task."""
        if label != self.task:
            self.task = label
            self._context.commands.do(self._on_change)

    def select_quantum(self, position: int) -> None:
        """Select a quantum, and with it its task."""
        watched = self._context.watched
        if watched is None:
            return
        label = watched.catalogue.task(position).label
        # It may be selected still, while another task was looked at.
        if (label, position) != (self.task, self.quantum):
            self.task, self.quantum = label, position
            self._context.commands.do(self._on_change)

    def move(self, ids: Sequence[str], positions: Mapping[str, int]) -> None:
        """Keep the selected quantum selected, where quanta have other positions from now on.

        Parameters
        ----------
        ids
            Quantum IDs by former position.
        positions
            New positions by quantum ID.
        """
        if self.quantum is not None:
            self.quantum = positions[ids[self.quantum]]
