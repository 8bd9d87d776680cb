"""A pause: why the code stands still, and where."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from types import FrameType
from typing import Any

from jupyter_mpexec.display.pause_page import PauseView, pause_bundle
from jupyter_mpexec.errors import DebugError

from .evaluation import evaluate
from .frames import module_name, read_locals
from .plan import Returned
from .summaries import FrameSummary, Variable, summarize_frame
from .value_text import describe, describe_error, error_message

__all__ = ["Pause", "StackFrame"]

_PATIENCE = 2.0
"""Seconds that a watched expression may take."""


@dataclass(frozen=True)
class StackFrame:
    """A frame of the stack, in a few words.

    Parameters
    ----------
    function
        Qualified name of the function.
    module
        Name of the module.
    file
        Source file or notebook cell.
    line
        Number of the current line.
    """

    function: str
    module: str
    file: str
    line: int


class Pause:
    """The debugged code stands still; a session makes this, and it is of use until the code goes on.

    Parameters
    ----------
    session
        Name of the session.
    number
        Number of the pause in this attempt, from 1.
    kind
        ``"entry"``, ``"exit"``, ``"line"``, ``"point"``, ``"exception"`` or ``"step"``.
    reason
        The same in words, with the breakpoint.
    frames
        The frames of traced modules, the innermost first.
    exception
        The exception that is on its way, if any.
    returned
        What a function has just returned, if that is known.
    returns_from
        Name of the function that `DebugSession.return_value` would end.
    watches
        Returns the expressions to watch.
    still
        Makes sure that the code stands still as long as somebody looks; fails if it has gone on.
    handling
        The same for a moment, in which it cannot even be given up.
    """

    def __init__(
        self,
        *,
        session: str,
        number: int,
        kind: str,
        reason: str,
        frames: tuple[FrameType, ...],
        exception: BaseException | None,
        returned: Returned | None,
        returns_from: str,
        watches: Callable[[], tuple[str, ...]],
        still: Callable[[Pause], AbstractContextManager[None]],
        handling: Callable[[Pause], AbstractContextManager[None]],
    ) -> None:
        self.session = session
        self.number = number
        self.kind = kind
        self.reason = reason
        self.exception = exception
        self.returned = returned
        self.returns_from = returns_from
        self.stack = tuple(
            StackFrame(f.f_code.co_qualname, module_name(f), f.f_code.co_filename, _line(f)) for f in frames
        )
        self._frames = frames
        # Names that were defined here and that no frame has a place for.
        self._scratch: tuple[dict[str, Any], ...] = tuple({} for _ in frames)
        self._watches = watches
        self._still = still
        self._handling = handling
        self._asked: dict[tuple[str, int], threading.Thread] = {}

    @property
    def is_over(self) -> bool:
        """Whether the code has gone on since."""
        return not self._frames

    @property
    def locals(self) -> dict[str, Any]:
        """The variables of the innermost frame: the values themselves, in a new dictionary."""
        return self.frame_locals(0)

    def frame_locals(self, frame: int = 0) -> dict[str, Any]:
        """Get the variables of a frame, and what was defined there while paused.

        Parameters
        ----------
        frame
            Its place in `stack`.
        """
        with self._still(self):
            return {**self._scratch_of(frame), **read_locals(self._frame(frame))}

    def evaluate(self, source: str, frame: int = 0) -> object:
        """Run source in a frame; see `DebugSession.evaluate`."""
        with self._still(self):
            return self._evaluate(source, frame)

    def _evaluate(self, source: str, frame: int) -> object:
        return evaluate(
            source, self._frame(frame), self._scratch_of(frame), handling=lambda: self._handling(self)
        )

    def summary(self, frame: int = 0, **limits: int) -> FrameSummary:
        """Describe a frame: its source, its variables in words, and after them what was defined there while paused.

        Parameters
        ----------
        frame
            Its place in `stack`.
        limits
            See `summarize_frame`.
        """
        with self._still(self):
            summary = summarize_frame(self._frame(frame), **limits)
            defined = tuple(Variable.of(name, value) for name, value in self._scratch_of(frame).items())
            return replace(summary, variables=summary.variables + defined) if defined else summary

    def watches(self, frame: int = 0) -> tuple[Variable, ...]:
        """Evaluate the watched expressions in a frame; one that fails has its error for a value."""
        return tuple(self._watch(source, frame) for source in self._watches())

    def _watch(self, source: str, frame: int) -> Variable:
        found: list[Variable] = []

        def ask() -> None:
            with contextlib.suppress(DebugError), self._still(self):  # whoever asked finds that it is over
                try:
                    found.append(Variable.of(source, self._evaluate(source, frame)))
                except BaseException as error:  # whatever it is, it is the value
                    found.append(Variable(source, type(error).__name__, error_message(error), "failed"))

        # On a thread of its own: it may wait for a lock that the paused code holds, and nobody has asked for it now.
        thread = self._asked.get((source, frame))
        if thread is None or not thread.is_alive():
            thread = threading.Thread(target=ask, name="jupyter_mpexec watch", daemon=True)
            self._asked[source, frame] = thread
            thread.start()
            thread.join(_PATIENCE)
        with self._still(self):
            return (
                found[0] if found else Variable(source, "", "takes too long, and is still going on", "failed")
            )

    def view(self) -> PauseView:
        """Describe it all in words, for a display."""
        over = self.is_over
        try:
            frame = None if over else self.summary()
            watched = () if over else self.watches()
        except DebugError:  # it has gone on meanwhile
            frame, watched = None, ()
        error = self.exception
        return PauseView(
            session=self.session,
            number=self.number,
            reason=self.reason,
            stack=tuple((f.function, f.module, f.file, f.line) for f in self.stack),
            frame=frame,
            watches=watched,
            exception="" if error is None else describe_error(error),
            returned=""
            if self.returned is None
            else f"{self.returned.function} → {describe(self.returned.value).text}",
            returns_from=self.returns_from,
        )

    def close(self) -> None:
        """Let go of the frames: the code goes on."""
        self._frames = ()

    def _frame(self, index: int) -> FrameType:
        if not 0 <= index < len(self._frames):
            raise DebugError(
                f"There is no frame {index}: the stack has {len(self._frames)}, and 0 is the innermost.",
            )
        return self._frames[index]

    def _scratch_of(self, index: int) -> dict[str, Any]:
        self._frame(index)
        return self._scratch[index]

    def __repr__(self) -> str:
        if not self.stack:
            return f"<Pause {self.number} of {self.session}: {self.reason}>"
        top = self.stack[0]
        over = ", over" if self.is_over else ""
        return (
            f"<Pause {self.number} of {self.session}: {self.reason}; {top.function}, line {top.line}{over}>"
        )

    def _repr_mimebundle_(self, **kwargs: object) -> Mapping[str, str]:
        return pause_bundle(self.view())


def _line(frame: FrameType) -> int:
    return frame.f_lineno or frame.f_code.co_firstlineno
