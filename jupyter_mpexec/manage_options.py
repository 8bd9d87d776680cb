"""Subcommands for runs that were begun before, and their options: a table like that of `options`."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from .option_table import Option, row

__all__ = ["MANAGING", "RUN_ARGUMENTS", "ManageOptions", "ManageSubcommand", "managing_options_of"]

ManageSubcommand = Literal[
    "runs", "attach", "pause", "step", "resume", "stop", "retry", "cancel", "skip", "report", "prune"
]

MANAGING: Mapping[ManageSubcommand, str] = {
    "runs": "List your runs: those that go on, in any kernel or none, and those that have ended.",
    "attach": "Come back to a run: its progress, its report, and the handle to steer it.",
    "pause": "Let no further quantum of a run start; those under way come to their end.",
    "step": "Let one more quantum start, or N, and then be paused.",
    "resume": "Go on with a run that is paused; or with one that was broken off, was stopped, or failed.",
    "stop": "End a run early; what has finished is kept.",
    "retry": "Run failed and cancelled quanta once more, and what they blocked.",
    "cancel": "Take quanta out of a run that goes on, also those under way; what needs them is blocked.",
    "skip": "Do not run quanta of a run that goes on; what needs them goes on as well as it can.",
    "report": "Write the report of a run to an HTML file that shows anywhere.",
    "prune": "Remove what is kept of runs that are over; their results stay in the repository.",
}
"""The subcommands, each with one line of help."""

RUN_ARGUMENTS: Mapping[ManageSubcommand, str] = {
    "attach": "[RUN]",
    "pause": "[RUN]",
    "step": "[RUN [N]]",
    "resume": "[RUN]",
    "stop": "[RUN]",
    "retry": "[RUN [QUANTUM ...]]",
    "cancel": "RUN QUANTUM ...",
    "skip": "RUN QUANTUM ...",
    "report": "[RUN] [FILE.html]",
    "prune": "[RUN ...]",
}
"""How subcommands take runs, and what else."""

WHICH_RUN: Mapping[ManageSubcommand, str] = {
    "attach": "Without RUN: the only one that goes on; if none does, the last one.",
    "pause": "Without RUN: the only one that goes on.",
    "step": "Without RUN: the only one that goes on.",
    "resume": "Without RUN: the only one that is paused; if none is, the last one.",
    "stop": "Without RUN: the only one that goes on.",
    "retry": "Without RUN: the only one that goes on; if none does, the last one. Without QUANTUM: all that failed or "
    "were cancelled. Of a run that is over, all that is not done is run again, in a notebook with the classes of tasks "
    "as they are now.",
    "report": "Without RUN: the only one that goes on; if none does, the last one. Without FILE: report-RUN.html, "
    "in the current folder.",
    "prune": "Runs that go on are left alone.",
}
"""Which run is meant where none is named, and what else there is to say of that."""

_row = functools.partial(row, group="Options", kind="flag", ours=True)


@dataclass(frozen=True, kw_only=True)
class ManageOptions:
    """Everything that the subcommands for earlier runs can be told; options bring their help along.

    Parameters
    ----------
    runs
        Runs by name: identifiers, beginnings or ends of them, or ``last``.
    quanta
        Quanta by name: identifiers, beginnings or ends of them, or task label and data ID.
    count
        Number of quanta of a step.
    file
        The file to write.
    """

    # fmt: off
    runs: tuple[str, ...] = ()
    quanta: tuple[str, ...] = ()
    count: int = 1
    file: str = ""
    all: bool = field(default=False, metadata=_row("--all", commands=("runs",),
        help="List all of them, however old."))
    wait: bool = field(default=False, metadata=_row("--wait", commands=("attach", "stop"),
        help="Return when the run is over. Whoever gives up waiting does not stop the run."))
    interrupt: bool = field(default=False, metadata=_row("--interrupt", commands=("stop",),
        help="Break off the quanta under way, instead of letting them come to their end."))
    processes: int | None = field(default=None, metadata=_row("-j", "--processes", commands=("resume",),
        kind="integer", minimum=1, metavar="N",
        help="Number of worker processes; by default, as many as before."))
    background: bool = field(default=False, metadata=_row("--background", commands=("resume", "retry"),
        help="Return at once. A run with one process ends with the kernel, one with several goes on "
             "without it. Notebooks only."))
    older_than: float | None = field(default=None, metadata=_row("--older-than", commands=("prune",),
        kind="number", minimum=0, metavar="DAYS",
        help="Also all runs that came to an end of their own longer ago than that; not those that died."))
    # fmt: on


@functools.cache
def _table() -> tuple[Option, ...]:
    return tuple(
        dataclasses.replace(f.metadata["option"], name=f.name, default=f.default)
        for f in dataclasses.fields(ManageOptions)
        if "option" in f.metadata
    )


def managing_options_of(subcommand: str | None = None) -> tuple[Option, ...]:
    """List the options of a subcommand, or all of them, in the order of the table."""
    return tuple(option for option in _table() if subcommand is None or subcommand in option.commands)
