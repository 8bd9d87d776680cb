"""A configuration as a flat list of its fields, however deeply nested."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lsst.pex.config import (
    Config,
    ConfigChoiceField,
    ConfigDictField,
    ConfigurableField,
    DictField,
    ListField,
)

__all__ = ["ConfigLeaf", "config_leaves", "is_same"]


@dataclass(frozen=True)
class ConfigLeaf:
    """One field of a configuration.

    Parameters
    ----------
    name
        Path of the field, as one would write it after ``config.``.
    value, default
        Its value, and the one that it is compared with.
    config, field_name
        The configuration that the field is in, and its name there.
    """

    name: str
    value: Any
    default: Any
    config: Config
    field_name: str

    @property
    def is_changed(self) -> bool:
        """Whether the value is not the default."""
        return not is_same(self.value, self.default)


def config_leaves(config: Config, default: Config | None = None) -> Iterator[ConfigLeaf]:
    """Flatten a configuration.

    Parameters
    ----------
    config
        Any configuration. Of registries and choices only what is selected is followed.
    default
        One of the same class, to compare with; by default, a new one. Parts of it that are of another class than in
        `config` are replaced by new ones.

    Returns
    -------
    leaves
        The fields, in the order of the config.
    """
    return _walk(config, type(config)() if default is None else default, "")


def is_same(one: Any, other: Any) -> bool:
    """Compare values of fields; not a number is the same as itself."""
    both_nan = one != one and other != other
    return bool(one == other) or bool(both_nan)


def _walk(config: Config, default: Config, prefix: str) -> Iterator[ConfigLeaf]:
    for name in config:
        for suffix, value, old in _pairs(getattr(type(config), name), config, default, name):
            path = f"{prefix}{name}{suffix}"
            if isinstance(value, Config):
                yield from _walk(value, old if type(old) is type(value) else type(value)(), f"{path}.")
            else:
                yield ConfigLeaf(path, value, old, config, name)


def _pairs(field: Any, config: Config, default: Config, name: str) -> Iterator[tuple[str, Any, Any]]:
    """Take a field apart: what follows its name, the value there, and the default; configurations are walked into."""
    value, old = getattr(config, name), getattr(default, name)
    match field:
        case ConfigurableField():
            yield ".target", _full_name(value.target), _full_name(old.target)
            yield "", value.value, old.value
        case ConfigChoiceField(multi=multiple):
            yield ".names" if multiple else ".name", _selected(value, multiple), _selected(old, multiple)
            for chosen in filter(None, value.names if multiple else [value.name]):
                yield f"[{chosen!r}]", value[chosen], old[chosen] if chosen in old.types else None
        case ConfigDictField():
            yield ".keys()", sorted(value or ()), sorted(old or ())
            for key, chosen in sorted((value or {}).items()):
                yield f"[{key!r}]", chosen, (old or {}).get(key)
        case ListField():
            yield "", None if value is None else list(value), None if old is None else list(old)
        case DictField():
            yield "", None if value is None else dict(value), None if old is None else dict(old)
        case _:
            yield "", value, old


def _selected(choice: Any, multiple: bool) -> Any:
    """Name what a registry or choice field selects: one name, or several."""
    return sorted(choice.names or ()) if multiple else choice.name


def _full_name(target: Any) -> str:
    return f"{getattr(target, '__module__', '')}.{getattr(target, '__qualname__', target)}".lstrip(".")
