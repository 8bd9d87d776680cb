"""A widget, and all that is inside it."""

from __future__ import annotations

from collections.abc import Iterator

import ipywidgets

__all__ = ["all_in", "close_all_in"]


def all_in(widget: ipywidgets.Widget) -> Iterator[ipywidgets.Widget]:
    """List a widget and all inside it, from the outside in."""
    yield widget
    for child in getattr(widget, "children", ()):
        yield from all_in(child)


def close_all_in(widget: ipywidgets.Widget) -> None:
    """Close a widget and all inside it, which ipywidgets would keep in memory for as long as the kernel lives."""
    for inner in list(all_in(widget)):
        inner.close()
        for name in ("layout", "style"):
            # They are widgets too, each with one owner.
            own = getattr(inner, name, None)
            if isinstance(own, ipywidgets.Widget):
                own.close()
