"""Waiting for what another thread or process does."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_until(condition: Callable[[], T], what: str = "", *, seconds: float = 60.0) -> T:
    """Wait until something is true, but not for ever; gives what the condition gave."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"It did not happen: {what}" if what else "It did not happen."
        time.sleep(0.01)
    return found
