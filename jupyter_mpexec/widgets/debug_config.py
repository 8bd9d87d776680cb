"""Configuration of the debugged quantum, changed in the panel: lines of ``field = value``."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import ipywidgets

from jupyter_mpexec.display.html import Html, details, join, tag
from jupyter_mpexec.errors import JupyterMpexecError, UsageError

from .debug_view import DebugView

__all__ = ["DebugConfig", "parse_config"]


class DebugConfig:
    """A text to edit, a button that applies it, and what is wrong with it.

    Parameters
    ----------
    on_apply
        Called when what the text says is to be used.
    on_open
        Called when the text is unfolded.
    """

    def __init__(self, on_apply: Callable[[], object], on_open: Callable[[], object]) -> None:
        self._quantum_id = ""
        self._applied = ""
        self._known: Sequence[str] = ()
        self.text = ipywidgets.Textarea(
            placeholder="match_radius = 5.0\none field a line; without any, it is as in the run",
            rows=3,
            layout={"flex": "1 1 320px"},
        )
        self.text.add_class("jmpx-debug-config-text")
        apply = ipywidgets.Button(
            description="Apply",
            icon="check",
            tooltip="Check these values, and use them for all reruns from now on",
        )
        apply.on_click(lambda _: on_apply())
        self._says = ipywidgets.HTML("")
        self._fields = ipywidgets.HTML("")
        self._inner = ipywidgets.VBox(
            [ipywidgets.HBox([self.text, ipywidgets.VBox([apply, self._says])]), self._fields]
        )
        self._inner.layout.display = "none"
        self._toggle = ipywidgets.ToggleButton(
            value=False,
            description="Config",
            icon="sliders",
            tooltip="Change configuration values for reruns",
            layout={"width": "auto", "align_self": "flex-start"},
        )
        self._toggle.observe(lambda _: self._unfold(on_open), "value")
        self.widget = ipywidgets.VBox([self._toggle, self._inner])
        self.widget.add_class("jmpx-debug-config")

    @property
    def is_changed(self) -> bool:
        """Whether there is text that has not been applied."""
        return str(self.text.value).strip() != self._applied

    def values(self) -> dict[str, Any]:
        """Read the text.

        Raises
        ------
        UsageError
            Raised if it is not what it should be.
        """
        return parse_config(self.text.value)

    def applied(self) -> None:
        """Note that what the text says is used now."""
        self._applied = self.text.value.strip()
        self._says.value = str(tag("p", "Reruns use these values." if self._applied else "As in the run.",
                                   class_="jmpx-p jmpx-muted", role="status"))  # fmt: skip

    def refused(self, error: JupyterMpexecError) -> None:
        """Say beside the text what is wrong with it."""
        self._toggle.value = True
        hint = tag("p", error.hint, class_="jmpx-p jmpx-muted") if error.hint else Html("")
        problem = tag("p", error.message, class_="jmpx-p jmpx-problem", role="alert")
        self._says.value = str(join((problem, hint)))

    def offer(self, fields: Mapping[str, Any]) -> None:
        """List the fields there are."""
        rows = (
            tag("tr", tag("td", tag("code", name)), tag("td", tag("code", repr(value))))
            for name, value in fields.items()
        )
        self._fields.value = str(
            details(f"All {len(fields)} fields", tag("table", tag("tbody", *rows), class_="jmpx-table"))
        )

    def show(self, view: DebugView) -> None:
        """Turn to the quantum that is shown; take in what was changed elsewhere, unless something is being typed."""
        if view.quantum_id != self._quantum_id:
            self._quantum_id = view.quantum_id
            self._says.value = self._fields.value = ""
            self._toggle.value = False
        elif view.config == self._known or self.is_changed:
            return
        self._known = view.config
        self.text.value = self._applied = "\n".join(view.config)

    def _unfold(self, on_open: Callable[[], object]) -> None:
        self._inner.layout.display = "" if self._toggle.value else "none"
        if self._toggle.value:
            on_open()


def parse_config(text: str) -> dict[str, Any]:
    r"""Read lines of ``field = value``, where values are as in Python; empty lines and comments say nothing.

    Raises
    ------
    UsageError
        Raised for the first line that is none.

    Examples
    --------
    >>> parse_config("match_radius = 5.0\n# tried before: 3\nscale.name = 'a'")
    {'match_radius': 5.0, 'scale.name': 'a'}
    """
    values: dict[str, Any] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, equals, value = (part.strip() for part in line.partition("="))
        if not equals or not all(part.isidentifier() for part in name.split(".")):
            raise UsageError(
                f"Line {number} is not of the form field = value: {line.strip()}",
                hint="Write, for instance: match_radius = 5.0",
            )
        try:
            values[name] = ast.literal_eval(value)
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            raise UsageError(
                f"Line {number}: {value or 'nothing'} is no value.",
                hint="Write numbers, 'texts' in quotes, True, False, None, or lists of those, as in Python.",
            ) from None
    return values
