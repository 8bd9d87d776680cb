from __future__ import annotations

import json
from dataclasses import replace
from uuid import uuid4

import pytest

from jupyter_mpexec.diagram import Diagram, Edge, Node
from jupyter_mpexec.display.graph_output import GRAPH_TYPE, MOST_BYTES, graph_output, with_graph
from jupyter_mpexec.display.sketching import drawn_edges

from .samples import collapsed, hostile, pipeline, random_diagram


@pytest.mark.parametrize("diagram", [pipeline(), collapsed(), hostile(), random_diagram(6)])
def test_it_has_all_nodes_and_arrows_and_is_plain(diagram: Diagram) -> None:
    data = graph_output(diagram, engine="layered")
    assert data is not None
    assert [node["id"] for node in data["nodes"]] == [node.id for node in diagram.nodes]
    assert {(edge["source"], edge["target"]) for edge in data["edges"]} == {
        (edge.source, edge.target) for edge in drawn_edges(diagram)
    }
    assert json.loads(json.dumps(data)) == data
    assert data == graph_output(diagram, engine="layered")


def test_what_is_empty_or_false_is_not_stored() -> None:
    data = graph_output(Diagram(title="t", nodes=(Node(id="a", label="a", kind="task"),)), engine="layered")
    assert data is not None
    assert "edges" not in data
    assert not data["nodes"][0].keys() & {"init", "counts", "lines"}
    # But zero is a place.
    assert data["nodes"][0].keys() >= {"x", "y", "w", "h"}
    numbers = [data["width"], data["height"], *(data["nodes"][0][name] for name in "xywh")]
    assert all(isinstance(number, int) for number in numbers)


def test_it_is_the_same_for_a_graph_that_is_built_anew() -> None:
    def build() -> Diagram:
        details = (("data ID", "visit=1"), ("quantum ID", str(uuid4())))
        return Diagram(title="t", nodes=(Node(id="a", label="a", kind="quantum", details=details),))

    first = graph_output(build(), engine="layered")
    assert first == graph_output(build(), engine="layered")
    assert first is not None
    assert "visit=1" in first["nodes"][0]["hint"]


def test_the_larger_way_is_chosen() -> None:
    def chain(n: int) -> Diagram:
        nodes = tuple(Node(id=str(i), label=f"task{i}", kind="task") for i in range(n))
        edges = tuple(Edge(source=str(i), target=str(i + 1)) for i in range(n - 1))
        return Diagram(title="t", nodes=nodes, edges=edges)

    def fan(n: int) -> Diagram:
        return replace(chain(n), edges=tuple(Edge(source="0", target=str(i)) for i in range(1, n)))

    down, right = graph_output(chain(12), engine="layered"), graph_output(fan(12), engine="layered")
    assert down is not None
    assert right is not None
    assert down["height"] > down["width"]
    # Boxes are wider than high: side by side they would be small.
    assert right["nodes"][1]["x"] == right["nodes"][2]["x"]


def test_no_graph_without_nodes_or_without_room() -> None:
    assert GRAPH_TYPE not in with_graph({"text/plain": ""}, Diagram(title="empty", nodes=()), "layered")
    assert GRAPH_TYPE in with_graph({"text/plain": ""}, pipeline(), "layered")
    full = {"text/plain": "x" * (MOST_BYTES - 100)}
    assert with_graph(full, pipeline(), "layered") == full
