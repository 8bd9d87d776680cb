"""Clicks that are heard while a cell is being executed.

With ipykernel 7, JupyterLab sends what happens to widgets to a subshell: a thread of the kernel that is free while a
cell keeps the main one busy. But since 7.4 ipykernel sends it back to the thread that the widget spoke from last, which
for a panel made by a cell is the main one: a click on Stop would wait for the end of the run that it is to stop. All
that our callbacks do is leave a note, so they are welcome on any thread.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import ipywidgets

__all__ = ["hear_beside_cells"]


def hear_beside_cells(widget: ipywidgets.Widget) -> None:
    """Let messages to a widget, and to all inside it, go to the thread that the front end has chosen."""
    for inner in _all_in(widget):
        if inner.comm is not None:
            # Private, since ipykernel has no public way to say it; other versions do not look at it.
            inner.comm._reply_subshell_for = _as_the_front_end_says


def _as_the_front_end_says(_data: Any, subshell_id: str | None) -> str | None:
    return subshell_id


def _all_in(widget: ipywidgets.Widget) -> Iterator[ipywidgets.Widget]:
    yield widget
    for child in getattr(widget, "children", ()):
        yield from _all_in(child)
