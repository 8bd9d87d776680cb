"""The sessions there are, and the one that is meant when none is named."""

from __future__ import annotations

import atexit
import itertools
import threading
import weakref
from typing import TYPE_CHECKING

from jupyter_mpexec.errors import DebugError, did_you_mean

if TYPE_CHECKING:
    from .session import DebugSession

__all__ = ["current_session", "next_number", "note", "paused_sessions", "sessions"]

_PATIENCE_AT_EXIT = 5.0

_lock = threading.Lock()
_numbers = itertools.count(1)
# The latest last. Only weakly: a session that runs is held by its thread.
_sessions: list[weakref.ref[DebugSession]] = []


def next_number() -> int:
    """Give each session a number of its own: several may debug the same, and so have one name."""
    return next(_numbers)


def note(session: DebugSession) -> None:
    """Take note of a session that has begun or paused: it is the latest now."""
    with _lock:
        _sessions[:] = [ref for ref in _sessions if ref() not in (None, session)]
        _sessions.append(weakref.ref(session))


def sessions() -> tuple[DebugSession, ...]:
    """Get all sessions that are still there, the one that began or paused last at the end."""
    with _lock:
        return tuple(session for ref in _sessions if (session := ref()) is not None)


def paused_sessions() -> tuple[DebugSession, ...]:
    """Get the sessions that are paused, the one that did so last at the end."""
    return tuple(session for session in sessions() if session.pause is not None)


def current_session(name: str = "") -> DebugSession:
    """Get the session that is meant.

    Parameters
    ----------
    name
        Its number or its name; without one, the session that paused last, or else the latest.

    Raises
    ------
    DebugError
        If there is none.
    """
    found = sessions()
    if name:
        named = [session for session in found if name in (str(session.number), session.name)]
        if not named:
            there = "; ".join(
                f"{session.number}, {session.name}, which is {session.state}" for session in found
            )
            hint = did_you_mean(name, [session.name for session in found]) or (
                f"There is {there}." if there else ""
            )
            raise DebugError(f"There is no debug session {name!r}.", hint=hint)
        return named[-1]
    if not found:
        raise DebugError("There is no debug session.", hint="Begin one with `run.quantum(…).debug()`.")
    return (paused_sessions() or found)[-1]


@atexit.register
def _abandon_all() -> None:
    """Let paused code run its `finally` blocks before Python ends."""
    live = [session for session in sessions() if session.is_live]
    for session in live:
        session.abandon()
    for session in live:
        session.settle(_PATIENCE_AT_EXIT)
