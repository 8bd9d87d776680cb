"""The quanta that a panel debugs: several may be open, and one of them is looked at."""

from __future__ import annotations

from collections.abc import Callable

from . import debug_lines as lines
from .debug_bench import DebugBench
from .panel_context import PanelContext

__all__ = ["DebugBenches"]

_STATES = {"finished": "done"}


class DebugBenches:
    """Benches, one a quantum; the order is that in which they were opened.

    Parameters
    ----------
    context
        The run.
    on_change
        Called from any thread when there may be something new to see.

    Attributes
    ----------
    current
        The one that is looked at.
    """

    def __init__(self, context: PanelContext, on_change: Callable[[], object]) -> None:
        self._context = context
        self._on_change = on_change
        self.current = DebugBench(context, on_change)
        self._all: tuple[DebugBench, ...] = (self.current,)

    def choose(self, quantum_id: str, name: str) -> None:
        """Turn to a quantum; what another one has come to so far is kept, if that is anything."""
        known = next((bench for bench in self._all if bench.quantum_id == quantum_id), None)
        if known is not None:
            self.turn_to(self._all.index(known))
            return
        if self.current.is_worth_keeping:
            self.current = DebugBench(self._context, self._on_change)
            self._all = (*self._all, self.current)
        self.current.choose(quantum_id, name)

    def turn_to(self, index: int) -> None:
        """Look at another one; the notebook's variables are those of this one then."""
        self.current = self._all[index]
        if self.current.quantum is not None:
            lines.push({lines.QUANTUM: self.current.quantum})
        if self.current.session is not None:
            lines.push({lines.SESSION: self.current.session})
        self._on_change()

    def labels(self) -> tuple[list[str], int]:
        """Write a line for each; and tell the index of the one that is looked at."""
        every = self._all
        return [_label(bench) for bench in every], every.index(self.current)

    def abandon(self) -> None:
        """Abandon all that is under way; does not wait."""
        for bench in self._all:
            bench.abandon()

    def give_back(self) -> None:
        """Give all quanta that are held back to their run."""
        for bench in self._all:
            bench.give_back()


def _label(bench: DebugBench) -> str:
    session = bench.session
    state = session.state.value if session is not None else "chosen"
    return f"{bench.name}: {_STATES.get(state, state)}"
