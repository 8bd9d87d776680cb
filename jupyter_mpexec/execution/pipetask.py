"""From `RunOptions` to the Python API: what ``build``, ``qgraph`` and ``run`` do."""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import yaml
from lsst.pipe.base import Pipeline
from lsst.pipe.base.dot_tools import graph2dot
from lsst.pipe.base.mermaid_tools import graph2mermaid
from lsst.pipe.base.pipeline_graph import PipelineGraph
from lsst.pipe.base.quantum_reports import Report
from lsst.resources import ResourcePath

from jupyter_mpexec.errors import (
    EmptyQuantumGraphError,
    JupyterMpexecError,
    OptionError,
    PipelineError,
    RunError,
    sentence,
)
from jupyter_mpexec.options import PipelineAction, RunOptions

from .built_graph import BuiltQuantumGraph
from .command_words import command_words
from .earlier_run import find_earlier_run
from .graph_builder import GraphBuilder
from .graph_loading import load_graph
from .graph_options import GraphOptions
from .hooks import Hook
from .locations import absolute_location
from .middleware import graph_summary
from .output_files import check_output_files
from .pipeline_builder import PipelineBuilder
from .pipeline_drawing import draw_pipeline
from .run import Run
from .run_graph import run_graph
from .show import check_items, show_pipeline, wants_graph
from .show_graph import show_graph

__all__ = ["Run", "build", "failure_of", "pipeline_from_yaml", "qgraph", "read_text", "run"]

_PLACEHOLDER = re.compile(r"\{\s*[A-Za-z_][\w.]*\s*\}|\$\{?[A-Za-z_]\w*\}?")
"""What would stand for a variable on the first line of a cell."""

Writer = Callable[[str], object]


def build(options: RunOptions, *, write: Writer | None = None) -> PipelineBuilder:
    """Put a pipeline together: ``pipetask build``.

    Parameters
    ----------
    options
        The options.
    write
        Takes what ``--show`` shows; standard output by default.

    Returns
    -------
    builder
        A builder of its own, also if the options came with one.

    Raises
    ------
    OptionError
        Raised for a ``--show`` item that does not exist, or needs a quantum graph.
    JupyterMpexecError
        Raised for anything that is wrong with the pipeline.
    """
    check_items(options.show)
    if items := [item for item in options.show if wants_graph(item)]:
        raise OptionError(
            f"--show {', '.join(items)} needs a quantum graph, and build makes none.",
            hint="Use it with qgraph.",
        )
    if options.pipeline is None and not options.pipeline_actions:
        raise OptionError(
            "There is no pipeline to build.", hint="Name a pipeline with -p, or add tasks with -t."
        )
    check_output_files(options)
    builder = _build(options)
    _show_pipeline(options, builder, write)
    return builder


def qgraph(options: RunOptions, *, write: Writer | None = None) -> BuiltQuantumGraph | PipelineBuilder:
    """Build or load a quantum graph: ``pipetask qgraph``.

    Parameters
    ----------
    options
        The options.
    write
        Takes what ``--show`` shows; standard output by default.

    Returns
    -------
    graph
        The quantum graph; the pipeline builder, if ``--show`` asked for nothing but the pipeline.

    Raises
    ------
    EmptyQuantumGraphError
        Raised if there are no quanta.
    JupyterMpexecError
        Raised for anything else that is wrong with pipeline, repository, collections or data query.
    """
    made = _make_graph(options, write)
    if options.summary and isinstance(made, BuiltQuantumGraph):
        report = Report(qgraphSummary=graph_summary(made.graph))
        Path(options.summary).write_text(
            report.model_dump_json(exclude_none=True, indent=2), encoding="utf-8"
        )
    return made


def run(
    options: RunOptions,
    *,
    hooks: Callable[[], Iterable[Hook]] = tuple,
    write: Writer | None = None,
    tell: Writer | None = None,
    detached: bool = True,
) -> Run | BuiltQuantumGraph | PipelineBuilder:
    """Build or load a quantum graph, and execute it: ``pipetask run``.

    Parameters
    ----------
    options
        The options. With ``background``, the run goes on in a thread, or another process. With ``resume``, an earlier
        run into the same output is gone on with, if there is one.
    hooks
        Makes what is called with each event of the run; itself called when there is a graph to run.
    write
        Takes what ``--show`` shows; standard output by default.
    tell
        Takes what there is to say of an earlier run; standard output by default.
    detached
        Whether a run with several processes belongs to a process of its own.

    Returns
    -------
    run
        The run, whether it succeeded or not (see `failure_of`). If ``--show`` asked for something, nothing is
        executed, and this is the graph or the pipeline builder.

    Raises
    ------
    JupyterMpexecError
        Raised if there is something wrong before the first quantum starts.
    """
    if options.resume and not options.show:
        earlier = find_earlier_run(options)
        if earlier is not None and earlier.can_go_on:
            (tell or sys.stdout.write)(f"{earlier.describe(*_words_of_graph(options))}\n")
            return earlier.go_on(
                processes=options.processes, hooks=hooks, background=options.background, detached=detached
            )
        if earlier is not None and options.output_run:
            # It ended before it began, but its collection is there.
            options = dataclasses.replace(options, extend_run=True)
    built = _make_graph(options, write)
    if options.show or isinstance(built, PipelineBuilder):
        return built
    start_method = "spawn" if options.start_method == "fork" else options.start_method
    return run_graph(
        built,
        processes=options.processes,
        fail_fast=options.fail_fast,
        timeout=options.timeout,
        retries=options.retries,
        clobber_outputs=options.clobber_outputs or None,
        raise_on_partial_outputs=options.raise_on_partial_outputs,
        register_dataset_types=options.register_dataset_types,
        skip_init_writes=options.skip_init_writes,
        init_only=options.init_only,
        no_versions=options.no_versions,
        graph_fixup=options.graph_fixup or "",
        summary=options.summary,
        enable_implicit_threading=options.enable_implicit_threading,
        cores_per_quantum=options.cores_per_quantum,
        memory_per_quantum=options.memory_per_quantum,
        max_memory=options.max_memory,
        start_method=start_method,
        enable_lsst_debug=options.debug,
        profile=options.profile or "",
        hooks=hooks(),
        command=command_words(built, dataclasses.replace(options, start_method=start_method)),
        background=options.background,
        detached=detached,
    )


def failure_of(finished: Run) -> RunError | None:
    """Say in one line why a run did not succeed; None if it did."""
    try:
        finished.check()
    except JupyterMpexecError as error:
        # A copy: the run keeps its own, whatever the caller adds to this one.
        return copy.copy(error) if isinstance(error, RunError) else RunError(error.message, hint=error.hint)
    return None


def _words_of_graph(options: RunOptions) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Write what would make the pipeline, and the rest of the graph, if it were built."""
    if isinstance(options.qgraph, BuiltQuantumGraph):
        return options.qgraph.pipeline_words, options.qgraph.options.words()
    graph_words = GraphOptions.make(**_graph_options(options)).words()
    if options.qgraph is not None:
        return ("-g", absolute_location(options.qgraph)), graph_words
    # Nothing is to be written, or drawn, for a comparison.
    builder = _build(
        dataclasses.replace(options, save_pipeline=None, pipeline_dot=None, pipeline_mermaid=None)
    )
    words: tuple[str, ...] = ()
    if not builder.has_notebook_classes:
        with contextlib.suppress(PipelineError):
            words = builder.options()
    return words, graph_words


def pipeline_from_yaml(text: str) -> PipelineBuilder:
    """Make a builder of a pipeline that is written out, such as the body of a cell.

    Raises
    ------
    PipelineError
        Raised if it is not a pipeline.
    """
    try:
        return PipelineBuilder(Pipeline.fromString(text))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""
        raise PipelineError(
            f"The cell body is not YAML: {getattr(error, 'problem', error)}{where}.",
            hint=_hint_for_body(text),
        ) from error
    except (ValueError, TypeError, AttributeError, KeyError, OSError) as error:
        raise PipelineError(
            f"The cell body is not a pipeline: {sentence(error)}",
            hint=_hint_for_body(text)
            or "A pipeline has at least a description and tasks, each with a label and a class.",
        ) from error


def _hint_for_body(text: str) -> str:
    found = _PLACEHOLDER.search(text)
    if found is None:
        return ""
    return (
        f"A cell body is taken literally: {found[0].strip()} does not stand for a notebook variable here. "
        "Set it on the first line, with -c LABEL:NAME={name}, or write its value."
    )


def read_text(uri: str) -> str:
    """Read a text file from any URI that the middleware knows."""
    return ResourcePath(uri).read().decode()


def _build(options: RunOptions) -> PipelineBuilder:
    if isinstance(options.pipeline, PipelineGraph):
        raise OptionError(
            "-p takes a pipeline file, a pipeline or a builder, not a pipeline graph.",
            hint="A pipeline graph cannot be changed; GraphBuilder makes a quantum graph of it.",
        )
    builder = PipelineBuilder(options.pipeline)
    for action in options.pipeline_actions:
        _apply(action, builder)
    # As upstream: what is saved is the whole pipeline, and a selection comes after all other steps.
    if options.save_pipeline:
        builder.save(options.save_pipeline)
    if options.select_tasks:
        builder.select(options.select_tasks)
    if options.pipeline_dot or options.pipeline_mermaid:
        graph = _resolved(options, builder)
        draw_pipeline(graph, dot=options.pipeline_dot, mermaid=options.pipeline_mermaid)
    return builder


def _apply(action: PipelineAction, builder: PipelineBuilder) -> None:
    match action.kind:
        case "task":
            builder.add_task(action.value, action.label or None)
        case "delete":
            builder.delete_task(action.label)
        case "config" if action.label == "parameters":
            # Upstream's way to set a parameter of the pipeline.
            builder.parameter(action.name, action.value)
        case "config":
            builder.config(action.label, action.name, action.value)
        case "config_file":
            builder.config_file(action.label, action.value)
        case "instrument":
            builder.instrument(action.value)


def _resolved(options: RunOptions, builder: PipelineBuilder) -> PipelineGraph:
    graph = builder.pipeline_graph(options.butler_config)
    if options.butler_config is None:
        graph.resolve(visualization_only=True)
    return graph


def _show_pipeline(options: RunOptions, builder: PipelineBuilder, write: Writer | None) -> None:
    write = write or sys.stdout.write
    for text in show_pipeline(options.show, lambda: builder.pipeline, lambda: _resolved(options, builder)):
        write(text)


def _make_graph(options: RunOptions, write: Writer | None) -> BuiltQuantumGraph | PipelineBuilder:
    check_items(options.show)
    check_output_files(options)
    if options.qgraph is not None:
        if items := [item for item in options.show if not wants_graph(item)]:
            raise OptionError(
                f"--show {', '.join(items)} needs a pipeline, and a quantum graph is loaded (-g).",
                hint="Use it with build, or with a pipeline (-p).",
            )
        built = load_graph(options)
    else:
        if options.pipeline is None and not options.pipeline_actions:
            raise OptionError(
                "There is no pipeline to make a quantum graph of.",
                hint="Name a pipeline with -p, add tasks with -t, or load a quantum graph with -g.",
            )
        builder = _build(options)
        _show_pipeline(options, builder, write)
        if options.show and not any(map(wants_graph, options.show)):
            return builder
        built = _build_graph(options, builder)
    _write_graph(options, built)
    write = write or sys.stdout.write
    for text in show_graph(options.show, built):
        write(text)
    return built


def _build_graph(options: RunOptions, builder: PipelineBuilder) -> BuiltQuantumGraph:
    if not builder.task_labels:
        raise OptionError(
            "There is no pipeline to make a quantum graph of.",
            hint="Name a pipeline with -p, add tasks with -t, or load a quantum graph with -g.",
        )
    return GraphBuilder(builder, options.butler_config, **_graph_options(options)).build()


def _graph_options(options: RunOptions) -> dict[str, Any]:
    return {
        "input": options.input,
        "output": options.output,
        "output_run": options.output_run,
        "extend_run": options.extend_run,
        "replace_run": options.replace_run,
        "prune_replaced": options.prune_replaced,
        "rebase": options.rebase,
        "skip_existing": options.skip_existing,
        "skip_existing_in": options.skip_existing_in,
        "clobber_outputs": options.clobber_outputs,
        "data_query": options.data_query or "",
        "bind": dict(options.bind) or None,
        "data_id_tables": options.data_id_table,
        "dataset_query_constraint": options.dataset_query_constraint,
        "datastore_records": options.qgraph_datastore_records,
    }


def _write_graph(options: RunOptions, built: BuiltQuantumGraph) -> None:
    if options.save_qgraph:
        built.save(options.save_qgraph)
    if not len(built):
        raise EmptyQuantumGraphError("The quantum graph has no quanta.")
    if options.qgraph_dot:
        graph2dot(built.graph, options.qgraph_dot)
    if options.qgraph_mermaid:
        graph2mermaid(built.graph, options.qgraph_mermaid)
