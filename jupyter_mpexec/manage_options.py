"""Subcommands for runs that were begun before, and their options: a table like that of `options`."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from .option_table import Option, row

__all__ = ["MANAGING", "RUN_ARGUMENTS", "ManageOptions", "ManageSubcommand", "managing_options_of"]

ManageSubcommand = Literal["runs", "attach", "stop", "resume", "prune"]

MANAGING: Mapping[ManageSubcommand, str] = {
    "runs": "List your runs: those that go on, in any kernel or none, and those that have ended.",
    "attach": "Come back to a run: its progress, its report, and the handle to steer it.",
    "stop": "End a run early; what has finished is kept.",
    "resume": "Go on with a run that was broken off, was stopped, or failed.",
    "prune": "Remove what is kept of runs that are over; their results stay in the repository.",
}
"""The subcommands, each with one line of help."""

RUN_ARGUMENTS: Mapping[ManageSubcommand, str] = {
    "attach": "[RUN]",
    "stop": "[RUN]",
    "resume": "[RUN]",
    "prune": "[RUN ...]",
}
"""How subcommands take runs."""

WHICH_RUN: Mapping[ManageSubcommand, str] = {
    "attach": "Without RUN: the only one that goes on; if none does, the last one.",
    "stop": "Without RUN: the only one that goes on.",
    "resume": "Without RUN: the last one.",
    "prune": "Runs that go on are left alone.",
}
"""Which run is meant where none is named, and what else there is to say of that."""

_row = functools.partial(row, group="Options", kind="flag", ours=True)


@dataclass(frozen=True, kw_only=True)
class ManageOptions:
    """Everything that the subcommands for earlier runs can be told.

    Parameters
    ----------
    runs
        Runs by name: identifiers, beginnings or ends of them, or ``last``.
    """

    # fmt: off
    runs: tuple[str, ...] = ()
    all: bool = field(default=False, metadata=_row("--all", commands=("runs",),
        help="List all of them, however old."))
    wait: bool = field(default=False, metadata=_row("--wait", commands=("attach", "stop"),
        help="Return when the run is over. Whoever gives up waiting does not stop the run."))
    interrupt: bool = field(default=False, metadata=_row("--interrupt", commands=("stop",),
        help="Break off the quanta under way, instead of letting them come to their end."))
    processes: int | None = field(default=None, metadata=_row("-j", "--processes", commands=("resume",),
        kind="integer", minimum=1, metavar="N",
        help="Number of worker processes; by default, as many as before."))
    background: bool = field(default=False, metadata=_row("--background", commands=("resume",),
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
