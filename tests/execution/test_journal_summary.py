"""The quick way to read how far a run is says what the thorough one says."""

from __future__ import annotations

import random
import time
from pathlib import Path
from typing import Any

import pytest

from jupyter_mpexec.errors import JournalError
from jupyter_mpexec.events import (
    Event,
    QuantaIngested,
    QuantumBlocked,
    QuantumCancelled,
    QuantumFailed,
    QuantumFinished,
    QuantumReset,
    QuantumSkipped,
    QuantumStarted,
    RunFinished,
    RunLogged,
    RunStarted,
    RunStateChanged,
)
from jupyter_mpexec.execution.journal import Journal
from jupyter_mpexec.execution.journal_summary import JournalSummary, summarise
from jupyter_mpexec.report import RunReport
from jupyter_mpexec.status import RunState

STARTED = RunStarted(time=1.0, run_id="r", output_run="u/r", output="u", quanta={"isr": 40, "coadd": 2})
LOGGED = RunLogged(time=2.0, level=30, logger="x", message='{"event":"RunFinished"}')


def about(number: int) -> dict[str, Any]:
    label = "coadd" if number >= 40 else "isr"
    return {
        "time": float(number),
        "quantum_id": f"00000000-0000-0000-0000-{number:012}",
        "task_label": label,
        "data_id": {"name": 'a"b', "visit": number},
    }


def some_events(seed: int) -> list[Event]:
    chance = random.Random(seed)
    events: list[Event] = []
    for number in range(42):
        if chance.random() < 0.2:
            continue
        events.append(QuantumStarted(**about(number)))
        events += chance.choice(
            [
                [],
                [QuantumFinished(**about(number))],
                [QuantumFinished(**about(number), no_work=True)],
                [QuantumSkipped(**about(number))],
                [
                    QuantumFailed(
                        **about(number), exception="E", message='"no_work":true,"event":"RunFinished"'
                    )
                ],
                [QuantumFailed(**about(number), exception="E", message="m"), QuantumReset(**about(number))],
                [QuantumBlocked(**about(number), blocked_by="x")],
                [QuantumCancelled(**about(number))],
            ]
        )
        if chance.random() < 0.1:
            events.append(RunStateChanged(time=float(number), state=RunState.PAUSED))
        if chance.random() < 0.1:
            events.append(QuantaIngested(time=float(number), quantum_ids=(about(number)["quantum_id"],)))
    return events


def written(folder: Path, events: list[Event]) -> Journal:
    journal = Journal(folder / "run")
    for event in events:
        journal(event)
    return journal


def thorough(journal: Journal) -> JournalSummary:
    return JournalSummary.of(journal.report())


@pytest.mark.parametrize("end", ["none", "told", "not counted", "gone on with", "torn"])
@pytest.mark.parametrize("seed", range(4))
def test_both_ways_agree(tmp_path: Path, seed: int, end: str) -> None:
    events = [LOGGED, STARTED, *some_events(seed)]
    counts = {status.value: n for status, n in RunReport.from_events(events).counts.items()}
    finished = RunFinished(time=99.0, state=RunState.FAILED, counts=counts if end != "not counted" else {})
    if end != "none":
        events += [finished, LOGGED]
    if end == "gone on with":
        events += [STARTED, *some_events(seed + 100)]
    journal = written(tmp_path, events)
    if end == "torn":
        with journal.path.open("ab") as stream:
            stream.write(b'{"event":"QuantumStarted","time":1.0,"quantum_id":"half')
    assert summarise(journal) == thorough(journal)


def test_the_middle_of_a_run_that_is_over_is_not_read(tmp_path: Path) -> None:
    finished = RunFinished(time=99.0, state=RunState.SUCCEEDED, counts={"succeeded": 42})
    journal = written(tmp_path, [STARTED, *(LOGGED for _ in range(2000)), finished])
    whole = summarise(journal)
    assert (whole.done, whole.total, whole.state, whole.finished_at) == (42, 42, RunState.SUCCEEDED, 99.0)
    lines = journal.path.read_bytes().splitlines(keepends=True)
    lines[800] = b"x" * (len(lines[800]) - 1) + b"\n"
    journal.path.write_bytes(b"".join(lines))
    assert summarise(journal) == whole


@pytest.mark.parametrize("events", [[], [LOGGED]])
def test_a_run_that_has_not_begun(tmp_path: Path, events: list[Event]) -> None:
    journal = written(tmp_path, events)
    journal.folder.mkdir(exist_ok=True)
    journal.path.touch()
    assert summarise(journal) == JournalSummary()


def test_what_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="There is no run in"):
        summarise(Journal(tmp_path))
    journal = written(tmp_path, [STARTED])
    with journal.path.open("a") as stream:
        stream.write(f"nonsense {time.time()}\n")
    with pytest.raises(JournalError, match="damaged"):
        summarise(journal)
