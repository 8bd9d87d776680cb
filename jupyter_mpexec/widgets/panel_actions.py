"""What the buttons of a panel do, each with the line of code that does the same."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from jupyter_mpexec.errors import RunError
from jupyter_mpexec.status import QuantumStatus, RunState

if TYPE_CHECKING:
    from jupyter_mpexec.execution.run import Run

__all__ = [
    "PAUSE",
    "RESUME",
    "RETRY",
    "STEP",
    "STOP",
    "Action",
    "line_for_quanta",
    "line_for_report",
    "may_steer",
    "steer_quanta",
]


@dataclass(frozen=True)
class Action:
    """A button.

    Parameters
    ----------
    label, icon, tooltip
        What is on it; `icon` is a name of Font Awesome 4.
    line
        Writes the code that does the same.
    do
        Does it; returns another handle, if there is one to follow the run with from now on.
    """

    label: str
    icon: str
    tooltip: str
    line: Callable[[Run], str]
    do: Callable[[Run], Run | None]


def _resume(run: Run) -> Run | None:
    if not run.state.is_final:
        run.resume()
        return None
    # Only now: it takes long to import, and there is a run, so somebody has done that.
    from jupyter_mpexec.execution import runs

    return runs.resume(run.id, background=True)


def _line_for_resume(run: Run) -> str:
    return f"%pipetask resume {run.id}{_background(run)}"


def _retry(run: Run) -> Run | None:
    """Run failed quanta again: within the run while it goes on, otherwise as another run of the same graph."""
    if not run.state.is_final:
        run.control.retry()
        return None
    if run.state is RunState.DEAD:
        # What it wrote at last is to be found and ingested first.
        return _resume(run)
    # Unlike resuming, this takes the classes of tasks as they are now: the cause may have been mended in a cell.
    return run.again(hooks=(), background=True)


def _line_for_retry(run: Run) -> str:
    if run.state is RunState.DEAD:
        return _line_for_resume(run)
    return f"%pipetask retry {run.id}{_background(run)}"


def _background(run: Run) -> str:
    return " --background" if run.state.is_final else ""


PAUSE = Action(
    "Pause", "pause", "Let no further quantum start; those under way go on to their end",
    lambda run: f"%pipetask pause {run.id}", lambda run: run.pause(),
)  # fmt: skip
STEP = Action(
    "Step", "step-forward", "Let exactly one more quantum start, then be paused",
    lambda run: f"%pipetask step {run.id}", lambda run: run.step(),
)  # fmt: skip
RESUME = Action(
    "Resume", "play", "Go on after a pause; or with a run that was stopped or broken off",
    _line_for_resume, _resume,
)  # fmt: skip
STOP = Action(
    "Stop", "stop", "End the run; the quanta under way are cancelled, what has finished is kept",
    lambda run: f"%pipetask stop {run.id} --interrupt", lambda run: run.stop(interrupt=True, wait=False),
)  # fmt: skip
RETRY = Action(
    "Retry failed", "repeat", "Run the failed quanta, and what they blocked, once more",
    _line_for_retry, _retry,
)  # fmt: skip


def line_for_report(run: Run, file: str) -> str:
    """Write the line that writes the report of a run."""
    return f"%pipetask report {run.id} {shlex.quote(file)}"


def line_for_quanta(run: Run, action: str, quantum_ids: Sequence[str]) -> str:
    """Write the line that cancels, retries or skips quanta."""
    return f"%pipetask {action} {run.id} {' '.join(quantum_ids)}"


def may_steer(state: RunState, status: QuantumStatus | None = None) -> dict[str, bool]:
    """Tell what can be done with a quantum, or with any.

    Parameters
    ----------
    state
        State of the run.
    status
        State of the quantum; None if it is not known.

    Returns
    -------
    allowed
        By name of the action.
    """
    alive = not state.is_final
    failed = status in (None, QuantumStatus.FAILED, QuantumStatus.CANCELLED, QuantumStatus.BLOCKED)
    waiting = status in (None, QuantumStatus.PENDING, QuantumStatus.HELD)
    return {
        "retry": alive and failed,
        "cancel": alive and (waiting or status is QuantumStatus.RUNNING),
        "skip": alive and waiting,
    }


def steer_quanta(run: Run, action: str, quantum_ids: Sequence[str]) -> None:
    """Cancel, retry or skip quanta.

    Raises
    ------
    RunError
        Raised if there are none, or the run is over.
    """
    if not quantum_ids:
        raise RunError("No quantum is selected.", hint="Select rows of the table first.")
    getattr(run.control, action)(*map(UUID, quantum_ids))
