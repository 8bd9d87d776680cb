"""A pause in running code, and a debug session, as text and HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .frame_page import FrameLike, VariableLike, frame_text, short_file, source_html, variables_html
from .html import Html, bundle, definition_list, details, heading, page, paragraph, table, tag

__all__ = ["PauseView", "pause_bundle", "pause_parts", "session_bundle"]


@dataclass(frozen=True, kw_only=True)
class PauseView:
    """What there is to show of a pause.

    Parameters
    ----------
    session
        Name of the session.
    number
        Number of the pause.
    reason
        Why it paused.
    stack
        Function, module, file and line of the frames, the innermost first.
    frame
        The innermost frame; None once the code has gone on.
    watches
        The watched expressions with their values.
    exception
        The exception on its way; may be empty.
    returned
        What a function has just returned; may be empty.
    returns_from
        The function that can be made to return; may be empty.
    """

    session: str
    number: int
    reason: str
    stack: tuple[tuple[str, str, str, int], ...] = ()
    frame: FrameLike | None = None
    watches: Sequence[VariableLike] = ()
    exception: str = ""
    returned: str = ""
    returns_from: str = ""


def pause_bundle(pause: PauseView) -> dict[str, str]:
    """Make all forms of a pause for ``_repr_mimebundle_``."""
    return bundle(_text(pause), page(*pause_parts(pause)))


def session_bundle(
    name: str,
    state: str,
    error: str = "",
    notices: Sequence[str] = (),
    pause: PauseView | None = None,
    then: str = "",
) -> dict[str, str]:
    """Make all forms of a session.

    Parameters
    ----------
    name
        Its name.
    state
        How far it is, in a word.
    error
        What it has failed with.
    notices
        What the user ought to know.
    pause
        The pause it is in.
    then
        What has come of it, or what to do next.
    """
    said = [f"Debug session {name}: {state}", *filter(None, [error, then]), *notices]
    if pause is not None:
        return bundle(
            "\n".join([*notices, _text(pause)]), page(*map(paragraph, notices), *pause_parts(pause))
        )
    parts: list[Html] = [heading(f"Debug session {name}"), paragraph(f"It is {state}.")]
    if error:
        parts.append(_error(error))
    if then:
        parts.append(paragraph(then))
    parts += [paragraph(notice, muted=True) for notice in notices]
    return bundle("\n".join(said), page(*parts))


def pause_parts(pause: PauseView) -> list[Html]:
    """Make the parts of a page on a pause."""
    where = f" in {pause.stack[0][0]}" if pause.stack else ""
    if pause.frame is None:
        return [heading(f"{pause.session} was paused{where}"), paragraph("It has gone on since.", muted=True)]
    frame = pause.frame
    parts = [
        heading(f"{pause.session} is paused{where}"),
        paragraph(f"{short_file(frame.file)}, line {frame.line}: {pause.reason}.", muted=True),
    ]
    if pause.exception:
        parts.append(_error(pause.exception))
    if pause.returned:
        parts.append(definition_list([("returned", tag("code", pause.returned))]))
    parts.append(source_html(frame))
    if pause.watches:
        parts.append(variables_html(pause.watches, caption="Watched"))
    parts.append(variables_html(frame.variables, frame.left_out))
    if len(pause.stack) > 1:
        rows = [
            (n, function, f"{short_file(file)}:{line}")
            for n, (function, _, file, line) in enumerate(pause.stack)
        ]
        parts.append(
            details(f"Stack, {len(rows)} frames", table(("Frame", "Function", "Line"), rows, caption="Stack"))
        )
    return parts


def _error(text: str) -> Html:
    return tag("p", tag("strong", text, class_="jmpx-badge jmpx-s-failed"), class_="jmpx-p")


def _text(pause: PauseView) -> str:
    if pause.frame is None:
        return f"{pause.session} was paused: {pause.reason}. It has gone on since."
    lines = [f"{pause.session} is paused: {pause.reason}"]
    lines += [text for text in (pause.exception, pause.returned) if text]
    lines.append(frame_text(pause.frame))
    lines += [f"    {watch.name} → {watch.text}" for watch in pause.watches]
    for number, (function, _, file, line) in enumerate(pause.stack[1:], 1):
        lines.append(f"  {number}: {function}, {short_file(file)}:{line}")
    return "\n".join(lines)
