"""A frame of Python code, paused or failed: its source with the current line, and its variables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from .html import Html, join, paragraph, table, tag

__all__ = [
    "FrameLike",
    "VariableLike",
    "frame_text",
    "known_file",
    "short_file",
    "source_html",
    "value_html",
    "variables_html",
]


class VariableLike(Protocol):
    """A variable in words."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def type_name(self) -> str:
        """Type of its value."""

    @property
    def text(self) -> str:
        """The value."""

    @property
    def detail(self) -> str:
        """Shape, or number of items."""


class FrameLike(Protocol):
    """A frame in words."""

    @property
    def file(self) -> str:
        """Source file or notebook cell."""

    @property
    def line(self) -> int:
        """Number of the current line."""

    @property
    def function(self) -> str:
        """Name of the function."""

    @property
    def first_line(self) -> int:
        """Number of the first line of the source."""

    @property
    def source(self) -> Sequence[str]:
        """Lines of the source."""

    @property
    def variables(self) -> Sequence[VariableLike]:
        """Its variables."""

    @property
    def left_out(self) -> int:
        """Number of variables that are not among them."""


_POINTER = "▶"

# Not in the stylesheet, which goes with each and every output: few of them have values.
_WRAPPED = "display:block;min-width:14em;overflow-wrap:anywhere;white-space:normal"


def source_html(frame: FrameLike, *, around: int = 8) -> Html:
    """Show the source of a frame, with the current line marked.

    Parameters
    ----------
    frame
        The frame.
    around
        Number of lines to show before and after the current one.
    """
    if not frame.source:
        return paragraph("The source of this code is not there.", muted=True)
    numbered = _numbered(frame, around)
    width = len(str(numbered[-1][0]))
    lines = []
    for number, text in numbered:
        now = number == frame.line
        gutter = tag("span", f"{_POINTER if now else ' '} {number:>{width}}  ", class_="jmpx-gutter")
        lines.append(
            tag(
                "span",
                gutter,
                f"{text}\n",
                class_="jmpx-now" if now else None,
                aria_current="true" if now else None,
            )
        )
    label = f"Source of {frame.function}, line {frame.line}"
    return tag(
        "pre",
        tag("code", join(lines)),
        class_="jmpx-code jmpx-source",
        tabindex=0,
        role="region",
        aria_label=label,
    )


def variables_html(
    variables: Sequence[VariableLike], left_out: int = 0, *, caption: str = "Variables"
) -> Html:
    """Show variables as a table.

    Parameters
    ----------
    variables
        The variables.
    left_out
        Number of those that are not among them.
    caption
        What they are.
    """
    if not variables:
        return paragraph(f"{caption}: none.", muted=True)
    rows = [
        (
            tag("code", variable.name),
            value_html(variable.text),
            variable.type_name,
            variable.detail,
        )
        for variable in variables
    ]
    more = paragraph(f"and {left_out:,} more", muted=True) if left_out else ""
    return join((table(("Name", "Value", "Type", "Size"), rows, caption=caption), more))


def value_html(text: str) -> Html:
    """Write a value for a cell of a table: in as many lines as it takes, so that it pushes no column out of sight."""
    return tag("span", tag("code", text), style=_WRAPPED)


def frame_text(frame: FrameLike, *, around: int = 4) -> str:
    """Write a frame as text: source and variables."""
    lines = [f"{short_file(frame.file)}:{frame.line} in {frame.function}"]
    numbered = _numbered(frame, around)
    width = len(str(numbered[-1][0])) if numbered else 0
    lines += [f"{_POINTER if n == frame.line else ' '} {n:>{width}}  {text}".rstrip() for n, text in numbered]
    for variable in frame.variables:
        detail = f" ({variable.detail})" if variable.detail else ""
        lines.append(f"    {variable.name} = {variable.text}{detail}")
    if frame.left_out:
        lines.append(f"    and {frame.left_out:,} more")
    return "\n".join(lines)


def known_file(file: str) -> str:
    """Name a file as its reader knows it: a notebook cell is called one, whatever file stands for it."""
    return "notebook cell" if "ipykernel_" in file or file.startswith("<ipython-input") else file


def short_file(file: str) -> str:
    """Shorten the path of a file to its last two parts; a notebook cell is called one."""
    return "/".join(known_file(file).replace("\\", "/").split("/")[-2:])


def _numbered(frame: FrameLike, around: int) -> list[tuple[int, str]]:
    lines = list(enumerate(frame.source, frame.first_line))
    return [(number, text) for number, text in lines if abs(number - frame.line) <= around]
