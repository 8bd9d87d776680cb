"""How much time and memory a quantum took."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass

__all__ = ["ResourceUse", "Stopwatch"]


@dataclass(frozen=True)
class ResourceUse:
    """What was used.

    Parameters
    ----------
    duration
        Wall time, seconds.
    cpu_time
        Processor time of this process, all its threads, seconds.
    peak_memory
        Highest resident memory of this process so far, bytes; 0 where the system does not tell.
    """

    duration: float
    cpu_time: float
    peak_memory: int


class Stopwatch:
    """Measures from its making on."""

    def __init__(self) -> None:
        self._wall = time.perf_counter()
        self._cpu = time.process_time()

    def read(self) -> ResourceUse:
        """Tell what was used until now."""
        return ResourceUse(
            duration=time.perf_counter() - self._wall,
            cpu_time=time.process_time() - self._cpu,
            peak_memory=_peak_memory(),
        )


def _peak_memory() -> int:
    try:
        import resource
    except ImportError:
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(peak if sys.platform == "darwin" else peak * 1024)
