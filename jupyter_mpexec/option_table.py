"""What a row of the option table is, and the rows that are not simply fields of `RunOptions`."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Subcommand = Literal["build", "qgraph", "run"]

SUBCOMMANDS: Mapping[Subcommand, str] = {
    "build": "Put a pipeline together, and show or save it. No data is needed.",
    "qgraph": "Build a quantum graph (or load one), and show or save it.",
    "run": "Build or load a quantum graph, and execute it.",
}
"""The subcommands, each with one line of help."""

Kind = Literal["text", "integer", "number", "flag", "choice", "list", "repeat", "action", "pairs"]


@dataclass(frozen=True, kw_only=True)
class Option:
    """One row of the table.

    Parameters
    ----------
    flags
        How it is written, the way upstream writes it.
    help
        What it does, in a sentence or two.
    group
        Heading that it stands under in help and documentation.
    commands
        Subcommands that have it.
    kind
        What it takes. ``flag``: nothing. ``text``, ``integer``, ``number``, ``choice``: one value; the last one
        counts. ``list``: comma-separated values, any number of times. ``repeat``: one value, any number of times.
        ``pairs``: ``NAME=VALUE``, any number of times. ``action``: a step of pipeline building, any number of
        times, kept in the order of appearance.
    metavar
        Stands for the value in help.
    off_flags
        Flags that set it to False.
    minimum
        Smallest number that makes sense.
    choices
        Values that make sense.
    objects
        Names of the classes whose objects a notebook may give instead of text.
    refused
        Why it is not supported; empty if it is.
    ours
        Upstream has no such option.
    is_global
        Upstream wants it before the subcommand (here it may stand anywhere).
    name, default
        Filled in from the field of `RunOptions`.
    """

    flags: tuple[str, ...]
    help: str
    group: str
    commands: tuple[str, ...]
    kind: Kind
    metavar: str = ""
    off_flags: tuple[str, ...] = ()
    minimum: int | None = None
    choices: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()
    refused: str = ""
    ours: bool = False
    is_global: bool = False
    name: str = ""
    default: Any = None

    @property
    def takes_value(self) -> bool:
        """Whether a value follows the flag."""
        return self.kind != "flag"

    @property
    def takes_object(self) -> bool:
        """Whether a notebook may give an object instead of text."""
        return bool(self.objects)

    @property
    def flag(self) -> str:
        """The long flag."""
        return max(self.flags, key=len)


@dataclass(frozen=True, kw_only=True)
class PipelineAction:
    """One step of pipeline building; steps are applied in the order in which they were written.

    Parameters
    ----------
    kind
        Which option it was.
    label
        Task label; empty for an instrument, or where the class name is to be the label.
    name
        Name of the config field, for ``config``.
    value
        Task class, config value, file or instrument class. Usually text; any object in a notebook.
    """

    kind: Literal["task", "delete", "config", "config_file", "instrument"]
    label: str = ""
    name: str = ""
    value: Any = ""

    def spell(self) -> str:
        """Write it the way it is written on a command line."""
        value = spell(self.value)
        match self.kind:
            case "task":
                return f"{value}:{self.label}" if self.label else value
            case "delete":
                return self.label
            case "config":
                return f"{self.label}:{self.name}={value}"
            case "config_file":
                return f"{self.label}:{value}"
            case "instrument":
                return value


def spell(value: Any) -> str:
    """Write a value as a word; an object that has no spelling becomes ``{ClassName}``."""
    if isinstance(value, type):
        return f"{value.__module__}.{value.__qualname__}"
    if isinstance(value, str | int | float | list | tuple | dict | None):
        return str(value)
    return f"{{{type(value).__name__}}}"


EVERYWHERE: tuple[Subcommand, ...] = ("build", "qgraph", "run")
_GRAPH: tuple[Subcommand, ...] = ("qgraph", "run")
_RUN: tuple[Subcommand, ...] = ("run",)

_PIPELINE = "Pipeline"
DATA = "Data repository and selection"
_OTHER = "Other"


def _option(
    *flags: str,
    commands: tuple[str, ...],
    group: str,
    help: str,  # noqa: A002  # the word of `argparse`
    kind: Kind = "text",
    **more: Any,
) -> Option:
    return Option(flags=flags, help=help, group=group, commands=commands, kind=kind, **more)


def row(*flags: str, **more: Any) -> dict[str, Option]:
    """Make the metadata of a field of `RunOptions`: parameters as for `Option`."""
    return {"option": _option(*flags, **more)}


in_build = functools.partial(row, commands=EVERYWHERE, group=_PIPELINE)
in_graph = functools.partial(row, commands=_GRAPH, group="Quantum graph")
in_data = functools.partial(row, commands=_GRAPH, group=DATA)
in_run = functools.partial(row, commands=_RUN, group="Execution")
in_meta = functools.partial(row, commands=_RUN, group="What a run writes beside its results", kind="flag")
in_log = functools.partial(row, commands=EVERYWHERE, group="Logging", is_global=True)

_action = functools.partial(_option, commands=EVERYWHERE, group=_PIPELINE, kind="action", default=())

ACTIONS: tuple[Option, ...] = (
    _action(
        "-t", "--task", name="task", metavar="TASK[:LABEL]",
        help="Add a task, given by its full class name; its label is its default name unless one follows.",
    ),
    _action("--delete", name="delete", metavar="LABEL", help="Take a task out of the pipeline."),
    _action(
        "-c", "--config", name="config", metavar="LABEL:NAME=VALUE", help="Set one config field of a task."
    ),
    _action(
        "-C", "--config-file", name="config_file", metavar="LABEL:FILE",
        help="Apply a file of config overrides to a task.",
    ),
    _action(
        "--instrument", name="instrument", metavar="CLASS",
        help="Apply the config overrides of an instrument, given by its full class name.",
    ),
)  # fmt: skip
"""The options that together make `RunOptions.pipeline_actions`."""

_TEST_TOOL = "it replaces tasks by mocks, which is a tool for testing the middleware itself"
_COVERAGE = "coverage is measured from outside, with `coverage run -m jupyter_mpexec`"
_LATER = "only newer releases of the middleware have it, and it is not here yet"
_DEBUGGER = "a post-mortem debugger needs a terminal; each failed quantum keeps its traceback in the Run"

_refuse = functools.partial(_option, commands=_GRAPH, group=_OTHER, help="")

OTHERS: tuple[Option, ...] = (
    _option(
        "--options-file", "-@", name="options_file", commands=EVERYWHERE, group=_OTHER, metavar="FILE",
        help="YAML file of options: the subcommand, and below it long option names (without dashes) and "
        "values. The command line wins.",
    ),
    _refuse("--mock", name="mock", kind="flag", default=False, refused=_TEST_TOOL),
    _refuse("--mock-failure", name="mock_failure", kind="repeat", default=(), refused=_TEST_TOOL),
    _refuse("--unmocked-dataset-types", name="unmocked_dataset_types", kind="list", default=(),
            refused=_TEST_TOOL),
    _refuse("--coverage", name="coverage", kind="flag", default=False, refused=_COVERAGE),
    _refuse("--cov-report", name="cov_report", kind="flag", off_flags=("--no-cov-report",), default=True,
            refused=_COVERAGE),
    _refuse("--cov-packages", name="cov_packages", kind="list", default=(), refused=_COVERAGE),
    _refuse("--retained-dataset-types", name="retained_dataset_types", refused=_LATER),
    _refuse("--prune-unanchored-quanta", name="prune_unanchored_quanta", refused=_LATER),
    _refuse("--pdb", name="pdb", commands=_RUN, refused=_DEBUGGER),
)  # fmt: skip
"""``--options-file``, which is gone when the options are read, and the options that are refused."""
