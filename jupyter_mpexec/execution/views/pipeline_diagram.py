"""A pipeline graph as a diagram of tasks and dataset types."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

import networkx

from jupyter_mpexec.diagram import Diagram, Edge, Node
from jupyter_mpexec.display import formats
from jupyter_mpexec.display.svg import MOST_PARTS
from jupyter_mpexec.status import QuantumStatus

from .pipeline_nodes import dataset_type_id, dataset_type_node, task_id, task_node
from .subset_clusters import subset_clusters
from .wording import listing

if TYPE_CHECKING:
    from lsst.pipe.base.pipeline_graph import PipelineGraph, ReadEdge, TaskNode, WriteEdge

MANY_TASKS = 60
"""Number of tasks above which a diagram of tasks alone does not list the dataset types of each."""

AnyEdge = TypeVar("AnyEdge", "ReadEdge", "WriteEdge")

__all__ = ["is_too_large", "pipeline_diagram", "task_edges"]


def pipeline_diagram(
    pipeline_graph: PipelineGraph,
    *,
    init: bool = False,
    dataset_types: bool = True,
    subsets: bool = True,
    automatic: bool = False,
    counts: Mapping[str, Mapping[QuantumStatus, int]] | None = None,
    quanta: Mapping[str, str] | None = None,
) -> Diagram:
    """Draw a pipeline graph, resolved or not.

    Parameters
    ----------
    pipeline_graph
        What to draw; it is not changed.
    init
        Also draw init-inputs and init-outputs.
    dataset_types
        Draw dataset types; otherwise tasks are joined directly.
    subsets
        Draw labelled subsets as frames around their tasks, as far as they do not overlap.
    automatic
        Also draw the configuration (with ``init``), log and metadata outputs that each task has. One that
        another task reads is always drawn.
    counts
        Number of quanta by status, by task label; only tasks that are named here are drawn.
    quanta
        How many quanta there are, in words, by task label; likewise.

    Returns
    -------
    diagram
        Nodes in topological order.
    """
    graph = _sorted(pipeline_graph)
    wanted = quanta if quanta is not None else counts
    tasks = {label: task for label, task in graph.tasks.items() if wanted is None or label in wanted}
    in_subsets = {
        label: [name for name, subset in sorted(graph.task_subsets.items()) if label in subset]
        for label in tasks
    }
    nodes = {
        label: task_node(
            task,
            subsets=in_subsets[label],
            quanta=(quanta or {}).get(label, ""),
            counts=(counts or {}).get(label),
            arrows=dataset_types or len(tasks) > MANY_TASKS,
            init_arrows=dataset_types and init,
        )
        for label, task in tasks.items()
    }
    owners: dict[str, set[str]] = {}
    omitted: tuple[str, ...] = ()
    if dataset_types:
        ordered, edges = _with_dataset_types(graph, tasks, nodes, owners, init=init, automatic=automatic)
    else:
        ordered, edges = list(nodes.values()), task_edges(tasks)
        if is_too_large(ordered, edges):
            edges = _direct(edges)
            omitted = ("Arrows that others imply are left out.",)

    def node_ids(members: set[str]) -> tuple[str, ...]:
        inside = {dataset_type_id(name) for name, labels in owners.items() if labels <= members}
        inside.update(task_id(label) for label in members)
        return tuple(node.id for node in ordered if node.id in inside)

    clusters, notes = subset_clusters(graph, tasks, node_ids) if subsets else ((), ())
    n_dataset_types = sum(node.kind == "dataset_type" for node in ordered)
    title = f"Pipeline of {formats.plural(len(tasks), 'task')}"
    if dataset_types:
        title += f" and {formats.plural(n_dataset_types, 'dataset type')}"
    description = f"Tasks from first to last: {listing(tasks, 30) or 'none'}."
    return Diagram(
        title=title,
        description=" ".join([*_sentence(graph.description), description]),
        nodes=tuple(ordered),
        edges=tuple(edges),
        clusters=clusters,
        notes=omitted + notes,
    )


def task_edges(tasks: Mapping[str, TaskNode]) -> list[Edge]:
    """Join tasks directly: one edge where a task reads anything that another one writes."""
    producers: dict[str, str] = {
        edge.parent_dataset_type_name: label
        for label, task in tasks.items()
        for edge in task.iter_all_outputs()
    }
    pairs = {
        (producers[edge.parent_dataset_type_name], label): None
        for label, task in tasks.items()
        for edge in _inputs(task, init=False)
        if edge.parent_dataset_type_name in producers
    }
    return [Edge(source=task_id(source), target=task_id(target)) for source, target in pairs]


def is_too_large(nodes: Sequence[Node], edges: Sequence[Edge]) -> bool:
    """Tell whether so much would not be drawn."""
    return len(nodes) + len(edges) > MOST_PARTS


def _direct(edges: list[Edge]) -> list[Edge]:
    """Leave out each edge between two nodes that a longer path joins too."""
    kept = networkx.transitive_reduction(networkx.DiGraph((edge.source, edge.target) for edge in edges))
    return [edge for edge in edges if kept.has_edge(edge.source, edge.target)]


def _sentence(text: str) -> list[str]:
    text = " ".join(text.split())
    return [text if text[-1] in ".!?" else f"{text}."] if text else []


def _sorted(pipeline_graph: PipelineGraph) -> PipelineGraph:
    if pipeline_graph.has_been_sorted:
        return pipeline_graph
    graph = pipeline_graph.copy()
    graph.sort()
    return graph


def _with_dataset_types(
    graph: PipelineGraph,
    tasks: Mapping[str, TaskNode],
    task_nodes: Mapping[str, Node],
    owners: dict[str, set[str]],
    *,
    init: bool,
    automatic: bool,
) -> tuple[list[Node], list[Edge]]:
    """Make nodes and edges, dataset types before the first task that needs them.

    ``owners`` receives the tasks around each dataset type that some task here writes.
    """
    reads: dict[str, list[ReadEdge]] = {}
    for task in tasks.values():
        for read in _inputs(task, init):
            reads.setdefault(read.parent_dataset_type_name, []).append(read)
    writes: dict[str, WriteEdge] = {}
    for task in tasks.values():
        for write in _outputs(task, init, automatic):
            writes[write.parent_dataset_type_name] = write
        # Metadata or a configuration that another task reads is an ordinary link between the two.
        for write in _outputs(task, init, automatic=True):
            if write.parent_dataset_type_name in reads:
                writes[write.parent_dataset_type_name] = write
    drawn: dict[str, Node] = {}
    edges: dict[tuple[str, str], Edge] = {}

    def draw_dataset_type(name: str) -> str:
        node_id = dataset_type_id(name)
        if node_id not in drawn:
            drawn[node_id] = dataset_type_node(graph, name, writes.get(name), reads.get(name, []))
            if name in writes:
                owners[name] = {writes[name].task_label, *(edge.task_label for edge in reads.get(name, []))}
        return node_id

    for label, task in tasks.items():
        target = task_id(label)
        for read in _inputs(task, init):
            source = draw_dataset_type(read.parent_dataset_type_name)
            edges.setdefault(
                (source, target), Edge(source=source, target=target, prerequisite=read.is_prerequisite)
            )
        drawn[target] = task_nodes[label]
        for write in _outputs(task, init, automatic=True):
            if writes.get(write.parent_dataset_type_name) is write:
                output = draw_dataset_type(write.parent_dataset_type_name)
                edges[target, output] = Edge(source=target, target=output)
    return list(drawn.values()), list(edges.values())


def _inputs(task: TaskNode, init: bool) -> Iterator[ReadEdge]:
    if init:
        yield from _ordered(task.init.inputs.values())
    yield from _ordered(task.inputs.values())
    yield from _ordered(task.prerequisite_inputs.values())


def _outputs(task: TaskNode, init: bool, automatic: bool) -> Iterator[WriteEdge]:
    if init:
        yield from _ordered(task.init.outputs.values())
        if automatic:
            yield task.init.config_output
    yield from _ordered(task.outputs.values())
    if automatic:
        if task.log_output is not None:
            yield task.log_output
        yield task.metadata_output


def _ordered(edges: Iterable[AnyEdge]) -> list[AnyEdge]:
    # Upstream keeps connections in sets, whose order differs from process to process.
    return sorted(edges, key=lambda edge: (edge.parent_dataset_type_name, edge.connection_name))
