"""A button that says why it cannot be pressed."""

from __future__ import annotations

from typing import Any

import ipywidgets

__all__ = ["ExplainedButton"]


class ExplainedButton(ipywidgets.Button):  # type: ignore[misc]  # ipywidgets comes without types
    """A button whose tooltip says what it does, or what to do instead.

    Parameters
    ----------
    tooltip
        What it does.
    **traits
        As for a button.
    """

    def __init__(self, *, tooltip: str, **traits: Any) -> None:
        super().__init__(tooltip=tooltip, **traits)
        self._does = self._says = tooltip

    def offer(self, reason: str = "") -> bool:
        """Let it be pressed, unless there is a reason why not.

        Returns
        -------
        changed
            Whether the browser was told anything.
        """
        tooltip = reason or self._does
        if tooltip == self._says:
            return False
        self._says = tooltip
        with self.hold_sync():
            self.disabled = bool(reason)
            self.tooltip = tooltip
        return True
