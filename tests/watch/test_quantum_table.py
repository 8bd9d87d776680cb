from __future__ import annotations

import itertools

import pytest

from jupyter_mpexec.events import QuantumBlocked, QuantumFailed, QuantumFinished, QuantumStarted
from jupyter_mpexec.execution.views.data_id_filter import compile_filter
from jupyter_mpexec.status import QuantumStatus
from jupyter_mpexec.watch.quantum_table import _ATTENTION, SORT_KEYS, SortKey, TableQuery, quantum_table
from jupyter_mpexec.watch.watched_run import WatchedRun

from .runs import about, started, survey, whole_run


@pytest.fixture
def run() -> WatchedRun:
    catalogue = survey(2, 2)
    run = WatchedRun(catalogue)
    run.apply(started(catalogue))
    for name, seconds in (("isr-0-0", 3.0), ("isr-0-1", 1.0), ("isr-1-0", 2.0)):
        run.apply(QuantumStarted(time=1.0 + seconds, worker="w", **about(catalogue, name)))
        run.apply(QuantumFinished(time=9.0, duration=seconds, **about(catalogue, name)))
    run.apply(QuantumStarted(time=9.0, worker="w", **about(catalogue, "isr-1-1")))
    run.apply(QuantumFailed(time=9.5, duration=0.5, exception="E", message="", **about(catalogue, "isr-1-1")))
    run.apply(QuantumBlocked(time=9.5, blocked_by="isr-1-1", **about(catalogue, "detect-1-1")))
    run.apply(QuantumStarted(time=9.6, worker="w", **about(catalogue, "detect-0-0")))
    return run


def names(run: WatchedRun, **query: object) -> list[str]:
    return [run.catalogue.ids[p] for p in quantum_table(run, TableQuery(**query))]


def test_failed_first(run: WatchedRun) -> None:
    listed = names(run)
    assert listed[:3] == ["isr-1-1", "detect-0-0", "detect-1-1"]
    assert listed[-3:] == ["isr-0-0", "isr-0-1", "isr-1-0"]
    assert len(listed) == len(run.catalogue)


def test_filters_combine(run: WatchedRun) -> None:
    assert names(run, tasks=["isr"], statuses=[QuantumStatus.SUCCEEDED]) == ["isr-0-0", "isr-0-1", "isr-1-0"]
    assert names(run, matches=compile_filter("visit = 1 AND detector = 0")) == ["detect-1-0", "isr-1-0"]
    assert names(run, tasks=["isr"], matches=compile_filter("detector IN (1)"), sort="task") == [
        "isr-0-1",
        "isr-1-1",
    ]


def test_sorting(run: WatchedRun) -> None:
    assert names(run, sort="duration", descending=True)[:2] == ["isr-0-0", "isr-1-0"]
    assert names(run, sort="start")[:2] == ["isr-0-1", "isr-1-0"]
    assert names(run, sort="data ID", tasks=["detect"]) == [
        "detect-0-0", "detect-0-1", "detect-1-0", "detect-1-1",
    ]  # fmt: skip


@pytest.mark.parametrize("sort", SORT_KEYS)
def test_a_hundred_thousand_rows(sort: SortKey) -> None:
    catalogue = survey(250, 199)
    run = WatchedRun(catalogue)
    for event in itertools.islice(whole_run(catalogue, workers=4), 50_000):
        run.apply(event)
    listed = quantum_table(run, TableQuery(sort=sort))
    assert sorted(listed) == list(range(len(catalogue)))


def test_every_state_has_its_place() -> None:
    assert set(_ATTENTION) == set(QuantumStatus)
