"""Two attempts at a quantum beside each other, as text and as HTML."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass

from . import formats
from .html import Html, bundle, definition_list, details, figure, items, join, page, paragraph, table, tag

__all__ = ["ComparisonView", "PartView", "comparison_bundle"]

MOST_FACTS = 12
MOST_METADATA = 60


@dataclass(frozen=True, kw_only=True)
class PartView:
    """One part of an output.

    Parameters
    ----------
    name, same, summary, facts
        As in `ValueDifference`.
    pictures
        Captions and PNG images.
    """

    name: str
    same: bool
    summary: str
    facts: Sequence[tuple[str, str]] = ()
    pictures: Sequence[tuple[str, bytes]] = ()


@dataclass(frozen=True, kw_only=True)
class ComparisonView:
    """A comparison; see `Comparison`."""

    name: str
    before: str
    after: str
    parts: Sequence[PartView]
    missing: Sequence[str] = ()
    metadata: Sequence[tuple[str, str, str]] = ()
    duration: tuple[float | None, float | None] = (None, None)
    errors: tuple[str, str] = ("", "")


def comparison_bundle(view: ComparisonView) -> dict[str, str]:
    """Show a comparison: what differs first."""
    parts = sorted(view.parts, key=lambda part: part.same)
    title = f"{view.name}: {view.before} → {view.after}"
    lines = [title, *view.missing]
    for part in parts:
        lines.append(f"{_mark(part)} {part.name}: {part.summary}")
        if not part.same:
            lines += [f"    {name}: {value}" for name, value in part.facts[:MOST_FACTS]]
    lines += [
        f"metadata {n}: {old or 'none'} → {new or 'none'}" for n, old, new in view.metadata[:MOST_METADATA]
    ]
    facts = [("took", _times(view))]
    facts += [
        (f"{side} failed with", error)
        for side, error in zip((view.before, view.after), view.errors, strict=True)
        if error
    ]
    lines += [f"{name}: {value}" for name, value in facts]
    body: list[object] = [tag("h3", title, class_="jmpx-h"), definition_list(facts)]
    if view.missing:
        body.append(items(view.missing))
    body += [_part(part) for part in parts]
    if view.metadata:
        body.append(
            table(
                ["Metadata", view.before.capitalize(), view.after.capitalize()],
                view.metadata[:MOST_METADATA],
                caption="Metadata that differ",
            )
        )
    return bundle(formats.plain("\n".join(lines)), page(*body))


def _part(part: PartView) -> Html:
    heading = join((tag("strong", f"{_mark(part)} {part.name}"), f": {part.summary}"))
    if part.same:
        return paragraph(heading, muted=True)
    body: list[object] = [definition_list(part.facts)] if part.facts else []
    if part.pictures:
        frames = [
            figure(
                tag(
                    "img",
                    src=f"data:image/png;base64,{base64.b64encode(data).decode()}",
                    alt=f"{part.name}: {what}",
                ),
                what,
                label=f"{part.name}: {what}",
            )
            for what, data in part.pictures
        ]
        body.append(tag("div", *frames, class_="jmpx-pictures"))
    return details(heading, *body, open=True)


def _mark(part: PartView) -> str:
    return "=" if part.same else "≠"


def _times(view: ComparisonView) -> str:
    before, after = (formats.duration(t) if t is not None else "unknown" for t in view.duration)
    return f"{before} → {after}"
