from __future__ import annotations

import itertools

import pytest

from jupyter_mpexec.diagram import Diagram, Edge, Node
from jupyter_mpexec.display.engines.bands import bands
from jupyter_mpexec.display.engines.layered_graph import build
from jupyter_mpexec.display.engines.layered_order import crossings, order
from jupyter_mpexec.display.engines.layered_ranks import ranks
from jupyter_mpexec.display.layout import Link, Sketch
from jupyter_mpexec.display.sketching import lay_out_diagram
from tests.display.samples import random_diagram


def sketch(links: str, groups: tuple[tuple[str, ...], ...] = ()) -> Sketch:
    pairs = [(pair[0], pair[1]) for pair in links.split()]
    names = dict.fromkeys(name for pair in pairs for name in pair)
    return Sketch(
        sizes=dict.fromkeys(names, (40.0, 20.0)),
        links=tuple(Link(*pair) for pair in pairs),
        groups=groups,
        group_widths=(30.0,) * len(groups),
    )


def test_arrows_point_down_and_inputs_stand_above_their_first_reader():
    layers = ranks(sketch("ab bc cd xd"))
    assert layers == {"a": 0, "b": 1, "c": 2, "d": 3, "x": 2}


def test_a_cluster_that_reads_another_comes_below_it():
    layers = ranks(sketch("ab bc ax xy", (("a", "b", "c"), ("x", "y"))))
    assert min(layers["x"], layers["y"]) > max(layers["a"], layers["b"], layers["c"])


def test_a_dataset_that_many_read_has_one_trunk():
    graph = build(sk := sketch("ab bc cd ad sc sd sb"), ranks(sk))
    bends = [v for v in graph.vertices if v.node is None]
    assert len(bends) == 4  # two of a, and two of s that its three arrows share
    assert all(
        graph.vertices[i].layer + 1 == graph.vertices[n].layer
        for i, v in enumerate(graph.vertices)
        for n in v.below
    )


def test_crossings_are_taken_out():
    graph = build(sk := sketch("ax by cz az bx cy"), ranks(sk))
    graph.layers[1].reverse()
    before = crossings(graph)
    order(graph)
    assert crossings(graph) <= min(before, 2)
    tree = build(sk := sketch("ab ac bd be cf cg"), ranks(sk))
    order(tree)
    assert crossings(tree) == 0


@pytest.mark.parametrize("seed", range(25))
def test_random_diagrams_are_laid_out_without_overlap(seed):
    diagram = random_diagram(seed, size=10 + 3 * seed, clusters=seed % 4 != 0)
    layout, _ = lay_out_diagram(diagram, "layered")
    boxes = layout.nodes
    for one, other in itertools.combinations(boxes.values(), 2):
        assert not one.overlaps(other)
    frames = [frame for frame in layout.groups if frame is not None]
    for one, other in itertools.combinations(frames, 2):
        assert not one.overlaps(other)
    home: dict[str, int] = {}
    for index, cluster in enumerate(diagram.clusters):
        for node in cluster.nodes:
            home.setdefault(node, index)
    for index, frame in enumerate(layout.groups):
        for node, box in boxes.items():
            if home.get(node) == index:
                assert frame is not None
                assert frame.x < box.x
                assert box.right < frame.right
                assert frame.y < box.y
                assert box.bottom < frame.bottom
    for edge, path in zip(diagram.edges, layout.edges, strict=True):
        source, target = boxes[edge.source], boxes[edge.target]
        assert path.points[0] == pytest.approx((source.x + source.width / 2, source.bottom))
        assert path.points[-1] == pytest.approx((target.x + target.width / 2, target.y))
        # Downwards all the way, so an arrow never runs through its own ends.
        heights = [y for _, y in path.points]
        assert heights == sorted(heights)


def test_arrows_do_not_run_through_nodes():
    diagram = random_diagram(3, 60)
    layout, _ = lay_out_diagram(diagram, "layered")
    for path in layout.edges:
        for node, box in layout.nodes.items():
            if node in (path.source, path.target):
                continue
            for x, y in path.points[::3]:
                assert not (box.x < x < box.right and box.y < y < box.bottom)


def test_a_chain_is_a_straight_line():
    nodes = tuple(Node(id=c, label=c * n, kind="task") for n, c in enumerate("abcdef", 1))
    edges = tuple(Edge(source=a, target=b) for a, b in itertools.pairwise("abcdef"))
    layout, _ = lay_out_diagram(Diagram(title="t", nodes=nodes, edges=edges), "layered")
    assert len({round(box.x + box.width / 2) for box in layout.nodes.values()}) == 1


def test_bands_leave_out_what_follows_and_what_would_be_a_cycle():
    groups = (("a", "b"), ("c", "d"), ("e", "f"))
    assert bands(sketch("ab bc cd de ef be", groups)) == [(0, 1), (1, 2)]
    assert bands(sketch("ac cb bd", (("a", "b"), ("c", "d")))) == []
    assert bands(sketch("ab bc ca", (("a",), ("b",), ("c",)))) == [(0, 1), (1, 2)]
