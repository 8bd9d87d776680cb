"""All options of ``pipetask build``, ``qgraph`` and ``run``, in one table.

The fields of `RunOptions` are the table: a field's name, type and default are there once, and its metadata is
the `Option` that parsers, help, completion and documentation are made from. What upstream has and this
package does not are listed too (`option_table`), each with the reason, so that they are refused by name.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from .option_table import (
    ACTIONS,
    DATA,
    EVERYWHERE,
    OTHERS,
    SUBCOMMANDS,
    Option,
    PipelineAction,
    Subcommand,
    in_build,
    in_data,
    in_graph,
    in_log,
    in_meta,
    in_run,
    row,
    spell,
)

__all__ = [
    "ACTIONS",
    "SUBCOMMANDS",
    "Option",
    "PipelineAction",
    "RunOptions",
    "Subcommand",
    "options_of",
    "to_command",
]


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """Everything that ``build``, ``qgraph`` and ``run`` can be told.

    Names and defaults are upstream's. Where upstream takes the name of a file, a repository or a graph, a
    notebook may hand over the object itself.
    """

    # fmt: off
    pipeline: Any = field(default=None, metadata=in_build("-p", "--pipeline", metavar="FILE",
        objects=("PipelineBuilder", "Pipeline", "PipelineGraph", "ResourcePath"),
        help="Pipeline file (YAML) to start from; in a notebook also a builder or a pipeline."))
    pipeline_actions: tuple[PipelineAction, ...] = ()
    save_pipeline: str | None = field(default=None, metadata=in_build("-s", "--save-pipeline", metavar="FILE",
        help="Write the finished pipeline to this file, as YAML."))
    select_tasks: str = field(default="", metadata=in_build("--select-tasks", metavar="EXPR",
        help="Keep only the tasks that this expression picks, such as '>=isr & <coadd'."))
    pipeline_dot: str | None = field(default=None, metadata=in_build("--pipeline-dot", metavar="FILE",
        help="Write a Graphviz drawing of the pipeline to this file."))
    pipeline_mermaid: str | None = field(default=None, metadata=in_build("--pipeline-mermaid", metavar="FILE",
        help="Write a Mermaid drawing of the pipeline to this file (.mmd; .svg and .png need "
             "mermaid-py)."))
    show: tuple[str, ...] = field(default=(), metadata=in_build("--show", kind="list", metavar="ITEM[=VALUE]",
        help="Print something and stop there. Of the pipeline: pipeline, tasks, subsets, inputs, "
             "pipeline-graph, task-graph, config[=[TASK::]PATTERN[:NOIGNORECASE]], dump-config[=TASK], "
             "history=[TASK::]FIELD. Of the quantum graph: graph, workflow, uri."))
    qgraph: Any = field(default=None, metadata=in_graph("-g", "--qgraph", metavar="FILE",
        objects=("BuiltQuantumGraph", "ResourcePath"),
        help="Load the quantum graph from this file instead of building it; then no pipeline may be "
             "given. In a notebook also a graph object. It goes to the collections that it was made for, its "
             "output chain included, unless options for them are given here."))
    qgraph_id: str | None = field(default=None, metadata=in_graph("--qgraph-id", metavar="ID",
        help="Identifier that a loaded .qgraph file must have."))
    qgraph_node_id: tuple[str, ...] = field(default=(), metadata=in_graph("--qgraph-node-id", kind="list",
        metavar="UUID",
        help="Load only these quanta from the file."))
    qgraph_datastore_records: bool = field(default=False, metadata=in_graph("--qgraph-datastore-records",
        kind="flag",
        help="Put datastore records into the graph, as a quantum-backed butler elsewhere needs them."))
    skip_existing_in: tuple[str, ...] = field(default=(), metadata=in_graph("--skip-existing-in", kind="list",
        metavar="COLLECTION",
        help="Leave out quanta whose outputs are all in these collections already."))
    skip_existing: bool = field(default=False, metadata=in_graph("--skip-existing", kind="flag",
        help="Leave out quanta whose outputs are all in the output run already."))
    save_qgraph: str | None = field(default=None, metadata=in_graph("-q", "--save-qgraph", metavar="FILE",
        help="Write the quantum graph to this file (.qg)."))
    qgraph_dot: str | None = field(default=None, metadata=in_graph("--qgraph-dot", metavar="FILE",
        help="Write a Graphviz drawing of all quanta to this file."))
    qgraph_mermaid: str | None = field(default=None, metadata=in_graph("--qgraph-mermaid", metavar="FILE",
        help="Write a Mermaid drawing of all quanta to this file."))
    dataset_query_constraint: str = field(default="all", metadata=in_graph("--dataset-query-constraint",
        metavar="all|off|TYPES",
        help="Which inputs must exist for a data ID to be taken up: all overall inputs, none (off), or "
             "those of the dataset types named here, separated by commas."))
    data_id_table: tuple[Any, ...] = field(default=(), metadata=in_graph("--data-id-table", kind="repeat",
        metavar="FILE", objects=("Table", "DataFrame", "ndarray", "dict", "list"),
        help="Table of data IDs to restrict the graph to, in any format that astropy reads; in a notebook "
             "also the table."))
    clobber_outputs: bool = field(default=False, metadata=in_graph("--clobber-outputs", kind="flag",
        help="Remove leftovers of failed quanta from the output run, so that they can run again. Only "
             "with --extend-run."))
    summary: str | None = field(default=None, metadata=in_graph("--summary", metavar="FILE",
        help="Write a report of the graph or the run to this file, as JSON."))
    butler_config: Any = field(default=None, metadata=row("-b", "--butler-config", commands=EVERYWHERE,
        group=DATA, metavar="REPO", objects=("Butler", "ButlerConfig", "ResourcePath"),
        help="The Butler repository: path, URI or alias; in a notebook also a Butler."))
    input: tuple[str, ...] = field(default=(), metadata=in_data("-i", "--input", kind="list",
        metavar="COLLECTION",
        help="Collections to read from, in order."))
    output: str | None = field(default=None, metadata=in_data("-o", "--output", metavar="COLLECTION",
        help="CHAINED collection for the results: a new one (then --input is needed), or one to go on "
             "with. A new RUN collection, which holds the results, becomes its first child."))
    output_run: str | None = field(default=None, metadata=in_data("--output-run", metavar="COLLECTION",
        help="Name of the RUN collection for the results; without it, --output and a timestamp."))
    extend_run: bool = field(default=False, metadata=in_data("--extend-run", kind="flag",
        help="Go on with an existing RUN collection (--output-run, or the first child of --output) and "
             "skip what it has already."))
    replace_run: bool = field(default=False, metadata=in_data("--replace-run", kind="flag",
        help="Put the new RUN collection in the place of the first child of --output. The old one is "
             "only taken out of the chain, unless --prune-replaced says more."))
    prune_replaced: str | None = field(default=None, metadata=in_data("--prune-replaced", kind="choice",
        choices=("unstore", "purge"), metavar="unstore|purge",
        help="What to do with the run that --replace-run takes out: delete its files (unstore), or all "
             "of it (purge)."))
    data_query: str | None = field(default=None, metadata=in_data("-d", "--data-query", metavar="QUERY",
        help='Expression that selects data IDs, such as "visit = 42 AND detector IN (1..4)".'))
    rebase: bool = field(default=False, metadata=in_data("--rebase", kind="flag",
        help="Put the output chain in order again where it disagrees with --input."))
    bind: tuple[tuple[str, Any], ...] = field(default=(), metadata=in_data("--bind", kind="pairs",
        metavar="NAME=VALUE", ours=True,
        help="Value for :NAME in the data query."))
    processes: int = field(default=1, metadata=in_run("-j", "--processes", kind="integer", minimum=1,
        metavar="N",
        help="Number of worker processes. With more than one, a run that was begun in a notebook belongs to "
             "a process of its own, and goes on when the kernel ends."))
    start_method: str | None = field(default=None, metadata=in_run("--start-method", kind="choice",
        choices=("spawn", "fork", "forkserver"), metavar="spawn|forkserver",
        help="How worker processes start. fork is unsafe, and taken for spawn."))
    timeout: int | None = field(default=None, metadata=in_run("--timeout", kind="integer", minimum=0,
        metavar="SECONDS",
        help="Longest time that a quantum in a worker process may take."))
    retries: int = field(default=0, metadata=in_run("--retries", kind="integer", minimum=0, metavar="N",
        ours=True,
        help="How often a quantum is tried again after an error that says that this may help "
             "(RepeatableQuantumError)."))
    fail_fast: bool = field(default=False, metadata=in_run("--fail-fast", kind="flag",
        help="Stop at the first failure, instead of running all that does not depend on it."))
    raise_on_partial_outputs: bool = field(default=True, metadata=in_run("--raise-on-partial-outputs",
        kind="flag", off_flags=("--no-raise-on-partial-outputs",),
        help="Whether a quantum that could write only a part of its outputs counts as failed."))
    graph_fixup: str | None = field(default=None, metadata=in_run("--graph-fixup", metavar="CLASS",
        help="Full name of a class or function that adds ordering constraints to the graph."))
    enable_implicit_threading: bool = field(default=False, metadata=in_run("--enable-implicit-threading",
        kind="flag",
        help="Let numerical libraries use threads of their own."))
    cores_per_quantum: int = field(default=1, metadata=in_run("-n", "--cores-per-quantum", kind="integer",
        minimum=1, metavar="N",
        help="Number of cores that a quantum is told it may use."))
    memory_per_quantum: str = field(default="", metadata=in_run("--memory-per-quantum", metavar="SIZE",
        help="Memory that a quantum is told it may use, such as 3GB; a plain number is in MB. Nothing "
             "enforces it."))
    max_memory: str = field(default="", metadata=in_run("--max-memory", metavar="SIZE", ours=True,
        help="Memory that each worker process may allocate, such as 2GB; a plain number is in MB. A quantum that "
             "needs more fails, and nothing else suffers. Only with -j 2 or more."))
    profile: str | None = field(default=None, metadata=in_run("--profile", metavar="FILE",
        help="Write cProfile statistics of the run to this file."))
    debug: bool = field(default=False, metadata=in_run("--debug", kind="flag",
        help="Import debug.py and turn lsstDebug on."))
    background: bool = field(default=False, metadata=in_run("--background", kind="flag", ours=True,
        help="Return at once; the run goes on in a thread of the kernel, or (-j) in a process of its own that "
             "outlives the kernel. Notebooks only."))
    resume: bool = field(default=False, metadata=in_run("--resume", kind="flag", ours=True,
        help="Go on with the last run into this --output or --output-run unless it has succeeded: come back to "
             "it if it is alive, resume it if not. Without such a run, begin one. So the same cell can be run "
             "again and again."))
    skip_init_writes: bool = field(default=False, metadata=in_meta("--skip-init-writes",
        help="Do not write init-outputs such as schemas, nor configs and versions."))
    init_only: bool = field(default=False, metadata=in_meta("--init-only",
        help="Only prepare the output run: dataset types, init-outputs, configs, versions."))
    register_dataset_types: bool = field(default=False, metadata=in_meta("--register-dataset-types",
        help="Register dataset types that the repository does not know yet."))
    no_versions: bool = field(default=False, metadata=in_meta("--no-versions",
        help="Neither save nor compare package versions."))
    log_level: tuple[str, ...] = field(default=(), metadata=in_log("--log-level", kind="list",
        metavar="[LOGGER=]LEVEL",
        help="Log level (TRACE, DEBUG, VERBOSE, INFO, WARNING, ERROR, CRITICAL) of the loggers of lsst and "
             "of the pipeline's tasks, or of the one named; '.' is the root logger."))
    long_log: bool = field(default=False, metadata=in_log("--long-log", kind="flag",
        help="Log lines with time, label and place in the source."))
    log_file: tuple[str, ...] = field(default=(), metadata=in_log("--log-file", kind="list", metavar="FILE",
        help="Append the log to this file too; as JSON if its name ends in .json."))
    log_tty: bool = field(default=True, metadata=in_log("--log-tty", kind="flag", off_flags=("--no-log-tty",),
        help="Whether to show the log on the terminal."))
    log_label: tuple[str, ...] = field(default=(), metadata=in_log("--log-label", kind="list",
        metavar="NAME=VALUE",
        help="Label to add to each log record."))
    # fmt: on


_NOT_SPELLED = ("background", "resume")
"""Options that are about the notebook at that moment, and not about what is run."""


@functools.cache
def _table() -> tuple[Option, ...]:
    rows: list[Option] = []
    for f in dataclasses.fields(RunOptions):
        if f.name == "pipeline_actions":
            rows.extend(ACTIONS)
        else:
            rows.append(dataclasses.replace(f.metadata["option"], name=f.name, default=f.default))
    return (*rows, *OTHERS)


def options_of(subcommand: str | None = None) -> tuple[Option, ...]:
    """List the options of a subcommand, or all of them, in the order of the table; the refused ones too."""
    return tuple(option for option in _table() if subcommand is None or subcommand in option.commands)


def to_command(options: RunOptions, subcommand: Subcommand) -> tuple[str, ...]:
    """Spell options as the words of a shell command.

    Objects that came from a notebook have no spelling, and stand as ``{ClassName}``.

    Parameters
    ----------
    options
        The options; those that the subcommand does not have, or that have their default value, are left out.
    subcommand
        Subcommand to spell.

    Returns
    -------
    words
        ``("pipetask", "run", "-b", …)``; the first word is ``jupyter-mpexec`` if there is an option that
        upstream does not have.

    Examples
    --------
    >>> to_command(RunOptions(butler_config="repo", input=("raw", "calib"), processes=4), "run")
    ('pipetask', 'run', '--butler-config', 'repo', '--input', 'raw,calib', '--processes', '4')
    """
    before: list[str] = []
    after: list[str] = []
    program = "pipetask"
    for option in options_of(subcommand):
        if option.name == "task":
            after.extend(_spell_actions(options.pipeline_actions))
        if option.kind == "action" or option.refused or not hasattr(options, option.name):
            continue
        value = getattr(options, option.name)
        if value == option.default or option.name in _NOT_SPELLED:
            continue
        (before if option.is_global else after).extend(_spell_option(option, value))
        if option.ours:
            program = "jupyter-mpexec"
    return (program, *before, subcommand, *after)


def _spell_actions(actions: tuple[PipelineAction, ...]) -> Iterator[str]:
    flags = {option.name: option.flag for option in ACTIONS}
    for action in actions:
        yield from (flags[action.kind], action.spell())


def _spell_option(option: Option, value: Any) -> Iterator[str]:
    match option.kind:
        case "flag":
            yield option.flag if value else option.off_flags[0]
        case "list":
            yield from (option.flag, ",".join(map(spell, value)))
        case "repeat":
            for item in value:
                yield from (option.flag, spell(item))
        case "pairs":
            for name, item in value:
                yield from (option.flag, f"{name}={spell(item)}")
        case _:
            yield from (option.flag, spell(value))
