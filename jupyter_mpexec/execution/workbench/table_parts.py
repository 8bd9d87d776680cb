"""A table of any library, taken apart: its columns, and what else is said of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

__all__ = ["TableParts", "table_parts"]

_PROVENANCE = "lsst.butler"
"""How the keys begin that a Butler adds to a table when it writes it: they are of the file, not of the table."""


@dataclass(frozen=True)
class TableParts:
    """What there is in a table.

    Parameters
    ----------
    columns
        Arrays by name, with masks and units; what is no array, such as a column of times, is itself.
    rest
        Types and metadata.
    index
        Arrays that name the rows, by name of the level; empty where rows have no names.
    """

    columns: Mapping[str, Any]
    rest: Mapping[str, Any] = field(default_factory=dict)
    index: Mapping[str, Any] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(next(iter((*self.columns.values(), *self.index.values())), ()))


def table_parts(value: Any) -> TableParts | None:
    """Take a table of astropy, pandas, pyarrow or NumPy apart; None if it is none."""
    if isinstance(value, np.ndarray):
        names = value.dtype.names
        return TableParts({name: value[name] for name in names}) if names else None
    if hasattr(value, "colnames"):
        return _of_astropy(value)
    if hasattr(value, "column_names") and hasattr(value, "column"):
        return _of_arrow(value)
    if hasattr(value, "itertuples") and hasattr(value, "columns"):
        return _of_pandas(value)
    return None


def _of_astropy(table: Any) -> TableParts:
    columns = {name: table[name] for name in table.colnames}
    metas = {f"{name}.meta": dict(column.info.meta or {}) for name, column in columns.items()}
    return TableParts(columns, {**_meta(table.meta), **{name: meta for name, meta in metas.items() if meta}})


def _of_arrow(table: Any) -> TableParts:
    columns: dict[str, Any] = {}
    rest: dict[str, Any] = {}
    # By place, since names may be there twice.
    for place, name in enumerate(_told_apart(table.column_names)):
        column = table.column(place)
        rest[f"{name}.type"] = str(column.type)
        # Without a mask, what is missing would be made a number that is none.
        columns[name] = np.ma.MaskedArray(np.asarray(column), np.asarray(column.is_null()))
    metadata = table.schema.metadata or {}
    rest |= _meta({_decoded(key): _decoded(value) for key, value in metadata.items()})
    return TableParts(columns, rest)


def _of_pandas(table: Any) -> TableParts:
    # By place, since names may be there twice.
    names = _told_apart(map(_pandas_name, table.columns))
    columns = {name: _pandas_array(table.iloc[:, place]) for place, name in enumerate(names)}
    types = {f"{name}.type": _pandas_type(kind) for name, kind in zip(names, table.dtypes, strict=True)}
    levels = _told_apart("index" if name is None else _pandas_name(name) for name in table.index.names)
    index = {name: np.asarray(table.index.get_level_values(place)) for place, name in enumerate(levels)}
    types = {name: kind for name, kind in types.items() if kind}
    return TableParts(columns, {**types, **_meta(table.attrs)}, index)


def _pandas_array(column: Any) -> Any:
    array = np.asarray(column)
    # What is missing is None, no number, or NA, as the type of the column has it.
    return np.ma.MaskedArray(array, np.asarray(column.isna())) if array.dtype.kind == "O" else array


def _pandas_name(name: Any) -> str:
    return ", ".join(map(str, name)) if isinstance(name, tuple) else str(name)


def _told_apart(names: Iterable[str]) -> list[str]:
    found: list[str] = []
    for name in names:
        number = found.count(name) + 1
        found.append(name if number == 1 else f"{name} ({number})")
    return found


def _pandas_type(kind: Any) -> str:
    """Write what the array of a column does not tell of its type."""
    if isinstance(kind, np.dtype) and kind.kind != "O":
        return ""
    categories = getattr(kind, "categories", None)
    if categories is not None:
        return f"{'ordered ' if kind.ordered else ''}category of {', '.join(map(str, categories))}"
    # A file does not tell them apart.
    return "text" if str(kind) in ("object", "str", "string") else str(kind)


def _meta(meta: Mapping[Any, Any]) -> dict[str, Any]:
    named = {str(key): value for key, value in meta.items()}
    return {
        f"meta.{key}": value
        for key, value in named.items()
        if not key.lower().replace(" ", ".").startswith(_PROVENANCE)
    }


def _decoded(text: bytes) -> str:
    return text.decode(errors="replace")
