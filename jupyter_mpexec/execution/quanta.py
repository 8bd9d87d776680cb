"""From a quantum graph to the quanta in the order of execution."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import networkx
from lsst.daf.butler import Quantum
from lsst.pipe.base import QuantumGraph
from lsst.pipe.base.execution_graph_fixup import ExecutionGraphFixup
from lsst.pipe.base.quantum_graph import PredictedQuantumGraph

from .errors import GraphExecutionError
from .quantum_data import QuantumData

__all__ = ["as_predicted_graph", "enumerate_quanta", "task_dependencies"]


def as_predicted_graph(graph: QuantumGraph | PredictedQuantumGraph) -> PredictedQuantumGraph:
    """Accept the old kind of quantum graph as well as the new one."""
    if isinstance(graph, QuantumGraph):
        return PredictedQuantumGraph.from_old_quantum_graph(graph)
    return graph


def enumerate_quanta(
    graph: PredictedQuantumGraph, fixup: ExecutionGraphFixup | None = None
) -> Iterator[QuantumData]:
    """Give all quanta, each after all its prerequisites.

    Quanta of one generation (of equal distance from the start of the graph) are ordered by task and data ID.

    Parameters
    ----------
    graph
        The quantum graph.
    fixup
        Adds dependencies of its own.

    Raises
    ------
    GraphExecutionError
        Raised if `fixup` makes quanta wait for each other.
    """
    dag = graph.quantum_only_xgraph
    if fixup is not None:
        dag = _fixed_up(graph, fixup)
    task_order = {label: index for index, label in enumerate(graph.pipeline_graph.tasks)}

    def key(quantum_id: uuid.UUID) -> tuple[Any, ...]:
        node = dag.nodes[quantum_id]
        return task_order[node["task_label"]], node["data_id"].required_values

    for generation in networkx.topological_generations(dag):
        for quantum_id in sorted(generation, key=key):
            node = dag.nodes[quantum_id]
            yield QuantumData(
                quantum_id=quantum_id,
                task_node=graph.pipeline_graph.tasks[node["task_label"]],
                data_coordinate=node["data_id"],
                prerequisites=frozenset(dag.predecessors(quantum_id)),
                make_quantum=_Maker(graph, quantum_id),
            )


def task_dependencies(graph: PredictedQuantumGraph) -> dict[str, tuple[str, ...]]:
    """Tell which tasks each task gets datasets from."""
    pipeline_graph = graph.pipeline_graph
    dag = pipeline_graph.make_task_xgraph()
    return {
        node.label: tuple(sorted(source.name for source in dag.predecessors(node.key)))
        for node in pipeline_graph.tasks.values()
    }


class _Maker:
    """Builds one quantum when it is asked for."""

    __slots__ = ("_graph", "_quantum_id")

    def __init__(self, graph: PredictedQuantumGraph, quantum_id: uuid.UUID) -> None:
        self._graph = graph
        self._quantum_id = quantum_id

    def __call__(self) -> Quantum:
        quantum = self._graph.build_execution_quanta([self._quantum_id])[self._quantum_id]
        # The graph would keep it to the end: that is most of what a large run would need of memory.
        for dag in (self._graph.quantum_only_xgraph, self._graph.bipartite_xgraph):
            dag.nodes[self._quantum_id].pop("quantum", None)
        return quantum


def _fixed_up(graph: PredictedQuantumGraph, fixup: ExecutionGraphFixup) -> networkx.DiGraph:
    # A fixup may look at the quanta themselves.
    graph.build_execution_quanta()
    dag = graph.quantum_only_xgraph.copy()
    try:
        fixup.fixup_graph(dag, graph.quanta_by_task)
    except NotImplementedError:
        # An older kind of fixup, that only knows the older kind of graph.
        old = fixup.fixupQuanta(graph.to_old_quantum_graph())
        dag.update(edges=[(before.nodeId, after.nodeId) for before, after in old.graph.edges])
    if not networkx.is_directed_acyclic_graph(dag):
        cycle = [dag.nodes[q]["task_label"] for q, _ in networkx.find_cycle(dag)]
        raise GraphExecutionError(
            f"{type(fixup).__name__} makes quanta wait for each other: {' → '.join(cycle)}.",
            hint="Leave out the graph fixup, or mend it.",
        )
    return dag
