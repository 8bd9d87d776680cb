"""When a quantum that failed is tried again without anybody asking."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["RetryPolicy"]


@dataclass(frozen=True)
class RetryPolicy:
    """Try again after failures that the task calls repeatable (``RepeatableQuantumError``).

    Parameters
    ----------
    retries
        How often, at most.
    first_wait
        Seconds to wait before the first retry; doubles with each.
    longest_wait
        Seconds to wait at most.

    Examples
    --------
    >>> policy = RetryPolicy(retries=2)
    >>> policy.wait_after(1), policy.wait_after(2), policy.wait_after(3)
    (1.0, 2.0, None)
    """

    retries: int = 0
    first_wait: float = 1.0
    longest_wait: float = 60.0

    def wait_after(self, attempt: int) -> float | None:
        """Tell how long to wait after a failed attempt (1 for the first); None if it was the last."""
        if attempt > self.retries:
            return None
        return float(min(self.longest_wait, self.first_wait * 2 ** (attempt - 1)))
