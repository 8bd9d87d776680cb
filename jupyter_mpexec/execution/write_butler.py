"""Make a repository ready for a run, and open the butler that the run writes with."""

from __future__ import annotations

from lsst.daf.butler import Butler, CollectionType
from lsst.daf.butler.registry import RegistryDefaults
from lsst.pipe.base.pipeline_graph import NodeType, PipelineGraph

from .collections import OutputCollections, plan_outputs
from .repository import RepositorySource, open_butler

__all__ = ["open_output_butler", "prepare_write_butler"]


def prepare_write_butler(
    plan: OutputCollections, repository: RepositorySource, pipeline_graph: PipelineGraph
) -> Butler:
    """Register, redefine and prune collections as planned, and open a butler on them.

    The repository may have changed since the plan was made, so the rules are checked again first.

    Parameters
    ----------
    plan
        What `plan_outputs` worked out.
    repository
        The repository that it was worked out for.
    pipeline_graph
        Tells the outputs of tasks, which ``prune_replaced="unstore"`` deletes, from their init-outputs.

    Returns
    -------
    butler
        Writeable butler whose default run is the output run, and whose default collections are the output
        chain or, without one, the output run and the inputs. The caller closes it.

    Raises
    ------
    RepositoryError
        Raised if the repository cannot be written to.
    CollectionError
        Raised if the plan does not fit the repository any more.
    """
    butler = open_butler(repository, writeable=True)
    try:
        current = plan_outputs(
            butler,
            input=plan.inputs,
            output=plan.output,
            output_run=plan.output_run,
            extend_run=plan.extend_run,
            replace_run=plan.replace_run,
            prune_replaced=plan.prune_replaced,
            rebase=plan.rebase,
            graph_is_built=True,
        )
        if current.output is None:
            butler.collections.register(current.output_run, CollectionType.RUN)
        else:
            _prepare_chain(butler, current, pipeline_graph)
        _set_defaults(butler, current)
    except BaseException:
        butler.close()
        raise
    return butler


def open_output_butler(plan: OutputCollections, repository: RepositorySource) -> Butler:
    """Open a butler on the collections of a run that were made ready before; see `prepare_write_butler`."""
    butler = open_butler(repository, writeable=True)
    try:
        _set_defaults(butler, plan)
    except BaseException:
        butler.close()
        raise
    return butler


def _set_defaults(butler: Butler, plan: OutputCollections) -> None:
    search = plan.output if plan.output is not None else (plan.output_run, *plan.inputs)
    butler.registry.defaults = RegistryDefaults(run=plan.output_run, collections=search)


def _prepare_chain(butler: Butler, plan: OutputCollections, pipeline_graph: PipelineGraph) -> None:
    assert plan.output is not None
    source = plan.chain if plan.output_exists else plan.inputs
    chain = (
        list(butler.collections.query(source, flatten_chains=True, include_chains=False)) if source else []
    )
    if plan.replace_run:
        replaced = chain.pop(0)
        if plan.prune_replaced == "unstore":
            _unstore(butler, replaced, pipeline_graph)
        elif plan.prune_replaced == "purge":
            with butler.transaction():
                butler.collections.redefine_chain(plan.output, chain)
                butler.removeRuns([replaced])
    if not plan.output_exists:
        butler.collections.register(plan.output, CollectionType.CHAINED)
    if not plan.extend_run:
        butler.collections.register(plan.output_run, CollectionType.RUN)
        butler.collections.redefine_chain(plan.output, [plan.output_run, *chain])


def _unstore(butler: Butler, run: str, pipeline_graph: PipelineGraph) -> None:
    """Delete the files of a run's regular outputs; keep init-outputs, configs and versions."""
    with butler.transaction():
        refs = [
            ref
            for ref in butler.registry.queryDatasets(..., collections=run)
            if (producer := pipeline_graph.producer_of(ref.datasetType.name)) is not None
            and producer.key.node_type is NodeType.TASK
        ]
        butler.pruneDatasets(refs, unstore=True, disassociate=False)
