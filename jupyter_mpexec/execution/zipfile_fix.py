"""Mend a fault of CPython's zipfile that breaks reading parts of a quantum graph file.

`python/cpython issue 127847 <https://github.com/python/cpython/issues/127847>`_: a file inside an archive
that seeks relative to where it is moves from where *another* file of the archive was read last. CPython
3.12.9 and 3.13.2 have it right.
"""

from __future__ import annotations

import io
import sys
import zipfile
from typing import Any

__all__ = ["mend_zipfile", "needs_mending"]


def needs_mending(version: tuple[int, int, int] = sys.version_info[:3]) -> bool:
    """Whether a version of Python has the fault."""
    return (3, 12, 0) <= version < (3, 12, 9) or (3, 13, 0) <= version < (3, 13, 2)


def mend_zipfile() -> None:
    """Make relative seeks in archives right, on versions of Python where they are not.

    Does nothing elsewhere, nor when called again.
    """
    shared_file: Any = zipfile._SharedFile  # type: ignore[attr-defined]  # the faulty class itself
    original = shared_file.seek
    if not needs_mending() or getattr(original, "is_mended", False):
        return

    def seek(self: Any, offset: int, whence: int = io.SEEK_SET) -> int:
        if whence == io.SEEK_CUR:
            offset, whence = self.tell() + offset, io.SEEK_SET
        position: int = original(self, offset, whence)
        return position

    seek.is_mended = True  # type: ignore[attr-defined]  # how a second call knows
    shared_file.seek = seek
