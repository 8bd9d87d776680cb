"""The states that a quantum and a run can be in."""

from __future__ import annotations

import enum

__all__ = ["QuantumStatus", "RunState"]


class QuantumStatus(enum.StrEnum):
    """State of one quantum in a run.

    The values are what journals and reports store.
    """

    PENDING = "pending"
    """Not started: its prerequisites are not done, or its turn has not come."""

    RUNNING = "running"
    """Being executed now."""

    SUCCEEDED = "succeeded"
    """Executed, with outputs."""

    NO_WORK = "no_work"
    """Executed, and the task found nothing to do (``NoWorkFound``): a success without outputs."""

    SKIPPED = "skipped"
    """Not executed: its outputs existed already, or the user skipped it. Its dependents go on."""

    FAILED = "failed"
    """Raised an exception, ran out of time, or its process died."""

    BLOCKED = "blocked"
    """Cannot run, because a quantum that it depends on failed or was cancelled."""

    CANCELLED = "cancelled"
    """Taken out by the user, before or while it ran; it left nothing behind."""

    HELD = "held"
    """Taken out of the run for a while, to be debugged: neither run nor given up, until it is released or promoted."""

    @property
    def is_final(self) -> bool:
        """Whether nothing more happens to the quantum, unless it is retried."""
        return self not in (QuantumStatus.PENDING, QuantumStatus.RUNNING, QuantumStatus.HELD)

    @property
    def is_success(self) -> bool:
        """Whether quanta that depend on this one may run."""
        return self in (QuantumStatus.SUCCEEDED, QuantumStatus.NO_WORK, QuantumStatus.SKIPPED)


class RunState(enum.StrEnum):
    """State of a whole run."""

    PREPARING = "preparing"
    """The output run is being made ready: collections, dataset types, init-outputs."""

    RUNNING = "running"
    PAUSED = "paused"
    """No further quantum starts until `resume` or `step`; quanta under way go on to their end."""

    STOPPING = "stopping"
    """No further quantum starts, and the run ends when those under way have."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    """At least one quantum failed, or the run itself did."""

    STOPPED = "stopped"
    """Ended early on request (stop, interrupt)."""

    DEAD = "dead"
    """Its process is gone without a word: it was killed, or the machine went down. It can be resumed."""

    @property
    def is_final(self) -> bool:
        """Whether the run is over."""
        return self in (RunState.SUCCEEDED, RunState.FAILED, RunState.STOPPED, RunState.DEAD)
