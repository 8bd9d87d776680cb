"""How two values of a dataset differ: images, arrays, tables, dictionaries, or anything that can be compared at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...debug.value_text import describe_error
from .sameness import OpaqueError, equal_elements, is_same, state_of
from .table_parts import TableParts, table_parts

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
        Whether both are equal (see `~.sameness.is_same`); what cannot be compared is not.
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


def value_difference(
    name: str, before: Any, after: Any, *, was_stored: bool = False
) -> Iterator[ValueDifference]:
    """Compare two values, part by part.

    Parameters
    ----------
    name
        What to call them.
    before, after
        The values.
    was_stored
        One of the two has been in a file: of tables, not every file keeps all metadata.
    """
    try:
        found = list(_by_kind(name, before, after, was_stored))
    except Exception as error:
        # Looking into a value runs code of its class.
        found = [
            ValueDifference(name=name, same=False, summary=f"cannot be compared: {describe_error(error)}")
        ]
    yield from found


def _by_kind(name: str, before: Any, after: Any, was_stored: bool) -> Iterator[ValueDifference]:
    if isinstance(before, list | tuple) and isinstance(after, list | tuple):
        yield from _lists(name, before, after, was_stored)
        return
    tables = table_parts(before), table_parts(after)
    if tables[0] is not None and tables[1] is not None:
        yield _tables(name, tables[0], tables[1], was_stored)
        return
    arrays = dict(_arrays(before)), dict(_arrays(after))
    if arrays[0] and arrays[0].keys() == arrays[1].keys():
        yield from _images(name, before, after, arrays)
    elif isinstance(before, Mapping) and isinstance(after, Mapping):
        yield _mappings(name, before, after)
    else:
        yield _anything(name, before, after)


def _lists(
    name: str, before: Sequence[Any], after: Sequence[Any], was_stored: bool
) -> Iterator[ValueDifference]:
    if len(before) != len(after):
        yield ValueDifference(name=name, same=False, summary=f"{len(before)} → {len(after)} datasets")
    for number, (one, other) in enumerate(zip(before, after, strict=False)):
        yield from value_difference(f"{name}[{number}]", one, other, was_stored=was_stored)


def _images(
    name: str, before: Any, after: Any, arrays: tuple[Mapping[str, NDArray[Any]], Mapping[str, NDArray[Any]]]
) -> Iterator[ValueDifference]:
    parts = [
        _array(f"{name}.{part}" if part else name, array, arrays[1][part])
        for part, array in arrays[0].items()
    ]
    yield from parts
    if "" in arrays[0]:
        return
    name = f"{name} (all else)"
    rest = _rest(before, arrays[0]), _rest(after, arrays[0])
    if rest[0] is not None and rest[1] is not None:
        yield _mappings(name, rest[0], rest[1])
    elif all(part.same for part in parts):
        # What differs can only be the rest.
        yield _anything(name, before, after)
    else:
        yield ValueDifference(name=name, same=False, summary="not compared: only the pixels can be")


def _array(name: str, before: NDArray[Any], after: NDArray[Any]) -> ValueDifference:
    if before.shape != after.shape:
        shapes = f"shape {_shape(before)} → {_shape(after)}"
        return ValueDifference(name=name, same=False, summary=shapes)
    try:
        count = int(np.count_nonzero(~equal_elements(before, after)))
    except OpaqueError as error:
        return ValueDifference(name=name, same=False, summary=str(error))
    facts = [("shape", _shape(before))]
    words = [f"{count:,} of {before.size:,} values differ"] if count else []
    for what, of in (("type", "dtype"), ("unit", "unit")):
        old, new = getattr(before, of, None), getattr(after, of, None)
        if old != new:
            words.append(f"another {what}")
            facts.append((what, f"{old} → {new}"))
        elif new is not None:
            facts.append((what, str(new)))
    has_numbers = before.dtype.kind in "biuf" and after.dtype.kind in "biuf"
    if has_numbers:
        facts += _statistics(_numbers(before), _numbers(after))
    image = has_numbers and before.ndim == 2 and min(before.shape) > 1 and count
    return ValueDifference(
        name=name,
        same=not words,
        summary=", ".join(words) or "the same",
        facts=facts,
        before=_numbers(before) if image else None,
        after=_numbers(after) if image else None,
    )


def _numbers(array: NDArray[Any]) -> NDArray[Any]:
    """Get plain numbers; what is masked is none."""
    numbers = np.array(np.ma.getdata(array), dtype=float)
    numbers[np.ma.getmaskarray(array)] = np.nan
    return numbers


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


def _tables(name: str, before: TableParts, after: TableParts, was_stored: bool) -> ValueDifference:
    facts: list[tuple[str, str]] = []
    words: list[str] = []
    gone = [c for c in before.columns if c not in after.columns]
    new = [c for c in after.columns if c not in before.columns]
    common = [c for c in before.columns if c in after.columns]
    if gone:
        facts.append(("columns gone", ", ".join(gone)))
    if new:
        facts.append(("new columns", ", ".join(new)))
    if not gone and not new and list(before.columns) != list(after.columns):
        words.append("columns in another order")
    if before.rows == after.rows:
        if index := _index(before.index, after.index):
            facts.append(("index", index))
            words.append("another index")
        found = [_column(c, before.columns[c], after.columns[c]) for c in common]
        facts += (fact for fact in found if fact is not None)
        if differing := sum(fact is not None for fact in found):
            words.append(f"{differing} of {len(before.columns)} columns differ, {before.rows:,} rows")
    else:
        words.append(f"rows {before.rows:,} → {after.rows:,}")
        facts.append(("rows", f"{before.rows:,} → {after.rows:,}"))
        for column in common:
            medians = _median(before.columns[column]), _median(after.columns[column])
            if medians[0] != medians[1]:
                facts.append((column, f"median {medians[0]} → {medians[1]}"))
    kept = before.rest.keys() & after.rest.keys() if was_stored else before.rest.keys() | after.rest.keys()
    rest = _mappings(name, *({k: v for k, v in each.rest.items() if k in kept} for each in (before, after)))
    if gone or new:
        words.append("other columns")
    if not rest.same:
        words.append("other metadata")
    summary = ", ".join(words) or f"the same, {before.rows:,} rows"
    return ValueDifference(name=name, same=not words, summary=summary, facts=[*facts, *rest.facts])


def _index(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """Say how the names of the rows differ; empty if they do not."""
    if list(before) != list(after):
        return f"{', '.join(before) or 'none'} → {', '.join(after) or 'none'}"
    found = [_column(name, before[name], after[name]) for name in before]
    words = [f"{fact[0]}: {fact[1]}" if len(before) > 1 else fact[1] for fact in found if fact is not None]
    return "the same rows in another order" if words and _are_reordered(before, after) else "; ".join(words)


def _are_reordered(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    try:
        orders = [np.lexsort(list(index.values())) for index in (before, after)]
    except TypeError:  # what cannot be sorted
        return False
    return all(np.array_equal(before[name][orders[0]], after[name][orders[1]]) for name in before)


def _column(name: str, before: Any, after: Any) -> tuple[str, str] | None:
    arrays = isinstance(before, np.ndarray) and isinstance(after, np.ndarray)
    difference = _array(name, before, after) if arrays else _anything(name, before, after)
    if difference.same:
        return None
    largest = dict(difference.facts).get("largest difference")
    return name, f"{difference.summary}{f', by {largest} at most' if largest else ''}"


def _median(column: Any) -> str:
    if not isinstance(column, np.ndarray) or column.dtype.kind not in "biuf":
        return ""
    numbers = _numbers(column)
    numbers = numbers[~np.isnan(numbers)]
    return f"{np.median(numbers):.6g}" if numbers.size else ""


def _mappings(name: str, before: Mapping[Any, Any], after: Mapping[Any, Any]) -> ValueDifference:
    facts: list[tuple[str, str]] = []
    for key in dict.fromkeys((*before, *after)):
        if key not in after:
            facts.append((str(key), f"{_text(before[key])} → gone"))
        elif key not in before:
            facts.append((str(key), f"new: {_text(after[key])}"))
        elif remark := _remark(before[key], after[key]):
            old, new = _text(before[key]), _text(after[key])
            # Long texts may begin alike.
            facts.append((str(key), f"{old} → {new}" if old != new else remark))
    summary = f"{len(facts)} of {len(before)} entries differ" if facts else "the same"
    return ValueDifference(name=name, same=not facts, summary=summary, facts=facts[:_MOST_KEYS])


def _anything(name: str, before: Any, after: Any) -> ValueDifference:
    if type(before) is not type(after):
        kinds = f"{type(before).__name__} → {type(after).__name__}"
        return ValueDifference(name=name, same=False, summary=kinds)
    remark = _remark(before, after)
    facts = [("before", _text(before)), ("after", _text(after))] if remark else []
    return ValueDifference(name=name, same=not remark, summary=remark or "the same", facts=facts)


def _remark(before: Any, after: Any) -> str:
    """Say that two values differ, or that nobody can tell; empty if they are the same."""
    try:
        return "" if is_same(before, after) else "it differs"
    except OpaqueError as error:
        return str(error)


# What there is in a value.


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


def _rest(value: Any, arrays: Mapping[str, NDArray[Any]]) -> dict[str, Any] | None:
    """Get what an object has beside its arrays, one level deep; None if that cannot be told apart."""
    state = state_of(value)
    if state is None:
        return None
    found: dict[str, Any] = {}
    for attribute, inner in state.items():
        name = attribute.lstrip("_")
        if isinstance(inner, Mapping):
            found.update({f"{name}.{key}": item for key, item in inner.items()})
        elif name not in arrays:
            found[name] = inner
    return found


def _text(value: Any) -> str:
    plain = value.item() if isinstance(value, np.generic) else value
    try:
        text = " ".join(repr(plain).split())
    except Exception as error:
        return f"<{type(plain).__name__}: repr raised {type(error).__name__}>"
    return text if len(text) <= 80 else f"{text[:79]}…"


def _shape(array: NDArray[Any]) -> str:
    return " × ".join(map(str, array.shape)) or "a number"
