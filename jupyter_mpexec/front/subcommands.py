"""All subcommands, those that build and execute and those for runs that were begun before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from jupyter_mpexec.errors import OptionError, did_you_mean
from jupyter_mpexec.manage_options import (
    MANAGING,
    RUN_ARGUMENTS,
    WHICH_RUN,
    ManageSubcommand,
    managing_options_of,
)
from jupyter_mpexec.options import SUBCOMMANDS, Option, Subcommand, options_of

__all__ = ["ALL_SUBCOMMANDS", "arguments_of", "note_on", "options_for", "subcommand_named"]

ALL_SUBCOMMANDS: Mapping[Subcommand | ManageSubcommand, str] = dict((*SUBCOMMANDS.items(), *MANAGING.items()))
"""The subcommands, each with one line of help."""


def options_for(subcommand: Subcommand | ManageSubcommand | None = None) -> tuple[Option, ...]:
    """List the options of a subcommand, or all of them, in the order of the tables; the refused ones too."""
    return (*options_of(subcommand), *managing_options_of(subcommand))


def arguments_of(subcommand: Subcommand | ManageSubcommand) -> str:
    """Write what a subcommand takes beside options; empty for nothing."""
    return RUN_ARGUMENTS.get(cast(ManageSubcommand, subcommand), "")


def note_on(subcommand: Subcommand | ManageSubcommand) -> str:
    """Say what else there is to know of a subcommand; empty for nothing."""
    return WHICH_RUN.get(cast(ManageSubcommand, subcommand), "")


def subcommand_named(text: str) -> Subcommand | ManageSubcommand:
    """Recognise a subcommand.

    Raises
    ------
    OptionError
        Raised if it is none.
    """
    for subcommand in ALL_SUBCOMMANDS:
        if text == subcommand:
            return subcommand
    hint = did_you_mean(text, ALL_SUBCOMMANDS) or f"Choose from {', '.join(ALL_SUBCOMMANDS)}."
    raise OptionError(f"There is no subcommand {text!r}.", hint=hint)
