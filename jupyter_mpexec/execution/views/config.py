"""A task configuration: what differs from the defaults first, the rest folded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_mpexec.display import formats, html

from .config_fields import ConfigEntry, config_entries

if TYPE_CHECKING:
    from lsst.pex.config import Config

__all__ = ["config_bundle"]

MAX_ROWS = 400
"""Fields of each kind that are shown: some configurations have thousands, and a notebook keeps them all."""


def config_bundle(config: Config) -> dict[str, str]:
    """Show a configuration as text and HTML."""
    entries = config_entries(config)
    changed = [entry for entry in entries if entry.is_changed]
    name = type(config).__name__
    summary = (
        f"{len(changed):,} of {formats.plural(len(entries), 'field')} "
        f"{'differs' if len(changed) == 1 else 'differ'} from the default{'' if len(changed) == 1 else 's'}"
    )
    return html.bundle(_text(name, summary, changed), _html(name, summary, changed, entries))


def _text(name: str, summary: str, changed: list[ConfigEntry], limit: int = 40) -> str:
    lines = [f"{name}: {summary}"]
    for entry in changed[:limit]:
        default = f"  (default {entry.default})" if entry.default else ""
        place = f"  [{entry.set_at}]" if entry.set_at else ""
        lines.append(f"  {entry.name} = {entry.value}{default}{place}")
    if len(changed) > limit:
        lines.append(f"  … and {len(changed) - limit:,} more")
    return "\n".join(lines)


def _html(name: str, summary: str, changed: list[ConfigEntry], entries: list[ConfigEntry]) -> str:
    parts = [html.heading(name), html.paragraph(summary, ".")]
    if changed:
        rows = [
            (_name(entry), _value(entry.value), _value(entry.default), entry.set_at)
            for entry in changed[:MAX_ROWS]
        ]
        parts.append(html.table(["field", "value", "default", "set in"], rows, caption="Changed fields"))
        if len(changed) > MAX_ROWS:
            parts.append(html.paragraph(f"… and {len(changed) - MAX_ROWS:,} more.", muted=True))
    unchanged = [entry for entry in entries if not entry.is_changed]
    groups: dict[str, list[ConfigEntry]] = {}
    for entry in unchanged[:MAX_ROWS]:
        groups.setdefault(_group(entry), []).append(entry)
    for group, fields in sorted(groups.items()):
        table = html.table(
            ["field", "value"],
            [(_name(entry), _value(entry.value)) for entry in fields],
            caption=f"Defaults of {group}" if group else "Defaults",
        )
        title = f"{group}: " if group else ""
        parts.append(html.details(f"{title}{formats.plural(len(fields), 'field')} at the default", table))
    if len(unchanged) > MAX_ROWS:
        parts.append(
            html.paragraph(
                f"… and {len(unchanged) - MAX_ROWS:,} more at their defaults; print(config) lists all.",
                muted=True,
            )
        )
    return html.page(*parts)


def _group(entry: ConfigEntry) -> str:
    """Fold a subtask's fields together; the task's own come under no name."""
    head, dot, _ = entry.name.partition(".")
    return head if dot else ""


def _name(entry: ConfigEntry) -> html.Html:
    return html.tag("code", entry.name, title=" ".join(entry.doc.split()) or None)


def _value(text: str) -> html.Html:
    return html.tag("code", text)
