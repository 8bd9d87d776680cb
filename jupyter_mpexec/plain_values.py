"""Plain Python values in place of the numbers and arrays of NumPy, Astropy and pandas."""

from __future__ import annotations

from typing import Any

__all__ = ["plain", "sequence_of"]


def plain(value: Any) -> Any:
    """Make lists of arrays and columns, and numbers of array scalars; whatever else there is stays as it is.

    Examples
    --------
    >>> import numpy
    >>> plain(numpy.array([1, 2])), plain([numpy.int64(3)]), plain("text")
    ([1, 2], [3], 'text')
    """
    if type(value) in (list, tuple, set, frozenset):
        return type(value)(map(plain, value))
    # By what they can do, since none of those packages need be there.
    convert = getattr(value, "tolist", None)
    if not callable(convert) or isinstance(value, type):
        return value
    try:
        return plain(convert()) if getattr(value, "shape", None) else convert()
    except NotImplementedError:  # a quantity: a plain number would have lost its unit
        return value


def sequence_of(value: Any) -> list[Any] | None:
    """Get the items of whatever counts as a list in a data query; None for anything else."""
    value = plain(value)
    return list(value) if isinstance(value, list | tuple | set | frozenset | range) else None
