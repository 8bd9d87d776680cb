"""Read and write pipeline definitions, and explain what is wrong with them."""

from __future__ import annotations

import copy
import os
import re
from pathlib import Path

import yaml
from lsst.daf.butler import Butler
from lsst.pipe.base import LabelSpecifier, Pipeline
from lsst.pipe.base.pipeline_graph import PipelineGraph, PipelineGraphError
from lsst.pipe.base.pipelineIR import ContractError
from lsst.resources import ResourcePath

from jupyter_mpexec.errors import PipelineError, did_you_mean, sentence

from .output_files import why_not_writeable
from .pipeline_labels import check_task
from .task_config import describe_task

__all__ = ["make_graph", "read_pipeline", "write_pipeline"]

_VARIABLE = re.compile(r"\$\{?(\w+)")
_SUFFIXES = (".yaml", ".yml")


def read_pipeline(source: str | os.PathLike[str] | ResourcePath) -> Pipeline:
    """Read a pipeline file.

    Parameters
    ----------
    source
        Path or URI; after a ``#`` there may be labels of tasks and subsets (``#isr,calibrate``) or a range
        (``#isr..calibrate``).

    Raises
    ------
    PipelineError
        Raised if the file cannot be read, with the line if it is no YAML.
    TaskNotFoundError
        Raised if a label is not in the pipeline; with a suggestion.
    """
    text = source if isinstance(source, str | ResourcePath) else os.fspath(source)
    location, _, labels = str(text).partition("#")
    try:
        pipeline = Pipeline.from_uri(location)
    except FileNotFoundError as error:
        name = error.filename or location
        raise PipelineError(f"There is no pipeline file {name}.", hint=_what_else(str(name))) from error
    except yaml.YAMLError as error:
        raise PipelineError(_locate(error, location)) from error
    except (OSError, ValueError, TypeError, AttributeError, KeyError) as error:
        raise PipelineError(
            f"{location} is not a pipeline: {sentence(error)}",
            hint="A pipeline file has at least a description and tasks, each with a label and a class.",
        ) from error
    return _select_labels(pipeline, labels) if labels else pipeline


def write_pipeline(pipeline: Pipeline, uri: str | os.PathLike[str] | ResourcePath) -> str:
    """Write a pipeline to a YAML file; returns its path, or its URI if it is not a local one.

    Raises
    ------
    PipelineError
        Raised if that is not possible.
    """
    location = ResourcePath(uri if isinstance(uri, str | ResourcePath) else os.fspath(uri))
    if location.getExtension() not in (".yaml", ".yml"):
        raise PipelineError(f"A pipeline file needs a name that ends in .yaml: {location}.")
    if reason := why_not_writeable(location):
        raise PipelineError(f"The pipeline cannot be saved to {location}: {reason}.")
    try:
        pipeline.write_to_uri(location)
    except OSError as error:
        raise PipelineError(f"The pipeline cannot be saved to {location}: {sentence(error)}") from error
    return location.ospath if location.isLocal else str(location)


def _what_else(name: str) -> str:
    """Suggest what was meant by the name of a file that is not there."""
    if (variable := _VARIABLE.search(name)) is not None:
        return f"Neither the notebook nor the environment knows a variable {variable[1]!r}."
    path = Path(name)
    return did_you_mean(path.name, [p.name for p in path.parent.glob("*") if p.suffix in _SUFFIXES])


def make_graph(pipeline: Pipeline, butler: Butler | None = None) -> PipelineGraph:
    """Make the graph of a pipeline.

    Parameters
    ----------
    pipeline
        The pipeline.
    butler
        If given, dataset types and dimensions are resolved against its repository.

    Raises
    ------
    TaskNotFoundError
        Raised if the class of a task cannot be imported.
    PipelineError
        Raised if a configuration is wrong, a contract is not met, or tasks do not fit together or the
        repository.
    """
    try:
        return copy.deepcopy(pipeline).to_graph(butler.registry if butler is not None else None)
    except ContractError as error:
        raise PipelineError(f"The pipeline contradicts itself: {sentence(error)}") from error
    except PipelineGraphError as error:
        raise PipelineError(f"The tasks of the pipeline do not fit together: {error}") from error
    except Exception as error:
        # Look for a task at fault: upstream's errors do not say which one it was.
        for label in pipeline.task_labels:
            config = describe_task(pipeline, label).checked_config()
            try:
                config.validate()
            except Exception as invalid:  # user code
                reason = str(invalid).splitlines()[0] if str(invalid) else type(invalid).__name__
                raise PipelineError(
                    f"The configuration of task {label!r} is not valid: {sentence(reason)}"
                ) from invalid
        raise PipelineError(f"The pipeline cannot be put together: {error}") from error


def _select_labels(pipeline: Pipeline, labels: str) -> Pipeline:
    if ".." in labels:
        begin, _, end = labels.partition("..")
        for label in filter(None, (begin, end)):
            check_task(pipeline, label)
        make_graph(pipeline)  # a range needs the order of the tasks: explain first why there may be none
        return pipeline.subsetFromLabels(LabelSpecifier(begin=begin or None, end=end or None))
    chosen = [label.strip() for label in labels.split(",")]
    for label in chosen:
        check_task(pipeline, label, or_subset=True)
    return pipeline.subsetFromLabels(LabelSpecifier(labels=set(chosen)))


def _locate(error: yaml.YAMLError, location: str) -> str:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None) or str(error)
    if mark is None:
        return f"{location} is not YAML: {sentence(problem)}"
    name = str(mark.name).removeprefix("file://")  # an imported file may be the one at fault
    return f"{name} is not YAML: {problem} (line {mark.line + 1}, column {mark.column + 1})."
