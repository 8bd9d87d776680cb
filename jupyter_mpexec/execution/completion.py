"""Names that could complete a line: task labels of a pipeline, collections of a repository, runs and their quanta."""

from __future__ import annotations

import functools
import inspect
import time
from collections.abc import Callable, Mapping
from typing import Any

from lsst.daf.butler import MissingCollectionError
from lsst.pex.config import Field
from lsst.pipe.base.pipeline_graph import PipelineGraph

from jupyter_mpexec.display.formats import plural
from jupyter_mpexec.status import RunState

from .pipeline_builder import PipelineBuilder
from .quantum_words import QuantumAction, fitting_names
from .repository import open_butler
from .runs import RunEntry, find_run, list_runs
from .task_config import describe_task, field_names
from .views.wording import listing

__all__ = [
    "collection_help",
    "collections",
    "config_fields",
    "config_help",
    "labels",
    "quanta",
    "runs",
    "task_help",
    "task_labels",
]

_MOST = 2000
"""More collections than anybody reads through; a personal repository has fewer."""


_KINDS = {
    "run": "a run, which holds the datasets that were written together",
    "chained": "a chain, which is searched from first to last",
    "tagged": "tagged datasets, of any runs",
    "calibration": "calibrations, each valid for a time",
}

_FITTING: Mapping[str, Callable[[RunEntry], bool]] = {
    "pause": lambda entry: entry.is_alive and entry.state is not RunState.PAUSED,
    "step": lambda entry: entry.is_alive,
    "resume": lambda entry: (
        entry.state is RunState.PAUSED if entry.is_alive else entry.state is not RunState.SUCCEEDED
    ),
    "stop": lambda entry: entry.is_alive,
    "retry": lambda entry: entry.is_alive or entry.state is not RunState.SUCCEEDED,
    "cancel": lambda entry: entry.is_alive,
    "skip": lambda entry: entry.is_alive,
    "prune": lambda entry: not entry.is_alive,
}


def task_labels(source: Any) -> tuple[str, ...]:
    """List the task labels of whatever names a pipeline.

    Parameters
    ----------
    source
        What `PipelineBuilder` takes, or a pipeline graph; None for nothing.
    """
    if source is None:
        return ()
    if isinstance(source, PipelineGraph):
        return tuple(source.tasks)
    if isinstance(source, PipelineBuilder):
        return source.task_labels
    return PipelineBuilder(source).task_labels


def labels(source: Any) -> tuple[str, ...]:
    """List the labels of tasks and subsets of whatever names a pipeline; see `task_labels`."""
    if source is None or isinstance(source, PipelineGraph):
        return task_labels(source)
    builder = PipelineBuilder(source)
    return (*builder.task_labels, *builder.subsets)


def config_fields(source: Any, label: str) -> tuple[str, ...]:
    """List the config fields of a task of whatever names a pipeline; see `task_labels`."""
    if source is None or isinstance(source, PipelineGraph):
        return ()
    return tuple(sorted(field_names(describe_task(PipelineBuilder(source).pipeline, label).config())))


def task_help(source: Any, label: str) -> str:
    """Say what a task is: its class, and the first paragraph that its author wrote about it; empty if unknown."""
    if source is None or isinstance(source, PipelineGraph):
        return ""
    cls = describe_task(PipelineBuilder(source).pipeline, label).task_class
    about = (inspect.getdoc(cls) or "").partition("\n\n")[0]
    return f"Task {label}: {cls.__module__}.{cls.__qualname__}\n\n{about}".strip()


def config_help(source: Any, label: str, name: str) -> str:
    """Say what a config field of a task is, and what it is set to; empty if unknown."""
    if source is None or isinstance(source, PipelineGraph):
        return ""
    config: Any = describe_task(PipelineBuilder(source).pipeline, label).config()
    *parts, last = name.split(".")
    for part in parts:
        config = getattr(config, part)
    field = getattr(type(config), last, None)
    if not isinstance(field, Field):
        return ""
    return f"{label}:{name} = {getattr(config, last)!r}\n\n{field.doc}"


def runs(subcommand: str) -> tuple[str, ...]:
    """List the identifiers of the runs that a subcommand may be about, the newest first."""
    fits = _FITTING.get(subcommand)
    return tuple(entry.id for entry in list_runs() if fits is None or fits(entry))


def quanta(run: str, action: QuantumAction) -> tuple[str, ...]:
    """List quanta of a run that an action can do something about, as far as they have been heard of.

    Parameters
    ----------
    run
        See `runs.find_run`.
    action
        What is to be done with them.
    """
    return tuple(fitting_names(find_run(run), action))


def collections(repo: Any) -> tuple[str, ...]:
    """List the collections of a repository, as they were a few seconds ago at most.

    Parameters
    ----------
    repo
        What `repository.open_butler` takes; None for nothing.
    """
    if repo is None:
        return ()
    if isinstance(repo, str):
        return _of_location(repo, int(time.monotonic() / 5))
    return _query(repo)


def collection_help(repo: Any, name: str) -> str:
    """Say what a collection is: its type, what is in a chain, and the dataset types; empty if there is none.

    Parameters
    ----------
    repo
        See `collections`.
    name
        Its whole name.
    """
    if repo is None:
        return ""
    with open_butler(repo) as butler:
        try:
            [info] = butler.collections.query_info(name, include_summary=True, include_doc=True)
        except MissingCollectionError:
            return ""
    kind = info.type.name.lower()
    lines = [f"Collection {name}: {_KINDS.get(kind, kind)}"]
    if info.children:
        lines.append(f"{plural(len(info.children), 'collection')}: {listing(info.children)}")
    types = sorted(info.dataset_types or ())
    lines.append(f"{plural(len(types), 'dataset type')}: {listing(types)}" if types else "No datasets.")
    return "\n".join([lines[0], "", *([info.doc, ""] if info.doc else []), *lines[1:]])


@functools.lru_cache(maxsize=4)
def _of_location(repo: str, moment: int) -> tuple[str, ...]:
    return _query(repo)


def _query(repo: Any) -> tuple[str, ...]:
    # A butler of one's own: a completion may be asked for while another thread uses the notebook's.
    with open_butler(repo) as butler:
        return tuple(sorted(butler.collections.query("*"))[:_MOST])
