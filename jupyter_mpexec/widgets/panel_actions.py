"""What the buttons of a panel do, each with the line of code that does the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from jupyter_mpexec.errors import RunError
from jupyter_mpexec.status import QuantumStatus, RunState

if TYPE_CHECKING:
    from jupyter_mpexec.execution.run import Run

__all__ = ["Action", "export_report", "line_for_quanta", "retry_failed"]


@dataclass(frozen=True)
class Action:
    """A button.

    Parameters
    ----------
    label, icon, tooltip
        What is on it; `icon` is a name of Font Awesome 4.
    line
        The code that does the same, for a run in the variable ``_run``.
    do
        Does it.
    """

    label: str
    icon: str
    tooltip: str
    line: str
    do: Callable[[Run], Any]


PAUSE = Action(
    "Pause", "pause", "Let no further quantum start; those under way go on to their end",
    "_run.pause()", lambda run: run.pause(),
)  # fmt: skip
STEP = Action(
    "Step", "step-forward", "Let exactly one more quantum start, then be paused",
    "_run.step()", lambda run: run.step(),
)  # fmt: skip
RESUME = Action("Resume", "play", "Go on after a pause", "_run.resume()", lambda run: run.resume())
STOP = Action(
    "Stop", "stop", "End the run; the quanta under way are cancelled, what has finished is kept",
    "_run.stop(interrupt=True)", lambda run: run.stop(interrupt=True, wait=False),
)  # fmt: skip


def retry_failed(run: Run) -> Run | None:
    """Run failed quanta again: within the run while it goes on, otherwise as another run of the same graph.

    Returns
    -------
    again
        The other run, if there is one.
    """
    if not run.state.is_final:
        run.control.retry()
        return None
    return run.again(background=True)


def line_for_retry(run: Run) -> str:
    """Write the code that does what `retry_failed` does."""
    return "_run = _run.again(background=True)" if run.state.is_final else "_run.control.retry()"


def line_for_quanta(action: str, quantum_ids: list[str]) -> str:
    """Write the code that cancels, retries or skips quanta."""
    ids = ", ".join(f'UUID("{quantum_id}")' for quantum_id in quantum_ids[:3])
    more = ", …" if len(quantum_ids) > 3 else ""
    return f"_run.control.{action}({ids}{more})"


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
    waiting = status in (None, QuantumStatus.PENDING)
    return {
        "retry": alive and failed,
        "cancel": alive and (waiting or status is QuantumStatus.RUNNING),
        "skip": alive and waiting,
    }


def steer_quanta(run: Run, action: str, quantum_ids: list[str]) -> None:
    """Cancel, retry or skip quanta.

    Raises
    ------
    RunError
        Raised if there are none, or the run is over.
    """
    if not quantum_ids:
        raise RunError("No quantum is selected.", hint="Select rows of the table first.")
    getattr(run.control, action)(*map(UUID, quantum_ids))


def export_report(run: Run, path: str | Path | None = None) -> Path:
    """Write the report of a run to an HTML file that shows anywhere.

    Parameters
    ----------
    run
        The run; it need not be over.
    path
        The file; by default named after the run, in the current folder.

    Raises
    ------
    RunError
        Raised if the file cannot be written.
    """
    file = Path(path) if path is not None else Path(f"report-{run.id}.html")
    title = f"Run {run.id}"
    body = run._repr_mimebundle_()["text/html"]
    try:
        file.write_text(
            f'<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>{title}</title><body>{body}</body></html>\n',
            encoding="utf-8",
        )
    except OSError as error:
        raise RunError(f"The report cannot be written to {file}: {error.strerror}.") from error
    return file.resolve()
