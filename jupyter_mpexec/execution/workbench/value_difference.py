"""How two values of a dataset differ: images, arrays, tables, dictionaries, or anything that can be compared at all."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["ValueDifference", "value_difference"]

_MOST_KEYS = 200
_ATTRIBUTES = ("image", "array", "data", "mask", "variance")


@dataclass(frozen=True, kw_only=True)
class ValueDifference:
    """One part of a dataset, compared.

    Parameters
    ----------
    name
        Connection, with the number of the dataset or the part of it, if there are several.
    same
        Whether both are equal (values that are not numbers count as equal to each other).
    summary
        In a few words.
    facts
        Names and values of statistics.
    before, after
        The pixels of images of the same shape; None otherwise.
    """

    name: str
    same: bool
    summary: str
    facts: Sequence[tuple[str, str]] = ()
    before: NDArray[Any] | None = field(default=None, repr=False, compare=False)
    after: NDArray[Any] | None = field(default=None, repr=False, compare=False)


def value_difference(name: str, before: Any, after: Any) -> Iterator[ValueDifference]:
    """Compare two values, part by part.

    Parameters
    ----------
    name
        What to call them.
    before, after
        The values.
    """
    if isinstance(before, list | tuple) and isinstance(after, list | tuple):
        yield from _lists(name, before, after)
        return
    tables = _columns(before), _columns(after)
    if tables[0] is not None and tables[1] is not None:
        yield _tables(name, tables[0], tables[1])
        return
    arrays = dict(_arrays(before)), dict(_arrays(after))
    if arrays[0] and arrays[0].keys() == arrays[1].keys():
        for part, array in arrays[0].items():
            yield _array(f"{name}.{part}" if part else name, array, arrays[1][part])
        if not any(part == "" for part in arrays[0]):
            rest = _rest(before), _rest(after)
            if rest[0] is not None and rest[1] is not None:
                yield _mappings(f"{name} (all else)", rest[0], rest[1])
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        yield _mappings(name, before, after)
        return
    yield _anything(name, before, after)


def _lists(name: str, before: Sequence[Any], after: Sequence[Any]) -> Iterator[ValueDifference]:
    if len(before) != len(after):
        yield ValueDifference(name=name, same=False, summary=f"{len(before)} → {len(after)} datasets")
    for number, (one, other) in enumerate(zip(before, after, strict=False)):
        yield from value_difference(f"{name}[{number}]", one, other)


def _array(name: str, before: NDArray[Any], after: NDArray[Any]) -> ValueDifference:
    if before.shape != after.shape:
        shapes = f"shape {_shape(before)} → {_shape(after)}"
        return ValueDifference(name=name, same=False, summary=shapes)
    changed = ~_equal(before, after)
    count = int(np.count_nonzero(changed))
    facts = [("shape", _shape(before)), ("type", str(after.dtype))]
    if before.dtype != after.dtype:
        facts[1] = ("type", f"{before.dtype} → {after.dtype}")
    if before.dtype.kind in "biuf" and after.dtype.kind in "biuf":
        facts += _statistics(before.astype(float), after.astype(float))
    share = f"{count:,} of {before.size:,} values differ" if count else "the same"
    image = before.ndim == 2 and min(before.shape) > 1 and before.dtype.kind in "biuf" and count
    return ValueDifference(
        name=name,
        same=not count and before.dtype == after.dtype,
        summary=share,
        facts=facts,
        before=before if image else None,
        after=after if image else None,
    )


def _statistics(before: NDArray[Any], after: NDArray[Any]) -> Iterator[tuple[str, str]]:
    for word, array in (("before", before), ("after", after)):
        finite = array[np.isfinite(array)]
        if finite.size:
            yield f"median {word}", f"{np.median(finite):.6g}"
        if finite.size < array.size:
            yield f"not finite {word}", f"{array.size - finite.size:,}"
    with np.errstate(invalid="ignore", over="ignore"):
        difference = after - before
    difference = difference[np.isfinite(difference)]
    if difference.size and difference.any():
        yield "mean difference", f"{difference.mean():.6g}"
        yield "scatter of differences", f"{difference.std():.6g}"
        yield "largest difference", f"{np.abs(difference).max():.6g}"


def _tables(name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> ValueDifference:
    facts: list[tuple[str, str]] = []
    gone, new = [c for c in before if c not in after], [c for c in after if c not in before]
    if gone:
        facts.append(("columns gone", ", ".join(gone)))
    if new:
        facts.append(("new columns", ", ".join(new)))
    rows = tuple(len(next(iter(table.values()), ())) for table in (before, after))
    differing = []
    if rows[0] == rows[1]:
        for column in (c for c in before if c in after):
            difference = _array(column, before[column], after[column])
            if not difference.same:
                differing.append(column)
                largest = dict(difference.facts).get("largest difference")
                at_most = f", by {largest} at most" if largest else ""
                facts.append((column, f"{difference.summary}{at_most}"))
    else:
        facts.append(("rows", f"{rows[0]:,} → {rows[1]:,}"))
        for column in (c for c in before if c in after):
            medians = _median(before[column]), _median(after[column])
            if medians[0] != medians[1]:
                facts.append((column, f"median {medians[0]} → {medians[1]}"))
    same = not facts
    summary = f"the same, {rows[0]:,} rows" if same else f"rows {rows[0]:,} → {rows[1]:,}"
    if differing:
        summary = f"{len(differing)} of {len(before)} columns differ, {rows[0]:,} rows"
    return ValueDifference(name=name, same=same, summary=summary, facts=facts)


def _median(column: NDArray[Any]) -> str:
    if column.dtype.kind not in "biuf" or not column.size:
        return ""
    return f"{np.nanmedian(column.astype(float)):.6g}"


def _mappings(name: str, before: Mapping[Any, Any], after: Mapping[Any, Any]) -> ValueDifference:
    facts: list[tuple[str, str]] = []
    for key in dict.fromkeys((*before, *after)):
        if key not in after:
            facts.append((str(key), f"{_text(before[key])} → gone"))
        elif key not in before:
            facts.append((str(key), f"new: {_text(after[key])}"))
        elif not _is_same(before[key], after[key]):
            old, new = _text(before[key]), _text(after[key])
            # Long texts may begin alike.
            facts.append((str(key), f"{old} → {new}" if old != new else "it differs"))
    summary = f"{len(facts)} of {len(before)} entries differ" if facts else "the same"
    return ValueDifference(name=name, same=not facts, summary=summary, facts=facts[:_MOST_KEYS])


def _anything(name: str, before: Any, after: Any) -> ValueDifference:
    same = _is_same(before, after)
    if type(before) is not type(after):
        kinds = f"{type(before).__name__} → {type(after).__name__}"
        return ValueDifference(name=name, same=False, summary=kinds)
    facts = [] if same else [("before", _text(before)), ("after", _text(after))]
    return ValueDifference(name=name, same=same, summary="the same" if same else "it differs", facts=facts)


# What there is in a value.


def _columns(value: Any) -> dict[str, NDArray[Any]] | None:
    """Get the columns of a table of astropy, pandas, pyarrow or NumPy; None if it is none."""
    if isinstance(value, np.ndarray):
        names = value.dtype.names
        return {name: np.asarray(value[name]) for name in names} if names else None
    if hasattr(value, "colnames"):
        return {name: np.asarray(value[name]) for name in value.colnames}
    if hasattr(value, "column_names") and hasattr(value, "column"):
        return {name: np.asarray(value.column(name)) for name in value.column_names}
    if hasattr(value, "itertuples") and hasattr(value, "columns"):
        return {str(name): np.asarray(value[name]) for name in value.columns}
    return None


def _arrays(value: Any) -> Iterator[tuple[str, NDArray[Any]]]:
    """Give the arrays in a value by the names of its attributes; an array itself has none."""
    if isinstance(value, np.ndarray):
        yield "", value
        return
    for name in _ATTRIBUTES:
        found = getattr(value, name, None)
        found = found if isinstance(found, np.ndarray) else getattr(found, "array", None)
        if isinstance(found, np.ndarray) and found.dtype.names is None:
            yield name, found


def _rest(value: Any) -> dict[str, Any] | None:
    """Get what an object has beside its arrays, one level deep."""
    if not dataclasses.is_dataclass(value):
        return None
    found: dict[str, Any] = {}
    for each in dataclasses.fields(value):
        inner = getattr(value, each.name)
        if isinstance(inner, Mapping):
            found.update({f"{each.name}.{key}": item for key, item in inner.items()})
        elif not isinstance(inner, np.ndarray):
            found[each.name] = inner
    return found


def _equal(before: NDArray[Any], after: NDArray[Any]) -> NDArray[np.bool_]:
    equal = np.asarray(before == after, dtype=bool)
    if equal.shape != before.shape:
        equal = np.full(before.shape, bool(np.all(equal)))
    if before.dtype.kind in "fc" and after.dtype.kind in "fc":
        equal |= np.isnan(before) & np.isnan(after)
    return equal


def _is_same(before: Any, after: Any) -> bool:
    try:
        if isinstance(before, np.ndarray) or isinstance(after, np.ndarray):
            return np.shape(before) == np.shape(after) and bool(
                _equal(np.asarray(before), np.asarray(after)).all()
            )
        return (
            bool(before == after) or bool(before != before and after != after) or repr(before) == repr(after)
        )
    except Exception:
        # What cannot be compared is judged by what it looks like.
        return repr(before) == repr(after)


def _text(value: Any) -> str:
    plain = value.item() if isinstance(value, np.generic) else value
    text = " ".join(repr(plain).split())
    return text if len(text) <= 80 else f"{text[:79]}…"


def _shape(array: NDArray[Any]) -> str:
    return " × ".join(map(str, array.shape)) or "a number"
