"""The shell command that does what a notebook did: the whole of it, or none."""

from __future__ import annotations

import dataclasses
from typing import Any

from jupyter_mpexec.options import RunOptions, to_command

from .built_graph import BuiltQuantumGraph
from .locations import absolute_location
from .output_files import FILE_OPTIONS

__all__ = ["command_words", "words_of_run"]

_OF_EXECUTION = (
    "processes", "start_method", "timeout", "retries", "fail_fast", "raise_on_partial_outputs",
    "register_dataset_types",
    "skip_init_writes", "init_only", "no_versions", "graph_fixup", "summary", "enable_implicit_threading",
    "cores_per_quantum", "memory_per_quantum", "max_memory", "debug", "profile", "log_level", "long_log", "log_file",
    "log_tty", "log_label", "save_pipeline", "pipeline_dot", "pipeline_mermaid", "save_qgraph", "qgraph_dot",
    "qgraph_mermaid",
)  # fmt: skip
"""Options that are not in a graph: those of its execution, and files that are written on the way."""


def command_words(built: BuiltQuantumGraph, options: RunOptions) -> tuple[str, ...]:
    """Write the command that builds a graph again and runs it.

    Parameters
    ----------
    built
        The graph; what counts is how it was built.
    options
        Options of the run; those that are about the graph are passed over.

    Returns
    -------
    words
        The command, word by word, with absolute paths; empty if there is none, because something is in the
        memory of the notebook only.
    """
    beginning = built.command
    if not beginning:
        return ()
    rest = RunOptions(**{name: getattr(options, name) for name in _OF_EXECUTION})
    files: dict[str, Any] = {
        name: absolute_location(file) for name in FILE_OPTIONS if (file := getattr(rest, name))
    }
    if built.from_file:
        # There is no pipeline to write.
        files = {name: file for name, file in files.items() if "pipeline" not in name}
    rest = dataclasses.replace(rest, **files, log_file=tuple(map(absolute_location, rest.log_file)))
    words = to_command(rest, "run")
    here = words.index("run")
    # Either may need an option, or a value, that upstream does not have.
    program = beginning[0] if words[0] == "pipetask" else words[0]
    return (program, *words[1 : here + 1], *beginning[2:], *words[here + 1 :])


def words_of_run(built: BuiltQuantumGraph, arguments: dict[str, Any]) -> tuple[str, ...]:
    """Write the command that runs a graph as `BuiltQuantumGraph.run` does with these arguments."""
    given = dict(arguments)
    clobber_outputs = given.pop("clobber_outputs", None)
    if clobber_outputs is not None and clobber_outputs is not built.options.clobber_outputs:
        built = dataclasses.replace(built, options=built.options.replace(clobber_outputs=clobber_outputs))
    if "enable_lsst_debug" in given:
        given["debug"] = given.pop("enable_lsst_debug")
    if given.keys() & {"quantum_executor", "model"} or given.get("pdb") or (given.get("timeout") or 0) % 1:
        return ()
    known = {name: given[name] for name in _OF_EXECUTION if given.get(name) not in (None, "")}
    if "timeout" in known:
        known["timeout"] = int(known["timeout"])
    return command_words(built, RunOptions(**known))
