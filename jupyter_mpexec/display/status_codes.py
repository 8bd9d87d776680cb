"""States as small numbers, for messages that carry thousands of them."""

from __future__ import annotations

from jupyter_mpexec.status import QuantumStatus

__all__ = ["STATUSES", "status_code"]

STATUSES: tuple[QuantumStatus, ...] = tuple(QuantumStatus)
"""The state of each code; `labextension/src/status_table.ts` is made from it."""

_CODES = {status: code for code, status in enumerate(STATUSES)}


def status_code(status: QuantumStatus | str) -> int:
    """Give the code of a state.

    Examples
    --------
    >>> status_code(QuantumStatus.PENDING), status_code("failed")
    (0, 5)
    """
    return _CODES[QuantumStatus(status)]
