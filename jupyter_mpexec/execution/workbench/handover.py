"""A quantum of a run that goes on changes hands: it is taken out, and given back with outputs or without."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...errors import RunError
from ...status import QuantumStatus

if TYPE_CHECKING:
    from .open_quantum import OpenQuantum

__all__ = ["RunBusyError", "take_out", "wait_for_status"]

_SECONDS_TO_OBEY = 60.0
_PAUSE = 0.02

_TAKEABLE = (QuantumStatus.PENDING, QuantumStatus.FAILED, QuantumStatus.CANCELLED)


class RunBusyError(RunError):
    """A run has not come to obeying yet: it does so between two quanta."""


@contextlib.contextmanager
def take_out(opened: OpenQuantum) -> Iterator[None]:
    """Have a run that goes on leave a quantum to us; what runs, is done, or is held there stays as it is.

    If anything goes wrong within, it goes back to the run.

    Raises
    ------
    RunError
        Raised if the run does not give it.
    """
    if opened.run.state.is_final or opened.status not in _TAKEABLE:
        yield
        return
    opened.hold()
    try:
        wait_for_status(opened, QuantumStatus.HELD)
        yield
    except BaseException:
        # Nobody would know that it is held, or is about to be. A run that is over takes no commands.
        with contextlib.suppress(RunError):
            opened.run.control.release(opened.id)
        raise


def wait_for_status(opened: OpenQuantum, status: QuantumStatus) -> None:
    """Wait until a run that goes on has done what it was told about a quantum.

    Raises
    ------
    RunError
        Raised if it cannot do it any more.
    RunBusyError
        Raised if it has not done it in a minute.
    """
    run = opened.run
    deadline = time.monotonic() + _SECONDS_TO_OBEY
    while (now := opened.status) is not status:
        if run.state.is_final:
            raise RunError(
                f"{opened.name} is {now}, not {status}: the run {run.id} is {run.state}.",
                hint="Try again now that the run is over.",
            )
        if status is QuantumStatus.HELD and (now.is_success or now is QuantumStatus.BLOCKED):
            raise RunError(f"{opened.name} is {now} by now, and cannot be taken out of the run.")
        if time.monotonic() > deadline:
            raise RunBusyError(
                f"The run {run.id} has not come to {opened.name} in {_SECONDS_TO_OBEY:.0f} seconds: it obeys between "
                "two quanta.",
                hint="It keeps the quantum. Pause the run, and try again when what is under way has ended.",
            )
        time.sleep(_PAUSE)
