"""Which quantum may run next: the bookkeeping that all execution models share."""

from __future__ import annotations

import heapq
import uuid
from collections.abc import Callable, Iterable

from ..status import QuantumStatus
from .quantum_data import QuantumData

__all__ = ["Schedule"]

_UNSUCCESSFUL = (QuantumStatus.FAILED, QuantumStatus.BLOCKED, QuantumStatus.CANCELLED)


class Schedule:
    """States of all quanta of a run, and those that are ready.

    Parameters
    ----------
    quanta
        The quanta; each after all its prerequisites. A prerequisite that is not among them counts as done.
    priority
        Ready quanta are taken in the order of this key, smallest first; in the order of `quanta` by default.

    Notes
    -----
    Not thread-safe: it belongs to the one thread that an execution model decides on.
    """

    def __init__(
        self,
        quanta: Iterable[QuantumData],
        priority: Callable[[QuantumData], float] | None = None,
    ) -> None:
        self.quanta: dict[uuid.UUID, QuantumData] = {}
        self._order: dict[uuid.UUID, tuple[float, int]] = {}
        self._dependents: dict[uuid.UUID, list[uuid.UUID]] = {}
        self._missing: dict[uuid.UUID, int] = {}
        self._status: dict[uuid.UUID, QuantumStatus] = {}
        self._ready: list[tuple[tuple[float, int], uuid.UUID]] = []
        self._unfinished = 0
        for index, quantum in enumerate(quanta):
            self._add(quantum, (priority(quantum) if priority else 0.0, index))

    def _add(self, quantum: QuantumData, order: tuple[float, int]) -> None:
        quantum_id = quantum.quantum_id
        known = [p for p in quantum.prerequisites if p in self.quanta]
        self.quanta[quantum_id] = quantum
        self._order[quantum_id] = order
        self._status[quantum_id] = QuantumStatus.PENDING
        self._unfinished += 1
        for prerequisite in known:
            self._dependents.setdefault(prerequisite, []).append(quantum_id)
        self._missing[quantum_id] = len(known)
        if not known:
            heapq.heappush(self._ready, (order, quantum_id))

    @property
    def is_finished(self) -> bool:
        """Whether every quantum is in a final state."""
        return self._unfinished == 0

    def status(self, quantum_id: uuid.UUID) -> QuantumStatus:
        """State of one quantum."""
        return self._status[quantum_id]

    def with_status(self, *statuses: QuantumStatus) -> list[uuid.UUID]:
        """All quanta in one of these states, in order."""
        return [q for q, status in self._status.items() if status in statuses]

    def take(self) -> QuantumData | None:
        """Take the next ready quantum, which counts as running from now on; None if there is none."""
        self._drop_stale()
        if not self._ready:
            return None
        quantum_id = heapq.heappop(self._ready)[1]
        self._status[quantum_id] = QuantumStatus.RUNNING
        return self.quanta[quantum_id]

    def peek(self) -> QuantumData | None:
        """Look at what `take` would give."""
        self._drop_stale()
        return self.quanta[self._ready[0][1]] if self._ready else None

    def put_off(self, quantum_id: uuid.UUID) -> None:
        """Make a running quantum pending again, but not ready before `put_back`."""
        self._status[quantum_id] = QuantumStatus.PENDING

    def put_back(self, quantum_id: uuid.UUID) -> None:
        """End what `put_off` began; does nothing if the quantum was cancelled or skipped meanwhile."""
        self._push_if_ready(quantum_id)

    def hold(self, quantum_id: uuid.UUID) -> list[QuantumData]:
        """Take a quantum out for a while; one that failed or was cancelled becomes pending first.

        Returns
        -------
        changed
            The quanta whose state changed, in order, the one itself among them; none if it runs, is done, or is
            blocked.
        """
        status = self._status.get(quantum_id)
        if status in (QuantumStatus.FAILED, QuantumStatus.CANCELLED):
            changed = self.reset([quantum_id])
        elif status is QuantumStatus.PENDING:
            changed = [self.quanta[quantum_id]]
        else:
            return []
        self._status[quantum_id] = QuantumStatus.HELD
        return changed

    def release(self, quantum_id: uuid.UUID) -> bool:
        """End what `hold` began; returns whether the quantum was held, and may run."""
        if self._status.get(quantum_id) is not QuantumStatus.HELD:
            return False
        self._status[quantum_id] = QuantumStatus.PENDING
        self._push_if_ready(quantum_id)
        return True

    def prefer(self, quantum_ids: Iterable[uuid.UUID]) -> None:
        """Take these before all others, as soon as they are ready."""
        for quantum_id in quantum_ids:
            if quantum_id in self._order:
                self._order[quantum_id] = (float("-inf"), self._order[quantum_id][1])
                self._push_if_ready(quantum_id)

    def succeed(self, quantum_id: uuid.UUID, status: QuantumStatus = QuantumStatus.SUCCEEDED) -> None:
        """Mark a quantum as done, and its dependents as ready where nothing else is missing."""
        self._finish(quantum_id, status)
        for dependent in self._dependents.get(quantum_id, ()):
            self._missing[dependent] -= 1
            self._push_if_ready(dependent)

    def fail(self, quantum_id: uuid.UUID, status: QuantumStatus = QuantumStatus.FAILED) -> list[QuantumData]:
        """Mark a quantum as failed or cancelled.

        Returns
        -------
        blocked
            The quanta that cannot run any more because of it, in order.
        """
        self._finish(quantum_id, status)
        blocked = []
        for dependent in self._descendants([quantum_id]):
            if self._status[dependent] is QuantumStatus.PENDING:
                self._finish(dependent, QuantumStatus.BLOCKED)
                blocked.append(self.quanta[dependent])
        return blocked

    def reset(self, quantum_ids: Iterable[uuid.UUID]) -> list[QuantumData]:
        """Make failed and cancelled quanta pending again, and whatever only they blocked.

        Returns
        -------
        pending
            The quanta whose state changed, in order.
        """
        again = [q for q in quantum_ids if self._status.get(q) in _UNSUCCESSFUL]
        again = [q for q in again if self._status[q] is not QuantumStatus.BLOCKED]
        changed = set()
        for quantum_id in again:
            self._reopen(quantum_id)
            changed.add(quantum_id)
        for dependent in self._descendants(again):
            prerequisites = [p for p in self.quanta[dependent].prerequisites if p in self.quanta]
            if self._status[dependent] is QuantumStatus.BLOCKED and not any(
                self._status[p] in _UNSUCCESSFUL for p in prerequisites
            ):
                self._reopen(dependent)
                changed.add(dependent)
        for quantum_id in changed:
            self._push_if_ready(quantum_id)
        return [self.quanta[q] for q in sorted(changed, key=self._order.__getitem__)]

    def _reopen(self, quantum_id: uuid.UUID) -> None:
        self._status[quantum_id] = QuantumStatus.PENDING
        self._unfinished += 1

    def _finish(self, quantum_id: uuid.UUID, status: QuantumStatus) -> None:
        self._status[quantum_id] = status
        self._unfinished -= 1

    def _push_if_ready(self, quantum_id: uuid.UUID) -> None:
        if not self._missing[quantum_id] and self._status[quantum_id] is QuantumStatus.PENDING:
            heapq.heappush(self._ready, (self._order[quantum_id], quantum_id))

    def _drop_stale(self) -> None:
        # A quantum that was cancelled, blocked or skipped while it was ready stays in the heap until it comes up.
        while self._ready and self._status[self._ready[0][1]] is not QuantumStatus.PENDING:
            heapq.heappop(self._ready)

    def _descendants(self, quantum_ids: Iterable[uuid.UUID]) -> list[uuid.UUID]:
        found: set[uuid.UUID] = set()
        stack = list(quantum_ids)
        while stack:
            for dependent in self._dependents.get(stack.pop(), ()):
                if dependent not in found:
                    found.add(dependent)
                    stack.append(dependent)
        # The order of the quanta is topological, whatever the priorities are.
        return sorted(found, key=lambda q: self._order[q][1])
