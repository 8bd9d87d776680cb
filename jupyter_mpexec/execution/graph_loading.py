"""A quantum graph that is there already: ``-g``."""

from __future__ import annotations

import os
from typing import Any

from lsst.resources import ResourcePath

from jupyter_mpexec.errors import OptionError
from jupyter_mpexec.options import RunOptions

from .built_graph import BuiltQuantumGraph
from .graph_builder import GraphBuilder
from .repository import is_same_repository, repository_uri

__all__ = ["load_graph"]

_OF_A_RUN = (
    "input", "output", "output_run", "extend_run", "replace_run", "prune_replaced", "rebase", "skip_existing",
    "skip_existing_in", "clobber_outputs",
)  # fmt: skip
"""Options that a graph from a file may be given anew."""

_OF_BUILDING = (
    "bind", "data_id_table", "data_query", "dataset_query_constraint", "qgraph_datastore_records",
)  # fmt: skip
"""Options that are about what is in a graph; upstream passes over them when a graph is loaded."""

_OF_A_FILE = ("qgraph_id", "qgraph_node_id")


def load_graph(options: RunOptions) -> BuiltQuantumGraph:
    """Read the quantum graph from the file that ``-g`` names, or take the one that it is.

    Raises
    ------
    OptionError
        Raised for options that do not go with a graph that is built already.
    JupyterMpexecError
        Raised if the graph cannot be read, or does not fit the repository or the collections.
    """
    if options.pipeline is not None or options.pipeline_actions or options.select_tasks:
        raise OptionError(
            "A quantum graph is loaded (-g), so no pipeline can be given.",
            hint="Leave out -g or the pipeline.",
        )
    defaults = RunOptions()
    of_an_object = _OF_A_RUN + _OF_A_FILE if isinstance(options.qgraph, BuiltQuantumGraph) else ()
    for name in (*_OF_BUILDING, *of_an_object):
        if getattr(options, name) != getattr(defaults, name):
            flag = f"--{name.replace('_', '-')}"
            raise OptionError(
                f"{flag} has no effect on a quantum graph that is built already.",
                hint=f"Leave {flag} out, or give it when the graph is built.",
            )
    if isinstance(options.qgraph, BuiltQuantumGraph):
        _check_repository(options.butler_config, options.qgraph)
        return options.qgraph
    if not isinstance(options.qgraph, str | os.PathLike | ResourcePath):
        name = type(options.qgraph).__name__
        raise OptionError(
            f"-g takes a file, or what %pipetask qgraph returns, not an object of type {name}.",
            hint="Save it to a .qg file first, and name that.",
        )
    given = {
        name: getattr(options, name)
        for name in _OF_A_RUN
        if getattr(options, name) != getattr(defaults, name)
    }
    return GraphBuilder.load(
        options.qgraph,
        options.butler_config,
        quantum_ids=options.qgraph_node_id or None,
        graph_id=options.qgraph_id,
        **given,
    )


def _check_repository(given: Any, built: BuiltQuantumGraph) -> None:
    if given is None:
        return
    if not is_same_repository(given, built.repository):
        raise OptionError(
            f"The quantum graph is for the repository {built.repository_uri}, not {repository_uri(given)}.",
            hint="Leave out -b, or build the graph again.",
        )
