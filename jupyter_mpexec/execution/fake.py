"""An execution model that executes nothing: for tests of whatever stands on top of one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from ..events import Event, QuantumCancelled, QuantumFailed, QuantumFinished, QuantumSkipped, QuantumStarted
from ..status import QuantumStatus
from .execution_model import blocked_events, identity
from .quantum_data import QuantumData
from .schedule import Schedule
from .sequential import SequentialModel

__all__ = ["FakeModel"]


class FakeModel(SequentialModel):
    """Pretends to run quanta, and gives the outcomes that it is told to.

    Parameters
    ----------
    outcomes
        How quanta end, by task label or by name, such as ``"isr(detector=1, exposure=2)"``; all others succeed.
    on_start
        Called with each quantum that "runs".
    """

    def __init__(
        self,
        outcomes: Mapping[str, QuantumStatus] | None = None,
        on_start: Callable[[QuantumData], object] | None = None,
    ) -> None:
        self.outcomes = dict(outcomes or {})
        self._on_start = on_start
        self._attempts: dict[str, int] = {}

    def run_one(self, quantum: QuantumData, schedule: Schedule) -> Iterator[Event]:
        """Pretend to run one quantum."""
        attempt = self._attempts[quantum.name] = self._attempts.get(quantum.name, 0) + 1
        yield QuantumStarted(**identity(quantum), worker="fake", attempt=attempt)
        if self._on_start is not None:
            self._on_start(quantum)
        outcome = self.outcomes.get(quantum.name) or self.outcomes.get(quantum.task_label)
        outcome = outcome or QuantumStatus.SUCCEEDED
        if outcome.is_success:
            schedule.succeed(quantum.quantum_id, outcome)
            blocked = []
        else:
            blocked = schedule.fail(quantum.quantum_id, outcome)
        match outcome:
            case QuantumStatus.FAILED:
                yield QuantumFailed(
                    **identity(quantum), exception="builtins.RuntimeError", message="as told", attempt=attempt
                )
            case QuantumStatus.CANCELLED:
                yield QuantumCancelled(**identity(quantum))
            case QuantumStatus.SKIPPED:
                yield QuantumSkipped(**identity(quantum))
            case _:
                yield QuantumFinished(**identity(quantum), no_work=outcome is QuantumStatus.NO_WORK)
        yield from blocked_events(blocked, quantum.quantum_id)
