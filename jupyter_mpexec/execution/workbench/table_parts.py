"""A table of any library, taken apart: its columns, and what else is said of it."""

from __future__ import annotations

from collections.abc import Mapping
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
        Types, index and metadata.
    """

    columns: Mapping[str, Any]
    rest: Mapping[str, Any] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(next(iter(self.columns.values()), ()))


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
    for name in table.column_names:
        column = table.column(name)
        rest[f"{name}.type"] = str(column.type)
        # Without a mask, what is missing would be made a number that is none.
        columns[name] = np.ma.MaskedArray(np.asarray(column), np.asarray(column.is_null()))
    metadata = table.schema.metadata or {}
    rest |= _meta({_decoded(key): _decoded(value) for key, value in metadata.items()})
    return TableParts(columns, rest)


def _of_pandas(table: Any) -> TableParts:
    columns = {str(name): np.asarray(table[name]) for name in table.columns}
    types = {f"{name}.type": str(kind) for name, kind in table.dtypes.items()}
    return TableParts(columns, {"index": np.asarray(table.index), **types, **_meta(table.attrs)})


def _meta(meta: Mapping[Any, Any]) -> dict[str, Any]:
    named = {str(key): value for key, value in meta.items()}
    return {
        f"meta.{key}": value
        for key, value in named.items()
        if not key.lower().replace(" ", ".").startswith(_PROVENANCE)
    }


def _decoded(text: bytes) -> str:
    return text.decode(errors="replace")
