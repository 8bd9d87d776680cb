"""What there is to see of a quantum that is being debugged: a plain record, made on the thread of the reader."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jupyter_mpexec.debug import Breakpoint, FrameSummary, Variable

__all__ = ["BreakpointView", "DebugView", "as_breakpoint_view"]


@dataclass(frozen=True, kw_only=True)
class BreakpointView:
    """A breakpoint; see `Breakpoint`."""

    number: int
    where: str
    file: str
    line: int
    enabled: bool
    condition: str = ""
    hits: int = 0
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class DebugView:
    """A moment of debugging.

    Parameters
    ----------
    quantum_id, name
        The quantum.
    state
        ``"chosen"`` before it has begun; else that of the session.
    reason
        Why it is paused, or why it failed.
    problem
        The exception that is on its way or was raised.
    returned, returns_from
        What was returned last, and which function can be made to return.
    number
        Number of the pause in the session.
    past
        The frames are those of a failure that is over: there is nothing to evaluate in them.
    stack
        Function, file and line of frames, the innermost first.
    frame
        Index of the one that is looked at.
    summary
        That one.
    watches
        Watched expressions with their values.
    breakpoints
        All of them.
    exceptions
        Which exceptions pause.
    patches
        Names of methods that reruns replace.
    config
        Configuration fields with other values than in the run, a line each.
    notices
        What the user ought to know.
    attempts
        Number of reruns that there are.
    """

    quantum_id: str
    name: str
    state: str
    reason: str = ""
    problem: str = ""
    returned: str = ""
    returns_from: str = ""
    number: int = 0
    past: bool = False
    stack: Sequence[tuple[str, str, int]] = ()
    frame: int = 0
    summary: FrameSummary | None = None
    watches: Sequence[Variable] = ()
    breakpoints: Sequence[BreakpointView] = ()
    exceptions: str = "uncaught"
    patches: Sequence[str] = ()
    config: Sequence[str] = ()
    notices: Sequence[str] = ()
    attempts: int = 0

    @property
    def is_paused(self) -> bool:
        """Whether expressions can be evaluated."""
        return self.state == "paused"

    @property
    def is_live(self) -> bool:
        """Whether the code runs or is paused."""
        return self.state in ("running", "paused")


def as_breakpoint_view(one: Breakpoint) -> BreakpointView:
    """Describe a breakpoint."""
    return BreakpointView(
        number=one.number,
        where=one.where,
        file=one.file,
        line=one.line,
        enabled=one.enabled,
        condition=one.condition,
        hits=one.hits,
        note=one.note,
    )
