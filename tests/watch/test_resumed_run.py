"""A run that was broken off, and gone on with a day later: the time that is left, and how the timeline looks."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator

import pytest

from jupyter_mpexec.display.progress import progress_view
from jupyter_mpexec.events import (
    Event,
    QuantumFailed,
    QuantumFinished,
    QuantumReset,
    QuantumStarted,
    RunFinished,
    RunLogged,
)
from jupyter_mpexec.report import RunReport
from jupyter_mpexec.status import QuantumStatus, RunState
from jupyter_mpexec.watch.watched_run import STATUSES, WatchedRun

from .runs import about, started, survey

CATALOGUE = survey(20, 24)
NAMES = list(CATALOGUE.ids)
TOTAL = len(NAMES)
DAY = 86400.0


def start(time: float, name: str, worker: int) -> Event:
    return QuantumStarted(time=time, worker=f"worker-{worker}", **about(CATALOGUE, name))


def finish(time: float, name: str) -> Event:
    return QuantumFinished(time=time, duration=10.0, peak_memory=100, **about(CATALOGUE, name))


def work(begin: float, names: list[str]) -> Iterator[Event]:
    """Two workers, 10 seconds a quantum."""
    for first in range(0, len(names), 2):
        time = begin + 5.0 * first
        both = names[first : first + 2]
        yield from (start(time, name, worker) for worker, name in enumerate(both))
        yield from (finish(time + 10.0, name) for name in both)


def broken_off() -> list[Event]:
    """200 quanta are done, and two have been at work for 4 seconds."""
    return [
        started(CATALOGUE),
        *work(0.0, NAMES[:200]),
        start(1000.0, NAMES[200], 0),
        start(1000.0, NAMES[201], 1),
        RunLogged(time=1004.0, level=logging.WARNING, logger="l", message="m"),
    ]


def gone_on_with() -> list[Event]:
    """The same a day later: what was at work is to run again."""
    resets = [QuantumReset(time=DAY + 1.0, **about(CATALOGUE, name)) for name in NAMES[200:202]]
    return [*broken_off(), started(CATALOGUE, DAY), *resets]


@pytest.fixture(params=["live", "adopted"])
def follow(request: pytest.FixtureRequest) -> object:
    """Watch a run from its beginning, or take it over from its report."""

    def live(events: Iterable[Event]) -> WatchedRun:
        run = WatchedRun(CATALOGUE)
        for event in events:
            run.apply(event)
        return run

    def adopted(events: Iterable[Event]) -> WatchedRun:
        run = WatchedRun(CATALOGUE)
        run.adopt(RunReport.from_events(events))
        return run

    return live if request.param == "live" else adopted


def test_time_left_is_that_of_the_workers_of_now(follow) -> None:
    events = [*gone_on_with(), start(DAY + 1.0, NAMES[200], 0), start(DAY + 1.0, NAMES[201], 1)]
    left = (TOTAL - 200) * 10.0
    # Two workers since 5 seconds of 6.
    assert follow(events).remaining(DAY + 6.0) == pytest.approx((left - 10.0) / (10.0 / 6.0))
    events = [*gone_on_with(), *work(DAY, NAMES[200:320])]
    assert follow(events).remaining(DAY + 600.0) == pytest.approx((TOTAL - 320) * 10.0 / 2)
    assert progress_view(RunReport.from_events(events)).remaining == pytest.approx((TOTAL - 320) * 10.0 / 2)


def test_progress_counts_who_is_at_work_before_anything_has_ended() -> None:
    events = [*gone_on_with(), start(DAY + 1.0, NAMES[200], 0), start(DAY + 1.0, NAMES[201], 1)]
    view = progress_view(RunReport.from_events(events), now=DAY + 5.0)
    assert view.remaining == pytest.approx((TOTAL - 200) * 10.0 / 2)


def test_who_is_gone_is_not_at_work(follow) -> None:
    assert follow(broken_off()).timeline.busy == 2
    assert follow([*broken_off(), started(CATALOGUE, DAY)]).timeline.busy == 0
    run = follow(gone_on_with())
    assert run.timeline.busy == 0
    assert [(bar.end, STATUSES[bar.code]) for bar in run.timeline.bars[200:]] == [
        (1004.0, QuantumStatus.CANCELLED),
        (1004.0, QuantumStatus.CANCELLED),
    ]
    assert run.totals == {QuantumStatus.SUCCEEDED: 200, QuantumStatus.PENDING: TOTAL - 200}


def test_the_timeline_leaves_the_day_between_out(follow) -> None:
    run = follow([*gone_on_with(), start(DAY + 3.0, NAMES[200], 0), start(DAY + 3.0, NAMES[202], 1)])
    assert run.elapsed(DAY + 7.0) == 1011.0
    assert run.clock.seconds(DAY + 7.0) == 1011.0
    # The first attempt at quantum 200 is known to those only who have seen it.
    bars = [bar for bar in run.timeline.bars if bar.position != 200]
    times = [run.clock.seconds(time) for bar in bars for time in (bar.start, bar.end or DAY + 7.0)]
    assert times[:2] == [0.0, 10.0]
    assert times[-4:] == [1000.0, 1004.0, 1007.0, 1011.0]
    assert [moment for moment, _ in run.timeline.memory] == sorted(m for m, _ in run.timeline.memory)


def test_a_run_that_had_ended_begins_again_where_it_ended(follow) -> None:
    ended = [started(CATALOGUE), *work(0.0, NAMES[:2]), RunFinished(time=12.0, state=RunState.FAILED)]
    # Somebody writes an output by hand, hours later.
    by_hand = QuantumFinished(time=5000.0, promoted=True, **about(CATALOGUE, NAMES[2]))
    run = follow([*ended, by_hand, started(CATALOGUE, DAY)])
    assert run.clock.seconds(DAY + 1.0) == run.elapsed(DAY + 1.0) == 13.0


def test_what_was_done_and_comes_to_light_later_is_no_work_of_now(follow) -> None:
    run = follow(
        [*broken_off(), started(CATALOGUE, DAY), finish(DAY + 1.0, NAMES[200]), *work(DAY, NAMES[202:204])]
    )
    assert run.status(200) is QuantumStatus.SUCCEEDED
    assert STATUSES[run.timeline.bars[200].code] is QuantumStatus.SUCCEEDED
    # 20 seconds of work in 10 seconds.
    assert run.durations.time_left([1000, 0, 0, 0], [], 10.0) == pytest.approx(1000 * 10.0 / 2)


def test_an_attempt_that_failed_stays_a_failure_when_it_is_to_run_again(follow) -> None:
    name = NAMES[0]
    events = [
        started(CATALOGUE),
        start(1.0, name, 0),
        QuantumFailed(time=3.0, duration=2.0, exception="E", message="m", **about(CATALOGUE, name)),
        QuantumReset(time=4.0, **about(CATALOGUE, name)),
    ]
    run = follow(events)
    assert run.timeline.busy == 0
    [bar] = run.timeline.bars
    assert (bar.end, STATUSES[bar.code]) == (3.0, QuantumStatus.FAILED)
