from __future__ import annotations

from jupyter_mpexec.watch.catalogue import QuantumCatalogue
from jupyter_mpexec.watch.task_grid import task_grid

from .runs import survey


def test_visit_by_detector() -> None:
    catalogue = survey(3, 4)
    grid = task_grid(catalogue, "detect")
    assert (grid.row_axis, grid.column_axis) == ("visit", "detector")
    assert (grid.rows, grid.columns) == (("0", "1", "2"), ("0", "1", "2", "3"))
    assert catalogue.ids[grid.at(2, 1)] == "detect-2-1"
    assert grid.place(catalogue.positions["detect-1-3"]) == (1, 3)
    assert grid.place(catalogue.positions["report"]) is None
    assert grid.common == {"instrument": "Cam"}


def test_holes_are_empty() -> None:
    quanta = [("a", (1, 1)), ("b", (2, 2)), ("c", (1, 2))]
    catalogue = QuantumCatalogue({"t": ("visit", "detector")}, {"t": quanta})
    grid = task_grid(catalogue, "t")
    assert grid.at(1, 0) == -1
    assert sorted(cell for cell in grid.cells if cell >= 0) == [0, 1, 2]


def test_one_dimension_makes_one_row() -> None:
    catalogue = survey(5, 2)
    grid = task_grid(catalogue, "collect")
    assert (grid.row_axis, grid.column_axis) == ("", "visit")
    assert len(grid.rows) == 1
    assert grid.columns == ("0", "1", "2", "3", "4")


def test_dimensions_that_go_together_make_one_row() -> None:
    quanta = [(f"{n}", ("Cam", n, 1000 + n)) for n in range(8000)]
    catalogue = QuantumCatalogue({"t": ("instrument", "exposure", "visit")}, {"t": quanta})
    grid = task_grid(catalogue, "t")
    assert (grid.row_axis, grid.column_axis) == ("", "exposure")
    assert grid.columns[:2] == ("0", "1")
    assert grid.cells == tuple(range(8000))


def test_a_single_quantum() -> None:
    grid = task_grid(survey(2, 2), "report")
    assert len(grid.cells) == 1
    assert grid.common == {"instrument": "Cam"}


def test_a_task_without_quanta() -> None:
    grid = task_grid(QuantumCatalogue({"t": ("visit", "detector")}, {}), "t")
    assert grid.cells == ()


def test_dimensions_that_say_the_same_are_not_both_axes() -> None:
    # A band goes with each visit: visit and detector are what tells quanta apart.
    quanta = [(f"{v}-{d}", (band, v, d)) for v, band in ((1, "g"), (2, "r"), (3, "g")) for d in range(2)]
    grid = task_grid(QuantumCatalogue({"t": ("band", "visit", "detector")}, {"t": quanta}), "t")
    assert {grid.row_axis, grid.column_axis} == {"visit", "detector"}
    assert -1 not in grid.cells


def test_three_dimensions_share_the_rows() -> None:
    quanta = [(f"{t}{p}{b}", (t, p, b)) for t in range(2) for p in range(3) for b in ("g", "r")]
    grid = task_grid(QuantumCatalogue({"t": ("tract", "patch", "band")}, {"t": quanta}), "t")
    assert len(grid.rows) * len(grid.columns) == 12
    assert -1 not in grid.cells
    assert grid.row_axis.count(",") == 1


def test_a_hundred_thousand_cells() -> None:
    grid = task_grid(survey(500, 200), "isr")
    assert (len(grid.rows), len(grid.columns)) == (500, 200)
    assert grid.cells == tuple(range(100_000))
