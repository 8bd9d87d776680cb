"""Which labelled subsets of a pipeline to draw as frames: frames cannot overlap, subsets may."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from jupyter_mpexec.diagram import Cluster

from .wording import listing

if TYPE_CHECKING:
    from lsst.pipe.base.pipeline_graph import PipelineGraph, TaskSubset

__all__ = ["subset_clusters"]


def subset_clusters(
    pipeline_graph: PipelineGraph, tasks: Iterable[str], node_ids: Callable[[set[str]], tuple[str, ...]]
) -> tuple[tuple[Cluster, ...], tuple[str, ...]]:
    """Choose subsets that do not overlap.

    Steps come first, then subsets named like steps, then large before small. A subset of all tasks says
    nothing, and one that overlaps with those chosen cannot be drawn.

    Parameters
    ----------
    pipeline_graph
        Where the subsets are defined.
    tasks
        Labels of the tasks that are drawn, in order.
    node_ids
        Gives the diagram's nodes that belong to a set of task labels.

    Returns
    -------
    clusters
        The frames, in the order of their first tasks.
    notes
        One line about each subset that is not drawn.
    """
    order = {label: position for position, label in enumerate(tasks)}
    subsets = {
        label: [task for task in order if task in subset]
        for label, subset in pipeline_graph.task_subsets.items()
    }
    chosen: list[str] = []
    taken: set[str] = set()
    for label in sorted(
        subsets, key=lambda label: _rank(pipeline_graph.task_subsets[label], len(subsets[label]))
    ):
        members = subsets[label]
        if members and len(members) < len(order) and taken.isdisjoint(members):
            chosen.append(label)
            taken.update(members)
    chosen.sort(key=lambda label: order[subsets[label][0]])
    clusters = tuple(
        Cluster(
            label=label,
            nodes=node_ids(set(subsets[label])),
            description=pipeline_graph.task_subsets[label].description,
        )
        for label in chosen
    )
    notes = tuple(
        f"Subset {label}: {'all tasks' if len(members) == len(order) else listing(members)}"
        for label, members in sorted(subsets.items())
        if label not in chosen and members
    )
    return clusters, notes


def _rank(subset: TaskSubset, size: int) -> tuple[bool, bool, int, str]:
    looks_like_step = re.match(r"step_?\d", subset.label, re.IGNORECASE) is not None
    return (not subset.is_step, not looks_like_step, -size, subset.label)
