"""The head of the debugging pane: what is being debugged, why it stands still, and what the reader ought to know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .frame_page import short_file
from .html import Html, join, paragraph, tag

__all__ = ["DebugHead", "head_html"]

_WORDS = {
    "chosen": ("", "not started"),
    "ready": ("", "not started"),
    "running": ("►", "running"),
    "paused": ("‖", "paused"),
    # Of a good end, what is shown of the rerun tells more.
    "finished": ("", ""),
    "failed": ("✗", "the debugger failed"),
    "abandoned": ("■", "abandoned"),
}
_COLOURS = {"running": "running", "paused": "blocked", "failed": "failed", "abandoned": "cancelled"}


@dataclass(frozen=True, kw_only=True)
class DebugHead:
    """What the head says.

    Parameters
    ----------
    name
        Task label and data ID.
    state
        ``"chosen"``, or the state of a debug session.
    reason
        Why it is paused.
    place
        Function, file and line that are looked at; None if there is no frame.
    problem
        The exception; may be empty.
    past
        The frames are those of a failure that is over.
    returned
        What a function has just returned.
    patches
        Methods that reruns replace.
    notices
        What else the user ought to know.
    config
        Configuration that is changed, a line a field.
    other
        Name of another quantum that is selected meanwhile.
    """

    name: str
    state: str
    reason: str = ""
    place: tuple[str, str, int] | None = None
    problem: str = ""
    past: bool = False
    returned: str = ""
    patches: Sequence[str] = ()
    config: Sequence[str] = ()
    notices: Sequence[str] = ()
    other: str = ""


def head_html(head: DebugHead) -> str:
    """Write the head."""
    parts: list[object] = []
    for words, names in (("Reruns use your version of ", head.patches), ("Reruns use ", head.config)):
        if names:
            listed = join((tag("code", name) for name in names), ", ")
            parts.append(tag("p", words, listed, ".", class_="jmpx-p jmpx-banner", role="note"))
    if head.other:
        text = f"This is {head.name}, which is being debugged. Selected above: {head.other}."
        parts.append(tag("p", text, class_="jmpx-p jmpx-banner", role="note"))
    if state := _state(head):
        parts.append(state)
    if head.problem:
        parts.append(tag("p", head.problem, class_="jmpx-p jmpx-problem"))
    if head.past:
        parts.append(
            paragraph(
                "The frames below are as they were when it failed; values are kept as short texts.",
                muted=True,
            )
        )
    if head.returned and head.state == "paused":
        parts.append(tag("p", "Just returned: ", tag("code", head.returned), class_="jmpx-p"))
    parts += [paragraph(notice, muted=True) for notice in head.notices]
    return str(tag("div", *parts, class_="jmpx-debug-head", role="status", aria_live="polite"))


def _state(head: DebugHead) -> Html:
    glyph, word = _WORDS.get(head.state, ("", head.state))
    colour = _COLOURS.get(head.state, "succeeded")
    if head.problem and head.state in ("finished", "chosen"):
        glyph, colour = "✗", "failed"
        word = "rerun failed" if head.state == "finished" else "failed"
    pieces: list[object] = []
    if glyph:
        mark = tag("span", glyph, aria_hidden="true", class_="jmpx-glyph")
        pieces.append(tag("strong", mark, " ", word.capitalize(), class_=f"jmpx-badge jmpx-s-{colour}"))
    if head.place is not None:
        function, file, line = head.place
        shown = tag("strong", function.replace(".<locals>", ""))
        pieces.append(tag("span", "in ", shown, f", {short_file(file)}, line {line}"))
    if head.reason and head.state == "paused":
        pieces.append(tag("span", head.reason, class_="jmpx-muted"))
    if not pieces:
        pieces.append(
            tag(
                "span",
                "Choose where to pause, and press Start. The rerun stays in memory.",
                class_="jmpx-muted",
            )
        )
    return tag("div", *pieces, class_="jmpx-debug-state") if pieces else Html("")
