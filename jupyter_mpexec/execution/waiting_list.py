"""Quanta that wait for a time to come."""

from __future__ import annotations

import heapq
import time
import uuid

__all__ = ["WaitingList"]


class WaitingList:
    """Remembers which quanta are to be tried again, and when; times are those of `time.monotonic`."""

    def __init__(self) -> None:
        self._entries: list[tuple[float, uuid.UUID]] = []

    @property
    def next_time(self) -> float | None:
        """When the first is due; None if there is none."""
        return self._entries[0][0] if self._entries else None

    def add(self, quantum_id: uuid.UUID, seconds: float) -> None:
        """Let a quantum wait."""
        heapq.heappush(self._entries, (time.monotonic() + seconds, quantum_id))

    def take_due(self) -> list[uuid.UUID]:
        """Take those whose time has come."""
        due = []
        while self._entries and self._entries[0][0] <= time.monotonic():
            due.append(heapq.heappop(self._entries)[1])
        return due
