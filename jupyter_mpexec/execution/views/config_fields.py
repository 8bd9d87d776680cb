"""A task configuration as a flat list of fields, each with its default and the place where it was set."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from lsst.pex.config import Config

from ..config_leaves import ConfigLeaf, config_leaves
from .wording import value_text

__all__ = ["ConfigEntry", "config_entries"]


@dataclass(frozen=True)
class ConfigEntry:
    """One field of a configuration, however deeply nested.

    Parameters
    ----------
    name
        Path of the field, as one would write it after ``config.``.
    value, default
        The value, and the one that a new configuration of the same class has, as Python would write them.
    doc
        The field's documentation.
    set_at
        Where it was set last; empty for a default.
    """

    name: str
    value: str
    default: str
    doc: str
    set_at: str = ""

    @property
    def is_changed(self) -> bool:
        """Whether the value is not the default."""
        return self.value != self.default


def config_entries(config: Config) -> list[ConfigEntry]:
    """Flatten a configuration.

    Parameters
    ----------
    config
        Any configuration. Of registries and choices only what is selected is followed.

    Returns
    -------
    entries
        In the order of the fields.
    """
    return [_entry(leaf) for leaf in config_leaves(config)]


def _entry(leaf: ConfigLeaf) -> ConfigEntry:
    value, default = value_text(leaf.value, 400), value_text(leaf.default, 400)
    return ConfigEntry(
        name=leaf.name,
        value=value,
        default=default,
        doc=str(getattr(type(leaf.config), leaf.field_name).doc or ""),
        set_at=_set_at(leaf.config.history.get(leaf.field_name, ())) if value != default else "",
    )


_CELL = re.compile(r"^<ipython-input-(\d+)|[/\\]ipykernel_\d+[/\\]")


def _set_at(history: Any) -> str:
    """Find the line that a reader knows, in the stack of the last change."""
    if not history:
        return ""
    _, stack, _ = history[-1]
    for frame in reversed(stack):
        path = frame.filename.replace("\\", "/")
        if _CELL.search(frame.filename):
            return f"notebook cell, line {frame.lineno}"
        if path.endswith("pipe/base/configOverrides.py"):
            return "pipeline or command-line override"
        if path.startswith("<frozen") or "/lsst/pex/config/" in path:
            continue
        if path.startswith("<"):
            return "Python text of a pipeline or a saved configuration"
        return f"{'/'.join(PurePath(path).parts[-2:])}, line {frame.lineno}"
    return ""
