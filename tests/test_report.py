"""The state of a run, folded from events."""

from __future__ import annotations

import dataclasses

from jupyter_mpexec import events as ev
from jupyter_mpexec.report import RunReport
from jupyter_mpexec.status import QuantumStatus, RunState

STARTED = ev.RunStarted(time=100.0, run_id="r", output_run="u/1", quanta={"isr": 3, "sum": 1})


def _quantum(number: int, label: str = "isr", time: float = 101.0) -> dict[str, object]:
    return {
        "time": time,
        "quantum_id": f"{label}{number}",
        "task_label": label,
        "data_id": {"exposure": number},
    }


def test_counts_always_add_up_to_the_whole_graph() -> None:
    report = RunReport()
    happenings = [
        STARTED,
        ev.QuantumStarted(**_quantum(1)),
        ev.QuantumFinished(**_quantum(1), duration=2.0, peak_memory=10),
        ev.QuantumStarted(**_quantum(2)),
        ev.QuantumFailed(
            **_quantum(2), exception="builtins.ValueError", message="no", duration=4.0, peak_memory=30
        ),
        ev.QuantumBlocked(**_quantum(1, "sum"), blocked_by="isr2"),
        ev.QuantumSkipped(**_quantum(3)),
        ev.RunFinished(time=110.0, state=RunState.FAILED, error="isr failed"),
    ]
    for event in happenings:
        report.apply(event)
        assert sum(report.counts.values()) == report.total == 4
    assert report.counts == {
        QuantumStatus.SUCCEEDED: 1,
        QuantumStatus.SKIPPED: 1,
        QuantumStatus.FAILED: 1,
        QuantumStatus.BLOCKED: 1,
    }
    assert (report.state, report.error, report.elapsed) == (RunState.FAILED, "isr failed", 10.0)
    assert [failure.name for failure in report.failures] == ["isr(exposure=2)"]
    isr = report.tasks[0]
    assert (isr.label, isr.total, isr.ended) == ("isr", 3, 3)
    assert (isr.total_time, isr.median_time, isr.longest_time, isr.peak_memory) == (6.0, 3.0, 4.0, 30)


def test_a_retry_takes_back_the_failure_and_what_it_blocked() -> None:
    report = RunReport.from_events(
        [
            STARTED,
            ev.QuantumStarted(**_quantum(1)),
            ev.QuantumFailed(**_quantum(1), exception="E", message="no"),
            ev.QuantumBlocked(**_quantum(1, "sum"), blocked_by="isr1"),
            ev.QuantumReset(**_quantum(1)),
            ev.QuantumReset(**_quantum(1, "sum")),
            ev.QuantumStarted(**_quantum(1), attempt=2),
            ev.QuantumFinished(**_quantum(1)),
        ]
    )
    assert report.counts == {QuantumStatus.PENDING: 3, QuantumStatus.SUCCEEDED: 1}
    assert report.failures == []
    assert report.quanta["isr1"].attempt == 2
    assert report.quanta["sum1"].blocked_by == ""


def test_the_time_between_sessions_does_not_count() -> None:
    """It was broken off, gone on with a day later, and mended by hand another day later."""
    day = 86400.0
    report = RunReport.from_events([STARTED, ev.QuantumStarted(**_quantum(1, time=130.0))])
    assert (report.began_at, report.sessions, report.elapsed, report.worked_until) == (100.0, 1, 30.0, 130.0)
    report.apply(dataclasses.replace(STARTED, time=100.0 + day))
    assert (report.began_at, report.sessions, report.elapsed) == (100.0, 2, 30.0)
    assert report.elapsed_at(105.0 + day) == 35.0
    report.apply(ev.RunFinished(time=110.0 + day, state=RunState.FAILED))
    assert report.elapsed == 40.0
    report.apply(ev.QuantumFinished(**_quantum(1, time=2 * day), promoted=True))
    report.apply(ev.RunFinished(time=2 * day, state=RunState.SUCCEEDED))
    assert (report.elapsed, report.finished_at, report.worked_until) == (40.0, 2 * day, 110.0 + day)
    report.apply(dataclasses.replace(STARTED, time=3 * day))
    assert (report.elapsed, report.sessions) == (40.0, 3)
    assert report.earlier_sessions == [(100.0, 130.0), (100.0 + day, 110.0 + day)]


def test_quanta_are_counted_without_an_announcement_too() -> None:
    report = RunReport.from_events([ev.QuantumStarted(**_quantum(1)), ev.QuantumStarted(**_quantum(2))])
    assert report.counts == {QuantumStatus.RUNNING: 2}


def test_ingested_quanta_are_marked() -> None:
    report = RunReport.from_events(
        [
            STARTED,
            ev.QuantumFinished(**_quantum(1)),
            ev.QuantaIngested(time=1.0, quantum_ids=("isr1", "other")),
        ]
    )
    assert report.quanta["isr1"].ingested
