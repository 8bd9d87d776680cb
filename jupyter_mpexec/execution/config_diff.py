"""What a pipeline changes in the configuration of a task, against the defaults of the task's class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from lsst.pipe.base import Pipeline

from .config_leaves import config_leaves, is_same
from .task_config import describe_task

__all__ = ["ConfigChange", "config_diff"]


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
    of_instrument = {leaf.name: leaf.value for leaf in config_leaves(task.config(pipeline=False))}
    return {
        leaf.name: ConfigChange(
            leaf.default,
            leaf.value,
            "instrument"
            if leaf.name in of_instrument and is_same(of_instrument[leaf.name], leaf.value)
            else "pipeline",
        )
        for leaf in config_leaves(task.checked_config(), task.config(instrument=False, pipeline=False))
        if leaf.is_changed
    }
