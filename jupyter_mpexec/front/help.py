"""Help text of the subcommands, from the option table."""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Mapping

from jupyter_mpexec.manage_options import ManageSubcommand
from jupyter_mpexec.options import SUBCOMMANDS, Option, Subcommand

from .subcommands import ALL_SUBCOMMANDS, arguments_of, note_on, options_for

__all__ = ["help_text", "synopsis"]

_WIDTH = 100
_INDENT = 34

_NOTES = """\
Pipeline options (--task, --delete, --config, --config-file, --instrument) may be repeated, and are
applied in the order in which they are written.
"""

_NOTEBOOK_NOTES = """\
In a notebook, {expression} and $name stand for notebook variables. A value that is nothing else is
handed over as it is: -b {butler}, -p {builder}, -g {graph}. Lists in a data query are written out:
-d "visit IN ({visits})". The value of the magic is the builder, the quantum graph or the run:
graph = %pipetask qgraph …
In a %%pipetask cell, the body holds more options, or a pipeline in YAML.
"""


def help_text(
    subcommand: Subcommand | ManageSubcommand | None,
    program: str = "%pipetask",
    more: Mapping[str, str] | None = None,
) -> str:
    """Write the help of a subcommand, or of the whole program.

    Parameters
    ----------
    subcommand
        The subcommand; None for the overview.
    program
        How the program is called where the reader is: a magic, or a command.
    more
        Subcommands that are not in the table, each with one line of help.
    """
    if subcommand is None:
        lines = [f"Usage: {program} SUBCOMMAND [OPTIONS]", "", "Subcommands:"]
        all_subcommands = [*ALL_SUBCOMMANDS.items(), *(more or {}).items()]
        lines += [f"  {name:12}{text}" for name, text in all_subcommands]
        lines += ["", f"{program} SUBCOMMAND --help lists the options of a subcommand."]
    else:
        takes = f" {arguments}" if (arguments := arguments_of(subcommand)) else ""
        lines = [f"Usage: {program} {subcommand}{takes} [OPTIONS]", "", ALL_SUBCOMMANDS[subcommand]]
        lines += textwrap.wrap(note_on(subcommand), _WIDTH, break_on_hyphens=False)
        supported = [option for option in options_for(subcommand) if not option.refused]
        ordered = sorted(supported, key=lambda option: _GROUP_ORDER.index(option.group))
        for group, options in itertools.groupby(ordered, key=lambda option: option.group):
            lines += ["", f"{group}:"]
            for option in options:
                lines += _describe(option)
        lines += [f"  {'-h, --help':{_INDENT - 2}}Show this text."]
        refused = ", ".join(option.flag for option in options_for(subcommand) if option.refused)
        if refused:
            lines += ["", *textwrap.wrap(f"Not supported: {refused}.", _WIDTH, break_on_hyphens=False)]
        if subcommand not in SUBCOMMANDS:
            lines += ["", *_run_notes(program)] if takes else []
            lines += _quantum_notes(program) if "QUANTUM" in takes else []
            return "\n".join(lines)
        lines += ["", _NOTES.rstrip()]
    if program.startswith("%"):
        lines += ["", _NOTEBOOK_NOTES.rstrip()]
    return "\n".join(lines)


_GROUP_ORDER = list(dict.fromkeys(option.group for option in options_for()))


def _run_notes(program: str) -> list[str]:
    text = (
        "RUN is the identifier of a run, the beginning of it or of its last part if there is only one such "
        "run, or the word last."
    )
    if program.startswith("%"):
        text += " It may also be a Run: {run}."
    return textwrap.wrap(f"{text} {program} runs lists them.", _WIDTH, break_on_hyphens=False)


def _quantum_notes(program: str) -> list[str]:
    text = "QUANTUM is the identifier of a quantum, the beginning or the end of it, or so much of its task label and "
    text += "data ID that there is only one such quantum, in quotes: 'isr(detector=3, visit=7)'."
    if program.startswith("%"):
        text += " It may also be an object, or a list of them: {run.failures}."
    return textwrap.wrap(text, _WIDTH, break_on_hyphens=False)


def synopsis(option: Option) -> str:
    """Write flags and value: ``-i, --input COLLECTION ...``."""
    text = ", ".join(sorted(option.flags, key=len))
    if option.off_flags:
        text += " / " + ", ".join(option.off_flags)
    if option.takes_value:
        text += f" {option.metavar or 'VALUE'}"
    if option.kind in ("list", "repeat", "pairs", "action"):
        text += " ..."
    return text


def _describe(option: Option) -> list[str]:
    head = f"  {synopsis(option)}"
    text = option.help
    if option.default and not isinstance(option.default, bool):
        text += f" Default: {option.default}."
    body = textwrap.wrap(text, _WIDTH - _INDENT, break_on_hyphens=False)
    if len(head) >= _INDENT - 1:
        return [head, *(" " * _INDENT + line for line in body)]
    return [head.ljust(_INDENT) + body[0], *(" " * _INDENT + line for line in body[1:])]
