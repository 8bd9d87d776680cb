"""How a panel stands in a notebook: live, and beside it the static summary that the saved notebook keeps.

A widget shows only as long as its kernel lives; afterwards JupyterLab writes an error in its place. So a panel has two
outputs: first the static summary of the run, which needs nothing, then the widget. The summary brings a style sheet
that hides itself while the widget after it lives, and hides the place of the widget once it does not.
"""

from __future__ import annotations

import itertools
import time
from typing import Any

from jupyter_mpexec.display.html import Html, page, paragraph, tag

from .current_cell import parent_message
from .panel_context import PanelContext

__all__ = ["PanelDisplay", "was_shown_here"]

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"

PACE = 10.0
"""Seconds between two summaries, at least, while the run goes on: somebody may save the notebook."""

SHARE = 0.02
"""Share of the time that may go into summaries of a run that goes on."""

# `jupyter-widgets-disconnected` is what ipywidgets marks views with whose kernel is gone.
_LIVE = ".jmpx-panel:not(.jupyter-widgets-disconnected)"
_CHILD = ".jp-OutputArea-child"
_RULES = (
    f"{_CHILD}:has(.jmpx-summary):has(+ {_CHILD} {_LIVE}){{display:none}}"
    f"{_CHILD}:has(.jmpx-summary)+{_CHILD}:not(:has({_LIVE})){{display:none}}"
)

_shown: dict[str, set[str]] = {}
"""By run ID: the messages whose cells show a panel of the run."""

_numbers = itertools.count(1)


class PanelDisplay:
    """The two outputs of a panel.

    Parameters
    ----------
    context
        The run.
    """

    def __init__(self, context: PanelContext) -> None:
        self._context = context
        self._summary: Any = None
        self._next_at = 0.0
        self._asked = True
        self._ended = 0
        self._text = ""

    def show(self, widget: Any) -> None:
        """Show summary and widget in the output of the cell that is being executed."""
        from IPython.display import display

        run = self._context.run
        if self._context.watched is None and not run.report.started:
            first = page(paragraph(f"Run {run.id} is being made ready."))
            bundle = _marked({"text/plain": "", "text/html": first})
        else:
            bundle = _marked(run._repr_mimebundle_())
        # Each display has an ID of its own: those that IPython makes up are random.
        name = f"mpexec-{run.id}-{next(_numbers)}"
        self._summary = display(bundle, raw=True, display_id=name)
        view = {"version_major": 2, "version_minor": 0, "model_id": widget.model_id}
        display({"text/plain": "", "text/html": "", WIDGET_VIEW: view}, raw=True)
        if message := parent_message():
            _shown.setdefault(run.id, set()).add(message)

    def ask_for_summary(self) -> None:
        """Bring the summary up to date at the next turn: the run has ended."""
        self._asked = True

    def settle(self) -> None:
        """Leave the summary as it is to be when the panel is gone."""
        if self._summary is not None:
            self.update()

    def is_due(self) -> bool:
        """Tell whether the summary is to be brought up to date."""
        watched = self._context.watched
        if self._summary is None or watched is None:
            return False
        news = watched.ended != self._ended
        return self._asked or (news and time.monotonic() >= self._next_at)

    def update(self) -> None:
        """Bring the summary up to date."""
        watched = self._context.watched
        self._asked = False
        self._ended = watched.ended if watched is not None else 0
        start = time.monotonic()
        bundle = _marked(self._context.run._repr_mimebundle_())
        if bundle["text/html"] != self._text:
            self._text = bundle["text/html"]
            self._summary.update(bundle, raw=True)
        self._next_at = time.monotonic() + max(PACE, (time.monotonic() - start) / SHARE)


def _marked(bundle: dict[str, str]) -> dict[str, str]:
    rules = Html(f"<style>{_RULES}</style>")
    html = tag("div", Html(bundle["text/html"]), rules, class_="jmpx-summary")
    return {"text/plain": bundle["text/plain"], "text/html": str(html)}


def was_shown_here(run_id: str) -> bool:
    """Tell whether the cell that is being executed shows a panel of a run."""
    message = parent_message()
    return bool(message) and message in _shown.get(run_id, ())
