"""What ``--show`` prints of a quantum graph."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from lsst.daf.butler import Butler, DatasetRef, Quantum
from lsst.pipe.base.quantum_graph import PredictedQuantumGraph

from .built_graph import BuiltQuantumGraph
from .repository import open_butler
from .show import split_item

__all__ = ["show_graph"]


def show_graph(items: Sequence[str], built: BuiltQuantumGraph) -> Iterator[str]:
    """Yield the text of each item that is about a quantum graph; items of a pipeline are passed over.

    Parameters
    ----------
    items
        The values of ``--show``.
    built
        The quantum graph.
    """
    for item in items:
        match split_item(item)[0]:
            case "graph":
                yield from _graph(built.graph)
            case "workflow":
                yield from _workflow(built.graph)
            case "uri":
                with open_butler(built.repository) as butler:
                    yield from _uris(built.graph, butler)


def _graph(graph: PredictedQuantumGraph) -> Iterator[str]:
    for label, quanta in graph.quanta_by_task.items():
        if not quanta:
            continue
        yield f"{label} ({graph.pipeline_graph.tasks[label].task_class_name})\n"
        full = graph.build_execution_quanta(task_label=label)
        for data_id, quantum_id in quanta.items():
            quantum = full[quantum_id]
            yield f"  Quantum {quantum_id} dataId={data_id}:\n"
            for title, groups in (("inputs", quantum.inputs), ("outputs", quantum.outputs)):
                yield f"    {title}:\n"
                for dataset_type, refs in groups.items():
                    yield from _refs(dataset_type.name, refs, quantum)


def _refs(name: str, refs: Iterable[DatasetRef], quantum: Quantum) -> Iterator[str]:
    yield f"      {name}:\n"
    for ref in refs:
        yield f"        - {ref}\n"
        for datastore, records in quantum.datastore_records.items():
            for table, rows in records.records.get(ref.id, {}).items():
                yield f"          records for {datastore}: {table}\n"
                yield from (f"            - {row}\n" for row in rows)


def _workflow(graph: PredictedQuantumGraph) -> Iterator[str]:
    xgraph = graph.quantum_only_xgraph
    for child, data in xgraph.nodes.items():
        yield f"Quantum {child}: {data['pipeline_node'].task_class_name}\n"
        for parent in xgraph.predecessors(child):
            yield f"Parent Quantum {parent} - Child Quantum {child}\n"


def _uris(graph: PredictedQuantumGraph, butler: Butler) -> Iterator[str]:
    full = graph.build_execution_quanta()
    for quantum_id, data in graph.quantum_only_xgraph.nodes.items():
        yield f"Quantum {quantum_id}: {data['pipeline_node'].task_class_name}\n"
        for title, groups in (("inputs", full[quantum_id].inputs), ("outputs", full[quantum_id].outputs)):
            yield f"  {title}:\n"
            for refs in groups.values():
                for ref in refs:
                    yield from _locations(butler, ref)


def _locations(butler: Butler, ref: DatasetRef) -> Iterator[str]:
    uris = butler.getURIs(ref, predict=True)
    if uris.primaryURI is not None:
        yield f"    {uris.primaryURI}\n"
    else:
        yield "    (in parts)\n"
        yield from (f"        {name}: {uri}\n" for name, uri in uris.componentURIs.items())
