"""What lets a judge see the debugged thread: one interface for two ways that Python has."""

from __future__ import annotations

import sys
import threading
from abc import ABC, abstractmethod

from .judge import Judge

__all__ = ["Tracer", "make_tracer"]


class Tracer(ABC):
    """Watches one thread for a judge.

    Parameters
    ----------
    judge
        Who is told of lines, calls, returns and exceptions, on the thread where they happen.
    """

    def __init__(self, judge: Judge) -> None:
        self.judge = judge
        self.thread = 0

    @abstractmethod
    def start(self) -> None:
        """Begin to watch the thread that calls this."""

    @abstractmethod
    def stop(self) -> None:
        """Leave the thread that calls this alone."""

    @abstractmethod
    def refresh(self) -> None:
        """Take in that breakpoints or the plan have changed; may be called by any thread."""

    def is_here(self) -> bool:
        """Tell whether this is the thread that is watched."""
        return threading.get_ident() == self.thread

    @abstractmethod
    def catch_up(self) -> None:
        """Do on the watched thread what `refresh` could not do from another one."""


def make_tracer(judge: Judge) -> Tracer:
    """Make the best tracer that this Python has."""
    if sys.version_info >= (3, 12):
        from .monitoring_tracer import MonitoringTracer

        return MonitoringTracer(judge)
    from .settrace_tracer import SettraceTracer

    return SettraceTracer(judge)
