"""Tasks and dataset types of a pipeline as nodes of a diagram."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from jupyter_mpexec.diagram import Node
from jupyter_mpexec.status import QuantumStatus

from .wording import dimensions_text, listing

if TYPE_CHECKING:
    from lsst.pipe.base.pipeline_graph import Edge, PipelineGraph, ReadEdge, TaskNode, WriteEdge

__all__ = ["dataset_type_id", "dataset_type_node", "task_dimensions", "task_id", "task_node"]


def task_id(label: str) -> str:
    """Give the node ID of a task."""
    return f"task:{label}"


def dataset_type_id(name: str) -> str:
    """Give the node ID of a dataset type."""
    return f"dataset-type:{name}"


def task_dimensions(task: TaskNode) -> str:
    """Write the dimensions of a task, of a resolved pipeline graph or not."""
    return dimensions_text(task.dimensions if task.has_resolved_dimensions else task.raw_dimensions)


def task_node(
    task: TaskNode,
    *,
    subsets: Iterable[str] = (),
    quanta: str = "",
    counts: Mapping[QuantumStatus, int] | None = None,
    arrows: bool = True,
    init_arrows: bool = False,
) -> Node:
    """Make the node of a task.

    Parameters
    ----------
    task
        The task.
    subsets
        Labels of the subsets that it is in.
    quanta
        How many quanta it has, in words; empty for a pipeline.
    counts
        Number of quanta by status, where it is known.
    arrows, init_arrows
        Whether arrows show what the task reads and writes when it runs, and when it is constructed: then the
        details need not.
    """
    details = [("task class", task.task_class_name), ("subsets", listing(subsets))]
    if not arrows:
        details += [
            ("inputs", _names(task.inputs.values())),
            ("prerequisite inputs", _names(task.prerequisite_inputs.values())),
            ("outputs", _names(task.outputs.values())),
        ]
    if not init_arrows:
        details += [
            ("init-inputs", _names(task.init.inputs.values())),
            ("init-outputs", _names(task.init.outputs.values())),
        ]
    shown = {status: number for status, number in (counts or {}).items() if number}
    # The box of a node with counts has their sum already.
    extra = (quanta,) if quanta and (not shown or " of " in quanta) else ()
    return Node(
        id=task_id(task.label),
        label=task.label,
        kind="task",
        lines=(task_dimensions(task), *extra),
        details=tuple((name, value) for name, value in details if value),
        counts=shown,
    )


def dataset_type_node(
    pipeline_graph: PipelineGraph,
    name: str,
    producer: WriteEdge | None,
    consumers: Iterable[ReadEdge],
) -> Node:
    """Make the node of a dataset type.

    Parameters
    ----------
    pipeline_graph
        Asked for the definition; if it is not resolved, what the connections say is shown.
    name
        Name of the dataset type, never of a component.
    producer
        The output connection that writes it.
    consumers
        The input connections that read it.
    """
    consumers = list(consumers)
    edges: list[Edge] = [*([producer] if producer else []), *consumers]
    # What reads a component knows the component's storage class only.
    whole = [edge for edge in edges if getattr(edge, "component", None) is None]
    resolved = pipeline_graph.dataset_types.get_if_resolved(name)
    if resolved is not None:
        storage_class, dimensions = resolved.storage_class_name, dimensions_text(resolved.dimensions)
    else:
        storage_class = whole[0].storage_class_name if whole else "unknown storage class"
        dimensions = dimensions_text(edges[0].raw_dimensions)
    prerequisite = bool(consumers) and all(edge.is_prerequisite for edge in consumers)
    if producer is not None:
        role = f"output of {producer.task_label}"
    else:
        role = "prerequisite input of the pipeline" if prerequisite else "input of the pipeline"
    read_as = sorted(
        {
            f"{edge.component or 'whole'} as {edge.storage_class_name}"
            for edge in consumers
            if edge.component or edge.storage_class_name != storage_class
        }
    )
    details = [
        ("role", role),
        ("read by", listing(dict.fromkeys(edge.task_label for edge in consumers))),
        ("read as", listing(read_as)),
        ("calibration", "yes" if any(edge.is_calibration for edge in edges) else ""),
    ]
    return Node(
        id=dataset_type_id(name),
        label=name,
        kind="dataset_type",
        lines=(storage_class, dimensions),
        details=tuple((key, value) for key, value in details if value),
        init=bool(edges) and all(edge.is_init for edge in edges),
    )


def _names(edges: Iterable[Edge]) -> str:
    # Connections come in the order of a set, another one in each process.
    return listing(sorted({edge.dataset_type_name for edge in edges}))
