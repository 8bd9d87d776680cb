"""Where a run is to be paused: before or after quanta, or when one fails."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, get_args

from ..errors import QueryError, RunError, UsageError, did_you_mean
from ..events import Event, QuantumEnded, QuantumFailed
from ..status import QuantumStatus

if TYPE_CHECKING:
    from .quantum_data import QuantumData

__all__ = ["RunBreakpoint", "RunBreakpoints", "When"]

When = Literal["before", "after", "failed", "no_work"]

_WORDS: Mapping[str, str] = {
    "before": "before",
    "after": "after",
    "failed": "failure of",
    "no_work": "no work for",
}


@dataclass(frozen=True, kw_only=True)
class RunBreakpoint:
    """One place to pause at; see `RunControl.add_breakpoint`."""

    when: When = "before"
    task_label: str = ""
    where: str = ""
    quantum_ids: frozenset[str] = frozenset()
    once: bool = False
    _matches: Callable[[Mapping[str, Any]], bool] = field(repr=False, compare=False)

    @classmethod
    def make(
        cls, when: When, *, task_label: str, where: str, quantum_ids: Iterable[uuid.UUID | str], once: bool
    ) -> RunBreakpoint:
        """Check a breakpoint, and make it."""
        # Here, since a runner settles how many threads there are before it imports the middleware.
        from .views.data_id_filter import compile_filter

        if when not in get_args(When):
            hint = did_you_mean(when, get_args(When)) or f"There are: {', '.join(get_args(When))}."
            raise UsageError(f"A run cannot be paused {when!r} a quantum.", hint=hint)
        ids = frozenset(map(str, quantum_ids))
        return cls(
            when=when,
            task_label=task_label,
            where=where,
            quantum_ids=ids,
            once=once,
            _matches=compile_filter(where),
        )

    def matches(self, quantum_id: str, task_label: str, data_id: Mapping[str, Any]) -> bool:
        """Tell whether a quantum is meant."""
        if self.quantum_ids and quantum_id not in self.quantum_ids:
            return False
        if self.task_label and task_label != self.task_label:
            return False
        return self._matches(data_id)

    def record(self) -> dict[str, Any]:
        """Make a plain record."""
        values = {f.name: getattr(self, f.name) for f in dataclasses.fields(self) if f.name != "_matches"}
        return {**values, "quantum_ids": sorted(self.quantum_ids)}


class RunBreakpoints:
    """The breakpoints of a run, by number; not thread-safe."""

    def __init__(self) -> None:
        self._all: dict[int, RunBreakpoint] = {}
        self._last = 0
        self._paused_before: set[uuid.UUID] = set()
        self._under_way: dict[str, Mapping[str, Any]] = {}

    def add(self, breakpoint_: RunBreakpoint) -> int:
        """Add one; returns its number."""
        self._last += 1
        self._all[self._last] = breakpoint_
        return self._last

    def remove(self, number: int | None) -> None:
        """Take one away, or all."""
        if number is None:
            self._all.clear()
        elif self._all.pop(number, None) is None:
            raise RunError(f"The run has no breakpoint {number}.")

    def records(self) -> list[dict[str, Any]]:
        """List them as plain records."""
        return [{"number": number, **each.record()} for number, each in self._all.items()]

    def before(self, quantum: QuantumData) -> str:
        """Tell why to pause before a quantum; empty where there is no reason, or it was given already."""
        if quantum.quantum_id in self._paused_before:
            return ""
        # Of the whole data ID, so that an expression may name what the required values imply.
        data_id = quantum.data_coordinate.mapping
        reason = self._reason(("before",), str(quantum.quantum_id), quantum.task_label, data_id, quantum.name)
        if reason:
            self._paused_before.add(quantum.quantum_id)
        return reason

    def passed(self, quantum: QuantumData) -> None:
        """Note that a quantum starts: if it is tried again, that is another time."""
        self._paused_before.discard(quantum.quantum_id)
        self._under_way[str(quantum.quantum_id)] = quantum.data_coordinate.mapping

    def after(self, event: Event) -> str:
        """Tell why to pause after an event; empty where there is no reason."""
        if not isinstance(event, QuantumEnded):
            return ""
        # Events have the required values only.
        data_id = self._under_way.pop(event.quantum_id, event.data_id)
        if event.status in (QuantumStatus.BLOCKED, QuantumStatus.CANCELLED):
            return ""
        if isinstance(event, QuantumFailed) and event.will_retry:
            return ""
        whens = ["after"]
        whens += ["failed"] if event.status is QuantumStatus.FAILED else []
        whens += ["no_work"] if event.status is QuantumStatus.NO_WORK else []
        return self._reason(whens, event.quantum_id, event.task_label, data_id, event.name)

    def _reason(
        self, whens: Iterable[str], quantum_id: str, task_label: str, data_id: Mapping[str, Any], name: str
    ) -> str:
        for number, each in list(self._all.items()):
            if each.when not in whens:
                continue
            problem = ""
            try:
                if not each.matches(quantum_id, task_label, data_id):
                    continue
            except QueryError as error:
                # That a number is compared with a text is not seen before. It must not end the run.
                problem = f": {error.message}"
            if each.once or problem:
                del self._all[number]
            return f"{_WORDS[each.when]} {name}{problem}"
        return ""
