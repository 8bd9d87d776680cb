"""Expressions that are evaluated in the paused frame, with a picture of what they give."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets

from jupyter_mpexec.debug import Variable
from jupyter_mpexec.display.html import paragraph, tag

from .on_enter import on_enter
from .previews import STRETCHES, preview

__all__ = ["DebugConsole"]

_LONG_REPR = 2000


class DebugConsole:
    """A line for Python, and below it the value: an image, a table, or a text.

    Parameters
    ----------
    on_evaluate
        Called with what is to be evaluated.
    on_watch
        Called with what is to be watched, or no longer.
    again
        Runs a function on the thread that draws.
    """

    def __init__(
        self,
        on_evaluate: Callable[[str], object],
        on_watch: Callable[[str], object],
        again: Callable[[Callable[[], object]], object],
    ) -> None:
        self._value: tuple[str, Any] | None = None
        self.source = ipywidgets.Text(
            placeholder="a variable, any expression, or an assignment such as  threshold = 5",
            description="In this frame",
            continuous_update=True,
            layout={"flex": "1 1 320px"},
        )
        self.source.style.description_width = "initial"
        on_enter(self.source, lambda: on_evaluate(self.source.value))
        self._evaluate = ipywidgets.Button(
            description="Evaluate", tooltip="Evaluate this in the frame that is shown"
        )
        self._evaluate.on_click(lambda _: on_evaluate(self.source.value))
        self._watch = ipywidgets.Button(
            description="Watch", icon="eye", tooltip="Show its value at each pause, or no longer"
        )
        self._watch.on_click(lambda _: on_watch(self.source.value.strip()))
        self._stretch = ipywidgets.Dropdown(
            options=STRETCHES,
            description="Stretch",
            tooltip="How pixel values become shades",
            layout={"width": "170px"},
        )
        self._stretch.style.description_width = "initial"
        self._stretch.layout.display = "none"
        self._stretch.observe(lambda _: again(self._draw), "value")
        self._shown = ipywidgets.HTML("")
        row = ipywidgets.HBox([self.source, self._evaluate, self._watch, self._stretch])
        row.add_class("jmpx-buttons")
        self.widget = ipywidgets.VBox([row, self._shown])
        self.widget.layout.display = "none"

    def offer(self, paused: bool) -> None:
        """Let code be typed, or not."""
        self.widget.layout.display = "" if paused else "none"

    def show(self, source: str, value: Any) -> None:
        """Show a value."""
        self._value = source, value
        self._draw()

    def say(self, html: str) -> None:
        """Show something else in its place."""
        self._value = None
        self._shown.value = html
        self._stretch.layout.display = "none"

    def forget(self) -> None:
        """Let go of the value, which may be large."""
        self.say("")

    def _draw(self) -> None:
        if self._value is None:
            return
        source, value = self._value
        if value is None:
            self.say(str(paragraph("Done: ", tag("code", source), " gave None.", muted=True)))
            return
        one = Variable.of(source, value, length=_LONG_REPR)
        facts = f"{one.type_name}{f', {one.detail}' if one.detail else ''}"
        head = paragraph(tag("code", source), " ", tag("span", facts, class_="jmpx-muted"))
        if _is_plain(value):
            body, is_image = str(tag("pre", tag("code", one.text), class_="jmpx-code", tabindex=0)), False
        else:
            shown = preview(value, stretch=self._stretch.value)
            body, is_image = shown.html, shown.is_image
        self._shown.value = f"{head}{body}"
        self._stretch.layout.display = "" if is_image else "none"


def _is_plain(value: Any) -> bool:
    """Tell whether the short text says it best; an array with one axis would be long otherwise."""
    return isinstance(value, bool | int | float | complex | bytes | list | tuple | set) or (
        getattr(value, "ndim", None) in (0, 1) and not hasattr(value, "columns")
    )
