from __future__ import annotations

from jupyter_mpexec.display import status_codes
from jupyter_mpexec.events import (
    QuantumBlocked,
    QuantumCancelled,
    QuantumFailed,
    QuantumFinished,
    QuantumReset,
    QuantumSkipped,
    QuantumStarted,
    RunFinished,
    RunStateChanged,
)
from jupyter_mpexec.report import RunReport
from jupyter_mpexec.status import QuantumStatus, RunState
from jupyter_mpexec.watch.watched_run import CODES, STATUSES, WatchedRun

from .runs import about, started, survey, whole_run


def test_codes_are_those_that_the_browser_knows() -> None:
    assert status_codes.STATUSES == STATUSES


def test_a_whole_run() -> None:
    catalogue = survey(2, 3)
    run = WatchedRun(catalogue)
    assert run.totals == {QuantumStatus.PENDING: 15}
    assert run.state is RunState.PREPARING
    for event in whole_run(catalogue):
        run.apply(event)
    assert run.state is RunState.SUCCEEDED
    assert run.totals == {QuantumStatus.SUCCEEDED: 15}
    assert run.ended == 15
    assert run.task_counts("collect") == {QuantumStatus.SUCCEEDED: 2}
    assert run.elapsed(now=1000.0) == 8.0, "The clock stops at the end."
    assert run.remaining(now=1000.0) is None


def test_changes_are_told_once() -> None:
    catalogue = survey(1, 2)
    run = WatchedRun(catalogue)
    run.apply(started(catalogue))
    assert run.take_changes() == []
    run.apply(QuantumStarted(time=1.0, worker="w", **about(catalogue, "isr-0-0")))
    run.apply(QuantumFinished(time=2.0, duration=1.0, **about(catalogue, "isr-0-0")))
    run.apply(QuantumStarted(time=2.0, worker="w", **about(catalogue, "isr-0-1")))
    assert run.take_changes() == [0, 1]
    assert [run.status(p) for p in (0, 1)] == [QuantumStatus.SUCCEEDED, QuantumStatus.RUNNING]
    assert run.take_changes() == []


def test_failure_blocks_and_retry_resets() -> None:
    catalogue = survey(1, 1)
    run = WatchedRun(catalogue)
    run.apply(started(catalogue))
    isr, detect = (about(catalogue, name) for name in ("isr-0-0", "detect-0-0"))
    run.apply(QuantumStarted(time=1.0, worker="w", **isr))
    run.apply(QuantumFailed(time=2.0, duration=1.0, exception="E", message="m", **isr))
    run.apply(QuantumBlocked(time=2.0, blocked_by="isr-0-0", **detect))
    assert run.task_counts("isr") == {QuantumStatus.FAILED: 1}
    assert run.task_counts("detect") == {QuantumStatus.BLOCKED: 1}
    run.apply(QuantumReset(time=3.0, **isr))
    run.apply(QuantumReset(time=3.0, **detect))
    run.apply(QuantumStarted(time=3.0, worker="w", **isr))
    assert run.task_counts("isr") == {QuantumStatus.RUNNING: 1}
    assert run.task_counts("detect") == {QuantumStatus.PENDING: 1}
    first, second = run.timeline.bars
    assert (STATUSES[first.code], first.end) == (QuantumStatus.FAILED, 2.0), (
        "The first attempt stays as it was."
    )
    assert (STATUSES[second.code], second.end) == (QuantumStatus.RUNNING, None)


def test_an_automatic_retry_keeps_the_failed_bar() -> None:
    catalogue = survey(1, 1)
    run = WatchedRun(catalogue)
    isr = about(catalogue, "isr-0-0")
    run.apply(started(catalogue))
    run.apply(QuantumStarted(time=1.0, worker="w", **isr))
    run.apply(QuantumFailed(time=2.0, duration=1.0, exception="E", message="m", will_retry=True, **isr))
    run.apply(QuantumStarted(time=2.0, worker="w", attempt=2, **isr))
    run.apply(QuantumFinished(time=3.0, duration=1.0, **isr))
    assert [STATUSES[bar.code] for bar in run.timeline.bars] == [
        QuantumStatus.FAILED,
        QuantumStatus.SUCCEEDED,
    ]


def test_a_failed_bar_stays_when_the_quantum_is_skipped() -> None:
    catalogue = survey(1, 1)
    run = WatchedRun(catalogue)
    isr = about(catalogue, "isr-0-0")
    run.apply(started(catalogue))
    run.apply(QuantumStarted(time=1.0, worker="w", **isr))
    run.apply(QuantumFailed(time=2.0, duration=1.0, exception="E", message="m", **isr))
    run.apply(QuantumReset(time=3.0, **isr))
    run.timeline.take_changes()
    run.apply(QuantumSkipped(time=4.0, **isr))
    assert [STATUSES[bar.code] for bar in run.timeline.bars] == [QuantumStatus.FAILED]
    assert run.timeline.take_changes() == [], "The browser would draw another bar for it."


def test_skipped_and_cancelled_quanta_say_nothing_about_durations() -> None:
    catalogue = survey(1, 2)
    run = WatchedRun(catalogue)
    run.apply(started(catalogue))
    run.apply(QuantumSkipped(time=1.0, **about(catalogue, "isr-0-0")))
    run.apply(QuantumCancelled(time=1.0, **about(catalogue, "isr-0-1")))
    assert run.timeline.bars == []
    assert run.remaining(now=5.0) is None


def test_strangers_are_passed_over() -> None:
    run = WatchedRun(survey(1, 1))
    run.apply(QuantumStarted(time=0.0, quantum_id="stranger", task_label="isr", data_id={}))
    assert run.take_changes() == []


def test_adopting_a_report_is_like_having_watched() -> None:
    catalogue = survey(3, 4)
    events = list(whole_run(catalogue, workers=3))[:-9]
    watched, late, report = WatchedRun(catalogue), WatchedRun(catalogue), RunReport()
    for event in events:
        watched.apply(event)
        report.apply(event)
    late.adopt(report)
    assert late.codes == watched.codes
    assert late.counts == watched.counts
    assert late.state is watched.state
    assert late.timeline.lanes == watched.timeline.lanes
    assert late.timeline.bars == watched.timeline.bars
    assert late.remaining(now=20.0) == watched.remaining(now=20.0)
    # What is told again while it is adopted changes nothing.
    for event in events[-6:]:
        late.apply(event)
    assert late.counts == watched.counts
    assert late.timeline.bars == watched.timeline.bars


def test_remaining_time_from_this_run() -> None:
    catalogue = survey(4, 5)
    run = WatchedRun(catalogue)
    events = list(whole_run(catalogue, workers=2, seconds=3.0))
    for event in events[:41]:  # 20 of 45 quanta, two at a time
        run.apply(event)
    assert run.ended == 20
    # 25 quanta of 3 s on two workers.
    assert run.remaining(now=30.0) == 37.5


def test_remaining_time_leaves_pauses_out() -> None:
    catalogue = survey(4, 5)
    run = WatchedRun(catalogue)
    for event in list(whole_run(catalogue, workers=2, seconds=3.0))[:41]:
        run.apply(event)
    run.apply(RunStateChanged(time=30.0, state=RunState.PAUSED))
    assert run.remaining(now=1030.0) == 37.5
    run.apply(RunStateChanged(time=1030.0, state=RunState.RUNNING))
    assert run.remaining(now=1030.0) == 37.5


def test_remaining_time_from_earlier_runs() -> None:
    catalogue = survey(1, 4)
    run = WatchedRun(catalogue, {"isr": 2.0, "detect": 4.0, "collect": 1.0})
    run.apply(started(catalogue))
    # Nobody has seen `report`: it counts as the mean of the others.
    assert run.remaining(now=0.0) == 4 * 2 + 4 * 4 + 1 + 7 / 3


def test_first_quanta_that_also_import_do_not_count() -> None:
    catalogue = survey(4, 10)
    run = WatchedRun(catalogue)
    run.apply(started(catalogue))
    for number, seconds in enumerate((20.0, 20.0, 1.0, 1.0, 1.0)):
        name = f"isr-0-{number}"
        run.apply(QuantumStarted(time=0.0, worker=str(number % 2), **about(catalogue, name)))
        run.apply(QuantumFinished(time=seconds, duration=seconds, **about(catalogue, name)))
    left = len(catalogue) - 5
    # 43 s of work in 21.5 s: at a rate of two.
    assert run.remaining(now=21.5) == left * 1.0 / 2


def test_of_a_first_quantum_what_first_quanta_take_longer_is_left_out() -> None:
    catalogue = survey(1, 4)
    run = WatchedRun(catalogue)
    run.apply(started(catalogue))
    time = 0.0
    for name, seconds in (("isr-0-0", 11.0), ("isr-0-1", 1.0), ("isr-0-2", 1.0), ("detect-0-0", 12.0)):
        run.apply(QuantumStarted(time=time, worker="w", **about(catalogue, name)))
        time += seconds
        run.apply(QuantumFinished(time=time, duration=seconds, **about(catalogue, name)))
    # Importing took 10 s for `isr`, so `detect` takes 2 s; the two that nobody has seen are between these.
    assert run.remaining(now=time) == 1 * 1.0 + 3 * 2.0 + 2 * 1.5


def test_the_last_chain_bounds_the_remaining_time() -> None:
    catalogue = survey(1, 1)
    run = WatchedRun(catalogue, {"collect": 30.0, "report": 12.0})
    run.apply(started(catalogue))
    for number, name in enumerate(("isr-0-0", "detect-0-0")):
        run.apply(QuantumStarted(time=0.0, worker=str(number), **about(catalogue, name)))
        run.apply(QuantumFinished(time=1.0, duration=1.0, **about(catalogue, name)))
    # Two workers do not help where one quantum waits for the other.
    assert run.remaining(now=1.0) == 42.0


def test_a_hundred_thousand_quanta() -> None:
    catalogue = survey(250, 199)
    run = WatchedRun(catalogue)
    changed = 0
    for number, event in enumerate(whole_run(catalogue, workers=8)):
        run.apply(event)
        if number % 5000 == 0:
            changed += len(run.take_changes())
            assert run.remaining(now=event.time) is None or run.remaining(now=event.time) > 0
    changed += len(run.take_changes())
    assert run.totals == {QuantumStatus.SUCCEEDED: len(catalogue)}
    assert len(catalogue) <= changed <= 2 * len(catalogue)
    assert set(run.codes) == {CODES[QuantumStatus.SUCCEEDED]}


def test_end_of_a_stopped_run() -> None:
    run = WatchedRun(survey(1, 1))
    run.apply(started(run.catalogue, time=5.0))
    run.apply(RunFinished(time=9.0, state=RunState.STOPPED, error="stopped by the user"))
    assert (run.state, run.error, run.elapsed(now=99.0)) == (RunState.STOPPED, "stopped by the user", 4.0)
