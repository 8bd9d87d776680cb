from __future__ import annotations

from jupyter_mpexec.watch.catalogue import QuantumCatalogue
from jupyter_mpexec.watch.neighbourhood import neighbourhood

from .runs import survey


def test_positions_names_and_links() -> None:
    catalogue = survey(2, 3)
    assert len(catalogue) == 6 + 6 + 2 + 1
    position = catalogue.positions["detect-1-2"]
    assert catalogue.name(position) == "detect(instrument=Cam, visit=1, detector=2)"
    assert [catalogue.ids[p] for p in catalogue.prerequisites(position)] == ["isr-1-2"]
    assert [catalogue.ids[p] for p in catalogue.dependents(position)] == ["collect-1"]
    assert list(catalogue.dependents(catalogue.positions["report"])) == []
    assert catalogue.task_links() == {(0, 1), (1, 2), (2, 3)}


def test_prerequisites_come_first() -> None:
    catalogue = survey(3, 3)
    for position in range(len(catalogue)):
        assert all(before < position for before in catalogue.prerequisites(position))


def test_tasks_without_quanta() -> None:
    catalogue = QuantumCatalogue(
        {"none": ("visit",), "isr": ("visit",), "neither": ("visit",)}, {"isr": [("a", (1,)), ("b", (2,))]}
    )
    assert [catalogue.task(position).label for position in range(2)] == ["isr", "isr"]
    assert [len(task.positions) for task in catalogue.tasks] == [0, 2, 0]


def test_empty_catalogue() -> None:
    catalogue = QuantumCatalogue({}, {})
    assert len(catalogue) == 0
    assert catalogue.task_links() == set()


def test_neighbourhood_goes_both_ways_as_far_as_asked() -> None:
    catalogue = survey(2, 2)
    centre = catalogue.positions["collect-0"]

    def names(hops: int) -> dict[str, int]:
        around = neighbourhood(catalogue, centre, hops=hops)
        return {catalogue.ids[p]: distance for p, distance in around.distances.items()}

    assert names(1) == {"collect-0": 0, "detect-0-0": -1, "detect-0-1": -1, "report": 1}
    assert names(2) == names(1) | {"isr-0-0": -2, "isr-0-1": -2}
    links = neighbourhood(catalogue, centre, hops=2).links
    assert (catalogue.positions["isr-0-1"], catalogue.positions["detect-0-1"]) in links
    assert len(links) == 5


def test_neighbourhood_keeps_the_nearest() -> None:
    catalogue = survey(1, 50)
    around = neighbourhood(catalogue, catalogue.positions["collect-0"], hops=3, limit=10)
    assert len(around.distances) == 10
    assert around.left_out >= 41
    assert all(b in around.distances and a in around.distances for b, a in around.links)


def test_a_hundred_thousand_quanta() -> None:
    catalogue = survey(250, 199)
    assert len(catalogue) == 2 * 250 * 199 + 250 + 1
    assert len(catalogue.prerequisites(catalogue.positions["collect-17"])) == 199
    assert len(catalogue.prerequisites(catalogue.positions["report"])) == 250
