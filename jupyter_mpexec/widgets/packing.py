"""Arrays of numbers as bytes, in the byte order that browsers have."""

from __future__ import annotations

import sys
from array import array
from typing import Any

__all__ = ["little_endian"]


def little_endian(numbers: array[Any]) -> bytes:
    """Give the bytes of an array, least significant first."""
    if sys.byteorder == "big":
        numbers = numbers[:]
        numbers.byteswap()
    return numbers.tobytes()
