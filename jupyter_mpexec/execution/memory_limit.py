"""A limit on the memory of a worker process, which the operating system enforces.

It is on what the process allocates (``RLIMIT_DATA``): a piece too many is refused, which Python tells as a
`MemoryError` in the line that asked for it, and nothing else on the machine suffers. The limit is off while the worker
does its own work, so that it can tell of a quantum that has used up everything.
"""

from __future__ import annotations

import errno
import mmap
import resource
from pathlib import Path

from ..display.formats import bytes_

__all__ = ["MemoryLimit", "MemoryLimitError", "lift_memory_limit"]

_LEAST_ROOM = 32 * 2**20


class MemoryLimitError(ValueError):
    """The limit cannot be set, or is too low."""


class MemoryLimit:
    """The limit of this process: while it is the context, allocating more than that fails.

    Parameters
    ----------
    size
        Bytes that the process may have allocated, with what it has already.

    Raises
    ------
    MemoryLimitError
        Raised if this system enforces no such limit, or the process has more already.
    """

    current: MemoryLimit | None = None

    def __init__(self, size: int) -> None:
        self.size = size
        soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
        # Made before they are needed: when memory is used up, nothing may have to be allocated.
        self._off = (soft, hard)
        self._on = (size if hard == resource.RLIM_INFINITY else min(size, hard), hard)
        self._at_start = _allocated()
        with self:
            enforced, sufficient = not _can_allocate(size), _can_allocate(_LEAST_ROOM)
        if not enforced:
            raise MemoryLimitError("This system does not enforce a limit on the memory of a process.")
        if not sufficient:
            raise MemoryLimitError(
                f"{bytes_(size)} of memory are too little: a worker process has allocated "
                f"{bytes_(self._at_start)} before its first quantum."
            )

    def __enter__(self) -> None:
        resource.setrlimit(resource.RLIMIT_DATA, self._on)
        MemoryLimit.current = self

    def __exit__(self, *_: object) -> None:
        self.lift()

    def lift(self) -> None:
        """Take the limit away until it becomes the context again."""
        resource.setrlimit(resource.RLIMIT_DATA, self._off)

    def was_hit_by(self, error: BaseException | None) -> bool:
        """Tell whether an exception, or one that led to it, is about memory that was refused."""
        seen = set()
        while error is not None and id(error) not in seen:
            if isinstance(error, MemoryError) or getattr(error, "errno", None) == errno.ENOMEM:
                return True
            seen.add(id(error))
            error = error.__cause__ or error.__context__
        return False

    def is_half_used_up(self) -> bool:
        """Tell whether what the process holds on to leaves less than half of the room that it had at first."""
        return _allocated() - self._at_start > (self.size - self._at_start) / 2


def lift_memory_limit() -> None:
    """Take away the limit, if there is one, because there are things to do that must not fail now."""
    if MemoryLimit.current is not None:
        MemoryLimit.current.lift()


def _can_allocate(size: int) -> bool:
    try:
        # Private and never touched: it counts, but takes nothing.
        mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS).close()
    except OSError:
        return False
    return True


def _allocated() -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmData:"):
            return int(line.split()[1]) * 1024
    return 0
