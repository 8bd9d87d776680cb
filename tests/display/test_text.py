from __future__ import annotations

from jupyter_mpexec.diagram import Diagram, Edge, Node
from jupyter_mpexec.display.text import LONGEST_TEXT, to_text
from jupyter_mpexec.status import QuantumStatus

from .samples import collapsed, hostile, pipeline


def test_tasks_come_in_order_with_what_they_read_and_write():
    assert to_text(pipeline()).splitlines() == [
        "Pipeline of 2 tasks",
        "===================",
        "Tasks: isr, calibrate.",
        "",
        "Tasks, in an order in which they can run",
        "  1. isr",
        "     class: lsst.ip.isr.IsrTask",
        "     inputs: raw",
        "     prerequisites: bias",
        "     outputs: postISRCCD",
        "  2. calibrate",
        "     inputs: postISRCCD",
        "     init-outputs: src_schema",
        "     outputs: src",
        "",
        "Dataset types",
        "  raw  {exposure, detector}; Exposure",
        "  bias  {detector}; ExposureF",
        "  postISRCCD  {exposure, detector}",
        "  src_schema  (init)",
        "  src",
        "",
        "Subsets",
        "  step1 (Instrument signature): isr",
        "  step2: calibrate, isr",
        "",
        "Logs are not shown.",
    ]


def test_counts_and_direct_links_are_told():
    text = to_text(collapsed())
    assert "isr - 12,003 quanta: 12,000 succeeded, 3 no work" in text
    assert "after: isr [postISRCCD]" in text
    assert "before: coadd [calexp]" in text


def test_producers_come_before_consumers_and_cycles_do_no_harm():
    nodes = tuple(Node(id=i, label=i, kind="quantum", status=QuantumStatus.FAILED) for i in "cab")
    edges = (Edge(source="a", target="b"), Edge(source="b", target="c"), Edge(source="x", target="c"))
    text = to_text(Diagram(title="t", nodes=nodes, edges=edges))
    assert text.index(". a") < text.index(". b") < text.index(". c")
    assert "✗ failed" in text
    ring = (*edges, Edge(source="c", target="a"))
    assert to_text(Diagram(title="t", nodes=nodes, edges=ring)).count("failed") == 3


def test_long_and_hostile_diagrams_stay_printable():
    assert "\x1b" not in to_text(hostile())
    assert "\x00" not in to_text(hostile())
    nodes = tuple(
        Node(id=str(i), label="x" * 100, kind="task", details=(("d", "y" * 999),)) for i in range(999)
    )
    assert len(to_text(Diagram(title="t", nodes=nodes))) <= LONGEST_TEXT + 20


def test_nothing_is_a_diagram_too():
    assert to_text(Diagram(title="Nothing")) == "Nothing\n======="
