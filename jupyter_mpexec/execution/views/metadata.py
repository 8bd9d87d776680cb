"""What a task recorded while it ran."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from jupyter_mpexec.display import formats, html

from .wording import value_text

if TYPE_CHECKING:
    from lsst.pipe.base import TaskMetadata

__all__ = ["metadata_bundle"]

MAX_ROWS = 400
SHORT = 12
"""Parts of so many values are open at once; longer ones, such as the resource usage, a click away."""


def metadata_bundle(metadata: TaskMetadata) -> dict[str, str]:
    """Show task metadata as text and HTML: one part a task or subtask."""
    parts = {name: list(_flatten(values)) for name, values in _sections(metadata.to_dict())}
    total = sum(map(len, parts.values()))
    summary = f"{formats.plural(total, 'value')} in {formats.plural(len(parts), 'part')}"
    return html.bundle(_text(parts, summary), _html(parts, summary))


def _sections(values: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    own = {name: value for name, value in values.items() if not isinstance(value, Mapping)}
    if own:
        yield "", own
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield name, value


def _flatten(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flatten(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value_text(value)


def _text(parts: Mapping[str, list[tuple[str, str]]], summary: str, limit: int = 12) -> str:
    lines = [f"TaskMetadata: {summary}"]
    for name, values in parts.items():
        if name:
            lines.append(f"  {name}")
        lines.extend(f"    {key} = {value}" for key, value in values[:limit])
        if len(values) > limit:
            lines.append(f"    … and {len(values) - limit:,} more")
    return "\n".join(lines)


def _html(parts: Mapping[str, list[tuple[str, str]]], summary: str) -> str:
    content: list[html.Html] = [html.heading("Task metadata"), html.paragraph(summary, ".")]
    for name, values in parts.items():
        caption = f"Values of {name}" if name else "Values"
        body = [html.table(["name", "value"], values[:MAX_ROWS], caption=caption)]
        if len(values) > MAX_ROWS:
            body.append(html.paragraph(f"… and {len(values) - MAX_ROWS:,} more.", muted=True))
        title = f"{name or 'own values'} ({len(values):,})"
        content.append(html.details(title, *body, open=len(values) <= SHORT))
    return html.page(*content)
