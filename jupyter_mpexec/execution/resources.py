"""How much time and memory a quantum took."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from pathlib import Path

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
        Highest resident memory of this process, bytes; 0 where the system does not tell.
    """

    duration: float
    cpu_time: float
    peak_memory: int


class Stopwatch:
    """Measures from its making on.

    Parameters
    ----------
    reset_peak
        Count the highest memory from now on, where the system can do that (Linux), and not since the process started.
        Not for a process that is not ours: others may be reading the same figure.
    """

    def __init__(self, *, reset_peak: bool = False) -> None:
        self._peak_is_own = reset_peak and _reset_peak_memory()
        self._wall = time.perf_counter()
        self._cpu = time.process_time()

    def read(self) -> ResourceUse:
        """Tell what was used until now."""
        return ResourceUse(
            duration=time.perf_counter() - self._wall,
            cpu_time=time.process_time() - self._cpu,
            peak_memory=_peak_since_reset() if self._peak_is_own else _peak_memory(),
        )


def _reset_peak_memory() -> bool:
    try:
        # Documented in proc(5): 5 resets the peak resident set size.
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return False
    return True


def _peak_since_reset() -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0


def _peak_memory() -> int:
    try:
        import resource
    except ImportError:
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(peak if sys.platform == "darwin" else peak * 1024)
