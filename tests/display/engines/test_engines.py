from __future__ import annotations

import importlib.util
import itertools
import os
import shutil

import pytest

from jupyter_mpexec.diagram import Cluster, Diagram, Edge, Node
from jupyter_mpexec.display.engines import chain
from jupyter_mpexec.display.layout import Box, Layout
from jupyter_mpexec.display.sketching import drawn_edges, lay_out_diagram
from tests.display.samples import collapsed, hostile, pipeline, random_diagram

ENGINES = [
    pytest.param("dot", marks=pytest.mark.skipif(not shutil.which("dot"), reason="there is no dot")),
    pytest.param(
        "pygraphviz",
        marks=pytest.mark.skipif(not importlib.util.find_spec("pygraphviz"), reason="not installed"),
    ),
    "layered",
]
DIAGRAMS = [pipeline(), collapsed(), hostile(), random_diagram(1), random_diagram(2, 90)]


def on_border(box: Box, x: float, y: float) -> bool:
    inside = box.x - 1 <= x <= box.right + 1 and box.y - 1 <= y <= box.bottom + 1
    near = min(abs(x - box.x), abs(x - box.right), abs(y - box.y), abs(y - box.bottom)) <= 1
    return inside and near


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("diagram", DIAGRAMS, ids=lambda diagram: f"{len(diagram.nodes)} nodes")
def test_all_engines_keep_the_same_promises(engine, diagram):
    layout, cards = lay_out_diagram(diagram, engine)
    assert layout.engine == engine
    assert list(layout.nodes) == [node.id for node in diagram.nodes]
    assert [(path.source, path.target) for path in layout.edges] == [
        (edge.source, edge.target) for edge in drawn_edges(diagram)
    ]
    whole = Box(0, 0, layout.width, layout.height)
    for node, box in layout.nodes.items():
        assert (box.width, box.height) == (cards[node].width, cards[node].height)
        assert box.x >= whole.x
        assert box.y >= whole.y
        assert box.right <= whole.right
        assert box.bottom <= whole.bottom
    for one, other in itertools.combinations(layout.nodes.values(), 2):
        assert not one.overlaps(other)
    for path in layout.edges:
        assert len(path.points) % 3 == 1
        assert on_border(layout.nodes[path.source], *path.points[0])
        assert on_border(layout.nodes[path.target], *path.points[-1])
    for edge, path in zip(drawn_edges(diagram), layout.edges, strict=True):
        assert (path.label_at is not None) == bool(edge.label)


@pytest.mark.parametrize("engine", ENGINES)
def test_frames_hold_their_members_and_no_one_else(engine):
    layout, _ = lay_out_diagram(pipeline(), engine)
    first, second = layout.groups
    assert first is not None
    assert second is not None
    assert not first.overlaps(second)
    for node, box in layout.nodes.items():
        assert box.overlaps(first) == (node in ("isr", "post"))
        assert box.overlaps(second) == (node in ("calibrate", "schema", "src"))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("diagram", DIAGRAMS[:3], ids=lambda diagram: f"{len(diagram.nodes)} nodes")
def test_the_same_diagram_is_laid_out_the_same(engine, diagram):
    assert lay_out_diagram(diagram, engine) == lay_out_diagram(diagram, engine)


def a_layout(sketch: object, *, timeout: float) -> Layout:
    return Layout(width=1, height=1, nodes={}, engine="fake")


def one_node() -> Diagram:
    return Diagram(title="t", nodes=(Node(id="a", label="a", kind="task"),))


@pytest.fixture(autouse=True)
def _fresh_chain(monkeypatch):
    monkeypatch.setattr(chain, "_broken", set())
    monkeypatch.delenv(chain.ENVIRONMENT_VARIABLE, raising=False)


def test_without_any_graphviz_there_is_a_layout(monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert lay_out_diagram(pipeline())[0].engine == "layered"


def test_a_broken_engine_is_asked_once_only(monkeypatch, tmp_path):
    calls = tmp_path / "calls"
    broken = tmp_path / "dot"
    broken.write_text(f"#!/bin/sh\necho called >> {calls}\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    for _ in range(3):
        assert lay_out_diagram(one_node())[0].engine == "layered"
    assert calls.read_text() == "called\n"


@pytest.mark.parametrize("answer", ["", "not json", "{}", '{"bb": "0,0,1,1"}', '{"bb": 3}', "[]"])
def test_an_answer_that_makes_no_sense_is_passed_over(monkeypatch, tmp_path, answer):
    strange = tmp_path / "dot"
    strange.write_text(f"#!/bin/sh\ncat > /dev/null\necho '{answer}'\n")
    strange.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert lay_out_diagram(one_node())[0].engine == "layered"


def test_an_engine_that_hangs_is_given_up(monkeypatch, tmp_path):
    slow = tmp_path / "dot"
    slow.write_text("#!/bin/sh\nexec sleep 60\n")
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(chain, "TIMEOUT", 0.2)
    assert lay_out_diagram(one_node())[0].engine == "layered"


def test_the_environment_can_choose(monkeypatch):
    monkeypatch.setenv(chain.ENVIRONMENT_VARIABLE, "layered")
    assert lay_out_diagram(one_node())[0].engine == "layered"
    monkeypatch.setenv(chain.ENVIRONMENT_VARIABLE, "layerd")
    with pytest.raises(ValueError, match="Did you mean 'layered'"):
        lay_out_diagram(one_node())


def test_cycles_and_self_loops_are_drawn_too():
    nodes = tuple(Node(id=i, label=i, kind="task") for i in "abc")
    pairs = ["ab", "bc", "ca", "aa", "ab"]
    edges = tuple(Edge(source=p[0], target=p[1], label="x" if p == "ca" else "") for p in pairs)
    layout, _ = lay_out_diagram(Diagram(title="t", nodes=nodes, edges=edges), "layered")
    assert len(layout.edges) == 5
    for path in layout.edges:
        assert on_border(layout.nodes[path.source], *path.points[0])
        assert on_border(layout.nodes[path.target], *path.points[-1])


def test_clusters_that_need_each_other_are_drawn_side_by_side():
    nodes = tuple(Node(id=i, label=i, kind="task") for i in "abcd")
    edges = tuple(Edge(source=a, target=b) for a, b in ("ab", "bc", "cd"))
    clusters = (Cluster(label="odd", nodes=("a", "c")), Cluster(label="even", nodes=("b", "d")))
    layout, _ = lay_out_diagram(Diagram(title="t", nodes=nodes, edges=edges, clusters=clusters), "layered")
    odd, even = layout.groups
    assert odd is not None
    assert even is not None
    assert not odd.overlaps(even)


@pytest.mark.parametrize("engine", ENGINES)
def test_steps_stand_one_below_the_other(engine):
    layout, _ = lay_out_diagram(random_diagram(11, 60, clusters=False), engine)
    assert layout.groups == ()
    nodes = tuple(Node(id=i, label=i, kind="task") for i in "abcdef")
    edges = tuple(Edge(source=a, target=b) for a, b in ("ab", "bc", "ad", "de", "ef"))
    clusters = (Cluster(label="step1", nodes=tuple("abc")), Cluster(label="step2", nodes=tuple("def")))
    layout, _ = lay_out_diagram(Diagram(title="t", nodes=nodes, edges=edges, clusters=clusters), engine)
    first, second = layout.groups
    assert first is not None
    assert second is not None
    assert first.bottom <= second.y
