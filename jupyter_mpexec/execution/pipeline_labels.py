"""The task and subset labels of a pipeline: look them up, keep some, rename one."""

from __future__ import annotations

import re
from typing import Any

import yaml
from lsst.pipe.base import LabelSpecifier, Pipeline
from lsst.pipe.base.pipeline_graph import InvalidExpressionError, PipelineGraph
from lsst.pipe.base.pipelineIR import PipelineSubsetCtrl

from jupyter_mpexec.errors import PipelineError, TaskNotFoundError, did_you_mean

__all__ = ["check_free", "check_task", "keep_tasks", "rename_task", "select_labels"]


def check_task(pipeline: Pipeline, label: str, *, or_subset: bool = False) -> None:
    """Check that a pipeline has a task (or a subset) of some label.

    Raises
    ------
    TaskNotFoundError
        Raised if it has not; with a suggestion.
    """
    known = [*pipeline.task_labels, *(pipeline.subsets if or_subset else ())]
    if label not in known:
        raise TaskNotFoundError(
            f"The pipeline has no task {'or subset ' if or_subset else ''}{label!r}.",
            hint=did_you_mean(label, known) or f"It has: {', '.join(known) or 'none'}.",
        )


def check_free(pipeline: Pipeline, label: str) -> None:
    """Check that a pipeline has no task or subset of some label yet.

    Raises
    ------
    PipelineError
        Raised if it has.
    """
    if label in pipeline.task_labels or label in pipeline.subsets:
        what = "task" if label in pipeline.task_labels else "subset"
        raise PipelineError(
            f"The pipeline has a {what} {label!r} already.", hint="Give another label, or delete it first."
        )


def select_labels(graph: PipelineGraph, expression: str) -> set[str]:
    """Get the labels of the tasks that a subset expression selects.

    Raises
    ------
    PipelineError
        Raised if it cannot be parsed, or names something unknown; with a suggestion.
    """
    try:
        return set(graph.select_tasks(expression))
    except InvalidExpressionError as error:
        known = [*graph.tasks, *graph.task_subsets, *graph.dataset_types]
        word = next(iter(str(error).split("'")[1:2]), "")
        raise PipelineError(
            f"The selection {expression!r} is not right: {error}", hint=did_you_mean(word, known)
        ) from error


def keep_tasks(pipeline: Pipeline, labels: set[str]) -> Pipeline:
    """Take all other tasks out of a pipeline, and out of its contracts and subsets."""
    if labels:
        return pipeline.subsetFromLabels(LabelSpecifier(labels=set(labels)), PipelineSubsetCtrl.EDIT)
    emptied = Pipeline.fromPipeline(pipeline)
    for label in list(emptied.task_labels):
        for subset in emptied.findSubsetsWithLabel(label):
            emptied.removeLabelFromSubset(subset, label)
        emptied.removeTask(label)
    return emptied


def rename_task(pipeline: Pipeline, old: str, new: str) -> Pipeline:
    """Give a task another label, in its subsets and contracts too; it keeps its place."""
    document: dict[str, Any] = yaml.safe_load(str(pipeline))
    document["tasks"] = {new if label == old else label: task for label, task in document["tasks"].items()}
    for subset in document.get("subsets", {}).values():
        subset["subset"] = [new if label == old else label for label in subset["subset"]]
    for contract in document.get("contracts", []):
        contract["contract"] = re.sub(rf"(?<![\w.]){re.escape(old)}(?=\.)", new, contract["contract"])
    return Pipeline.fromString(yaml.safe_dump(document, sort_keys=False))
