"""Whether two values are the same, judged by what is in them: many kinds of values cannot tell of themselves."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["OpaqueError", "equal_elements", "is_same", "state_of"]


_IS_THE_VERY_SAME: Any = object.__eq__


class OpaqueError(Exception):
    """Nobody can tell what is in a value."""


def is_same(before: Any, after: Any) -> bool:
    """Tell whether two values are the same; what is no number, or masked, is the same as another such.

    Parameters
    ----------
    before, after
        The values.

    Raises
    ------
    OpaqueError
        Raised if something in them can neither be compared nor be looked into.
    """
    return _Comparison().is_same(before, after)


def equal_elements(before: NDArray[Any], after: NDArray[Any]) -> NDArray[np.bool_]:
    """Tell which elements of two arrays of one shape are the same; see `is_same`."""
    return _Comparison().elements(before, after)


def state_of(value: Any) -> dict[str, Any] | None:
    """Get the attributes of an object, if these are all that there is to it; None otherwise."""
    if dataclasses.is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    try:
        _, arguments, state, *items = _parts(value)
    except (OpaqueError, ValueError):
        return None
    # No `==`: there may be arrays among them.
    is_plain = len(arguments) == 1 and arguments[0] is type(value) and not any(items)
    return state if is_plain and isinstance(state, dict) else None


class _Comparison:
    def __init__(self) -> None:
        # Values may contain each other.
        self._under_way: set[tuple[int, int]] = set()

    def is_same(self, before: Any, after: Any) -> bool:
        if before is after:
            return True
        key = id(before), id(after)
        if key in self._under_way:
            return True
        self._under_way.add(key)
        try:
            return self._compare(before, after)
        except OpaqueError:
            raise
        except Exception as error:
            # Whatever a class of somebody else's does when it is looked into.
            raise OpaqueError(f"{type(before).__name__} cannot be looked into") from error
        finally:
            self._under_way.remove(key)

    def _compare(self, before: Any, after: Any) -> bool:
        if isinstance(before, np.ndarray) and isinstance(after, np.ndarray):
            return self._same_arrays(before, after)
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            return before.keys() == after.keys() and all(self.is_same(before[k], after[k]) for k in before)
        if isinstance(before, list | tuple) and type(before) is type(after):
            pairs = zip(before, after, strict=False)
            return len(before) == len(after) and all(self.is_same(one, other) for one, other in pairs)
        if not dataclasses.is_dataclass(before) and (answer := _own_answer(before, after)) is not None:
            return answer
        if type(before) is not type(after) or isinstance(before, type):
            return False
        states = state_of(before), state_of(after)
        return self.is_same(*(states if None not in states else (_parts(before), _parts(after))))

    def elements(self, before: NDArray[Any], after: NDArray[Any]) -> NDArray[np.bool_]:
        if before.dtype.names is not None or after.dtype.names is not None:
            return self._rows(before, after)
        one, other = np.asarray(np.ma.getdata(before)), np.asarray(np.ma.getdata(after))
        kinds = {one.dtype.kind, other.dtype.kind}
        equal = self._same_objects(one, other) if "O" in kinds else np.asarray(one == other, dtype=bool)
        if kinds <= set("fc"):
            equal |= np.isnan(one) & np.isnan(other)
        elif kinds <= set("mM"):
            equal |= np.isnat(one) & np.isnat(other)
        masked = np.ma.getmaskarray(before), np.ma.getmaskarray(after)
        return np.where(masked[0] | masked[1], masked[0] == masked[1], equal)

    def _same_objects(self, before: NDArray[Any], after: NDArray[Any]) -> NDArray[np.bool_]:
        try:
            # Most are texts; those that are not equal, or do not know, are looked into.
            equal = np.array(before == after, dtype=bool)
        except Exception:
            equal = np.zeros(before.shape, dtype=bool)
        for index in zip(*np.nonzero(~equal), strict=True):
            equal[index] = self.is_same(before[index], after[index])
        return equal

    def _rows(self, before: NDArray[Any], after: NDArray[Any]) -> NDArray[np.bool_]:
        if before.dtype.names != after.dtype.names:
            return np.zeros(before.shape, dtype=bool)
        equal = np.ones(before.shape, dtype=bool)
        for name in before.dtype.names or ():
            one, other = before[name], after[name]
            if one.shape != other.shape:
                return np.zeros(before.shape, dtype=bool)
            # A field may be an array itself.
            equal &= self.elements(one, other).all(axis=tuple(range(before.ndim, one.ndim)))
        return equal

    def _same_arrays(self, before: NDArray[Any], after: NDArray[Any]) -> bool:
        return (
            (before.shape, before.dtype) == (after.shape, after.dtype)
            and self.is_same(getattr(before, "unit", None), getattr(after, "unit", None))
            and bool(self.elements(before, after).all())
        )


def _own_answer(before: Any, after: Any) -> bool | None:
    """Ask a value itself; None if it does not know."""
    if type(before).__eq__ is _IS_THE_VERY_SAME:
        # It would only tell whether it is the very same object.
        return None
    try:
        answer = before == after
        if isinstance(answer, bool | np.bool_):
            return bool(answer) or bool(before != before and after != after)
        shapes = getattr(before, "shape", None), getattr(after, "shape", None)
        # Element by element: those that are no numbers are not equal to themselves.
        return True if shapes[0] == shapes[1] and bool(np.all(np.asarray(answer))) else None
    except Exception:
        return None


def _parts(value: Any) -> tuple[Any, ...]:
    """Take a value apart as if it were to be copied."""
    try:
        parts = value.__reduce_ex__(4)
        if isinstance(parts, str):
            return parts, (), None
        function, arguments, state, items, entries = (*parts, *[None] * 5)[:5]
        return function, arguments, state, list(items or ()), list(entries or ())
    except Exception as error:
        raise OpaqueError(f"{type(value).__name__} cannot be looked into") from error
