"""Exceptions as tasks raise them that nobody has thought about."""

from __future__ import annotations

__all__ = ["HugeError", "SilentError"]


class HugeError(ValueError):
    """One that quotes a large table: 300,000 lines, between a first and a last one."""

    def __init__(self, reason: str) -> None:
        table = "\n".join(f"row {number}" for number in range(300_000))
        super().__init__(f"{reason}\n{table}\nthe end of the table")


class SilentError(ValueError):
    """One that fails when it is asked what is wrong."""

    def __str__(self) -> str:
        """Fail."""
        raise RuntimeError("no message")
