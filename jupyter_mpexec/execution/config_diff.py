"""What a pipeline changes in the configuration of a task, against the defaults of the task's class."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from lsst.pex.config import Config
from lsst.pipe.base import Pipeline

from .task_config import describe_task

__all__ = ["ConfigChange", "config_diff", "is_same", "leaves"]


@dataclass(frozen=True)
class ConfigChange:
    """One field that differs from its default.

    Parameters
    ----------
    default
        Value that the class of the task gives it.
    value
        Value that it has in the pipeline.
    origin
        Who changed it last: the pipeline's instrument, or the pipeline (its file, and actions on it).
    """

    default: Any
    value: Any
    origin: Literal["instrument", "pipeline"]


def config_diff(pipeline: Pipeline, label: str) -> dict[str, ConfigChange]:
    """Compare the configuration of a task with its defaults.

    Parameters
    ----------
    pipeline
        The pipeline.
    label
        Label of the task.

    Returns
    -------
    changes
        The fields that differ, by dotted name, in the order of the config.

    Raises
    ------
    TaskNotFoundError
        Raised if there is no such task.
    PipelineError
        Raised if the configuration cannot be made.
    """
    task = describe_task(pipeline, label)
    values = dict(leaves(task.checked_config()))
    defaults = dict(leaves(task.config(instrument=False, pipeline=False)))
    of_instrument = dict(leaves(task.config(pipeline=False)))
    return {
        name: ConfigChange(
            defaults.get(name),
            value,
            "instrument" if name in of_instrument and is_same(of_instrument[name], value) else "pipeline",
        )
        for name, value in values.items()
        if name not in defaults or not is_same(defaults[name], value)
    }


def leaves(config: Config, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Give all fields of a config and of the configs in it, by dotted name."""
    plain = config.toDict()
    for name, value in config.items():
        if isinstance(value, Config):
            yield from leaves(value, f"{prefix}{name}.")
        elif isinstance(
            getattr(value, "value", None), Config
        ):  # a configurable field: a class and its config
            yield f"{prefix}{name}", value.target.__name__
            yield from leaves(value.value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", plain[name]


def is_same(one: Any, other: Any) -> bool:
    """Compare values of fields; not a number is the same as itself."""
    both_nan = one != one and other != other
    return bool(one == other) or bool(both_nan)
