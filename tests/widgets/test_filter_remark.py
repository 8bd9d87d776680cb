from __future__ import annotations

from jupyter_mpexec.execution.views.data_id_filter import compile_filter
from jupyter_mpexec.watch.catalogue import QuantumCatalogue
from jupyter_mpexec.watch.quantum_table import TableQuery, quantum_table
from jupyter_mpexec.watch.watched_run import WatchedRun
from jupyter_mpexec.widgets.filter_remark import filter_remark

CATALOGUE = QuantumCatalogue(
    {"isr": ("exposure", "detector"), "detect": ("visit", "detector"), "report": ()},
    {"isr": [("a", (7, 1))], "detect": [("b", (7, 1))], "report": [("c", ())]},
)


def remark(expression: str, *tasks: str) -> str:
    query = TableQuery(matches=compile_filter(expression), tasks=tasks)
    return filter_remark(CATALOGUE, query, quantum_table(WatchedRun(CATALOGUE), query))


def test_a_task_without_the_dimension() -> None:
    because = "Not found, because their data IDs have no visit: "
    assert f"{because}isr (exposure, detector)." in remark("visit = 7", "isr")
    assert f"{because}isr (exposure, detector); report (no dimensions)." in remark("visit = 7")
    assert "detect " not in remark("visit = 7")


def test_a_table_is_not_empty_because_of_the_tasks_without_the_dimension() -> None:
    because = "Not found, because their data IDs have no visit: isr"
    assert f"No quantum matches. {because}" in remark("visit = 8")
    assert "No quantum matches" not in remark("visit = 7"), "It is found in detect."
    assert "No quantum matches" not in remark("visit = 7", "isr", "report"), "None of these could have been."


def test_nothing_to_say() -> None:
    assert remark("visit = 7", "detect") == ""
    assert remark("visit = 8", "detect") == "", "It has the dimension; there just is no such visit."
    assert remark("visit = 7 OR exposure = 7", "isr") == "", "It is found."
    assert filter_remark(CATALOGUE, TableQuery(), []) == ""


def test_tasks_with_the_same_dimensions_are_named_together() -> None:
    labels = [f"task{number}" for number in range(7)]
    catalogue = QuantumCatalogue(
        dict.fromkeys(labels, ("exposure",)), {label: [(label, (1,))] for label in labels}
    )
    text = filter_remark(catalogue, TableQuery(matches=compile_filter("visit = 1")), [])
    assert "task0, task1, task2, task3 and 3 more (exposure)." in text
