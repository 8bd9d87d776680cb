"""The list of runs reads what its journals have become, and each line of them once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from jupyter_mpexec.errors import JournalError
from jupyter_mpexec.events import QuantumFailed, QuantumFinished, QuantumReset, QuantumStarted, RunFinished
from jupyter_mpexec.execution.journal import Journal
from jupyter_mpexec.execution.journal_summary import JournalSummary
from jupyter_mpexec.server.run_answers import list_runs
from jupyter_mpexec.server.run_summaries import RunSummaries
from jupyter_mpexec.status import QuantumStatus, RunState

from .test_run_reports import STARTED, of_quantum, spoil


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return begun(tmp_path / "run")


def begun(folder: Path) -> Journal:
    journal = Journal(folder)
    journal(STARTED)
    for number in range(5):
        journal(of_quantum(QuantumStarted, number))
    return journal


def succeeded(summary: JournalSummary) -> int:
    return summary.counts.get(QuantumStatus.SUCCEEDED, 0)


def test_each_line_of_a_run_that_goes_on_is_read_once(journal: Journal) -> None:
    summaries = RunSummaries()
    assert (summaries(journal).total, succeeded(summaries(journal))) == (40, 0)
    for number in range(3):
        spoil(journal)
        journal(of_quantum(QuantumFinished, number))
        assert (summaries(journal).total, succeeded(summaries(journal))) == (40, number + 1)
    with pytest.raises(JournalError):
        RunSummaries()(journal)


def test_it_says_what_the_whole_journal_says(journal: Journal) -> None:
    summaries = RunSummaries()
    for event in (
        of_quantum(QuantumFinished, 0),
        QuantumFailed(time=2.0, quantum_id="q1", task_label="isr", data_id={}, exception="E", message="m"),
        of_quantum(QuantumReset, 1),
        None,
        # It is gone on with.
        STARTED,
        of_quantum(QuantumStarted, 1),
        of_quantum(QuantumFinished, 1),
        None,
    ):
        counts = {status.value: n for status, n in journal.report().counts.items()}
        journal(event or RunFinished(time=3.0, state=RunState.FAILED, counts=counts))
        assert summaries(journal) == JournalSummary.of(journal.report())


def test_half_a_line_is_read_when_it_is_whole(journal: Journal) -> None:
    summaries = RunSummaries()
    summaries(journal)
    other = Journal(journal.folder / "other")
    other(of_quantum(QuantumFinished, 0))
    line = other.path.read_bytes()
    for part, expected in ((line[:30], 0), (line[30:], 1)):
        with journal.path.open("ab") as stream:
            stream.write(part)
        assert succeeded(summaries(journal)) == expected


def test_what_is_over_or_damaged_is_not_read_again(
    journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_MPEXEC_DATA", str(tmp_path / "data"))
    over, damaged = begun(tmp_path / "data" / "runs" / "over"), begun(tmp_path / "data" / "runs" / "damaged")
    over(RunFinished(time=3.0, state=RunState.SUCCEEDED, counts={"succeeded": 40}))
    with damaged.path.open("a") as stream:
        stream.write("nonsense\n")
    summaries = RunSummaries()
    first = list_runs(summaries)["runs"]
    assert {row["id"]: (row["state"], "damaged" in row["trouble"]) for row in first} == {
        "over": ("succeeded", False),
        "damaged": ("dead", True),
    }
    for each in (over, damaged):
        about = each.path.stat()
        each.path.write_bytes(b"?" * about.st_size)
        os.utime(each.path, ns=(about.st_atime_ns, about.st_mtime_ns))
    assert list_runs(summaries)["runs"] == first


def test_a_journal_in_the_place_of_another_one_is_read_from_its_beginning(journal: Journal) -> None:
    summaries = RunSummaries()
    for number in range(5):
        journal(of_quantum(QuantumFinished, number))
    assert succeeded(summaries(journal)) == 5
    begun(journal.folder / "other").path.replace(journal.path)
    assert succeeded(summaries(journal)) == 0


def test_it_remembers_only_so_many_quanta(tmp_path: Path) -> None:
    first, second = begun(tmp_path / "a"), begun(tmp_path / "b")
    summaries = RunSummaries(most_quanta=7)
    assert (summaries(first).total, summaries(second).total) == (40, 40)
    for each in (first, second):
        spoil(each)
        each(of_quantum(QuantumFinished, 0))
    # The first one is still remembered; the second one is read as a whole, and so is seen to be spoilt.
    assert succeeded(summaries(first)) == 1
    with pytest.raises(JournalError):
        summaries(second)
    summaries.keep_only({second.path})
    second.path.unlink()
    second = begun(tmp_path / "b")
    assert summaries(second).total == 40
    spoil(second)
    second(of_quantum(QuantumFinished, 0))
    assert succeeded(summaries(second)) == 1
