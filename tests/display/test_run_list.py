from __future__ import annotations

import html
import re
from typing import Any

from jupyter_mpexec.display.run_list import RunRow, runs_html, runs_text
from jupyter_mpexec.status import QuantumStatus, RunState

NOW = 1_700_000_000.0
SOME = {QuantumStatus.SUCCEEDED: 3, QuantumStatus.FAILED: 1, QuantumStatus.PENDING: 4}


def row(number: int, **more: Any) -> RunRow:
    values: dict[str, Any] = {"state": RunState.FAILED, "counts": SOME, "output": "u/me"}
    return RunRow(
        id=f"u-me-20261101T120000-{number:06x}", started_at=NOW - 60.0 * number, **{**values, **more}
    )


def words(page: str) -> str:
    return html.unescape(re.sub(r"<style>.*?</style>|<[^>]+>", "", page))


def test_a_run_in_both_forms() -> None:
    rows = [row(3)]
    text = runs_text(rows, now=NOW)
    assert text == "✗ failed  u-me-20261101T120000-000003  █████░░░░░ 4/8, 1 failed  u/me  3 min ago"
    page = runs_html(rows, now=NOW)
    for part in ("failed", "u-me-20261101T120000-000003", "4/8, 1 failed", "u/me", "3 min ago"):
        assert part in words(page)
    assert 'aria-label="3 succeeded, 1 failed, 4 pending"' in page
    assert "as of 2023-11-14 22:13:20 UTC" in page


def test_a_long_name_is_whole_in_the_page() -> None:
    name = "a" * 60 + "-20261101T120000-abcdef"
    rows = [RunRow(id=name, state=RunState.DEAD, counts={}, started_at=NOW)]
    assert name in words(runs_html(rows, now=NOW))
    assert name in runs_text(rows, now=NOW)


def test_older_runs_are_counted_unless_they_go_on() -> None:
    rows = [row(n) for n in range(30)] + [row(30, state=RunState.RUNNING)]
    for shown in (runs_text(rows, now=NOW), words(runs_html(rows, now=NOW))):
        assert "-00001e" in shown, "It goes on."
        assert "-000013" in shown
        assert "-000014" not in shown
        assert "… and 10 older runs: %pipetask runs --all" in shown
    for shown in (runs_text(rows, now=NOW, most=None), words(runs_html(rows, now=NOW, most=None))):
        assert "older" not in shown
        assert "-000014" in shown


def test_runs_of_which_little_is_known() -> None:
    rows = [
        row(1, counts={}, state=RunState.PREPARING),
        row(2, counts={}, state=RunState.DEAD),
        row(3, trouble="Line 7 is <damaged>.", state=RunState.DEAD, output=""),
    ]
    text = runs_text(rows, now=NOW)
    assert [re.split(" {2,}", line)[2] for line in text.splitlines()] == [
        "getting ready",
        "did not begin",
        "Line 7 is <damaged>.",
    ]
    page = runs_html(rows, now=NOW)
    assert "<damaged>" not in page
    assert "<damaged>" in words(page)


def test_no_runs() -> None:
    assert runs_text([], now=NOW) == "No runs yet."
    assert "No runs yet." in runs_html([], now=NOW)
