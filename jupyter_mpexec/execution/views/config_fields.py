"""A task configuration as a flat list of fields, each with its default and the place where it was set."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from lsst.pex.config import (
    Config,
    ConfigChoiceField,
    ConfigDictField,
    ConfigField,
    ConfigurableField,
    DictField,
    ListField,
)

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
        The value, and the one that a new configuration of the same class has, as Python would write them; the
        default is empty where a new configuration has no such field.
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
    return list(_walk(config, type(config)(), ""))


class _Missing:
    """Stands for a default that there is none of: None is a value."""


_NONE = _Missing()


@dataclass(frozen=True)
class _Place:
    """A field in its configuration."""

    config: Config
    name: str
    path: str

    @property
    def field(self) -> Any:
        return getattr(type(self.config), self.name)

    def entry(self, value: object, default: object, suffix: str = "") -> ConfigEntry:
        value_, default_ = value_text(value, 400), "" if default is _NONE else value_text(default, 400)
        return ConfigEntry(
            name=self.path + suffix,
            value=value_,
            default=default_,
            doc=str(self.field.doc or ""),
            set_at=_set_at(self.config.history.get(self.name, ())) if value_ != default_ else "",
        )


def _walk(config: Config, default: Config, prefix: str) -> Iterator[ConfigEntry]:
    """Go through two configurations of the same class."""
    for name in config:
        place = _Place(config, name, prefix + name)
        yield from _entries(place, getattr(config, name), getattr(default, name, _NONE))


def _entries(place: _Place, value: Any, default: Any) -> Iterator[ConfigEntry]:
    match place.field:
        case ConfigField():
            yield from _walk(value, _same_type(default, value), f"{place.path}.")
        case ConfigurableField():
            yield place.entry(_full_name(value.target), _full_name(default.target), ".target")
            yield from _walk(value.value, _same_type(default.value, value.value), f"{place.path}.")
        case ConfigChoiceField(multi=multiple):
            yield place.entry(
                _selected(value, multiple), _selected(default, multiple), ".names" if multiple else ".name"
            )
            for name in filter(None, value.names if multiple else [value.name]):
                chosen = value[name]
                old = default[name] if name in default.types else None
                yield from _walk(chosen, _same_type(old, chosen), f"{place.path}[{name!r}].")
        case ConfigDictField():
            yield place.entry(sorted(value or ()), sorted(default or ()), ".keys()")
            for key, chosen in sorted((value or {}).items()):
                old = (default or {}).get(key)
                yield from _walk(chosen, _same_type(old, chosen), f"{place.path}[{key!r}].")
        case ListField():
            yield place.entry(
                None if value is None else list(value), None if default is None else list(default)
            )
        case DictField():
            yield place.entry(
                None if value is None else dict(value), None if default is None else dict(default)
            )
        case _:
            yield place.entry(value, default)


def _selected(choice: Any, multiple: bool) -> Any:
    """Name what a registry or choice field selects: one name, or several."""
    return sorted(choice.names or ()) if multiple else choice.name


def _same_type(default: Any, value: Config) -> Config:
    """Use the outer default if it is for the same class; else what a new configuration has."""
    return default if type(default) is type(value) else type(value)()


def _full_name(target: Any) -> str:
    return f"{getattr(target, '__module__', '')}.{getattr(target, '__qualname__', target)}".lstrip(".")


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
