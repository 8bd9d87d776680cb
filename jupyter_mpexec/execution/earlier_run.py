"""Going on with an earlier run into the same output: ``--resume``."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from ..errors import JupyterMpexecError, OptionError
from ..options import RunOptions, options_of
from ..status import RunState
from .built_graph import BuiltQuantumGraph
from .collection_names import find_collection
from .hooks import Hook
from .repository import is_same_repository, open_butler
from .run import Run
from .run_request import RunRequest
from .runs import RunEntry, attach, list_runs, resume

__all__ = ["EarlierRun", "find_earlier_run"]

_OF_THE_GRAPH = (
    "input", "data_query", "data_id_table", "dataset_query_constraint", "skip_existing_in",
    "qgraph_datastore_records",
)  # fmt: skip
"""Options that decide, beside the pipeline, what is in a graph."""


@dataclass(frozen=True, kw_only=True)
class EarlierRun:
    """A run into the output that another one is asked for.

    Parameters
    ----------
    entry
        How far it is.
    request
        How it was asked for.
    """

    entry: RunEntry
    request: RunRequest

    @property
    def can_go_on(self) -> bool:
        """Whether it is there to be gone on with; if not, it ended before anything was run."""
        return self.entry.is_alive or self.entry.has_begun

    def describe(self, pipeline_words: Sequence[str], graph_words: Sequence[str]) -> str:
        """Say what becomes of it now, and which options are not those that it was begun with.

        Parameters
        ----------
        pipeline_words
            What makes the pipeline now, as the words of a command; empty if that cannot be written.
        graph_words
            The same for the rest of the graph.
        """
        return f"{self._fate()} {self._differences(pipeline_words, graph_words)}".strip()

    def go_on(
        self, *, processes: int, hooks: Callable[[], Iterable[Hook]], background: bool, detached: bool
    ) -> Run:
        """Come back to it if it is alive or has succeeded; else resume it.

        Parameters
        ----------
        processes, background, detached
            As for `resume`.
        hooks
            Makes what is called with each event.
        """
        name = self.entry.id
        if self.entry.is_alive:
            return attach(name, hooks=hooks(), background=background)
        if self.entry.state is RunState.SUCCEEDED:
            return attach(name)
        return resume(name, processes=processes, hooks=hooks(), background=background, detached=detached)

    def _fate(self) -> str:
        name, where = self.entry.id, f"into {self.request.plan.output or self.request.plan.output_run}"
        summary = self.entry.summary
        done = f"{summary.done} of {summary.total} quanta were done" if summary is not None else "?"
        if self.entry.is_alive:
            return f"The run {name} {where} goes on: here it is again."
        match self.entry.state:
            case RunState.SUCCEEDED:
                return f"The run {name} {where} has succeeded: nothing is left to do."
            case RunState.STOPPED:
                return f"The run {name} {where} was stopped ({done}), and is gone on with."
            case RunState.FAILED:
                return f"The run {name} {where} has failed ({done}), and what is not done is run again."
            case _:
                return f"The run {name} {where} was broken off ({done}), and is gone on with."

    def _differences(self, pipeline_words: Sequence[str], graph_words: Sequence[str]) -> str:
        then, now = _Options(), _Options()
        if pipeline_words and self.request.pipeline_words:
            then.add_all(self.request.pipeline_words)
            now.add_all(pipeline_words)
        if self.request.command:
            then.add_graph(self.request.command)
            now.add_graph(("run", *graph_words))
        gone, new = then.without(now), now.without(then)
        if not gone and not new:
            return ""
        parts = [f"now {shlex.join(new)}"] if new else []
        parts += [f"then {shlex.join(gone)}"] if gone else []
        return f"Its graph is used as it was built, though options differ: {'; '.join(parts)}."


def find_earlier_run(options: RunOptions) -> EarlierRun | None:
    """Find the last run into the output that options name, if its output run is still in the repository.

    Raises
    ------
    OptionError
        Raised if they name none.
    RepositoryError
        Raised if the repository cannot be opened.
    """
    graph = options.qgraph if isinstance(options.qgraph, BuiltQuantumGraph) else None
    output_run = options.output_run or (graph.output_run if graph is not None else None)
    if output_run is None and options.output is None:
        raise OptionError(
            "--resume needs to know which run is meant.", hint="Name its output with -o, or --output-run."
        )
    repository = options.butler_config if graph is None else graph.repository
    with open_butler(repository) as butler:
        for entry in list_runs():
            request = _request(entry)
            if request is None:
                continue
            plan = request.plan
            named = plan.output_run == output_run if output_run is not None else plan.output == options.output
            if named and is_same_repository(request.repository, repository):
                exists = find_collection(butler, plan.output_run) is not None
                # Somebody may have removed the results; or they are only about to be made.
                return EarlierRun(entry=entry, request=request) if exists or entry.is_alive else None
    return None


def _request(entry: RunEntry) -> RunRequest | None:
    try:
        return RunRequest.load(entry.folder)
    except JupyterMpexecError:
        # A run that nobody can go on with.
        return None


class _Options:
    """Options with their values, as single words, in their order."""

    def __init__(self) -> None:
        self._given: list[tuple[str, ...]] = []

    def add_all(self, words: Sequence[str]) -> None:
        self._given += (pair for _, pair in _pairs(words))

    def add_graph(self, words: Sequence[str]) -> None:
        """Take in those of a command that decide about the graph, beside the pipeline."""
        behind = words[words.index("run") + 1 :]
        self._given += (pair for name, pair in _pairs(behind) if name in _OF_THE_GRAPH)

    def without(self, other: _Options) -> list[str]:
        return [word for pair in self._given if pair not in other._given for word in pair]


def _pairs(words: Sequence[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each option's name, and the option with its value."""
    flags = {flag: option for option in options_of("run") for flag in (*option.flags, *option.off_flags)}
    rest = iter(words)
    for word in rest:
        option = flags.get(word)
        if option is None:
            continue
        value = (next(rest, ""),) if option.takes_value else ()
        yield option.name, (min(option.flags, key=len), *value)
