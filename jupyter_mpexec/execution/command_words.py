"""The shell command that does what a magic with notebook objects does."""

from __future__ import annotations

import dataclasses

from lsst.daf.butler import Butler

from jupyter_mpexec.errors import PipelineError
from jupyter_mpexec.options import RunOptions, Subcommand, to_command

from .built_graph import BuiltQuantumGraph
from .pipeline_builder import PipelineBuilder
from .repository import repository_uri

__all__ = ["command_words"]


def command_words(options: RunOptions, subcommand: Subcommand) -> tuple[str, ...]:
    """Spell options as a shell command, and objects by what they stand for, as far as that can be told.

    Parameters
    ----------
    options
        The options.
    subcommand
        Subcommand to spell.
    """
    if isinstance(options.qgraph, BuiltQuantumGraph):
        # What counts is how it was built; the rest is about execution.
        built = options.qgraph.command
        rest = dataclasses.replace(options, qgraph=None, butler_config=None)
        return (*built, *to_command(rest, subcommand)[2:])
    if isinstance(options.butler_config, Butler):
        options = dataclasses.replace(options, butler_config=repository_uri(options.butler_config))
    if isinstance(options.pipeline, PipelineBuilder):
        try:
            words = options.pipeline.options()
        except PipelineError:
            return to_command(options, subcommand)
        command = to_command(dataclasses.replace(options, pipeline=None), subcommand)
        here = command.index(subcommand) + 1
        return (*command[:here], *words, *command[here:])
    return to_command(options, subcommand)
