"""How views write the things that they all name: counts, dimensions, data IDs, classes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from jupyter_mpexec.display import formats

if TYPE_CHECKING:
    from lsst.daf.butler import DataCoordinate, DimensionGroup

__all__ = [
    "data_id_text",
    "dimensions_text",
    "listing",
    "quanta_text",
    "required_values",
    "short_class",
    "shorten",
    "value_text",
]


def quanta_text(number: int) -> str:
    """Write a number of quanta, ``1 quantum`` or ``12,000 quanta``."""
    return formats.plural(number, "quantum", "quanta")


def dimensions_text(dimensions: DimensionGroup | Iterable[str]) -> str:
    """Write dimensions: the required ones in their own order, or any names in alphabetical order."""
    names = list(dimensions.required) if hasattr(dimensions, "required") else sorted(dimensions)
    return ", ".join(names) or "no dimensions"


def required_values(data_id: DataCoordinate) -> dict[str, int | str]:
    """Turn a data coordinate into plain values."""
    return dict(data_id.required)


def data_id_text(data_id: Mapping[str, Any]) -> str:
    """Write a data ID in one line, ``instrument=Cam, visit=42``."""
    return formats.data_id(data_id) or "empty data ID"


def short_class(name: str) -> str:
    """Take the module off the full name of a class."""
    return name.rpartition(".")[2]


def listing(names: Iterable[str], limit: int = 8) -> str:
    """Write names with commas, and how many more there are where there are many."""
    names = list(names)
    if len(names) <= limit + 1:
        return ", ".join(names)
    return f"{', '.join(names[:limit])} and {len(names) - limit:,} more"


def shorten(text: str, limit: int = 200) -> str:
    """Cut a text off where it gets too long for a table cell."""
    text = text.strip()
    return text if len(text) <= limit else f"{text[: limit - 1].rstrip()}…"


def value_text(value: object, limit: int = 200) -> str:
    """Write any value as Python would, in one line, and not too long."""
    if isinstance(value, set | frozenset):
        # Sets of texts come in another order in each process.
        inner = ", ".join(sorted(map(repr, value)))
        return shorten(f"{{{inner}}}" if value else "set()", limit)
    return shorten(" ".join(repr(value).split()), limit)
