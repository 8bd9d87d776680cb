"""Why a button of a panel cannot be pressed now, and what to do instead."""

from __future__ import annotations

from collections.abc import Collection

from jupyter_mpexec.display.status_style import status_style
from jupyter_mpexec.errors import RunError
from jupyter_mpexec.status import QuantumStatus, RunState

from .panel_actions import PAUSE, RESUME, RETRY, STEP, STOP, may_steer

__all__ = ["check_picked", "why_not_quantum", "why_not_run"]

_WAYS_ON = {
    RunState.FAILED: f" {RETRY.label}, above, runs the failed ones once more.",
    RunState.STOPPED: f" {RESUME.label}, above, runs what is not done.",
    RunState.DEAD: f" {RESUME.label}, above, runs what is not done.",
}
_ONLY = {
    "retry": "Only what has failed, was cancelled or is blocked can be run once more.",
    "cancel": "Only what runs or waits can be cancelled.",
    "skip": "Only what waits can be skipped.",
}


def why_not_quantum(state: RunState, status: QuantumStatus | None = None) -> dict[str, str]:
    """Say why a quantum cannot be steered.

    Parameters
    ----------
    state
        State of the run.
    status
        State of the quantum; None for any.

    Returns
    -------
    reasons
        By name of the action; empty for what can be done.
    """
    return {
        action: "" if allowed else _why_not(action, state, status)
        for action, allowed in may_steer(state, status).items()
    }


def check_picked(action: str, statuses: Collection[QuantumStatus]) -> None:
    """Check that something can be done with at least one of some quanta, of a run that goes on.

    Raises
    ------
    RunError
        Raised if there are quanta, and it cannot be done with any.
    """
    if statuses and not any(may_steer(RunState.RUNNING, status)[action] for status in statuses):
        words = ", ".join(sorted({status_style(status).word for status in statuses}))
        raise RunError(f"What is selected is {words}.", hint=_ONLY[action])


def _why_not(action: str, state: RunState, status: QuantumStatus | None) -> str:
    if state.is_final:
        here = " Debug here runs this one in this kernel." if action == "retry" and status is not None else ""
        return f"The run is over.{_WAYS_ON.get(state, '')}{here}"
    assert status is not None, "Of a run that goes on, some quanta can be steered."
    return f"Its state is {status_style(status).word}. {_ONLY[action]}"


def why_not_run(state: RunState) -> dict[str, str]:
    """Say why a run cannot be steered, by the labels of those buttons that its state alone disables."""
    if state.is_final:
        why = f"The run is over.{_WAYS_ON.get(state, '')}"
    elif state is RunState.STOPPING:
        why = "The run is being stopped."
    else:
        why = "The run is paused already." if state is RunState.PAUSED else "The run is not paused."
    return {
        **dict.fromkeys((PAUSE.label, STEP.label, RESUME.label, STOP.label), why),
        RETRY.label: "Nothing has failed.",
    }
