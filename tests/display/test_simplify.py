from __future__ import annotations

from jupyter_mpexec.display.simplify import smaller, without_datasets, without_words

from .samples import collapsed, pipeline


def test_without_datasets_tasks_are_joined_by_what_they_hand_over():
    tasks = without_datasets(pipeline())
    assert [node.id for node in tasks.nodes] == ["isr", "calibrate"]
    assert [(e.source, e.target, e.label) for e in tasks.edges] == [("isr", "calibrate", "postISRCCD")]
    assert [c.nodes for c in tasks.clusters] == [("isr",), ("calibrate", "isr")]
    assert without_datasets(collapsed()).edges == collapsed().edges


def test_versions_become_smaller_and_begin_with_the_whole():
    versions = list(smaller(pipeline(), 100))
    tasks = without_datasets(pipeline())
    assert versions[:2] == [pipeline(), tasks]
    assert len(list(smaller(collapsed(), 100))) == 2
    assert list(smaller(pipeline(), 5)) == [tasks, without_words(tasks)]
    assert list(smaller(pipeline(), 2)) == []
    assert all(not node.lines and not node.details for node in without_words(pipeline()).nodes)
