"""A failure with its frames, as text and as HTML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from jupyter_mpexec.long_text import HEADLINE, trim

from . import formats
from .frame_page import value_html
from .html import Html, bundle, code, definition_list, details, join, page, paragraph, table, tag

__all__ = ["FailureView", "FrameView", "failure_bundle"]

LAST_LINES = 60


@dataclass(frozen=True, kw_only=True)
class FrameView:
    """A frame.

    Parameters
    ----------
    place
        Function, file and line.
    line, first_line, source
        The current line, and lines around it, of which the first has that number.
    variables
        Name, type, detail and text of each variable.
    left_out
        Number of variables that are not listed.
    """

    place: str
    line: int
    first_line: int
    source: Sequence[str]
    variables: Sequence[tuple[str, str, str, str]]
    left_out: int = 0


@dataclass(frozen=True, kw_only=True)
class FailureView:
    """A failure."""

    name: str
    exception: str
    message: str
    traceback: str = ""
    frames: Sequence[FrameView] = ()
    config: str = ""
    log: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    facts: Sequence[tuple[str, str]] = ()


def failure_bundle(view: FailureView) -> dict[str, str]:
    """Show a failure: the innermost frame first, and open."""
    headline = f"{view.exception.removeprefix('builtins.')}: {view.message}"
    headline = trim(formats.plain(headline), HEADLINE)
    lines = [f"{view.name} failed", headline]
    for frame in reversed(view.frames):
        lines += ["", f"in {frame.place}"]
        lines += _numbered(frame)
        lines += [f"    {name} = {text}" for name, _, _, text in frame.variables]
    if not view.frames:
        lines += formats.trim_lines(view.traceback, lines=40, characters=6000).splitlines()
    body: list[object] = [
        tag("h3", f"{view.name} failed", class_="jmpx-h"),
        paragraph(tag("strong", headline)),
        definition_list([(name, value) for name, value in view.facts if value]),
    ]
    body += [_frame(frame, open=n == 0) for n, frame in enumerate(reversed(view.frames))]
    if view.traceback:
        text = formats.trim_lines(view.traceback, lines=80, characters=10_000)
        body.append(details("Traceback", code(text, label="Traceback"), open=not view.frames))
    if view.log:
        text = formats.trim_lines(view.log, lines=LAST_LINES, characters=10_000)
        body.append(details("End of the log", code(text, label="Log")))
    if view.config:
        body.append(details("Configuration", code(view.config, label="Configuration")))
    if view.versions:
        body.append(details("Versions", definition_list(sorted(view.versions.items()))))
    return bundle(formats.plain("\n".join(lines)), page(*body))


def _frame(frame: FrameView, *, open: bool) -> Html:  # noqa: A002  # HTML's own word
    parts: list[object] = []
    if frame.source:
        parts.append(code("\n".join(_numbered(frame)), label=f"Source of {frame.place}"))
    if frame.variables:
        rows = [(name, value_html(text), kind, detail) for name, kind, detail, text in frame.variables]
        parts.append(table(["Variable", "Value", "Type", ""], rows, caption="Variables"))
    if frame.left_out:
        parts.append(
            paragraph(f"… and {formats.plural(frame.left_out, 'variable', 'variables')} more.", muted=True)
        )
    return details(join(("in ", tag("code", frame.place))), *parts, open=open)


def _numbered(frame: FrameView) -> list[str]:
    return [
        f"{'→' if number == frame.line else ' '} {number:>5}  {text.rstrip()}"
        for number, text in enumerate(frame.source, start=frame.first_line)
    ]
