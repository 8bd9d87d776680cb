"""A frame: its source with the current line and breakpoints, the stack, and the variables."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Collection

import ipywidgets

from jupyter_mpexec.debug import Variable
from jupyter_mpexec.display.frame_page import known_file, short_file

from .debug_view import DebugView
from .picks import Pick, Picks

__all__ = ["KEYS", "FrameViews", "source_rows", "stack_rows", "variable_rows"]

KEYS = {"F8": "resume", "F10": "step_over", "F11": "step_into", "Shift+F11": "step_out"}
"""As in JupyterLab's own debugger, where that has them; F5 would load the page again, and F9 is taken."""


class FrameViews:
    """Source on the left, variables and stack on the right.

    Parameters
    ----------
    on_line
        Called with file and number of a line whose number was clicked.
    on_frame
        Called with the index of a frame that was clicked.
    on_variable
        Called with the name of a variable, or with a watched expression.
    on_key
        Called with what a key stands for.
    """

    def __init__(
        self,
        on_line: Callable[[str, int], object],
        on_frame: Callable[[int], object],
        on_variable: Callable[[str], object],
        on_key: Callable[[str], object],
    ) -> None:
        self._view: DebugView | None = None
        self._on_line = on_line
        self._on_variable = on_variable
        self.source = Picks(
            label="Source: Enter sets or clears a breakpoint",
            on_pick=self._picked_line,
            gutter=True,
            keys=list(KEYS),
            on_key=lambda key: on_key(KEYS[key]),
        )
        self.source.add_class("jmpx-debug-source")
        self.stack = Picks(label="Stack, innermost first: Enter shows a frame", on_pick=on_frame)
        self.stack.add_class("jmpx-debug-stack")
        self.variables = Picks(label="Variables: Enter shows one", on_pick=self._picked_variable)
        self.variables.add_class("jmpx-debug-variables")
        self._more = ipywidgets.HTML("")
        side = ipywidgets.VBox([_title("Variables"), self.variables, self._more, _title("Stack"), self.stack])
        side.add_class("jmpx-debug-side")
        self.widget = ipywidgets.HBox([self.source, side])
        self.widget.add_class("jmpx-debug-frame")

    def show(self, view: DebugView, chosen_lines: Collection[int]) -> None:
        """Show a frame.

        Parameters
        ----------
        view
            What there is to see; without a frame, nothing is shown.
        chosen_lines
            Lines that are going to be breakpoints, once there is a session.
        """
        self._view = view
        self.widget.layout.display = "" if view.summary is not None else "none"
        if view.summary is None:
            return
        rows, current = source_rows(view, chosen_lines)
        self.source.show(rows, current)
        self.stack.show(stack_rows(view), view.frame)
        self.variables.show(variable_rows(view))
        left_out = view.summary.left_out
        self._more.value = f"<p class='jmpx-p jmpx-muted'>and {left_out:,} more</p>" if left_out else ""

    def _picked_line(self, index: int) -> None:
        view = self._view
        if view is not None and view.summary is not None:
            self._on_line(view.summary.file, view.summary.first_line + index)

    def _picked_variable(self, index: int) -> None:
        view = self._view
        if view is not None:
            shown = _variables(view)
            if index < len(shown):
                self._on_variable(shown[index][1].name)


def source_rows(view: DebugView, chosen_lines: Collection[int] = ()) -> tuple[list[Pick], int]:
    """Write the lines of a frame: number with the mark of a breakpoint, and text; and the index of the current one."""
    summary = view.summary
    if summary is None:
        return [], -1
    set_, disabled = set(chosen_lines), set[int]()
    for one in view.breakpoints:
        if one.file == summary.file and one.line:
            (set_ if one.enabled else disabled).add(one.line)
    rows: list[Pick] = []
    # What all lines are indented by only takes room.
    shown = textwrap.dedent("\n".join(summary.source)).split("\n") if summary.source else []
    for number, text in enumerate(shown, summary.first_line):
        marks, says = [], []
        if number == summary.line:
            marks.append("jmpd-now")
            says.append("failed here" if view.past else "current line")
        if number in set_ or number in disabled:
            marks.append("jmpd-stop" if number in set_ else "jmpd-stop-off")
            says.append("breakpoint" if number in set_ else "disabled breakpoint")
        rows.append(((str(number), text or " "), marks, ", ".join(says)))
    if not rows:
        return [(("", "The source of this code is not there."), ["jmpd-none"], "")], -1
    return rows, summary.line - summary.first_line


def stack_rows(view: DebugView) -> list[Pick]:
    """Write the frames of the stack."""
    return [
        (
            (function.replace(".<locals>", ""), f"{short_file(file).rpartition('/')[2]}:{line}"),
            [],
            known_file(file),
        )
        for function, file, line in view.stack
    ]


def variable_rows(view: DebugView) -> list[Pick]:
    """Write watched expressions and variables: name, value, and size or type."""
    rows: list[Pick] = []
    for mark, one in _variables(view):
        kind = one.type_name.rpartition(".")[2]
        size = one.detail if one.detail and one.detail != "failed" else kind
        marks = [*([mark] if mark else []), *(["jmpd-failed"] if one.detail == "failed" else [])]
        rows.append(((one.name, one.text, size), marks, ""))
    return rows or [(("no variables yet", "", ""), ["jmpd-none"], "")]


def _variables(view: DebugView) -> list[tuple[str, Variable]]:
    inner = view.summary.variables if view.summary is not None else ()
    return [*(("jmpd-watch", one) for one in view.watches), *(("", one) for one in inner)]


def _title(text: str) -> ipywidgets.HTML:
    return ipywidgets.HTML(f"<div class='jmpx-debug-title'>{text}</div>")
