"""Steering a run by the names of its quanta: labels of tasks and data IDs, where `RunControl` takes identifiers."""

from __future__ import annotations

import uuid
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from ..errors import RunError
from ..report import RunReport
from ..status import QuantumStatus
from .workbench.quantum_choice import choose_quanta

if TYPE_CHECKING:
    from .built_graph import BuiltQuantumGraph
    from .control_socket import RemoteControl
    from .run_breakpoints import When
    from .run_control import RunControl

__all__ = ["RunSteering"]


class RunSteering(ABC):
    """What is steered: base of `Run`."""

    control: RunControl | RemoteControl
    report: RunReport

    @property
    @abstractmethod
    def graph(self) -> BuiltQuantumGraph:
        """What is executed."""

    def pause(self) -> None:
        """Let no further quantum start."""
        self.control.pause()

    def resume(self) -> None:
        """Go on after a pause."""
        self.control.resume()

    def step(self, count: int = 1) -> None:
        """Let exactly `count` more quanta start."""
        self.control.step(count)

    def run_to(self, which: str | uuid.UUID, **data_id: Any) -> None:
        """Go on until a quantum is about to start, or the first one of those that are named; then be paused.

        Parameters
        ----------
        which
            Label of a task, or the identifier of a quantum.
        **data_id
            Only quanta with these values.

        Raises
        ------
        RunError
            Raised if all of them have been run already.
        """
        quanta = self._to_come(which, data_id)
        self.control.add_breakpoint("before", quantum_ids=quanta, once=True)
        self.control.resume()

    def break_at(self, task_label: str = "", where: str = "", *, when: When = "before") -> int:
        """Have the run paused where quanta come to; returns the number of the breakpoint.

        Parameters
        ----------
        task_label
            Only quanta of this task.
        where
            Only quanta whose data ID matches, such as ``visit = 42 AND detector IN (1, 2)``.
        when
            ``"before"`` or ``"after"`` a quantum, or after one that ``"failed"`` or found ``"no_work"``.

        Raises
        ------
        TaskNotFoundError, QueryError, UsageError, RunError
            Raised if there is no such task, or no such quantum, or it cannot be understood.

        Notes
        -----
        `control` lists breakpoints and takes them away: ``run.control.remove_breakpoint(1)``.
        """
        if not self.graph.quantum_ids(task_label or None, where):
            raise RunError(f"No quantum of {task_label or 'the run'} matches {where!r}.")
        return self.control.add_breakpoint(when, task_label=task_label, where=where)

    def run_next(self, which: str | uuid.UUID, **data_id: Any) -> None:
        """Run these quanta before all others, as soon as they are ready; see `run_to` for how to name them."""
        self.control.prefer(*self._to_come(which, data_id))

    def skip(self, which: str | uuid.UUID, **data_id: Any) -> None:
        """Do not run these quanta, but let what depends on them go on; see `run_to` for how to name them."""
        self.control.skip(*choose_quanta(self.graph, which, data_id))

    def retry(self, which: str | uuid.UUID, **data_id: Any) -> None:
        """Run these quanta once more if they failed or were cancelled, and what they blocked; see `run_to`."""
        self.control.retry(*choose_quanta(self.graph, which, data_id))

    def _to_come(self, which: str | uuid.UUID, data_id: dict[str, Any]) -> tuple[uuid.UUID, ...]:
        """Find those of the named quanta that have not begun yet."""
        quanta = choose_quanta(self.graph, which, data_id)
        known = self.report.quanta
        begun = (QuantumStatus.RUNNING, QuantumStatus.SUCCEEDED, QuantumStatus.NO_WORK, QuantumStatus.SKIPPED)
        waiting = tuple(
            q for q in quanta if (record := known.get(str(q))) is None or record.status not in begun
        )
        # Of a run that is over, `control` says so.
        if not waiting and not self.report.state.is_final:
            one = known[str(quanta[0])]
            more = f", and so are {len(quanta) - 1} others" if len(quanta) > 1 else ""
            raise RunError(f"{one.name} is {one.status} already{more}.")
        return waiting or quanta
