"""Build quantum graphs, or load them from files."""

from __future__ import annotations

import contextlib
import logging
import os
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Literal
from uuid import UUID

from astropy.table import Table
from lsst.daf.butler import Butler
from lsst.pipe.base import Pipeline
from lsst.pipe.base.all_dimensions_quantum_graph_builder import (
    AllDimensionsQuantumGraphBuilder,
    DatasetQueryConstraintVariant,
)
from lsst.pipe.base.pipeline_graph import PipelineGraph
from lsst.pipe.base.quantum_graph import PredictedQuantumGraphComponents
from lsst.pipe.base.quantum_graph_builder import QuantumGraphBuilderError
from lsst.resources import ResourcePath

from jupyter_mpexec.errors import CollectionError, PipelineError, UsageError, did_you_mean, sentence

from .built_graph import BuiltQuantumGraph
from .collection_names import as_names, find_collection
from .collections import OutputCollections, plan_outputs
from .empty_graph import EmptyGraphDiagnosis, kept_explanation
from .graph_file import read_graph
from .graph_inputs import check_inputs
from .graph_options import METADATA_KEY, GraphOptions
from .locations import absolute_location
from .pipeline_builder import PipelineBuilder
from .query_errors import explained_build_errors
from .repository import RepositorySource, open_butler, repository_config, repository_uri

__all__ = ["GraphBuilder"]

_LOG = logging.getLogger(__name__)


class GraphBuilder:
    """Turn a pipeline and the contents of a repository into a quantum graph.

    Nothing is written to the repository.

    Parameters
    ----------
    pipeline
        Pipeline builder, pipeline, pipeline graph, or path or URI of a pipeline file.
    butler
        Path, URI or alias of a Butler repository, or a butler.
    input, output, output_run, extend_run, replace_run, prune_replaced, rebase
        Collections; see `GraphOptions`.
    skip_existing, skip_existing_in, clobber_outputs
        What to do about outputs that exist; see `GraphOptions`.
    data_query, bind, data_id_tables, dataset_query_constraint
        Which data IDs to process; see `GraphOptions`.
    datastore_records
        Put the records of the inputs into the graph.

    Raises
    ------
    PipelineError
        Raised if there is no pipeline, or its file cannot be read.
    """

    def __init__(
        self,
        pipeline: PipelineBuilder | Pipeline | PipelineGraph | str | os.PathLike[str] | ResourcePath | None,
        butler: RepositorySource,
        *,
        input: str | Iterable[str] = (),  # noqa: A002  # the name of pipetask's option
        output: str | None = None,
        output_run: str | None = None,
        extend_run: bool = False,
        replace_run: bool = False,
        prune_replaced: Literal["purge", "unstore"] | None = None,
        rebase: bool = False,
        skip_existing: bool = False,
        skip_existing_in: str | Iterable[str] = (),
        clobber_outputs: bool = False,
        data_query: str = "",
        bind: Mapping[str, Any] | None = None,
        data_id_tables: Any = (),
        dataset_query_constraint: str | Iterable[str] = "all",
        datastore_records: bool = False,
    ) -> None:
        if pipeline is None:
            raise PipelineError(
                "There is no pipeline to build a quantum graph of.",
                hint="Give a pipeline file or a PipelineBuilder. GraphBuilder.load reads a saved graph.",
            )
        self._pipeline: PipelineBuilder | PipelineGraph = (
            pipeline if isinstance(pipeline, PipelineGraph) else PipelineBuilder(pipeline)
        )
        self._butler = butler
        self.options = GraphOptions.make(
            input=input,
            output=output,
            output_run=output_run,
            extend_run=extend_run,
            replace_run=replace_run,
            prune_replaced=prune_replaced,
            rebase=rebase,
            skip_existing=skip_existing,
            skip_existing_in=skip_existing_in,
            clobber_outputs=clobber_outputs,
            data_query=data_query,
            bind=bind,
            data_id_tables=data_id_tables,
            dataset_query_constraint=dataset_query_constraint,
            datastore_records=datastore_records,
        )

    def build(self) -> BuiltQuantumGraph:
        """Build the quantum graph.

        Returns
        -------
        built
            The graph, with all that a run of it needs.

        Raises
        ------
        RepositoryError
            Raised if the repository cannot be opened.
        CollectionError
            Raised if collections are missing, in the way, or do not fit each other.
        PipelineError
            Raised if the pipeline cannot be put together, or does not fit the repository.
        QueryError
            Raised if the data query cannot be parsed, or names something unknown.
        EmptyQuantumGraphError
            Raised if there are no quanta; the message says why.
        QuantumGraphError
            Raised if the graph cannot be built for another reason.
        """
        tables = [_read_table(table) for table in self.options.data_id_tables]
        with open_butler(self._butler) as butler:
            pipeline_graph = (
                self._pipeline.copy()
                if isinstance(self._pipeline, PipelineGraph)
                else self._pipeline.pipeline_graph()
            )
            plan = plan_outputs(butler, **self.options.collection_options)
            components = self._build(butler, pipeline_graph, plan, tables)
            built = BuiltQuantumGraph(
                components=components,
                repository=repository_config(self._butler if isinstance(self._butler, Butler) else butler),
                plan=plan,
                options=self.options,
                pipeline_actions=() if isinstance(self._pipeline, PipelineGraph) else self._pipeline.actions,
                pipeline_words=self._pipeline_words(),
            )
            # In a kernel, upstream's own guess is the command line of ipykernel.
            components.header.command = shlex.join(built.command)
            return built

    def _build(
        self, butler: Butler, pipeline_graph: PipelineGraph, plan: OutputCollections, tables: list[Table]
    ) -> PredictedQuantumGraphComponents:
        options = self.options
        if not plan.search_path:
            raise CollectionError(
                "There are no collections to find inputs in.",
                hint="Give input= (-i), or an output= (-o) that exists.",
            )
        skip_existing_in = _existing(butler, options.skip_existing_in)
        if options.skips_output_run and not plan.run_is_new:
            skip_existing_in += (plan.output_run,)
        _check_constraint(options.dataset_query_constraint, pipeline_graph)
        with explained_build_errors(butler, options.data_query, plan.output_run):
            builder = AllDimensionsQuantumGraphBuilder(
                pipeline_graph,
                butler,
                where=options.data_query,
                bind=options.bind or None,
                data_id_tables=tables,
                dataset_query_constraint=DatasetQueryConstraintVariant.fromExpression(
                    options.dataset_query_constraint.replace(" ", "")
                ),
                input_collections=plan.search_path,
                output_run=plan.output_run,
                skip_existing_in=skip_existing_in,
                clobber=options.clobber_outputs,
            )
            diagnosis = EmptyGraphDiagnosis(
                butler=butler,
                pipeline_graph=pipeline_graph,
                collections=plan.search_path,
                data_query=options.data_query,
                bind=options.bind,
                tables=bool(tables),
                skip_existing_in=skip_existing_in,
            )
            try:
                with kept_explanation(builder.log.logger) as diagnosis.explanation:
                    components = builder.finish(
                        output=plan.output,
                        metadata={
                            "butler_argument": repository_uri(butler),
                            "extend_run": options.extend_run,
                            "skip_existing_in": list(skip_existing_in),
                            "skip_existing": options.skips_output_run,
                            "data_query": options.data_query,
                            METADATA_KEY: options.to_metadata(),
                        },
                        attach_datastore_records=options.datastore_records,
                    )
            except QuantumGraphBuilderError as error:
                if diagnosis.has_unknown_inputs:
                    raise diagnosis.error() from error
                raise
            if not components.quantum_datasets:
                raise diagnosis.error()
        return components

    def _pipeline_words(self) -> tuple[str, ...]:
        if isinstance(self._pipeline, PipelineBuilder) and not self._pipeline.has_notebook_classes:
            with contextlib.suppress(PipelineError):
                return self._pipeline.options()
        return ()

    @classmethod
    def load(
        cls,
        uri: str | os.PathLike[str] | ResourcePath,
        butler: RepositorySource,
        *,
        quantum_ids: Iterable[UUID | str] | None = None,
        graph_id: str | None = None,
        **options: Any,
    ) -> BuiltQuantumGraph:
        """Read a quantum graph from a file.

        What the file tells of the options that the graph was built with is used where they are not given
        here. The output run is always the graph's.

        Parameters
        ----------
        uri
            Path or URI that ends in ``.qg``, or ``.qgraph`` for the old format.
        butler
            Path, URI or alias of a Butler repository, or a butler.
        quantum_ids
            Load these quanta only.
        graph_id
            Identifier that the graph must have; for the old format only.
        **options
            Options of the run: ``input``, ``output`` (empty for a run without an output chain),
            ``output_run``, ``extend_run``, ``replace_run``, ``prune_replaced``, ``rebase``,
            ``skip_existing``, ``skip_existing_in``, ``clobber_outputs``.

        Raises
        ------
        QuantumGraphError
            Raised if the file cannot be read, has no such quanta, or reads datasets that the repository does not have.
        CollectionError
            Raised if ``output_run`` is not the graph's, or collections are missing, in the way, or do not
            fit.
        RepositoryError
            Raised if the repository cannot be opened.
        """
        unknown = options.keys() - _RUN_OPTIONS
        if unknown:
            raise UsageError(f"{min(unknown)!r} is not an option of a graph that is built.")
        given = {name: value for name, value in options.items() if value is not None}
        with open_butler(butler) as opened:
            quantum_ids = None if quantum_ids is None else list(quantum_ids)
            components = read_graph(uri, opened, quantum_ids=quantum_ids, graph_id=graph_id)
            check_inputs(components, opened, str(uri))
            header = components.header
            output_run = given.pop("output_run", None) or header.output_run
            if output_run != header.output_run:
                raise CollectionError(
                    f"The quantum graph {uri} is for the output run {header.output_run!r}, "
                    f"not {output_run!r}.",
                    hint="Leave out output_run= (--output-run), or change the graph with "
                    f"`pipetask update-graph-run {uri} {output_run} NEW.qg`.",
                )
            loaded = _with_given(GraphOptions.from_header(header), given)
            return BuiltQuantumGraph(
                components=components,
                repository=repository_config(butler if isinstance(butler, Butler) else opened),
                plan=plan_outputs(opened, **loaded.collection_options),
                options=loaded,
                pipeline_words=("-g", absolute_location(uri), *_of_quanta(quantum_ids)),
                from_file=True,
            )

    @property
    def pipeline(self) -> PipelineBuilder | PipelineGraph:
        """The pipeline that the graph is made of."""
        return self._pipeline

    @property
    def butler(self) -> RepositorySource:
        """The repository, as given."""
        return self._butler

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        from .views.builders import graph_builder_bundle

        return graph_builder_bundle(self)

    def __repr__(self) -> str:
        return f"GraphBuilder({self._pipeline!r}, {repository_uri(self._butler)})"


_RUN_OPTIONS = frozenset(
    {
        "input",
        "output",
        "output_run",
        "extend_run",
        "replace_run",
        "prune_replaced",
        "rebase",
        "skip_existing",
        "skip_existing_in",
        "clobber_outputs",
    }
)


def _with_given(stored: GraphOptions, given: dict[str, Any]) -> GraphOptions:
    """Let options that are given win over those in the file; those that go together are replaced together."""
    if given.keys() & {"input", "output"}:
        stored = replace(stored, input=(), rebase=False, replace_run=False, prune_replaced=None)
    if given.get("extend_run"):
        stored = replace(stored, replace_run=False, prune_replaced=None)
    made = GraphOptions.make(**given)
    return replace(stored, **{name: getattr(made, name) for name in given})


def _of_quanta(quantum_ids: list[UUID | str] | None) -> tuple[str, ...]:
    return ("--qgraph-node-id", ",".join(map(str, quantum_ids))) if quantum_ids else ()


def _existing(butler: Butler, collections: tuple[str, ...]) -> tuple[str, ...]:
    """Leave out collections that do not exist.

    Commands that are run again and again name the output that they make the first time.
    """
    missing = [name for name in collections if "*" not in name and find_collection(butler, name) is None]
    for name in missing:
        _LOG.warning("skip_existing_in= (--skip-existing-in): there is no collection %r yet.", name)
    return tuple(name for name in collections if name not in missing)


def _check_constraint(constraint: str, pipeline_graph: PipelineGraph) -> None:
    names = () if constraint in ("all", "off") else as_names(constraint)
    known = [name for name, _ in pipeline_graph.iter_overall_inputs()]
    for name in names:
        if name not in known:
            raise UsageError(
                f"dataset_query_constraint= (--dataset-query-constraint) names {name!r}, "
                "which is not an input of the pipeline.",
                hint=did_you_mean(name, ["all", "off", *known]) or f"Its inputs: {', '.join(known)}.",
            )


def _read_table(table: Any) -> Table:
    if not isinstance(table, str | ResourcePath):
        try:
            return table if isinstance(table, Table) else Table(table)
        except (ValueError, TypeError) as error:
            raise UsageError(
                f"A data-ID table cannot be made of a {type(table).__name__}: {sentence(error)}"
            ) from error
    try:
        with ResourcePath(table).as_local() as local:
            read = Table.read(local.ospath)
    except Exception as error:  # astropy's readers raise anything
        raise UsageError(f"The data-ID table {table} cannot be read: {sentence(error)}") from error
    read.meta["filename"] = str(table)  # for upstream's log
    return read
