"""One quantum after the other: the loop of the models that run a single quantum at a time."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator

from ..events import Event
from .execution_model import ExecutionModel, StateWatch, obey
from .quantum_data import QuantumData
from .run_control import RunControl
from .schedule import Schedule

__all__ = ["SequentialModel"]


class SequentialModel(ExecutionModel):
    """Runs quanta one at a time; a subclass says how, in `run_one`."""

    def execute(self, quanta: Iterable[QuantumData], control: RunControl) -> Iterator[Event]:
        """Run quanta; see `ExecutionModel.execute`."""
        schedule = Schedule(quanta)
        watch = StateWatch()
        while True:
            yield from obey(control.take_commands(), schedule, control)
            yield from watch(control)
            if schedule.is_finished:
                return
            # None is ready only if all that could be are held.
            quantum = schedule.peek()
            if quantum is not None and control.may_start(quantum):
                schedule.take()
                for event in self.run_one(quantum, schedule):
                    yield control.note(event)
            elif control.stop_reason:
                return
            else:
                control.wait()

    @abstractmethod
    def run_one(self, quantum: QuantumData, schedule: Schedule) -> Iterator[Event]:
        """Run one quantum, and tell the schedule how it ended."""
        raise NotImplementedError
