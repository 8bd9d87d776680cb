"""The reports that the server keeps are those that the journals tell, and what they tell is read once."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jupyter_mpexec.errors import JournalError
from jupyter_mpexec.events import Event, QuantumFinished, QuantumStarted, RunFinished, RunStarted
from jupyter_mpexec.execution.journal import Journal
from jupyter_mpexec.execution.run_entry import run_entry
from jupyter_mpexec.execution.run_folder import RunFolder, new_run_folder
from jupyter_mpexec.server.places import NotFoundError, named_run
from jupyter_mpexec.server.run_answers import delete, details, report
from jupyter_mpexec.server.run_reports import RunReports
from jupyter_mpexec.status import RunState

STARTED = RunStarted(time=1.0, run_id="r", output_run="u/r", quanta={"isr": 40})


def of_quantum(cls: Any, number: int) -> Event:
    event: Event = cls(time=2.0, quantum_id=f"q{number}", task_label="isr", data_id={"visit": number})
    return event


def spoil(journal: Journal) -> None:
    """Make what the journal has so far unreadable, so that it is seen who reads it again."""
    about = journal.path.stat()
    with journal.path.open("r+b") as stream:
        stream.write(b"?" * (about.st_size - 1))
    os.utime(journal.path, ns=(about.st_atime_ns, about.st_mtime_ns))


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    folder = RunFolder(tmp_path / "run")
    folder.journal(STARTED)
    for number in range(5):
        folder.journal(of_quantum(QuantumStarted, number))
    return folder


def test_each_line_is_read_once(run: RunFolder) -> None:
    reports = RunReports()
    first = details(run, reports)
    assert (first["total"], first["counts"]) == (40, {"running": 5, "pending": 35})
    spoil(run.journal)
    run.journal(of_quantum(QuantumFinished, 0))
    # Another tab asks as well, and somebody wants the report.
    for _ in range(2):
        answer = details(run, reports)
        assert (answer["trouble"], answer["counts"]) == ("", {"running": 4, "succeeded": 1, "pending": 35})
    assert "u/r" in report(run, reports)["html"]
    with pytest.raises(JournalError):
        report(run, RunReports())


def test_a_run_that_was_broken_off_does_not_go_on_in_its_report(run: RunFolder) -> None:
    reports = RunReports()
    with run.own():
        assert "</span>&#8201;running</span>" in report(run, reports)["html"].split("</h2>")[0]
        assert "So far" in dict(details(run, reports)["facts"])
    for answers in (reports, RunReports()):
        answer = details(run, answers)
        facts = dict(answer["facts"])
        assert (answer["state"], facts["Last heard of"]) == ("dead", "1970-01-01 00:00:02 UTC")
        assert (facts["Took"], facts["Quanta"]) == ("1.0 s", "0 of 40 ended; 5 broken off with the run")
        page = report(run, answers)["html"]
        assert "</span>&#8201;running</span>" not in page.split("</h2>")[0]
        assert "The process that the run belonged to is gone" in page
        assert f"%pipetask resume {run.name}" in page
        assert "Last heard of" in page
    # When it is gone on with, it goes on in the report, too, which has read the rest before.
    with run.own():
        run.journal(STARTED)
        assert "</span>&#8201;running</span>" in report(run, reports)["html"].split("</h2>")[0]


def test_a_run_that_is_gone_on_with_began_when_it_first_did(run: RunFolder) -> None:
    run.journal(dataclasses.replace(STARTED, time=1000.0))
    run.journal(RunFinished(time=1059.0, state=RunState.STOPPED))
    answer = details(run, RunReports())
    facts = dict(answer["facts"])
    assert answer["started_at"] == run_entry(run).started_at == 1.0
    assert (facts["Started"], facts["Took"]) == ("1970-01-01 00:00:01 UTC", "1 min in 2 sessions")
    assert facts["Gone on with"] == "1970-01-01 00:16:40 UTC"


def test_who_knows_the_answer_is_told_that_nothing_has_changed(run: RunFolder) -> None:
    version = details(run, RunReports())["version"]
    spoil(run.journal)
    assert details(run, RunReports(), since=version) == {"version": version, "unchanged": True}
    assert details(run, RunReports(), since="other")["trouble"]


def test_whatever_is_told_changes_the_version(run: RunFolder) -> None:
    reports = RunReports()
    version = details(run, reports)["version"]
    changes: list[Callable[[], Any]] = [
        lambda: run.journal(RunFinished(time=3.0, state=RunState.FAILED)),
        lambda: run.graph_file.write_bytes(b""),
        run.own,
    ]
    kept = []
    for change in changes:
        kept.append(change())
        answer = details(run, reports, since=version)
        assert "unchanged" not in answer
        version = answer["version"]
    assert (answer["has_graph"], answer["is_alive"]) == (True, True)


def test_a_journal_in_the_place_of_another_one_is_read_from_its_beginning(run: RunFolder) -> None:
    reports = RunReports()
    assert details(run, reports)["total"] == 40
    other = Journal(run.path / "other")
    other(RunStarted(time=1.0, run_id="r", output_run="u/r", quanta={"isr": 7}))
    other.path.replace(run.journal.path)
    assert details(run, reports)["total"] == 7


def test_those_that_were_asked_for_long_ago_are_forgotten(tmp_path: Path) -> None:
    journals = [Journal(tmp_path / name) for name in "abc"]
    for journal in journals:
        for number in range(3):
            journal(of_quantum(QuantumStarted, number))
    reports = RunReports(most_quanta=6)

    def ask(journal: Journal) -> int:
        with reports.open(journal) as report:
            return len(report.quanta)

    a, b, c = journals
    assert [ask(each) for each in (a, b, a, c)] == [3, 3, 3, 3]
    for journal in journals:
        spoil(journal)
    assert (ask(a), ask(c)) == (3, 3)
    with pytest.raises(JournalError):
        ask(b)


def test_what_cannot_be_read_stays_an_error(run: RunFolder) -> None:
    reports = RunReports()
    with run.journal.path.open("a") as stream:
        stream.write('{"event":"Nonsense"}\n')
    for _ in range(2):
        with pytest.raises(JournalError, match="Line 7 "), reports.open(run.journal):
            pass
        assert "damaged" in details(run, reports)["trouble"]
    delete(run, reports)
    with pytest.raises(JournalError, match="no run"), reports.open(run.journal):
        pass


def test_a_run_that_is_gone_is_named_with_its_whole_identifier(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_MPEXEC_DATA", str(tmp_path))
    folder = new_run_folder("u/somebody/" + "long_name_of_a_collection/" * 5)
    assert named_run(folder.name).path == folder.path
    folder.path.rmdir()
    with pytest.raises(NotFoundError, match=folder.name):
        named_run(folder.name)
