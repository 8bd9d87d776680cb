"""Stopping inside running code, looking at it and changing it: the standard library only."""

from .breakpoints import Breakpoint, Breakpoints
from .current import current_session, sessions
from .pause import Pause, StackFrame
from .session import DebugSession, SessionState
from .summaries import FrameSummary, Variable, summarize_frame, summarize_traceback

__all__ = [
    "Breakpoint",
    "Breakpoints",
    "DebugSession",
    "FrameSummary",
    "Pause",
    "SessionState",
    "StackFrame",
    "Variable",
    "current_session",
    "sessions",
    "summarize_frame",
    "summarize_traceback",
]
