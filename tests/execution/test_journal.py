"""The record on disk."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from jupyter_mpexec import events as ev
from jupyter_mpexec.errors import JournalError
from jupyter_mpexec.execution.journal import Journal, JournalTail
from jupyter_mpexec.execution.run_folder import new_run_folder, runs_folder
from jupyter_mpexec.status import RunState

STARTED = ev.RunStarted(time=1.0, run_id="r", output_run="u/1", quanta={"isr": 1})
DONE = ev.QuantumFinished(time=2.0, quantum_id="a", task_label="isr", data_id={"exposure": 1})
END = ev.RunFinished(time=3.0, state=RunState.SUCCEEDED)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    journal = Journal(tmp_path / "run")
    for event in (STARTED, DONE, END):
        journal(event)
    return journal


def test_events_come_back_while_the_run_goes_on(journal: Journal) -> None:
    assert list(journal.read()) == [STARTED, DONE, END]
    assert journal.report().state is RunState.SUCCEEDED


def test_the_file_is_plain_lines_of_json_that_only_the_owner_reads(journal: Journal) -> None:
    records = [json.loads(line) for line in journal.path.read_text().splitlines()]
    assert [record["event"] for record in records] == ["RunStarted", "QuantumFinished", "RunFinished"]
    assert records[0]["schema"] == ev.SCHEMA_VERSION
    assert stat.S_IMODE(journal.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(journal.folder.stat().st_mode) & 0o077 == 0


@pytest.mark.parametrize("cut", [1, 10, 40])
def test_a_torn_last_line_is_left_out_and_then_written_over(journal: Journal, cut: int) -> None:
    whole = journal.path.read_bytes()
    journal.path.write_bytes(whole[:-cut])
    again = Journal(journal.folder)
    assert list(again.read()) == [STARTED, DONE]
    again(END)
    assert list(again.read()) == [STARTED, DONE, END]


def test_a_journal_of_nothing_but_half_a_line_can_be_gone_on_with(tmp_path: Path) -> None:
    (tmp_path / "journal.jsonl").write_text('{"event":"RunSta')
    journal = Journal(tmp_path)
    journal(END)
    assert list(journal.read()) == [END]


def test_damage_in_the_middle_is_told_with_its_line(journal: Journal) -> None:
    lines = journal.path.read_text().splitlines(keepends=True)
    journal.path.write_text(lines[0] + "rubbish\n" + lines[2])
    with pytest.raises(JournalError, match="Line 2"):
        list(journal.read())


def test_a_later_schema_is_refused(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "run")
    journal(ev.RunStarted(time=1.0, run_id="r", output_run="u", schema=ev.SCHEMA_VERSION + 1))
    with pytest.raises(JournalError, match="later version"):
        list(journal.read())


def test_a_folder_without_a_journal_is_told(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="no run in"):
        list(Journal(tmp_path / "nothing").read())


def test_run_folders_are_where_the_user_wants_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JUPYTER_MPEXEC_DATA", str(tmp_path / "data"))
    folder = new_run_folder("u/me/try 1")
    assert folder.path.parent == runs_folder() == tmp_path / "data" / "runs"
    assert folder.name.startswith("u-me-try-1-")
    assert folder.path.stat().st_mode & 0o777 == 0o700
    assert new_run_folder("u/me/try 1").name != folder.name
    monkeypatch.delenv("JUPYTER_MPEXEC_DATA")
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))
    assert runs_folder() == tmp_path / "jupyter" / "mpexec" / "runs"


def test_a_place_that_cannot_be_written_to_is_told_with_the_way_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("JUPYTER_MPEXEC_DATA", str(tmp_path / "file"))
    with pytest.raises(JournalError, match="JUPYTER_MPEXEC_DATA"):
        new_run_folder("x")
    with pytest.raises(JournalError, match="JUPYTER_MPEXEC_DATA"):
        Journal(tmp_path / "file" / "run")(END)


def test_a_journal_is_followed_line_by_line(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "run")
    tail = JournalTail(journal)
    assert tail.read() == []
    first, second = (ev.RunFinished(time=float(i), state=RunState.STOPPED) for i in range(2))
    journal(first)
    assert tail.read() == [first]
    with journal.path.open("a") as stream:
        stream.write('{"event": "RunFin')
    assert tail.read() == []
    # Whoever goes on with it takes the half line away first.
    Journal(tmp_path / "run")(second)
    assert tail.read() == [second]
    assert tail.read() == []
