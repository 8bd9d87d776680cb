"""What happens when Enter is pressed in a line of text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets

__all__ = ["on_enter"]


def on_enter(text: ipywidgets.Text, do: Callable[[], object]) -> None:
    """Call a function when Enter is pressed, and not when the cursor merely leaves, as an observer would be."""

    def hear(_widget: object, content: Any, _buffers: object) -> None:
        if isinstance(content, dict) and content.get("event") == "submit":
            do()

    text.on_msg(hear)
