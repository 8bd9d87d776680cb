"""The changes that a `PipelineBuilder` makes to a pipeline: records, one class for all kinds."""

from __future__ import annotations

import enum
from dataclasses import dataclass

__all__ = ["ActionKind", "PipelineAction"]


class ActionKind(enum.StrEnum):
    """What an action does."""

    ADD_TASK = "add_task"
    DELETE_TASK = "delete_task"
    RELABEL = "relabel"
    CONFIG = "config"
    CONFIG_FILE = "config_file"
    INSTRUMENT = "instrument"
    PARAMETER = "parameter"
    SELECT = "select"
    SUBSET = "subset"


@dataclass(frozen=True)
class PipelineAction:
    """One change to a pipeline.

    Parameters
    ----------
    kind
        What it does.
    label
        Label of the task that it is about; for a subset, the labels, separated by commas; otherwise empty.
    name
        Configuration field, parameter, task class or new label.
    value
        New value, as it would be written on a command line; file or expression.
    removed
        Labels of the tasks that a selection took out, in pipeline order.
    """

    kind: ActionKind
    label: str = ""
    name: str = ""
    value: str = ""
    removed: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The action in words."""
        match self.kind:
            case ActionKind.ADD_TASK:
                return f"add task {self.label} ({self.name})"
            case ActionKind.DELETE_TASK:
                return f"delete task {self.label}"
            case ActionKind.RELABEL:
                return f"rename task {self.label} to {self.name}"
            case ActionKind.CONFIG:
                return f"set {self.label}: {self.name} = {self.value}"
            case ActionKind.CONFIG_FILE:
                return f"configure {self.label} from {self.value}"
            case ActionKind.INSTRUMENT:
                return f"use instrument {self.name}"
            case ActionKind.PARAMETER:
                return f"set parameter {self.name} = {self.value}"
            case ActionKind.SELECT:
                return f"select tasks {self.value}"
            case ActionKind.SUBSET:
                return f"keep tasks {self.label}"

    @property
    def words(self) -> tuple[str, ...]:
        """The options of `pipetask` that do the same; empty if there are none."""
        match self.kind:
            case ActionKind.ADD_TASK:
                return ("-t", f"{self.name}:{self.label}")
            case ActionKind.DELETE_TASK:
                return ("--delete", self.label)
            case ActionKind.CONFIG:
                return ("-c", f"{self.label}:{self.name}={self.value}")
            case ActionKind.CONFIG_FILE:
                return ("-C", f"{self.label}:{self.value}")
            case ActionKind.INSTRUMENT:
                return ("--instrument", self.name)
            case ActionKind.PARAMETER:
                return ("-c", f"parameters:{self.name}={self.value}")
            case ActionKind.SELECT | ActionKind.SUBSET:
                return tuple(word for label in self.removed for word in ("--delete", label))
            case ActionKind.RELABEL:
                return ()

    @property
    def has_words(self) -> bool:
        """Whether options of `pipetask` can do the same."""
        return self.kind is not ActionKind.RELABEL

    def __str__(self) -> str:
        return self.text
