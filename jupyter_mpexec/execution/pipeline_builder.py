"""Put a pipeline together, step by step, with an undo."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple, Self

from lsst.daf.butler import Butler
from lsst.pipe.base import Instrument, Pipeline, PipelineTask
from lsst.pipe.base.pipeline_graph import PipelineGraph
from lsst.pipe.base.pipelineIR import PipelineIR
from lsst.resources import ResourcePath
from lsst.utils.introspection import get_full_type_name

from jupyter_mpexec.errors import PipelineError, UsageError

from .config_diff import ConfigChange, config_diff
from .config_values import as_word, with_override, with_parameter
from .locations import absolute_location
from .pipeline_actions import ActionKind, PipelineAction
from .pipeline_file import make_graph, read_pipeline, write_pipeline
from .pipeline_labels import check_free, check_task, keep_tasks, rename_task, select_labels
from .pipeline_words import pipeline_words
from .repository import RepositorySource, open_butler
from .task_config import describe_task, import_instrument, import_task

__all__ = ["PipelineBuilder", "PipelineSource"]


class _State(NamedTuple):
    action: PipelineAction
    pipeline: Pipeline


class PipelineBuilder:
    """An ordered list of actions on a pipeline file, or on an empty pipeline.

    Each method that changes something returns the builder itself, so that calls can be chained. An action is
    checked when it is added; one that fails changes nothing.

    Parameters
    ----------
    source
        Path or URI of a pipeline file, with labels of tasks and subsets or a range of tasks after a ``#``
        (``DRP.yaml#isr,calibrate``); a pipeline; another builder, whose actions are taken along; or nothing.

    Raises
    ------
    PipelineError
        Raised if the file cannot be read.
    TaskNotFoundError
        Raised if the file has no task or subset with a given label.

    Examples
    --------
    >>> from jupyter_mpexec import PipelineBuilder
    >>> task = "lsst.pipe.base.tests.no_dimensions.NoDimensionsTestTask"
    >>> builder = PipelineBuilder().add_task(task, "first")
    >>> builder.config("first", key="three").relabel("first", "only").task_labels
    ('only',)
    >>> [str(action) for action in builder.actions][1:]
    ['set first: key = three', 'rename task first to only']
    """

    def __init__(self, source: PipelineSource | None = None) -> None:
        self._states: list[_State] = []
        self._saved: tuple[str, int] | None = None
        self._origin: str | None = ""
        match source:
            case None:
                self._start = Pipeline("A pipeline made in a notebook")
            case PipelineBuilder():
                self._start, self._origin, self._saved = source._start, source._origin, source._saved
                self._states = list(source._states)
            case Pipeline():
                self._start = Pipeline.fromPipeline(source)
                self._origin = None
            case _:
                self._start = read_pipeline(source)
                self._origin = absolute_location(source)  # the notebook may change its folder

    def add_task(self, task: type[PipelineTask] | str, label: str | None = None) -> Self:
        """Add a task.

        Parameters
        ----------
        task
            Its class, or the full name of that.
        label
            Its label; by default, the task's own default name.

        Raises
        ------
        TaskNotFoundError
            Raised if the class cannot be imported.
        PipelineError
            Raised if the label is taken.
        """
        name = task if isinstance(task, str) else get_full_type_name(task)
        default = getattr(import_task(name), "_DefaultName", name.rpartition(".")[2])
        label = label or str(default)
        check_free(self._pipeline, label)
        changed = self.pipeline
        changed.addTask(name, label)
        return self._record(PipelineAction(ActionKind.ADD_TASK, label, name), changed)

    def delete_task(self, label: str) -> Self:
        """Take a task out, and out of subsets and contracts too.

        Raises
        ------
        TaskNotFoundError
            Raised if there is no such task.
        """
        check_task(self._pipeline, label)
        changed = keep_tasks(self._pipeline, set(self.task_labels) - {label})
        return self._record(PipelineAction(ActionKind.DELETE_TASK, label), changed)

    def relabel(self, old: str, new: str) -> Self:
        """Give a task another label, in subsets and contracts too.

        Raises
        ------
        TaskNotFoundError
            Raised if there is no such task.
        PipelineError
            Raised if the new label is taken.
        """
        check_task(self._pipeline, old)
        check_free(self._pipeline, new)
        return self._record(
            PipelineAction(ActionKind.RELABEL, old, new), rename_task(self._pipeline, old, new)
        )

    def config(self, label: str, name: str | None = None, value: Any = None, /, **values: Any) -> Self:
        """Override config fields of a task.

        Parameters
        ----------
        label
            Label of the task.
        name, value
            Field (``"threshold.sigma"`` for one inside another) and its new value.
        **values
            More fields and values.

        Raises
        ------
        TaskNotFoundError
            Raised if there is no such task.
        PipelineError
            Raised if there is no such field, with a suggestion, or if the value does not fit.
        """
        items = [*([(name, value)] if name is not None else []), *values.items()]
        if not items:
            raise UsageError(
                f"No field to set in {label!r}.", hint="Write for example: .config('isr', doBias=False)"
            )
        changed, actions = self._pipeline, []
        for field, new in items:
            changed, stored = with_override(changed, label, field, new)
            actions.append(_State(PipelineAction(ActionKind.CONFIG, label, field, as_word(stored)), changed))
        self._states.extend(actions)
        return self

    def config_file(self, label: str, uri: str | os.PathLike[str] | ResourcePath) -> Self:
        """Apply a file of config overrides to a task.

        Raises
        ------
        TaskNotFoundError
            Raised if there is no such task.
        PipelineError
            Raised if there is no such file, or it does not fit the task.
        """
        check_task(self._pipeline, label)
        given = uri if isinstance(uri, str | ResourcePath) else os.fspath(uri)
        # Absolute, unless it has a variable in it: the notebook may change its folder later.
        location = given if "$" in str(given) else ResourcePath(given, forceAbsolute=True)
        name = location.ospath if isinstance(location, ResourcePath) and location.isLocal else str(location)
        changed = self.pipeline
        changed.addConfigFile(label, name)
        describe_task(changed, label).checked_config()
        return self._record(PipelineAction(ActionKind.CONFIG_FILE, label, value=name), changed)

    def instrument(self, instrument: type[Instrument] | str) -> Self:
        """Set the instrument, whose config overrides are applied before all others.

        Parameters
        ----------
        instrument
            Its class, or the full name of that.

        Raises
        ------
        PipelineError
            Raised if the class cannot be imported, or is no instrument.
        """
        name = instrument if isinstance(instrument, str) else get_full_type_name(instrument)
        import_instrument(name)
        changed = self.pipeline
        changed.addInstrument(name)
        return self._record(PipelineAction(ActionKind.INSTRUMENT, name=name), changed)

    def parameter(self, name: str, value: Any, *, declare: bool = False) -> Self:
        """Set a parameter of the pipeline.

        Parameters
        ----------
        name, value
            The parameter, and its new value.
        declare
            It is new: nothing refers to it yet.

        Raises
        ------
        PipelineError
            Raised if there is no such parameter, with a suggestion, or if the value does not fit where it is
            used.
        """
        changed = with_parameter(self._pipeline, name, value, declare=declare)
        return self._record(PipelineAction(ActionKind.PARAMETER, name=name, value=as_word(value)), changed)

    def select(self, expression: str) -> Self:
        """Keep the tasks that a subset expression selects, such as ``>=calibrate & ~plots``.

        Raises
        ------
        PipelineError
            Raised if the expression cannot be parsed, names something unknown, or selects nothing.
        """
        labels = select_labels(self.pipeline_graph(), expression)
        return self._keep(PipelineAction(ActionKind.SELECT, value=expression), labels)

    def subset(self, *labels: str) -> Self:
        """Keep the named tasks and the tasks of the named subsets.

        Raises
        ------
        TaskNotFoundError
            Raised if there is no such task or subset; with a suggestion.
        """
        kept: set[str] = set()
        for label in labels:
            if label in self.subsets:
                kept |= self.subsets[label]
            else:
                check_task(self._pipeline, label, or_subset=True)
                kept.add(label)
        return self._keep(PipelineAction(ActionKind.SUBSET, ",".join(labels)), kept)

    def undo(self, n: int = 1) -> Self:
        """Take the last actions back.

        Raises
        ------
        UsageError
            Raised if there are not so many.
        """
        if not 0 <= n <= len(self._states):
            there = f"there are only {len(self._states)}" if self._states else "nothing was done yet"
            raise UsageError(f"Cannot undo {n} {'action' if n == 1 else 'actions'}: {there}.")
        del self._states[len(self._states) - n :]
        return self

    @property
    def actions(self) -> tuple[PipelineAction, ...]:
        """What was done, in order."""
        return tuple(state.action for state in self._states)

    @property
    def pipeline(self) -> Pipeline:
        """The pipeline: a copy, that can be changed freely."""
        return Pipeline.fromPipeline(self._pipeline)

    @property
    def task_labels(self) -> tuple[str, ...]:
        """Labels of all tasks, as they come in the pipeline's definition."""
        return tuple(self._pipeline.task_labels)

    @property
    def subsets(self) -> Mapping[str, frozenset[str]]:
        """Labels of the tasks of each subset, by the subset's label."""
        return MappingProxyType({name: frozenset(labels) for name, labels in self._pipeline.subsets.items()})

    def pipeline_graph(self, butler: RepositorySource | None = None) -> PipelineGraph:
        """Make the graph of tasks and dataset types.

        Parameters
        ----------
        butler
            Butler, path or alias of a repository: then dimensions and storage classes are resolved against
            it.

        Raises
        ------
        PipelineError
            Raised if the tasks, or their configurations, do not fit together or do not fit the repository.
        TaskNotFoundError
            Raised if the class of a task cannot be imported.
        """
        if butler is None or isinstance(butler, Butler):
            return make_graph(self._pipeline, butler)
        with open_butler(butler) as opened:
            return make_graph(self._pipeline, opened)

    def save(self, uri: str | os.PathLike[str] | ResourcePath) -> Self:
        """Write the pipeline to a YAML file.

        Raises
        ------
        PipelineError
            Raised if that is not possible.
        """
        self._saved = (write_pipeline(self._pipeline, uri), len(self._states))
        return self

    def config_diff(self, label: str | None = None) -> Mapping[str, Any]:
        """Compare configurations with the defaults of the task classes.

        Parameters
        ----------
        label
            Label of a task; by default, all tasks.

        Returns
        -------
        changes
            For one task, the changed fields: `ConfigChange` by dotted name. For all tasks, those by label;
            tasks without changes are left out.

        Raises
        ------
        TaskNotFoundError
            Raised if there is no such task, or its class cannot be imported.
        """
        if label is not None:
            return config_diff(self._pipeline, label)
        changes: dict[str, dict[str, ConfigChange]] = {
            each: config_diff(self._pipeline, each) for each in self.task_labels
        }
        return {each: changed for each, changed in changes.items() if changed}

    def options(self) -> tuple[str, ...]:
        """Get the options of `pipetask` that make the same pipeline.

        Raises
        ------
        PipelineError
            Raised if there are none, because of a renamed task or a pipeline that is in memory only: then
            save it first.
        """
        if self._saved is not None and self._saved[1] == len(self._states):
            return ("-p", self._saved[0])
        return pipeline_words(self._origin, self.actions)

    @property
    def has_notebook_classes(self) -> bool:
        """Whether a task or the instrument is a class of the notebook, which nothing else can import."""
        document = PipelineIR.from_string(str(self._pipeline))
        names = [task.klass for task in document.tasks.values()] + [document.instrument or ""]
        return any(name.startswith("__main__.") or "<locals>" in name for name in names)

    @property
    def _pipeline(self) -> Pipeline:
        return self._states[-1].pipeline if self._states else self._start

    def _record(self, action: PipelineAction, changed: Pipeline) -> Self:
        self._states.append(_State(action, changed))
        return self

    def _keep(self, action: PipelineAction, labels: Iterable[str]) -> Self:
        kept = set(labels)
        if not kept:
            raise PipelineError(f"No task is left after: {action}.")
        removed = tuple(label for label in self.task_labels if label not in kept)
        action = PipelineAction(action.kind, action.label, action.name, action.value, removed)
        return self._record(action, keep_tasks(self._pipeline, kept))

    def __repr__(self) -> str:
        actions = f"{len(self._states)} {'action' if len(self._states) == 1 else 'actions'}"
        return f"PipelineBuilder({', '.join(self.task_labels) or 'no tasks'}; {actions})"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        from .views.builders import pipeline_builder_bundle

        bundle: dict[str, str] = pipeline_builder_bundle(self)
        return bundle


PipelineSource = str | os.PathLike[str] | ResourcePath | Pipeline | PipelineBuilder
"""What a `PipelineBuilder` can start from."""
