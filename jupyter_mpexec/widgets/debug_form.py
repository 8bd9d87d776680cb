"""Where to pause, chosen before a quantum is debugged."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import ipywidgets

from .debug_places import HINT, Place, parse_places, split_places

__all__ = ["DebugForm"]

_CHOICES = (
    ("entry", "first line", True),
    ("exception", "exception", True),
    ("get", "each read", False),
    ("put", "each write", False),
    ("subtasks", "subtasks", False),
)


class DebugForm:
    """Check boxes, a line for places in the code, and the button that starts.

    Parameters
    ----------
    on_start
        Called with kinds of moments, and places in the code.
    """

    def __init__(self, on_start: Callable[[Sequence[str], str], object]) -> None:
        self._boxes = {
            word: ipywidgets.Checkbox(value, description=label, indent=False, layout={"width": "auto"})
            for word, label, value in _CHOICES
        }
        self.places = ipywidgets.Text(
            placeholder=HINT, description="and at", continuous_update=False, layout={"flex": "1 1 260px"}
        )
        self.places.style.description_width = "initial"
        start = ipywidgets.Button(
            description="Start",
            icon="bug",
            tooltip="Run this quantum once more in memory, and pause in the middle of it",
        )
        start.add_class("jmpx-main")
        start.on_click(lambda _: on_start(self.moments, self.places.value))
        row = ipywidgets.HBox([ipywidgets.Label("Pause at"), *self._boxes.values(), self.places, start])
        row.add_class("jmpx-buttons")
        self.widget = row

    @property
    def moments(self) -> list[str]:
        """Kinds of moments that are chosen."""
        return [word for word, box in self._boxes.items() if box.value]

    def toggle(self, file: str, line: int) -> None:
        """Add a line of the code to the places, or take it away."""
        place = f"{file}:{line}"
        places = split_places(self.places.value)
        kept = [part for part in places if part != place]
        self.places.value = "; ".join(kept if len(kept) < len(places) else [*places, place])

    def lines_in(self, file: str) -> set[int]:
        """Numbers of the lines of a file that are among the places."""
        found: set[int] = set()
        for place in _readable(self.places.value):
            if isinstance(place, str) and place.startswith(f"{file}:"):
                found.add(int(place.rpartition(":")[2]))
        return found


def _readable(text: str) -> list[Place]:
    try:
        return parse_places(text)
    except ValueError:
        return []
