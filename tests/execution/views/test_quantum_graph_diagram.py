from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from lsst.pipe.base.quantum_graph import PredictedQuantumGraph

from jupyter_mpexec.errors import QueryError, TaskNotFoundError
from jupyter_mpexec.execution.views.quantum_graph_diagram import quantum_graph_diagram
from jupyter_mpexec.status import QuantumStatus

from .graphs import make_thin_components


def test_small_is_full(quantum_graph: PredictedQuantumGraph) -> None:
    diagram = quantum_graph_diagram(quantum_graph)
    assert Counter(node.label for node in diagram.nodes) == {"isr": 8, "calibrate": 8, "summary": 2}
    assert len(diagram.edges) == quantum_graph.quantum_only_xgraph.number_of_edges()
    assert diagram.nodes[0].lines == ("detector=1, visit=1",)
    assert "All have instrument=Cam1." in diagram.notes


@pytest.mark.parametrize("form", ["new", "old", "components"])
def test_all_forms_agree(quantum_graph: PredictedQuantumGraph, form: str) -> None:
    graph: Any = quantum_graph
    if form == "old":
        graph = quantum_graph.to_old_quantum_graph()
    elif form == "components":
        graph = make_thin_components(2, 4)
        assert len(quantum_graph_diagram(graph).nodes) == 18
    diagram = quantum_graph_diagram(graph, task_label="calibrate", where="visit = 1 AND detector = 2")
    assert [(node.label, node.lines[1:]) for node in diagram.nodes] == [
        ("isr", ("neighbour",)),
        ("calibrate", ()),
        ("summary", ("neighbour",)),
    ]
    assert len(diagram.edges) == 3
    assert diagram.title.startswith("Quantum graph: 1 of 18 quanta")


def test_statuses(quantum_graph: PredictedQuantumGraph) -> None:
    failed = str(next(iter(quantum_graph)))
    statuses = {failed: QuantumStatus.FAILED}
    full = quantum_graph_diagram(quantum_graph, statuses=statuses)
    assert Counter(node.status for node in full.nodes) == {QuantumStatus.FAILED: 1, QuantumStatus.PENDING: 17}
    collapsed = quantum_graph_diagram(quantum_graph, max_nodes=5, statuses=statuses)
    assert collapsed.nodes[0].counts == {QuantumStatus.FAILED: 1, QuantumStatus.PENDING: 7}
    assert collapsed.nodes[0].lines == ("instrument, detector, visit",)
    part = quantum_graph_diagram(quantum_graph, where="visit = 1", max_nodes=5, statuses=statuses)
    assert sum(sum(node.counts.values()) for node in part.nodes) == 9


def test_datasets(quantum_graph: PredictedQuantumGraph) -> None:
    diagram = quantum_graph_diagram(quantum_graph, where="visit = 1 AND detector = 1", datasets=True)
    assert [node.label for node in diagram.nodes] == [
        "crosstalk", "raw", "isr", "corrected", "calibrate", "calexp",
    ]  # fmt: skip
    assert [edge.source.partition("(")[0] for edge in diagram.edges if edge.prerequisite] == [
        "dataset:crosstalk"
    ]
    crowded = quantum_graph_diagram(quantum_graph, datasets=True, max_nodes=20)
    assert {node.kind for node in crowded.nodes} == {"quantum"}
    assert "only quanta are drawn" in crowded.notes[-1]


def test_nothing_matches(quantum_graph: PredictedQuantumGraph) -> None:
    diagram = quantum_graph_diagram(quantum_graph, where="visit = 99")
    assert diagram.nodes == ()
    assert "No quantum matches." in diagram.notes


def test_wrong_questions(quantum_graph: PredictedQuantumGraph) -> None:
    with pytest.raises(TaskNotFoundError, match="Did you mean 'calibrate'"):
        quantum_graph_diagram(quantum_graph, task_label="calibrat")
    with pytest.raises(QueryError, match="Unknown dimension 'exposur'"):
        quantum_graph_diagram(quantum_graph, where="exposur = 3")


def test_partial_reads(tmp_path: Path, quantum_graph: PredictedQuantumGraph) -> None:
    components = make_thin_components(3, 30)
    path = tmp_path / "graph.qg"
    components.dimension_data = quantum_graph.dimension_data
    components.write(path)
    with PredictedQuantumGraph.open(path) as reader:
        header_only = quantum_graph_diagram(reader.finish())
        reader.read_thin_graph()
        thin = quantum_graph_diagram(reader.finish())
    for diagram in (header_only, thin):
        assert diagram.title == "Quantum graph: 183 quanta of 3 tasks"
        assert [node.label for node in diagram.nodes] == ["isr", "calibrate", "summary"]
    assert "0 of 183 quanta are loaded." in header_only.notes
    assert 'where="visit = 0"' in thin.notes[0]


def test_drill_down_that_the_note_proposes(quantum_graph: PredictedQuantumGraph) -> None:
    note = quantum_graph_diagram(quantum_graph, max_nodes=7).notes[0]
    assert "task_label='summary', where=\"visit = 1\"" in note
    diagram = quantum_graph_diagram(quantum_graph, max_nodes=7, task_label="summary", where="visit = 1")
    # There is no room for the eight quanta around it.
    assert [node.label for node in diagram.nodes] == ["summary"]
