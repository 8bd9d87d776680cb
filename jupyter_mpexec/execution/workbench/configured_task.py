"""Task nodes with another configuration, for reruns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any

from lsst.pex.config import Config, FieldValidationError
from lsst.pipe.base.pipeline_graph import EdgesChangedError, PipelineGraph, TaskNode

from ...errors import UsageError, did_you_mean, sentence
from ..config_leaves import config_leaves, is_same
from ..config_values import choices
from ..task_config import field_names

__all__ = ["ConfigChange", "changed_fields", "with_config"]

ConfigChange = Mapping[str, Any] | Callable[[Any], object] | Config
"""New values by field name (dots for inner ones), a function that changes a copy, or a whole configuration."""


def with_config(graph: PipelineGraph, node: TaskNode, change: ConfigChange) -> TaskNode:
    """Get the node of a task as it would be with another configuration.

    Parameters
    ----------
    graph
        The pipeline; it is not changed.
    node
        The task.
    change
        What is different.

    Raises
    ------
    UsageError
        Raised if a field does not exist or does not take its value, or the quantum would read or write something else.
    """
    config = _changed(node, change)
    try:
        config.validate()
    except (FieldValidationError, ValueError) as error:
        raise UsageError(f"This is no configuration for {node.label}: {_brief(error)}") from error
    copy = graph.copy()
    try:
        copy.reconfigure_tasks((node.label, config), check_edges_unchanged=True)
    except EdgesChangedError as error:
        raise UsageError(
            f"With this configuration, {node.label} reads or writes other datasets than the quantum has.",
            hint="Build another graph with it: the inputs and outputs of a quantum are settled there.",
        ) from error
    return copy.tasks[node.label]


def changed_fields(before: Config, after: Config) -> dict[str, tuple[Any, Any]]:
    """Tell which fields differ: old and new value by name."""
    old, new = ({leaf.name: leaf.value for leaf in config_leaves(config)} for config in (before, after))
    names = dict.fromkeys((*old, *new))
    return {
        name: (old.get(name), new.get(name)) for name in names if not is_same(old.get(name), new.get(name))
    }


def _changed(node: TaskNode, change: ConfigChange) -> Any:
    if isinstance(change, Config):
        if not isinstance(change, type(node.config)):
            raise UsageError(
                f"A {type(change).__name__} is no configuration for {node.label}, which has a "
                f"{type(node.config).__name__}."
            )
        return change.copy()
    config = node.config.copy()
    if callable(change):
        change(config)
        return config
    for name, value in change.items():
        _set(config, name, value, node.label)
    return config


def _set(config: Config, name: str, value: Any, label: str) -> None:
    path, _, last = name.rpartition(".")
    try:
        inner = attrgetter(path)(config) if path else config
        if last not in field_names(inner) and not hasattr(inner, last):
            raise AttributeError(last)
    except AttributeError as error:
        known = field_names(config)
        hint = did_you_mean(name, known) or f"Its fields: {', '.join(sorted(known))}."
        raise UsageError(f"The config of {label} has no field {name!r}.", hint=hint) from error
    try:
        setattr(inner, last, value)
    except (FieldValidationError, AttributeError, TypeError, ValueError) as error:
        fields = sorted(field for field in field_names(config) if field.startswith(f"{name}."))
        now = f"Set its fields: {', '.join(fields)}." if fields else f"It is {getattr(inner, last)!r} now."
        raise UsageError(
            f"{label}: {name} cannot be set to {value!r}: {_brief(error)}",
            hint=choices(inner, last, value) or now,
        ) from error


def _brief(error: Exception) -> str:
    lines = [line for line in str(error).splitlines() if line.strip()]
    return sentence(lines[0] if lines else type(error).__name__)
