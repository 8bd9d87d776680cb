"""Stepping: at which of the lines that come next to pause."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import CodeType, FrameType
from typing import Any, Literal, NamedTuple

from .frames import callers

__all__ = ["Plan", "Returned", "Step"]

Step = Literal["over", "into", "out"]


class Returned(NamedTuple):
    """What a function has just returned.

    Parameters
    ----------
    function
        Its qualified name.
    value
        What it returned.
    """

    function: str
    value: Any


@dataclass
class Plan:
    """Until the next pause.

    Parameters
    ----------
    step
        How to step; None to go on until a breakpoint.
    reason
        What to say of a pause at its end.
    origin
        The frame that the step began in.
    frames
        Frames in which the next line is one to pause at; with ``"into"`` any traced frame is.
    returned
        What `origin` returned meanwhile.
    through_points
        A pause at a point that the code announces does not end it: the line that is meant comes after.
    """

    step: Step | None = None
    reason: str = ""
    origin: FrameType | None = None
    frames: frozenset[FrameType] = frozenset()
    returned: Returned | None = None
    through_points: bool = False

    @classmethod
    def begin(cls, step: Step | None, frame: FrameType, traced: Callable[[FrameType], bool]) -> Plan:
        """Plan a step from a frame.

        Over: the next line of this frame or of one that called it, whichever comes first; so a generator that
        yields hands on to its consumer. Out: the same without this frame. Where nobody traced has called it, any
        traced line after it ends will do.
        """
        if step is None:
            return cls()
        outer = frozenset(f for f in callers(frame.f_back) if traced(f))
        if step == "over":
            outer |= {frame}
        return cls(step, f"step {step}", frame, outer)

    @property
    def anywhere(self) -> bool:
        """Whether any traced line ends the step."""
        return self.step == "into"

    def ends_at(self, frame: FrameType) -> bool:
        """Tell whether the next line of a frame ends a step over or out."""
        return frame in self.frames

    def concerns(self, code: CodeType) -> bool:
        """Tell whether events of some code matter to a step over or out."""
        if self.origin is not None and self.origin.f_code is code:
            return True
        return any(frame.f_code is code for frame in self.frames)

    def left(self, frame: FrameType, returned: Returned | None, *, for_good: bool) -> bool:
        """Note that a frame is left, by a return, a yield or an exception; tell whether that changed the plan.

        Parameters
        ----------
        frame
            The frame.
        returned
            What it returns.
        for_good
            Whether it has ended: not so with a yield.
        """
        if self.step is None or frame is not self.origin:
            return False
        self.returned = returned
        if not self.frames - {frame} and not self.anywhere:
            self.step = "into"
            return True
        if for_good:
            self.frames -= {frame}
        return False
