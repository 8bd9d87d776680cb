"""Making the output run ready: collections, dataset types, init-outputs, configs, package versions."""

from __future__ import annotations

import contextlib
import logging
import traceback
from collections.abc import Iterator

from lsst.daf.butler import Butler, MissingDatasetTypeError
from lsst.daf.butler.registry import ConflictingDefinitionError
from lsst.pipe.base import PipelineTask

from ..errors import JupyterMpexecError
from .built_graph import BuiltQuantumGraph
from .errors import GraphExecutionError
from .execution_options import ExecutionOptions
from .repository import open_butler
from .write_butler import prepare_write_butler

__all__ = ["prepare_output_run"]

_LOG = logging.getLogger(__name__)


def prepare_output_run(built: BuiltQuantumGraph, options: ExecutionOptions) -> Butler:
    """Do everything that comes before the first quantum; if that fails, a new run is taken away again.

    Returns
    -------
    butler
        Writeable butler on the output run. The caller closes it.

    Raises
    ------
    CollectionError
        Raised if the collections changed since the graph was built, and no longer fit.
    RepositoryError
        Raised if the repository cannot be written to.
    GraphExecutionError
        Raised if dataset types are missing, a task cannot be made, or what is there differs from what would be
        written.
    """
    if not options.register_dataset_types:
        _check_dataset_types(built)
    extend = built.options.extend_run
    butler = prepare_write_butler(built.plan, built.repository, built.pipeline_graph)
    try:
        with _explained(built), _without_eups_warning():
            if options.register_dataset_types:
                built.pipeline_graph.register_dataset_types(butler, include_packages=not options.no_versions)
            if not options.skip_init_writes:
                built.graph.write_init_outputs(butler, skip_existing=built.options.skips_output_run)
                built.graph.write_configs(butler, compare_existing=extend)
                if not options.no_versions:
                    built.graph.write_packages(butler, compare_existing=extend)
    except BaseException:
        if built.plan.run_is_new:
            _take_away(butler, built)
        butler.close()
        raise
    return butler


def _check_dataset_types(built: BuiltQuantumGraph) -> None:
    graph = built.pipeline_graph
    outputs = [name for name in graph.dataset_types if graph.producer_of(name) is not None]
    with open_butler(built.repository) as butler:
        known = {dataset_type.name for dataset_type in butler.registry.queryDatasetTypes(outputs)}
    missing = [name for name in outputs if name not in known]
    if missing:
        names = ", ".join(missing[:5]) + (f" and {len(missing) - 5} more" if len(missing) > 5 else "")
        raise GraphExecutionError(
            f"The repository does not know all dataset types that the pipeline writes: {names}.",
            hint="Use register_dataset_types=True (--register-dataset-types), once.",
        )


def _take_away(butler: Butler, built: BuiltQuantumGraph) -> None:
    output, run = built.output, built.output_run
    try:
        if output is not None:
            rest = [name for name in butler.collections.get_info(output).children if name != run]
            butler.collections.redefine_chain(output, rest)
            if not built.plan.output_exists:
                butler.registry.removeCollection(output)
        butler.removeRuns([run])
    except Exception:
        # What went wrong in the first place is what the caller has to hear of.
        _LOG.warning("The output run %r could not be removed again.", run, exc_info=True)


@contextlib.contextmanager
def _without_eups_warning() -> Iterator[None]:
    # The package list is complete without EUPS, which only exists at the telescope's own sites.
    logger = logging.getLogger("lsst.utils.packages")

    def is_news(record: logging.LogRecord) -> bool:
        return "eups" not in record.getMessage()

    logger.addFilter(is_news)
    try:
        yield
    finally:
        logger.removeFilter(is_news)


@contextlib.contextmanager
def _explained(built: BuiltQuantumGraph) -> Iterator[None]:
    try:
        yield
    except JupyterMpexecError:
        raise
    except MissingDatasetTypeError as error:
        raise GraphExecutionError(
            f"The repository does not know a dataset type that the pipeline writes: {error}",
            hint="Use register_dataset_types=True (--register-dataset-types), once.",
        ) from error
    except ConflictingDefinitionError as error:
        raise GraphExecutionError(
            f"The run {built.output_run!r} was begun in another way: {error}",
            hint="Write to a new run, or use the pipeline, the configs and the software that it was begun with.",
        ) from error
    except Exception as error:
        # Init-outputs are made by the constructors of the tasks, which may raise anything.
        place = traceback.extract_tb(error.__traceback__)[-1]
        raise GraphExecutionError(
            f"The output run {built.output_run!r} cannot be made ready: the constructor of {_task_of(built, error)} "
            f"raised {type(error).__name__}: {error} ({place.filename}:{place.lineno})",
            hint="Mend the task or its configuration, and run again.",
        ) from error


def _task_of(built: BuiltQuantumGraph, error: Exception) -> str:
    """Find the task whose constructor raised: its object is in one of the frames."""
    for frame, _ in traceback.walk_tb(error.__traceback__):
        task = frame.f_locals.get("self")
        if isinstance(task, PipelineTask):
            cls = type(task)
            labels = [node.label for node in built.pipeline_graph.tasks.values() if node.task_class is cls]
            return f"task {' or '.join(labels) or '?'} ({cls.__name__})"
    return "a task"
