"""Values for config fields, between Python, YAML and command lines."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from lsst.pex.config import ChoiceField, Config, ConfigChoiceField
from lsst.pipe.base import Pipeline
from lsst.pipe.base.pipelineIR import PipelineIR, TaskIR

from jupyter_mpexec.errors import PipelineError, UsageError, did_you_mean

from .task_config import describe_task, field_names

__all__ = ["as_word", "choices", "plain_value", "with_override", "with_parameter"]


def plain_value(value: Any) -> Any:
    """Turn a value into what a pipeline file can hold: numbers, texts, None, lists and dicts of those.

    Raises
    ------
    UsageError
        Raised if that is not possible.
    """
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, dict):
        return {plain_value(key): plain_value(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain_value(inner) for inner in value]
    if hasattr(value, "item") and getattr(value, "shape", None) == ():  # a NumPy number
        return plain_value(value.item())
    raise UsageError(
        f"A pipeline cannot hold a value of type {type(value).__name__}: {value!r}.",
        hint="Use numbers, texts, lists and dictionaries, or a config file.",
    )


def as_word(value: Any) -> str:
    """Write a value as on a command line."""
    return value if isinstance(value, str) else repr(value)


def with_override(pipeline: Pipeline, label: str, name: str, value: Any) -> tuple[Pipeline, Any]:
    """Add one config override to a copy of a pipeline, and check that it can be applied.

    A text is read as on a command line, where ``"3"`` may be a number; if the field does not take that, it is
    quoted.

    Returns
    -------
    changed, value
        The copy, and the value as it was put in.

    Raises
    ------
    TaskNotFoundError
        Raised if there is no such task.
    PipelineError
        Raised if there is no such field, or the value does not fit.
    """
    task = describe_task(pipeline, label)
    value = plain_value(value)
    known = field_names(task.checked_config())
    if name.partition(".")[0] not in known:
        raise PipelineError(
            f"The config of task {label!r} ({task.task.klass}) has no field {name!r}.",
            hint=did_you_mean(name, known) or f"Its fields: {', '.join(sorted(known))}.",
        )
    tries = [value, repr(value)] if isinstance(value, str) else [value]
    problem: PipelineError | None = None
    for attempt in tries:
        changed = Pipeline.fromPipeline(pipeline)
        changed.addConfigOverride(label, name, attempt)
        try:
            describe_task(changed, label).checked_config()
        except PipelineError as error:
            problem = problem or error
        else:
            return changed, attempt
    assert problem is not None
    if problem.__cause__ is None or isinstance(problem.__cause__, AttributeError):
        raise problem
    reason = str(problem.__cause__).splitlines()[0].rstrip(".")
    current = _current(task.config(), name)
    raise PipelineError(
        f"Task {label!r}: {name} cannot be set to {value!r}: {reason}.",
        hint=choices(task.config(), name, value) or f"It is {current!r} now.",
    ) from problem.__cause__


def choices(config: Config, name: str, value: Any) -> str:
    """Say what a field takes that has a choice, to somebody who has given something else.

    Returns
    -------
    hint
        Empty if the field takes anything.
    """
    path, _, last = name.rpartition(".")
    owner = _current(config, path) if path else config
    field = getattr(type(owner), last, None)
    if isinstance(field, ConfigChoiceField):  # of configurations, perhaps from a registry
        allowed = list(field.typemap)
    elif isinstance(field, ChoiceField):
        allowed = [choice for choice in field.allowed if choice is not None]
    else:
        return ""
    suggestion = did_you_mean(str(value), map(str, allowed))
    return f"{suggestion} It takes {', '.join(map(repr, allowed))}.".strip()


def with_parameter(pipeline: Pipeline, name: str, value: Any, *, declare: bool) -> Pipeline:
    """Set a parameter in a copy of a pipeline, and check the configs that refer to it.

    Raises
    ------
    PipelineError
        Raised if there is no such parameter (unless it is declared), or its value does not fit where it is
        used.
    """
    before = PipelineIR.from_string(str(pipeline))
    users = [label for label, task in before.tasks.items() if _refers_to(task, name)]
    if not declare and not users and name not in before.parameters:
        known = list(before.parameters.mapping)
        raise PipelineError(
            f"The pipeline has no parameter {name!r}.",
            hint=did_you_mean(name, known) or f"Its parameters: {', '.join(known) or 'none'}.",
        )
    changed = Pipeline.fromPipeline(pipeline)
    changed.addConfigOverride("parameters", name, plain_value(value))
    for label in users:
        describe_task(changed, label).checked_config()
    return changed


def _refers_to(task: TaskIR, parameter: str) -> bool:
    return any(
        value == f"parameters.{parameter}"
        for override in task.config or ()
        for value in override.rest.values()
    )


def _current(config: Config, name: str) -> Any:
    try:
        return attrgetter(name)(config)
    except AttributeError:
        return None
