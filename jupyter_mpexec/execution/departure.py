"""Whether an interrupt was meant for the run, or is how the end of this process begins.

When a kernel is restarted or shut down, Jupyter first interrupts it, and then asks it to end. What goes on without this
process must not take the first for a wish to stop.
"""

from __future__ import annotations

import time
import weakref
from typing import Protocol

__all__ = ["Host", "add_host", "process_departs", "remove_host"]

_PATIENCE = 1.0
"""Seconds within which the request to end follows the interrupt, even if the machine is busy."""


class Host(Protocol):
    """What this process lives in: the shell of a kernel."""

    exit_now: bool
    """Whether it has been asked to end."""


_hosts: weakref.WeakSet[Host] = weakref.WeakSet()


def add_host(host: Host) -> None:
    """Ask this host too whether the process is about to end."""
    _hosts.add(host)


def remove_host(host: Host) -> None:
    """Do not ask it any longer."""
    _hosts.discard(host)


def process_departs() -> bool:
    """Tell, after an interrupt, whether this process is about to end; where there are hosts, that takes a moment."""
    deadline = time.monotonic() + _PATIENCE
    while _hosts:
        if any(host.exit_now for host in tuple(_hosts)):
            return True
        if time.monotonic() >= deadline:
            break
        time.sleep(0.02)
    return False
