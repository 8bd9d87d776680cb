"""The time of a run, as its timeline shows it: what lies between its sessions is left out."""

from __future__ import annotations

from bisect import bisect_right

__all__ = ["RunClock"]


class RunClock:
    """Tells how many seconds a run has gone on until a time.

    A run that is broken off and gone on with has several sessions. Nothing happens between them, for a day perhaps.

    Examples
    --------
    >>> clock = RunClock()
    >>> clock.begin(1000.0)
    >>> clock.end(1060.0)
    >>> clock.begin(90000.0)
    >>> [clock.seconds(time) for time in (1000.0, 1059.0, 5000.0, 90001.0)]
    [0.0, 59.0, 60.0, 61.0]
    """

    def __init__(self) -> None:
        self._begins: list[float] = []
        self._ends: list[float] = []
        self._before = [0.0]

    def begin(self, time: float) -> None:
        """Note that a session begins."""
        self._begins.append(time)

    def end(self, time: float) -> None:
        """Note when it ended, as far as anybody knows: another one is about to begin."""
        begin = self._begins[-1]
        self._ends.append(max(begin, time))
        self._before.append(self._before[-1] + self._ends[-1] - begin)

    def session(self, time: float) -> int:
        """Tell to which session a time belongs; the first one is 0."""
        return max(0, bisect_right(self._begins, time) - 1)

    def end_of(self, session: int) -> float | None:
        """Get the time at which a session ended; None for the last one."""
        return self._ends[session] if session < len(self._ends) else None

    def seconds(self, time: float) -> float:
        """Tell how many seconds the run has gone on until a time; there must be a session."""
        session = self.session(time)
        end = self.end_of(session)
        until = time if end is None else min(time, end)
        return self._before[session] + until - self._begins[session]
