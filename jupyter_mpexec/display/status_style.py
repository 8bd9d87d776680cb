"""How each state looks: a glyph, a word and a colour, so that none depends on the colour alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jupyter_mpexec.status import QuantumStatus, RunState

from . import formats

__all__ = ["StatusStyle", "counts_text", "run_style", "status_style", "word_in_run", "worst"]


@dataclass(frozen=True)
class StatusStyle:
    """Look of a state.

    Parameters
    ----------
    glyph
        One character with a shape of its own.
    word
        The state in words.
    css_class
        Class that sets the colour ``--jmpx-c``.
    variable
        CSS custom property that holds the colour in the theme at hand.
    """

    glyph: str
    word: str
    css_class: str
    variable: str


def _style(glyph: str, word: str, colour: str) -> StatusStyle:
    return StatusStyle(glyph, word, f"jmpx-s-{colour}", f"--jmpx-{colour}")


_QUANTUM = {
    QuantumStatus.PENDING: _style("○", "pending", "pending"),
    QuantumStatus.RUNNING: _style("►", "running", "running"),
    QuantumStatus.SUCCEEDED: _style("✓", "succeeded", "succeeded"),
    QuantumStatus.NO_WORK: _style("∅", "no work", "no-work"),
    QuantumStatus.SKIPPED: _style("»", "skipped", "skipped"),
    QuantumStatus.FAILED: _style("✗", "failed", "failed"),
    QuantumStatus.BLOCKED: _style("⊘", "blocked", "blocked"),
    QuantumStatus.CANCELLED: _style("⊖", "cancelled", "cancelled"),
    QuantumStatus.HELD: _style("◇", "held", "blocked"),
}

_RUN = {
    RunState.PREPARING: _style("…", "preparing", "pending"),
    RunState.RUNNING: _style("►", "running", "running"),
    RunState.PAUSED: _style("‖", "paused", "blocked"),
    RunState.STOPPING: _style("□", "stopping", "cancelled"),
    RunState.SUCCEEDED: _style("✓", "succeeded", "succeeded"),
    RunState.FAILED: _style("✗", "failed", "failed"),
    RunState.STOPPED: _style("■", "stopped", "cancelled"),
    RunState.DEAD: _style("†", "dead", "failed"),
}

READING_ORDER = (
    QuantumStatus.SUCCEEDED,
    QuantumStatus.NO_WORK,
    QuantumStatus.SKIPPED,
    QuantumStatus.FAILED,
    QuantumStatus.BLOCKED,
    QuantumStatus.CANCELLED,
    QuantumStatus.RUNNING,
    QuantumStatus.HELD,
    QuantumStatus.PENDING,
)
"""Order of states in bars, tables and sentences: what is done, what went wrong, what is to come."""

WORST_FIRST = (
    QuantumStatus.FAILED,
    QuantumStatus.CANCELLED,
    QuantumStatus.BLOCKED,
    QuantumStatus.RUNNING,
    QuantumStatus.HELD,
    QuantumStatus.PENDING,
    QuantumStatus.SUCCEEDED,
    QuantumStatus.SKIPPED,
    QuantumStatus.NO_WORK,
)
"""The same, the most worrying first: the first that occurs stands for all."""


def status_style(status: QuantumStatus) -> StatusStyle:
    """Look of a quantum's state."""
    return _QUANTUM[status]


def run_style(state: RunState) -> StatusStyle:
    """Look of a run's state."""
    return _RUN[state]


def worst(counts: Mapping[QuantumStatus, int]) -> QuantumStatus | None:
    """Choose the one state that stands for many quanta: the most worrying that any of them is in."""
    return next((status for status in WORST_FIRST if counts.get(status)), None)


def word_in_run(status: QuantumStatus, state: RunState | None) -> str:
    """Name the state of quanta of a run; in one that is dead, nothing is running.

    Examples
    --------
    >>> word_in_run(QuantumStatus.RUNNING, RunState.PAUSED)
    'running'
    >>> word_in_run(QuantumStatus.RUNNING, RunState.DEAD)
    'broken off'
    """
    is_broken_off = state is RunState.DEAD and status is QuantumStatus.RUNNING
    return "broken off" if is_broken_off else _QUANTUM[status].word


def counts_text(counts: Mapping[QuantumStatus, int], state: RunState | None = None) -> str:
    """Write counts by state in one line; the state of the run says what running means.

    Examples
    --------
    >>> counts_text({QuantumStatus.PENDING: 18, QuantumStatus.SUCCEEDED: 1100})
    '1,100 succeeded, 18 pending'
    """
    return ", ".join(
        f"{formats.number(counts[status])} {word_in_run(status, state)}"
        for status in READING_ORDER
        if counts.get(status)
    )
