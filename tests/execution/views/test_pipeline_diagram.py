from __future__ import annotations

from lsst.pipe.base.pipeline_graph import PipelineGraph
from lsst.pipe.base.quantum_graph import PredictedQuantumGraph

from jupyter_mpexec.diagram import Diagram
from jupyter_mpexec.execution.views.pipeline_diagram import pipeline_diagram
from jupyter_mpexec.status import QuantumStatus


def labels(diagram: Diagram, kind: str) -> list[str]:
    return [node.label for node in diagram.nodes if node.kind == kind]


def test_resolved(quantum_graph: PredictedQuantumGraph) -> None:
    diagram = pipeline_diagram(quantum_graph.pipeline_graph)
    nodes = {node.label: node for node in diagram.nodes}
    assert labels(diagram, "task") == ["isr", "calibrate", "summary"]
    # Metadata is drawn, because a task reads it; logs and configurations are not.
    assert set(labels(diagram, "dataset_type")) == {
        "raw", "crosstalk", "corrected", "isr_metadata", "calexp", "visitSummary",
    }  # fmt: skip
    assert nodes["isr_metadata"].lines == ("TaskMetadata", "instrument, detector, visit")
    assert ("task class", "lsst.pipe.base.tests.mocks.DynamicTestPipelineTask") in nodes["isr"].details
    assert [edge.source for edge in diagram.edges if edge.prerequisite] == ["dataset-type:crosstalk"]


def test_unresolved_is_drawn_and_not_changed(unresolved: PipelineGraph) -> None:
    assert not unresolved.is_fully_resolved
    diagram = pipeline_diagram(unresolved)
    nodes = {node.label: node for node in diagram.nodes}
    assert nodes["summary"].lines == ("visit",)
    assert nodes["crosstalk"].lines[1] == "detector"
    assert not unresolved.is_fully_resolved
    assert not unresolved.has_been_sorted


def test_init_and_automatic(quantum_graph: PredictedQuantumGraph) -> None:
    graph = quantum_graph.pipeline_graph
    init = pipeline_diagram(graph, init=True)
    assert [node.label for node in init.nodes if node.init] == ["src_schema"]
    automatic = pipeline_diagram(graph, init=True, automatic=True)
    assert {"isr_log", "isr_config", "calibrate_metadata"} <= set(labels(automatic, "dataset_type"))


def test_tasks_only_with_counts(quantum_graph: PredictedQuantumGraph) -> None:
    counts = {"isr": {QuantumStatus.FAILED: 2}, "summary": {QuantumStatus.PENDING: 1}}
    diagram = pipeline_diagram(quantum_graph.pipeline_graph, dataset_types=False, counts=counts)
    assert [(node.label, dict(node.counts)) for node in diagram.nodes] == list(counts.items())
    assert [(edge.source, edge.target) for edge in diagram.edges] == [("task:isr", "task:summary")]


def test_subsets_that_overlap_become_notes(quantum_graph: PredictedQuantumGraph) -> None:
    diagram = pipeline_diagram(quantum_graph.pipeline_graph)
    (cluster,) = diagram.clusters
    assert cluster.label == "step1"
    assert cluster.nodes == ("task:isr", "dataset-type:corrected", "task:calibrate")
    assert diagram.notes == ("Subset everything: all tasks", "Subset overlapping: calibrate, summary")
    assert not pipeline_diagram(quantum_graph.pipeline_graph, subsets=False).clusters


def test_steps_are_preferred(unresolved: PipelineGraph) -> None:
    unresolved.steps.assign(["overlapping"])
    assert [cluster.label for cluster in pipeline_diagram(unresolved).clusters] == ["overlapping"]


def test_empty() -> None:
    assert pipeline_diagram(PipelineGraph()).nodes == ()
