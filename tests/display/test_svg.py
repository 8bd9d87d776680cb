from __future__ import annotations

import os
import re
import subprocess
import sys
from xml.etree import ElementTree

import pytest

from jupyter_mpexec.diagram import Diagram, Edge, Node
from jupyter_mpexec.display.svg import LONGEST_SVG, draw, to_svg
from jupyter_mpexec.status import QuantumStatus

from .samples import collapsed, hostile, pipeline, random_diagram

SVG = "{http://www.w3.org/2000/svg}"


def parse(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


def texts(root: ElementTree.Element) -> list[str]:
    return ["".join(element.itertext()) for element in root.iter(f"{SVG}text")]


@pytest.mark.parametrize(
    "diagram", [pipeline(), collapsed(), hostile(), random_diagram(5), Diagram(title="Nothing")]
)
def test_it_is_well_formed_and_named(diagram):
    root = parse(to_svg(diagram, engine="layered"))
    assert root.tag == f"{SVG}svg"
    assert root.get("role") == "img"
    title, desc = root.get("aria-labelledby").split()
    assert root[0].get("id") == title
    assert root[0].tag == f"{SVG}title"
    assert root[0].text
    assert root[1].get("id") == desc
    assert root[1].tag == f"{SVG}desc"
    assert root[1].text
    assert root.find(f".//{SVG}script") is None


def test_every_node_has_a_box_its_name_and_all_that_is_known_on_hover():
    root = parse(to_svg(pipeline()))
    boxes = [g for g in root.iter(f"{SVG}g") if "jmpx-node" in g.get("class", "")]
    assert len(boxes) == 7
    assert set(texts(root)) >= {"raw", "{exposure, detector}", "Exposure", "step1", "step2"}
    isr = next(g for g in boxes if g.find(f"{SVG}title").text.startswith("Task isr"))
    assert "class: lsst.ip.isr.IsrTask" in isr.find(f"{SVG}title").text
    assert sum("jmpx-init" in g.get("class") for g in boxes) == 1
    links = [g for g in root.iter(f"{SVG}g") if "jmpx-link" in g.get("class", "")]
    assert [g.find(f"{SVG}title").text for g in links][:2] == ["raw → isr", "bias → isr\nprerequisite"]
    assert sum("jmpx-pre" in g.get("class") for g in links) == 1


def test_states_are_told_by_glyph_and_count_not_by_colour_alone():
    written = texts(parse(to_svg(collapsed())))
    assert "12,003 quanta" in written
    assert "✓ 9\N{EN SPACE}✗ 2\N{EN SPACE}⊘ 1\N{EN SPACE}► 1\N{EN SPACE}○ 7" in written
    # What nothing has happened to says only how much it is.
    assert "1 quantum" in written
    one = Diagram(title="t", nodes=(Node(id="q", label="isr", kind="quantum", status=QuantumStatus.BLOCKED),))
    assert "⊘ blocked" in texts(parse(to_svg(one)))


def test_a_rare_failure_can_be_seen_in_the_bar():
    counts = {QuantumStatus.SUCCEEDED: 1_000_000, QuantumStatus.FAILED: 1}
    root = parse(to_svg(Diagram(title="t", nodes=(Node(id="t", label="isr", kind="task", counts=counts),))))
    piece = next(r for r in root.iter(f"{SVG}rect") if "jmpx-s-failed" in r.get("class"))
    assert float(piece.get("width")) >= 1.5


def test_hostile_texts_are_shown_and_nothing_else():
    svg = to_svg(hostile(), engine="layered")
    assert "<script" not in svg
    assert any("Müller" in element.text for element in parse(svg).iter(f"{SVG}title"))
    # A label of thousands of letters does not make a box of thousands of pixels.
    assert float(parse(svg).get("width")) < 900


def test_a_page_gives_the_style_and_a_file_carries_it():
    assert "<style>" not in draw(pipeline())
    svg = to_svg(pipeline())
    assert svg.count("<style>") == 1
    assert "prefers-color-scheme:dark" in svg
    assert 'data-jp-theme-light="false"' in svg
    assert parse(svg).get("class") == "jmpx jmpx-svg"


def test_equal_diagrams_give_equal_pictures_and_others_other_ids():
    assert to_svg(pipeline()) == to_svg(pipeline())
    one, other = parse(to_svg(pipeline())), parse(to_svg(collapsed()))
    assert not set(one.get("aria-labelledby").split()) & set(other.get("aria-labelledby").split())


def test_pictures_do_not_depend_on_the_hash_seed():
    script = (
        "from tests.display.samples import *\n"
        "from jupyter_mpexec.display.svg import to_svg\n"
        "print(to_svg(random_diagram(4), engine='layered'), to_svg(pipeline(), engine='layered'))"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(runs) == 1


def large(tasks: int, outputs: int) -> Diagram:
    nodes = [
        Node(id=f"t{i}", label=f"task{i}", kind="task", details=(("doc", "x" * 500),)) for i in range(tasks)
    ]
    nodes += [
        Node(id=f"d{i}-{k}", label=f"dataset_{i}_{k}", kind="dataset_type")
        for i in range(tasks)
        for k in range(outputs)
    ]
    edges = [Edge(source=f"t{i}", target=f"d{i}-{k}") for i in range(tasks) for k in range(outputs)]
    edges += [Edge(source=f"d{i}-0", target=f"t{i + 1}") for i in range(tasks - 1)]
    return Diagram(title="Large", nodes=tuple(nodes), edges=tuple(edges))


def test_what_is_too_large_is_drawn_without_datasets():
    root = parse(to_svg(large(60, 10)))
    assert sum("jmpx-task" in g.get("class", "") for g in root.iter(f"{SVG}g")) == 60
    assert "1,259 arrows" not in texts(root)
    assert any("660 nodes and 659 arrows would be too many" in text for text in texts(root))


def test_what_is_much_too_large_says_so_at_once():
    root = parse(to_svg(large(5000, 0)))
    assert texts(root) == ["This is too large to be drawn: 5,000 nodes and 4,999 arrows."]


def test_the_limit_holds_whatever_the_texts():
    for tasks in (50, 150, 300):
        assert len(draw(large(tasks, 1), engine="layered")) <= LONGEST_SVG


def test_ids_do_not_change_with_the_uuids_of_a_graph_that_is_built_anew() -> None:
    def picture(quantum_id: str) -> str:
        node = Node(id="isr(1)", label="isr", kind="quantum", details=(("quantum ID", quantum_id),))
        return str(re.findall(r'id="([^"]*)"', to_svg(Diagram(title="one", nodes=(node,)))))

    first, second = (f"01a2046a-bd18-7aa7-91b9-d97f3c73ca8{n}" for n in (1, 2))
    assert picture(first) == picture(second)
