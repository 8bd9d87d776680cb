from __future__ import annotations

import json

import pytest

from jupyter_mpexec.diagram import Diagram, Edge, Node
from jupyter_mpexec.display.layout import Box
from jupyter_mpexec.display.scene import Scene, make_scene
from jupyter_mpexec.status import QuantumStatus

from .samples import HOSTILE, collapsed, pipeline


def boxes(scene: Scene) -> dict[str, Box]:
    return {node["id"]: Box(node["x"], node["y"], node["w"], node["h"]) for node in scene["nodes"]}


@pytest.mark.parametrize("direction", ["right", "down"])
@pytest.mark.parametrize("make", [pipeline, collapsed])
def test_boxes_are_apart_and_inside(make, direction):
    scene = make_scene(make(), direction=direction, engine="layered")
    found = list(boxes(scene).values())
    assert found
    assert not [1 for i, box in enumerate(found) for other in found[:i] if box.overlaps(other)]
    assert all(box.x >= 0 and box.right <= scene["width"] for box in found)
    assert all(box.y >= 0 and box.bottom <= scene["height"] for box in found)


@pytest.mark.parametrize(("direction", "axis"), [("right", "x"), ("down", "y")])
def test_arrows_lead_in_the_direction(direction, axis):
    scene = make_scene(pipeline(), direction=direction, engine="layered")
    place = {node["id"]: node[axis] for node in scene["nodes"]}
    assert scene["edges"]
    assert all(place[edge["source"]] < place[edge["target"]] for edge in scene["edges"])


def test_arrows_begin_and_end_at_their_boxes():
    scene = make_scene(pipeline(), engine="layered")
    found = boxes(scene)
    for edge in scene["edges"]:
        for end, (x, y) in (("source", edge["points"][0]), ("target", edge["points"][-1])):
            box = found[edge[end]]
            assert box.x - 2 <= x <= box.right + 2
            assert box.y - 2 <= y <= box.bottom + 2


@pytest.mark.parametrize("direction", ["right", "down"])
def test_frames_hold_their_members(direction):
    scene = make_scene(pipeline(), direction=direction, engine="layered")
    frames = {cluster["label"]: cluster for cluster in scene["clusters"]}
    assert list(frames) == ["step1", "step2"]
    isr, frame = boxes(scene)["isr"], frames["step1"]
    assert frame["x"] <= isr.x < isr.right <= frame["x"] + frame["w"]
    assert frame["y"] <= isr.y < isr.bottom <= frame["y"] + frame["h"]


def test_it_is_json_and_the_same_each_time():
    first, second = (json.dumps(make_scene(pipeline(), engine="layered")) for _ in range(2))
    assert first == second


def test_counts_and_states_are_there():
    status = QuantumStatus
    one = Node(id="q", label="isr", kind="quantum", status=status.FAILED)
    scene = make_scene(Diagram(title="", nodes=(*collapsed().nodes, one)), engine="layered")
    counts = {node["id"]: node["counts"] for node in scene["nodes"]}
    assert counts["isr"] == {"succeeded": 12000, "no_work": 3}
    assert counts["q"] == {"failed": 1}


def test_boxes_do_not_depend_on_counts():
    def sizes(counts: dict[QuantumStatus, int]) -> tuple[float, float]:
        node = Node(id="isr", label="isr", kind="task", counts=counts)
        box = boxes(make_scene(Diagram(title="", nodes=(node,)), engine="layered"))["isr"]
        return box.width, box.height

    status = QuantumStatus
    before = sizes({status.PENDING: 100})
    assert sizes({status.SUCCEEDED: 90, status.FAILED: 10}) == before


def test_what_is_too_large_is_reduced_to_tasks_and_then_says_so():
    def chain(tasks: int, datasets: bool) -> Diagram:
        nodes = [Node(id=f"t{i}", label=f"t{i}", kind="task") for i in range(tasks)]
        edges = []
        for i in range(tasks - 1):
            if datasets:
                nodes.append(Node(id=f"d{i}", label=f"d{i}", kind="dataset_type"))
                edges += [Edge(source=f"t{i}", target=f"d{i}"), Edge(source=f"d{i}", target=f"t{i + 1}")]
            else:
                edges.append(Edge(source=f"t{i}", target=f"t{i + 1}"))
        return Diagram(title="chain", nodes=tuple(nodes), edges=tuple(edges))

    reduced = make_scene(chain(250, datasets=True), engine="layered")
    assert {node["kind"] for node in reduced["nodes"]} == {"task"}
    assert len(reduced["nodes"]) == 250
    nothing = make_scene(chain(1000, datasets=False), engine="layered")
    assert nothing["nodes"] == []
    assert "1,000" in nothing["notes"][-1]


def test_texts_that_mean_harm_are_only_texts():
    scene = make_scene(
        Diagram(title=HOSTILE, nodes=(Node(id="x", label=HOSTILE, kind="task"),)), engine="layered"
    )
    label = scene["nodes"][0]["label"]
    assert "<script>" in label
    assert "\x00" not in label
    assert "\x1b" not in label


def chain(length: int) -> Diagram:
    nodes = tuple(
        Node(id=f"t{n}", label=f"task{n}", kind="task", counts={QuantumStatus.PENDING: 3})
        for n in range(length)
    )
    edges = tuple(Edge(source=f"t{n}", target=f"t{n + 1}") for n in range(length - 1))
    return Diagram(title="A chain", nodes=nodes, edges=edges)


def test_boxes_of_a_long_flat_graph_are_taller():
    short, long = (make_scene(chain(length), engine="layered") for length in (3, 12))
    assert long["nodes"][0]["h"] > 1.4 * short["nodes"][0]["h"]
    assert long["nodes"][0]["w"] == short["nodes"][0]["w"]
    found = list(boxes(long).values())
    assert all(box.bottom <= long["height"] for box in found)
