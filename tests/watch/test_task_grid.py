from __future__ import annotations

import tracemalloc

from jupyter_mpexec.watch.catalogue import QuantumCatalogue
from jupyter_mpexec.watch.task_grid import task_grid

from .runs import survey


def test_visit_by_detector() -> None:
    catalogue = survey(3, 4)
    grid = task_grid(catalogue, "detect")
    assert (grid.row_axis, grid.column_axis) == ("visit", "detector")
    assert (grid.rows, grid.columns) == (("0", "1", "2"), ("0", "1", "2", "3"))
    assert grid.places[catalogue.positions["detect-2-1"]] == (2, 1)
    assert grid.places[catalogue.positions["detect-1-3"]] == (1, 3)
    assert len(grid.places) == 12
    assert grid.common == {"instrument": "Cam"}


def test_holes_are_empty() -> None:
    quanta = [("a", (1, 1)), ("b", (2, 2)), ("c", (1, 2))]
    catalogue = QuantumCatalogue({"t": ("visit", "detector")}, {"t": quanta})
    grid = task_grid(catalogue, "t")
    assert grid.places == {0: (0, 0), 2: (0, 1), 1: (1, 1)}
    assert list(grid.places) == [0, 2, 1], "In reading order."


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
    assert grid.places == {n: (0, n) for n in range(8000)}


def test_empty_cells_take_no_memory() -> None:
    # As above but for two quanta, which both dimensions are needed for.
    quanta = [(f"{n}", (n, n)) for n in range(8000)] + [("a", (0, 1)), ("b", (1, 0))]
    tracemalloc.start()
    grid = task_grid(QuantumCatalogue({"t": ("exposure", "visit")}, {"t": quanta}), "t")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (len(grid.rows), len(grid.columns), len(grid.places)) == (8000, 8000, 8002)
    assert peak < 50e6


def test_a_sparse_survey_keeps_its_two_axes() -> None:
    # Each visit has one detector, so visits alone tell the quanta apart; and yet detectors are of interest.
    quanta = [(f"{n}", (n, n % 3)) for n in range(8)]
    grid = task_grid(QuantumCatalogue({"t": ("visit", "detector")}, {"t": quanta}), "t")
    assert (grid.row_axis, grid.column_axis) == ("visit", "detector")


def test_a_single_quantum() -> None:
    catalogue = survey(2, 2)
    grid = task_grid(catalogue, "report")
    assert grid.places == {catalogue.positions["report"]: (0, 0)}
    assert grid.common == {"instrument": "Cam"}


def test_a_task_without_quanta() -> None:
    grid = task_grid(QuantumCatalogue({"t": ("visit", "detector")}, {}), "t")
    assert grid.places == {}


def test_dimensions_that_say_the_same_are_not_both_axes() -> None:
    # A band goes with each visit: visit and detector are what tells quanta apart.
    quanta = [(f"{v}-{d}", (band, v, d)) for v, band in ((1, "g"), (2, "r"), (3, "g")) for d in range(2)]
    grid = task_grid(QuantumCatalogue({"t": ("band", "visit", "detector")}, {"t": quanta}), "t")
    assert {grid.row_axis, grid.column_axis} == {"visit", "detector"}
    assert len(grid.places) == len(grid.rows) * len(grid.columns)


def test_three_dimensions_share_the_rows() -> None:
    quanta = [(f"{t}{p}{b}", (t, p, b)) for t in range(2) for p in range(3) for b in ("g", "r")]
    grid = task_grid(QuantumCatalogue({"t": ("tract", "patch", "band")}, {"t": quanta}), "t")
    assert len(grid.rows) * len(grid.columns) == 12
    assert len(grid.places) == len(grid.rows) * len(grid.columns)
    assert grid.row_axis.count(",") == 1


def test_a_hundred_thousand_cells() -> None:
    grid = task_grid(survey(500, 200), "isr")
    assert (len(grid.rows), len(grid.columns)) == (500, 200)
    assert list(grid.places) == list(range(100_000))
