"""``%pipetask`` and ``%%pipetask``: parse, call, show."""

from __future__ import annotations

import contextlib
import dataclasses
import sys
from typing import TYPE_CHECKING, Any

from IPython.core.magic import (
    Magics,
    line_cell_magic,
    magics_class,
    needs_local_scope,
    no_var_expand,
    output_can_be_silenced,
)

from jupyter_mpexec.errors import NothingLeftError

from .failures import without_traceback
from .run_outcome import keep_run, nothing_left, show_outcome

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from jupyter_mpexec.options import RunOptions

    from .manage_parser import ManageCommand
    from .parser import ParsedCommand

__all__ = ["PipetaskMagics", "register", "unregister"]


@magics_class
class PipetaskMagics(Magics):
    """The magics of this package."""

    # Placeholders are filled in by `split_words`, which keeps objects; IPython would make text of them.
    @no_var_expand
    @needs_local_scope
    @output_can_be_silenced
    @line_cell_magic
    def pipetask(self, line: str, cell: str | None = None, local_ns: dict[str, Any] | None = None) -> object:
        """Build a pipeline or a quantum graph, or run one, and manage runs: `%pipetask --help` tells more."""
        assert self.shell is not None, "Registered by a shell."
        with without_traceback():
            return self._pipetask(line, cell, {**self.shell.user_ns, **(local_ns or {})})

    def _pipetask(self, line: str, cell: str | None, namespace: dict[str, Any]) -> object:
        from . import parser
        from .cell_body import first_line, split_body
        from .manage_parser import managing_subcommand, parse_manage
        from .words import split_words

        more, pipeline = split_body(cell or "")
        words = split_words(f"{first_line(line)}\n{more}", namespace)
        if (managing := managing_subcommand(words)) is not None:
            return self._manage(parse_manage(managing, words[1:]), pipeline)
        command = parser.parse(words)
        if command.wants_help:
            from .help import help_text

            sys.stdout.write(help_text(command.subcommand) + "\n")
            return None
        if pipeline:
            command = dataclasses.replace(command, options=_with_pipeline(command.options, pipeline))
        return self._call(command)

    def _manage(self, command: ManageCommand, pipeline: str) -> object:
        from jupyter_mpexec.errors import OptionError

        from .manage_magic import manage

        assert self.shell is not None, "Registered by a shell."
        if pipeline:
            raise OptionError(f"The cell body holds a pipeline, and {command.subcommand} takes none.")
        return manage(command, self.shell)

    def _call(self, command: ParsedCommand) -> object:
        from jupyter_mpexec.execution import pipetask
        from jupyter_mpexec.execution.log_setup import logging_for_notebook

        with contextlib.ExitStack() as stack:
            stack.enter_context(logging_for_notebook(command.options))
            match command.subcommand:
                case "build":
                    made: object = pipetask.build(command.options)
                case "qgraph":
                    made = pipetask.qgraph(command.options)
                case _:
                    made = self._run(command.options, stack)
            # What was asked for is shown; a picture below it was not.
            return None if command.options.show else made

    def _run(self, options: RunOptions, stack: contextlib.ExitStack) -> object:
        from jupyter_mpexec.execution import pipetask

        from .at_end import AtEnd
        from .following import hooks_for

        assert self.shell is not None, "Registered by a shell."
        at_end = AtEnd()
        background = options.background
        shell = self.shell
        try:
            run = pipetask.run(options, hooks=lambda: (*hooks_for(shell, background=background), at_end))
        except NothingLeftError as error:
            if not options.extend_run:
                raise
            return nothing_left(shell, options, error)
        if not isinstance(run, pipetask.Run):
            return run
        keep_run(self.shell, run)
        if not background:
            return show_outcome(run)
        # The log settings are to last as long as the run does.
        if not run.state.is_final:
            at_end.do(stack.pop_all().close)
        return run


def _with_pipeline(options: RunOptions, pipeline: str) -> RunOptions:
    from jupyter_mpexec.errors import OptionError
    from jupyter_mpexec.execution.pipetask import pipeline_from_yaml

    if options.pipeline is not None or options.qgraph is not None:
        given = "-p" if options.pipeline is not None else "-g"
        raise OptionError(
            f"The cell body holds a pipeline, and {given} names another source.", hint="Drop one of them."
        )
    return dataclasses.replace(options, pipeline=pipeline_from_yaml(pipeline))


def register(shell: InteractiveShell) -> None:
    """Add the magics to a shell."""
    shell.register_magics(PipetaskMagics)


def unregister(shell: InteractiveShell) -> None:
    """Take the magics away again."""
    manager = shell.magics_manager
    for kind in ("line", "cell"):
        manager.magics[kind].pop("pipetask", None)
    manager.registry.pop(PipetaskMagics.__name__, None)
