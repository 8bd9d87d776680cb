"""Using up memory, in the ways that tasks do."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np


def allocate(size: int, by: str) -> Any:
    if by == "bytearray":
        return bytearray(size)
    if by == "array":
        return np.ones(size // 8)
    if by == "objects":
        return _fill(size)
    library = ctypes.CDLL(None)
    library.malloc.restype = ctypes.c_void_p
    library.malloc.argtypes = [ctypes.c_size_t]
    # Code in C that does not look whether it got what it asked for.
    return ctypes.memset(library.malloc(size) or 0, 1, size)


def _fill(size: int) -> Any:
    """Take all that there is, to the last byte, and hold on to it as long as there is a traceback."""
    objects: tuple[Any, ...] = ()
    for piece in (10**6, *range(10**5, 1000, -1000), *range(1000, 0, -8)):
        try:
            while size > 0:
                objects = (bytes(piece), objects)
                size -= piece
        except MemoryError:
            continue
    return bytes(10**6), objects
