"""Clicks that are heard while a cell is being executed.

With ipykernel 7, JupyterLab sends what happens to widgets to a subshell: a thread of the kernel that is free while a
cell keeps the main one busy. But since 7.4 ipykernel sends it back to the thread that the widget spoke from last, which
for a panel made by a cell is the main one: a click on Stop would wait for the end of the run that it is to stop. All
that our callbacks do is leave a note, so they are welcome on any thread.
"""

from __future__ import annotations

from typing import Any

import ipywidgets

from .widget_tree import all_in

__all__ = ["hear_beside_cells"]


def hear_beside_cells(widget: ipywidgets.Widget) -> None:
    """Let messages to a widget, and to all inside it, go to the thread that the front end has chosen."""
    for inner in all_in(widget):
        if inner.comm is not None:
            # Private, since ipykernel has no public way to say it; other versions do not look at it.
            inner.comm._reply_subshell_for = _as_the_front_end_says


def _as_the_front_end_says(_data: Any, subshell_id: str | None) -> str | None:
    return subshell_id
