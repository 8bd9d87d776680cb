"""What went wrong in a panel, where its reader sees it."""

from __future__ import annotations

import logging

import ipywidgets

from jupyter_mpexec.errors import JupyterMpexecError

from .panel_html import error_html

__all__ = ["Notices"]

_LOG = logging.getLogger(__name__)


class Notices:
    """The newest error, with a button that takes it away; nothing while there is none."""

    def __init__(self) -> None:
        self._text = ipywidgets.HTML("")
        dismiss = ipywidgets.Button(description="Dismiss", tooltip="Take this message away")
        dismiss.on_click(lambda _: self.clear())
        self.widget = ipywidgets.HBox([self._text, dismiss])
        self.widget.layout.display = "none"

    @property
    def text(self) -> str:
        """What is shown, as HTML."""
        return str(self._text.value) if self.widget.layout.display != "none" else ""

    def show(self, error: Exception) -> None:
        """Show an error; may be called from any thread."""
        if not isinstance(error, JupyterMpexecError):
            # Not meant for users, so it is ours: the log has where it came from.
            _LOG.error("The run panel met an error.", exc_info=error)
        self._text.value = error_html(error)
        self.widget.layout.display = ""

    def clear(self) -> None:
        """Show nothing."""
        self.widget.layout.display = "none"
