"""What went wrong in the debugging pane, each beside the field or the button that it was asked with."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import ipywidgets

from .notices import Notices

__all__ = ["DebugNotices"]

_PLACES = ("head", "form", "config", "controls", "outcome", "frames", "console", "breakpoints")
# From whichever of them it was started or steered: once that works, what failed before is past.
_STEERING = ("form", "controls", "outcome")


class DebugNotices:
    """A notice for each part of the pane; none takes room while nothing is wrong."""

    def __init__(self) -> None:
        self._all = {place: Notices() for place in _PLACES}

    def below(self, part: ipywidgets.Widget, place: str) -> tuple[ipywidgets.Widget, ipywidgets.Widget]:
        """Put the notice of a place below a part; it stays when the part itself is hidden."""
        return part, self._all[place].widget

    def text(self, place: str) -> str:
        """What is said at a place, as HTML; nothing if nothing is wrong there."""
        return self._all[place].text

    @contextlib.contextmanager
    def beside(self, place: str) -> Iterator[None]:
        """Do something: what goes wrong is said at a place, and taken back once it works."""
        try:
            yield
        except Exception as error:
            self._all[place].show(error)
        else:
            for each in _STEERING if place in _STEERING else (place,):
                self._all[each].clear()

    def clear(self) -> None:
        """Take all back."""
        for notices in self._all.values():
            notices.clear()
