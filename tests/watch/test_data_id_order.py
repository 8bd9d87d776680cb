from __future__ import annotations

from jupyter_mpexec.watch.catalogue import QuantumCatalogue
from jupyter_mpexec.watch.data_id_order import distinguishing_order

from .runs import survey


def order(dimensions: tuple[str, ...], *data_ids: tuple[int | str, ...]) -> list[str]:
    quanta = [(str(number), values) for number, values in enumerate(data_ids)]
    catalogue = QuantumCatalogue({"task": dimensions}, {"task": quanta})
    return [dimensions[place] for place in distinguishing_order(catalogue, "task")]


def test_what_all_have_in_common_comes_last() -> None:
    catalogue = survey(2, 3)
    assert distinguishing_order(catalogue, "isr") == (1, 2, 0)
    assert distinguishing_order(catalogue, "collect") == (1, 0)


def test_what_another_dimension_implies_comes_after_it() -> None:
    dimensions = ("instrument", "band", "day_obs", "visit", "detector")
    data_ids = [
        ("Cam", "rg"[visit % 2], 20260101 + visit // 2, visit, detector)
        for visit in range(4)
        for detector in range(3)
    ]
    assert order(dimensions, *data_ids) == ["visit", "detector", "band", "day_obs", "instrument"]


def test_one_quantum_or_none() -> None:
    assert order(("instrument", "visit"), ("Cam", 1)) == ["instrument", "visit"]
    assert order(("instrument", "visit")) == ["instrument", "visit"]
    assert order((), ()) == []


def test_only_some_of_very_many_are_looked_at() -> None:
    assert distinguishing_order(survey(250, 199), "isr") == (1, 2, 0)
