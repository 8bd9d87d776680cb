"""What came of a rerun: how it ended, how it compares, and whether it is to count."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import ipywidgets

from jupyter_mpexec.display import formats
from jupyter_mpexec.display.html import Html, badge, details, join, paragraph, tag
from jupyter_mpexec.errors import JupyterMpexecError

from .explained_button import ExplainedButton

if TYPE_CHECKING:
    from jupyter_mpexec.execution.workbench.attempt import Attempt
    from jupyter_mpexec.execution.workbench.open_quantum import OpenQuantum

__all__ = ["DebugOutcome", "attempt_line"]

_BUTTONS = (
    ("rerun", "Rerun", "play", "Run it once more without pauses, with patches as they are now"),
    ("restart", "Debug again", "bug", "Run it once more, and pause at the breakpoints"),
    ("promote", "Promote", "check", "Write this rerun to the output run; what depends on it can go on"),
    ("discard", "Discard", "trash", "Forget all reruns and patches of this quantum"),
)
_AUTOMATIC = -1


class DebugOutcome:
    """The newest rerun of a quantum, beside another one or what is in the run.

    Parameters
    ----------
    on_press
        Called with ``"rerun"``, ``"restart"``, ``"promote"`` or ``"discard"``.
    on_choose
        Called when something else is to be compared with.
    """

    def __init__(self, on_press: Callable[[str], object], on_choose: Callable[[], object]) -> None:
        self._shown: tuple[object, ...] = ()
        self._filling = False
        self._buttons: dict[str, ExplainedButton] = {}
        for name, label, icon, tooltip in _BUTTONS:
            button = self._buttons[name] = ExplainedButton(description=label, icon=icon, tooltip=tooltip)
            button.on_click(lambda _, name=name: on_press(name))
        self._buttons["promote"].add_class("jmpx-main")
        self.other = ipywidgets.Dropdown(
            options=[("automatic", _AUTOMATIC)], description="Compare with", layout={"width": "230px"}
        )
        self.other.style.description_width = "initial"
        self.other.observe(lambda _: None if self._filling else on_choose(), "value")
        self._head = ipywidgets.HTML("")
        self._page = ipywidgets.HTML("")
        row = ipywidgets.HBox([*self._buttons.values(), self.other])
        row.add_class("jmpx-buttons")
        self.widget = ipywidgets.VBox([self._head, row, self._page])
        self.widget.layout.display = "none"

    def clear(self) -> None:
        """Show nothing."""
        self._shown = ()
        self.widget.layout.display = "none"

    def show(self, opened: OpenQuantum, attempt: Attempt) -> None:
        """Show a rerun; reads what it is compared with, so this takes a moment."""
        key = (attempt, attempt.promoted, self.other.value)
        if key == self._shown:
            self.widget.layout.display = ""
            return
        if not self._shown or self._shown[0] is not attempt:
            self._offer_others(attempt)
        # First, since it may fail: the page is never that of another attempt than the line above it.
        page = str(join((_comparison(opened, attempt, self.other.value), _all_of(attempt))))
        self._head.value = str(attempt_line(attempt))
        failed = (
            "" if attempt.succeeded else "This attempt failed: mend it with %%patch or Config, and rerun it."
        )
        done = "This attempt is in the output run already." if attempt.promoted else ""
        self._buttons["promote"].offer(done or failed)
        self._buttons["promote"].description = "Promoted" if attempt.promoted else "Promote"
        self.widget.layout.display = ""
        self._page.value = page
        self._shown = (attempt, attempt.promoted, self.other.value)

    def _offer_others(self, attempt: Attempt) -> None:
        earlier = [(f"attempt {n}", n) for n in range(attempt.number - 1, 0, -1)]
        self._filling = True
        with self.other.hold_sync():
            self.other.options = [("automatic", _AUTOMATIC), ("the run", 0), *earlier]
            self.other.value = _AUTOMATIC
        self._filling = False


def attempt_line(attempt: Attempt) -> Html:
    """Say in a line how a rerun ended, and what was different."""
    changes = [patch.name for patch in attempt.patches]
    changes += [f"{name} = {new!r}" for name, (_, new) in attempt.config_changes.items()]
    pieces: list[object] = [
        tag("strong", f"Attempt {attempt.number}"),
        badge(attempt.status),
        tag("span", formats.duration(attempt.duration), class_="jmpx-muted"),
    ]
    pieces.append(
        tag("span", "in the output run" if attempt.promoted else "in memory only", class_="jmpx-muted")
    )
    if changes:
        names = join((tag("code", change) for change in changes), ", ")
        pieces.append(tag("span", "with your ", names))
    return tag("div", *pieces, class_="jmpx-debug-state", role="status")


def _comparison(opened: OpenQuantum, attempt: Attempt, other: int) -> Html:
    if not attempt.succeeded:
        return Html("")
    try:
        bundle = opened.compare(attempt, None if other == _AUTOMATIC else other)._repr_mimebundle_()
    except JupyterMpexecError as error:
        return paragraph(error.message, muted=True)
    return Html(bundle["text/html"])


def _all_of(attempt: Attempt) -> Html:
    bundle: dict[str, Any] = attempt._repr_mimebundle_()
    return details(
        f"All of attempt {attempt.number}: outputs, changes, log",
        Html(bundle["text/html"]),
        open=not attempt.succeeded,
    )
