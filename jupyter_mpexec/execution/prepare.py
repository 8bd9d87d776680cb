"""Making the output run ready: collections, dataset types, init-outputs, configs, package versions."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator

from lsst.daf.butler import Butler, MissingDatasetTypeError
from lsst.daf.butler.registry import ConflictingDefinitionError

from ..errors import JupyterMpexecError
from .built_graph import BuiltQuantumGraph
from .errors import GraphExecutionError
from .execution_options import ExecutionOptions
from .write_butler import prepare_write_butler

__all__ = ["prepare_output_run"]


def prepare_output_run(built: BuiltQuantumGraph, options: ExecutionOptions) -> Butler:
    """Do everything that comes before the first quantum.

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
        Raised if dataset types are missing, or what is there differs from what would be written.
    """
    extend = built.options.extend_run
    butler = prepare_write_butler(built.plan, built.repository, built.pipeline_graph)
    try:
        with _explained(built.output_run), _without_eups_warning():
            if options.register_dataset_types:
                built.pipeline_graph.register_dataset_types(butler, include_packages=not options.no_versions)
            if not options.skip_init_writes:
                built.graph.write_init_outputs(butler, skip_existing=built.options.skips_output_run)
                built.graph.write_configs(butler, compare_existing=extend)
                if not options.no_versions:
                    built.graph.write_packages(butler, compare_existing=extend)
    except BaseException:
        butler.close()
        raise
    return butler


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
def _explained(output_run: str) -> Iterator[None]:
    try:
        yield
    except MissingDatasetTypeError as error:
        raise GraphExecutionError(
            f"The repository does not know all dataset types that the pipeline writes: {error}",
            hint="Use register_dataset_types=True (--register-dataset-types), once.",
        ) from error
    except ConflictingDefinitionError as error:
        raise GraphExecutionError(
            f"The run {output_run!r} was begun in another way: {error}",
            hint="Write to a new run, or use the pipeline, the configs and the software that it was begun with.",
        ) from error
    except JupyterMpexecError:
        raise
    except Exception as error:
        # Init-outputs are made by the constructors of the tasks, which may raise anything.
        raise GraphExecutionError(
            f"The output run {output_run!r} cannot be made ready: {type(error).__name__}: {error}",
            hint="The constructor of a task raised this: mend the task or its configuration, then use a new run, or "
            "extend_run=True (--extend-run).",
        ) from error
