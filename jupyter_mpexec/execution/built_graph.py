"""A quantum graph together with everything that a run of it needs."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any
from uuid import UUID

from lsst.daf.butler import Butler, ButlerConfig
from lsst.pipe.base.pipeline_graph import PipelineGraph
from lsst.pipe.base.quantum_graph import PredictedQuantumGraph, PredictedQuantumGraphComponents
from lsst.resources import ResourcePath

from jupyter_mpexec.errors import QuantumGraphError, sentence

from .collections import OutputCollections
from .graph_options import GraphOptions
from .output_files import why_not_writeable
from .pipeline_actions import PipelineAction
from .repository import is_location, repository_uri

if TYPE_CHECKING:
    from .hooks import Hook
    from .run import Run

__all__ = ["BuiltQuantumGraph", "GraphSummary"]


@dataclass(frozen=True, kw_only=True)
class GraphSummary:
    """What a quantum graph holds, and where it comes from.

    Parameters
    ----------
    quanta
        Number of quanta by task label, in pipeline order; 0 where all were left out.
    datasets
        Number of datasets that are read or written.
    inputs
        Collections that were searched.
    output, output_run
        Collections that the outputs go to.
    built, user, command
        When, by whom and by which command the graph was built.
    """

    quanta: dict[str, int]
    datasets: int
    inputs: tuple[str, ...]
    output: str | None
    output_run: str
    built: datetime
    user: str
    command: str


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class BuiltQuantumGraph:
    """A quantum graph, and the repository, collections and options that its run needs.

    Parameters
    ----------
    components
        The graph's parts, complete enough to be saved.
    repository
        What the Butler repository can be opened with again (see `open_butler`).
    plan
        The collections of the run.
    options
        Options that the graph was built with.
    pipeline_actions
        What was done to make the pipeline; empty for a graph from a file.
    pipeline_words
        The options of `pipetask` that make the pipeline, or read the graph; empty if there are none.
    from_file
        The graph was read from a file.
    """

    components: PredictedQuantumGraphComponents
    repository: ButlerConfig | Butler
    plan: OutputCollections
    options: GraphOptions
    pipeline_actions: tuple[PipelineAction, ...] = ()
    pipeline_words: tuple[str, ...] = ()
    from_file: bool = False

    def __post_init__(self) -> None:
        # These are worked out when they are first asked for, which two threads must not do at the same time.
        for node in self.components.pipeline_graph.tasks.values():
            if node.is_imported:
                node.task_class_name, node.get_config_str()

    @cached_property
    def graph(self) -> PredictedQuantumGraph:
        """The quantum graph."""
        return self.components.assemble()

    @property
    def pipeline_graph(self) -> PipelineGraph:
        """The pipeline, resolved against the repository."""
        return self.components.pipeline_graph

    @property
    def repository_uri(self) -> str:
        """URI of the repository."""
        return repository_uri(self.repository)

    @property
    def inputs(self) -> tuple[str, ...]:
        """Collections that were searched for inputs, in order."""
        return tuple(self.components.header.inputs)

    @property
    def output(self) -> str | None:
        """CHAINED collection above the output run."""
        return self.plan.output

    @property
    def output_run(self) -> str:
        """RUN collection that outputs go to."""
        return self.plan.output_run

    @property
    def quanta_by_task(self) -> dict[str, int]:
        """Number of quanta by task label, in pipeline order."""
        counts = self.components.header.n_task_quanta
        return {label: counts.get(label, 0) for label in self.pipeline_graph.tasks}

    @property
    def summary(self) -> GraphSummary:
        """What the graph holds, and where it comes from."""
        header = self.components.header
        return GraphSummary(
            quanta=self.quanta_by_task,
            datasets=header.n_datasets,
            inputs=self.inputs,
            output=self.output,
            output_run=self.output_run,
            built=header.timestamp,
            user=header.user,
            command=header.command,
        )

    @property
    def command(self) -> tuple[str, ...]:
        """The shell command that does the same as `run`, word by word.

        Empty where there is none: for a pipeline that is in memory only (save it first), a part of a graph
        (save that), and data IDs or a repository in memory.
        """
        known = self.pipeline_words and self.options.has_words and is_location(self.repository)
        if not known:
            return ()
        options = self.options.words(for_file=self.from_file)
        # Upstream cannot read a config value that has an equals sign in it; our own command can.
        values = [w for flag, w in itertools.pairwise(self.pipeline_words) if flag in ("-c", "--config")]
        program = "jupyter-mpexec" if any(value.count("=") > 1 for value in values) else "pipetask"
        return (program, "run", "-b", self.repository_uri, *self.pipeline_words, *options)

    def __len__(self) -> int:
        return len(self.components.quantum_datasets)

    def quantum_ids(self, task_label: str | None = None, where: str = "") -> tuple[UUID, ...]:
        """List quanta, in pipeline order and sorted by data ID.

        Parameters
        ----------
        task_label
            Only those of this task.
        where
            Only those whose data ID matches, such as ``visit = 42 AND detector IN (1, 2)``.

        Raises
        ------
        TaskNotFoundError
            Raised if there is no such task.
        QueryError
            Raised if ``where`` cannot be parsed, or names an unknown dimension.
        """
        from .views.graph_view import graph_view
        from .views.quantum_selection import select_quanta

        selection = select_quanta(graph_view(self), task_label=task_label, where=where)
        return tuple(quantum_id for quanta in selection.quanta.values() for quantum_id in quanta)

    def subset(self, task_label: str | None = None, where: str = "") -> BuiltQuantumGraph:
        """Take some quanta out as a graph of its own, with the same collections and options.

        It can be run on its own if its inputs exist.

        Parameters
        ----------
        task_label, where
            Which quanta (see `quantum_ids`).

        Raises
        ------
        TaskNotFoundError, QueryError
            Raised if the selection is not right.
        QuantumGraphError
            Raised if there is no such quantum.
        """
        chosen = self.quantum_ids(task_label, where)
        if not chosen:
            what = " ".join(filter(None, [task_label, f"where {where}" if where else ""])) or "at all"
            raise QuantumGraphError(f"The quantum graph has no quanta {what}.")
        components = take_quanta(self.components, chosen)
        components.header.command = ""  # that of the whole graph
        return replace(self, components=components, pipeline_words=())

    def save(self, uri: str | os.PathLike[str] | ResourcePath) -> BuiltQuantumGraph:
        """Write the graph to a file.

        Parameters
        ----------
        uri
            Path or URI that ends in ``.qg``, or in ``.qgraph`` for the old format.

        Raises
        ------
        QuantumGraphError
            Raised if that is not possible.
        """
        location = ResourcePath(uri if isinstance(uri, str | ResourcePath) else os.fspath(uri))
        if location.getExtension() not in (".qg", ".qgraph"):
            raise QuantumGraphError(
                f"A quantum graph file needs a name that ends in .qg, or .qgraph (old format): {location}."
            )
        if reason := why_not_writeable(location):
            raise QuantumGraphError(f"The quantum graph cannot be saved to {location}: {reason}.")
        try:
            self.components.write(location)
        except OSError as error:
            raise QuantumGraphError(
                f"The quantum graph cannot be saved to {location}: {sentence(error)}"
            ) from error
        return self

    def extended(self) -> BuiltQuantumGraph:
        """Get the same graph, set to add to its output run, which exists by now."""
        options = self.options.replace(
            output_run=self.output_run, extend_run=True, replace_run=False, prune_replaced=None, rebase=False
        )
        plan = replace(
            self.plan,
            output_exists=self.output is not None,
            run_is_new=False,
            extend_run=True,
            replace_run=False,
            prune_replaced=None,
            rebase=False,
        )
        return replace(self, options=options, plan=plan)

    def run(
        self,
        *,
        processes: int = 1,
        register_dataset_types: bool = False,
        fail_fast: bool = False,
        clobber_outputs: bool | None = None,
        timeout: float | None = None,
        background: bool = False,
        hooks: Iterable[Hook] = (),
        **more: Any,
    ) -> Run:
        """Execute the graph.

        Parameters
        ----------
        processes
            Number of processes. With more than one, the run belongs to a process of its own, and goes on when this one
            ends.
        register_dataset_types
            Register dataset types that the repository does not know yet.
        fail_fast
            Stop at the first failure.
        clobber_outputs
            Remove outputs of failed quanta that are in the way. None: as the graph was built.
        timeout
            Seconds that a quantum may take.
        background
            Return at once; the run goes on in a thread of its own.
        hooks
            Called with every event, on the thread of the run.
        **more
            What is listed below.

        Returns
        -------
        run
            The run. Failed quanta are in its report and raise nothing; see `Run.check`.

        Other Parameters
        ----------------
        retries : `int`
            How often a quantum is tried again that failed with a ``RepeatableQuantumError``.
        start_method : `str`
            How processes are started: ``"spawn"`` or ``"forkserver"``.
        raise_on_partial_outputs : `bool`
            Whether partial outputs are a failure (the default); otherwise they are a success with caveats.
        skip_init_writes : `bool`
            Do not write init-outputs, configs and package versions.
        init_only : `bool`
            Make the output run ready, and execute nothing.
        no_versions : `bool`
            Do not write or compare package versions.
        graph_fixup : `str`
            Full name of a class or function that makes an ``ExecutionGraphFixup``.
        enable_implicit_threading : `bool`
            Let numerical libraries use threads of their own.
        cores_per_quantum : `int`
            Number of cores that tasks are told they may use.
        memory_per_quantum : `str`
            Memory that tasks are told they may use, such as ``"3GB"``; a plain number is in MB.
        max_memory : `str`
            Memory that each worker process may allocate; a quantum that needs more fails.
        enable_lsst_debug : `bool`
            Import a module named ``debug``.
        pdb : `str`
            Debugger module to call after a failure, in a terminal.
        profile : `str`
            File to write a profile of the run to (``cProfile``).
        summary : `str`
            URI to write upstream's JSON report to.
        quantum_executor
            Makes the executor of single quanta: `SingleQuantumExecutor`, or a subclass.
        model
            Makes the execution model.
        detached : `bool`
            Whether a run with several processes belongs to a process of its own (the default).
        command : `tuple` [`str`, ...]
            The equivalent shell command, for the report; by default it is worked out.

        Raises
        ------
        JupyterMpexecError
            Raised if the run cannot begin: a wrong option, collections in the way, a repository that cannot
            be written to.
        """
        from .command_words import words_of_run
        from .run_graph import run_graph

        options = {
            "processes": processes,
            "register_dataset_types": register_dataset_types,
            "fail_fast": fail_fast,
            "clobber_outputs": clobber_outputs,
            "timeout": timeout,
            **more,
        }
        command = options.pop("command", None)
        if command is None:
            command = words_of_run(self, options)
        return run_graph(self, background=background, hooks=hooks, command=command, **options)

    def __repr__(self) -> str:
        n_tasks = sum(1 for number in self.quanta_by_task.values() if number)
        quanta = f"{len(self)} {'quantum' if len(self) == 1 else 'quanta'}"
        tasks = f"{n_tasks} {'task' if n_tasks == 1 else 'tasks'}"
        return f"BuiltQuantumGraph({quanta} of {tasks}, to {self.output_run})"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        from .views.builders import built_graph_bundle

        bundle: dict[str, str] = built_graph_bundle(self)
        return bundle


def take_quanta(
    components: PredictedQuantumGraphComponents, quantum_ids: Sequence[UUID]
) -> PredictedQuantumGraphComponents:
    """Make the parts of a graph of some quanta only; what does not change is shared, not copied."""
    taken = PredictedQuantumGraphComponents(
        header=components.header.model_copy(deep=True),
        pipeline_graph=components.pipeline_graph,
        dimension_data=components.dimension_data,
        init_quanta=components.init_quanta,
        quantum_datasets={quantum_id: components.quantum_datasets[quantum_id] for quantum_id in quantum_ids},
    )
    taken.set_thin_graph()
    taken.set_header_counts()
    return taken
