"""Displays for the middleware's own classes, registered by name, so that nothing is imported early."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from jupyter_mpexec.execution.views import UPSTREAM_TYPES, bundle_for

from .last_run import LAST_RUN, is_last
from .progress import has_line_here

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["Displays", "has_panel_here", "register", "unregister"]

Displays = Mapping[tuple[str, str], Callable[..., Any] | None]
"""What is registered for a class, by module and name."""


_RUN = ("jupyter_mpexec.execution.run", "Run")


def register(shell: InteractiveShell) -> Displays:
    """Make IPython display the classes of `UPSTREAM_TYPES`, and subclasses, in text, HTML and SVG.

    Returns
    -------
    before
        What was registered for each class, for `unregister`.
    """
    formatter = _formatter(shell)
    views = {**dict.fromkeys(UPSTREAM_TYPES, bundle_for), _RUN: _run_bundle}
    return {key: formatter.for_type_by_name(*key, view) for key, view in views.items()}


def has_panel_here(run: Any) -> bool:
    """Tell whether the cell that is executed shows the panel of a run."""
    panels = sys.modules.get("jupyter_mpexec.widgets.panel_display")
    return panels is not None and bool(panels.was_shown_here(run.id))


def _run_bundle(run: Any) -> dict[str, Any]:
    """Show a run, but not below the panel that shows it already.

    Nor below the line that tells how far it is: the report would be out of date in a moment.
    """
    if has_panel_here(run) or (not run.state.is_final and has_line_here(run.id)):
        from jupyter_mpexec.display.html import page, paragraph, tag

        note = paragraph("The run is in the variable ", tag("code", LAST_RUN), ".", muted=True)
        if not is_last(run):
            note = paragraph(repr(run), muted=True)
        return {"text/plain": repr(run), "text/html": page(note)}
    bundle: dict[str, Any] = run._repr_mimebundle_()
    return bundle


def unregister(shell: InteractiveShell, before: Displays) -> None:
    """Undo `register`."""
    formatter = _formatter(shell)
    for (module, name), display in before.items():
        formatter.pop(f"{module}.{name}", None)
        if display is not None:
            formatter.for_type_by_name(module, name, display)


def _formatter(shell: InteractiveShell) -> Any:
    assert shell.display_formatter is not None, "Only before the shell is set up."
    return shell.display_formatter.mimebundle_formatter
