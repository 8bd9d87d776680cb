"""A small survey, and a graph for it, made once; each run gets a copy of its own."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from jupyter_mpexec.demo import make_repository
from jupyter_mpexec.execution.built_graph import BuiltQuantumGraph
from jupyter_mpexec.execution.graph_builder import GraphBuilder

from .snapshot import OUTPUT, OUTPUT_RUN, Snapshot

__all__ = ["Reference", "Survey", "make_survey"]

_VISITS = (903334, 903986, 904012)
"""One of each kind: red, infrared, and clouded."""


@dataclass(frozen=True)
class Survey:
    """The inputs of all runs.

    Parameters
    ----------
    root
        The repository, in which nothing has run.
    graph_file
        The quantum graph of the whole demo pipeline.
    """

    root: Path
    graph_file: Path

    def copy(self, place: Path) -> Path:
        """Make a repository of one's own."""
        return Path(shutil.copytree(self.root, place))

    def load(self, root: Path, *, extend_run: bool = False) -> BuiltQuantumGraph:
        """Read the graph for a copy of the repository."""
        return GraphBuilder.load(self.graph_file, str(root), extend_run=extend_run)


@dataclass(frozen=True)
class Reference:
    """A run that nobody disturbed.

    Parameters
    ----------
    snapshot
        What it left in the repository.
    outputs
        Paths of the outputs of each quantum, relative to the repository.
    seconds, events
        How long it took, and how many events it had.
    """

    snapshot: Snapshot
    outputs: dict[str, tuple[str, ...]]
    seconds: float
    events: int


def make_survey(folder: Path) -> Survey:
    """Make repository and graph."""
    survey = make_repository(folder / "survey", size="small", seed=1)
    builder = GraphBuilder(
        str(survey.pipeline),
        str(survey.root),
        input=survey.inputs,
        output=OUTPUT,
        output_run=OUTPUT_RUN,
        data_query=f"instrument = 'HSC' AND visit IN ({', '.join(map(str, _VISITS))})",
    )
    graph_file = folder / "survey.qg"
    builder.build().save(graph_file)
    return Survey(Path(survey.root), graph_file)
