"""What a session looks like at the end of a cell, and what there is to do next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from jupyter_mpexec.display.pause_page import session_bundle

from .current import paused_sessions
from .desk import SessionState
from .value_text import describe, describe_error

if TYPE_CHECKING:
    from .session import DebugSession

__all__ = ["session_forms"]

_PATIENCE = 0.5
"""Seconds: what pauses or ends at once is to be seen so."""


def session_forms(session: DebugSession) -> Mapping[str, str]:
    """Make all forms of a session; waits a moment if it runs."""
    session.settle(_PATIENCE)
    pause, error = session.pause, session.error
    notices = list(session.notices)
    others = [f"{other.number} ({other.name})" for other in paused_sessions() if other is not session]
    if others:
        notices.append(
            f"This is debug session {session.number}. Also paused: {', '.join(others)}; "
            "%frame and %debug_quantum take one with -s NUMBER."
        )
    return session_bundle(
        session.name,
        session.state.value,
        "" if error is None else describe_error(error),
        notices,
        pause.view() if pause is not None else None,
        _next(session),
    )


def _next(session: DebugSession) -> str:
    match session.state:
        case SessionState.READY:
            return "start() begins."
        case SessionState.RUNNING:
            return "It goes on by itself; wait() waits for the next pause, or the end."
        case SessionState.FINISHED if (value := session.result()) is not None:
            return f"result() is {describe(value).text}."
        case SessionState.ABANDONED:
            return "restart() begins anew."
        case _:
            return ""
