"""Pieces of the debugging pane, without a run."""

from __future__ import annotations

import pytest

from jupyter_mpexec.debug import FrameSummary, Variable
from jupyter_mpexec.display.debug_page import DebugHead, head_html
from jupyter_mpexec.widgets.debug_breakpoints import breakpoint_rows
from jupyter_mpexec.widgets.debug_form import DebugForm
from jupyter_mpexec.widgets.debug_frame import source_rows, variable_rows
from jupyter_mpexec.widgets.debug_places import parse_places
from jupyter_mpexec.widgets.debug_view import BreakpointView, DebugView
from jupyter_mpexec.widgets.picks import Picks


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("", []),
        ("calibrate.py:42", ["calibrate.py:42"]),
        ("/a b/calibrate.py: 42; CalibrateTask.run", ["/a b/calibrate.py:42", "CalibrateTask.run"]),
        ("<patch 1 of T.run>:2", ["<patch 1 of T.run>:2"]),
        ("CalibrateTask.run: 42", [("CalibrateTask.run", 42)]),
        ("run: x = {1: 2}", [("run", "x = {1: 2}")]),
        ("a.py:73, nofile.py:3", ["a.py:73", "nofile.py:3"]),
        ("run, IsrTask.run: 42, execute", ["run", ("IsrTask.run", 42), "execute"]),
        ("run: f(a, self.b)", [("run", "f(a, self.b)")]),
        ("run: f(a, b), IsrTask.run, a.py:3,", [("run", "f(a, b)"), "IsrTask.run", "a.py:3"]),
    ],
)
def test_places_as_they_are_typed(text: str, places: list[object]) -> None:
    assert parse_places(text) == places


def test_lines_that_are_clicked_are_added_and_taken_away() -> None:
    form = DebugForm(lambda moments, places: None)
    form.places.value = "run"
    form.toggle("/x/task.py", 7)
    form.toggle("/x/task.py", 9)
    form.toggle("/x/task.py", 7)
    assert form.places.value == "run; /x/task.py:9"
    assert form.lines_in("/x/task.py") == {9}
    assert form.lines_in("/x/other.py") == set()
    assert form.moments == ["entry", "exception"]


VIEW = DebugView(
    quantum_id="1",
    name="isr",
    state="paused",
    stack=[("T.run", "/x/task.py", 8)],
    summary=FrameSummary(
        "/x/task.py", 8, "T.run", 7, ("def run(self):", "    x = 1", ""), (Variable("a", "m.A", "A(1)", "(2,) f4"),)
    ),
    watches=[Variable("a.b", "NameError", "no b", "failed")],
    breakpoints=[
        BreakpointView(number=1, where="/x/task.py:8 in T.run", file="/x/task.py", line=8, enabled=False),
        BreakpointView(number=2, where="get", file="", line=0, enabled=True, hits=2),
        BreakpointView(number=3, where="/y/o.py:7", file="/y/o.py", line=7, enabled=True, condition="x > 1"),
    ],
)  # fmt: skip


def test_source_has_numbers_the_current_line_and_marks() -> None:
    rows, current = source_rows(VIEW, {9})
    assert current == 1
    assert rows[0] == (("7", "def run(self):"), [], "")
    assert rows[1][1:] == (["jmpd-now", "jmpd-stop-off"], "current line, disabled breakpoint")
    assert rows[2] == (("9", " "), ["jmpd-stop"], "breakpoint")


def test_variables_begin_with_what_is_watched() -> None:
    rows = variable_rows(VIEW)
    assert rows[0] == (("a.b", "no b", "NameError"), ["jmpd-watch", "jmpd-failed"], "")
    assert rows[1] == (("a", "A(1)", "(2,) f4"), [], "")


def test_breakpoints_in_words() -> None:
    texts = [" ".join(cells) for cells, _, _ in breakpoint_rows(VIEW.breakpoints)]
    assert texts == [
        " x/task.py:8 in T.run ",
        " each read of a dataset 2 pauses",
        " y/o.py:7 if x > 1 ",
    ]


def test_the_head_says_what_has_to_be_known() -> None:
    head = DebugHead(
        name="isr visit=1",
        state="paused",
        reason="get raw<1>",
        place=("T.run.<locals>.f", "/x/y/task.py", 8),
        patches=["T.run"],
        other="isr visit=2",
        notices=["The run goes on without it."],
    )
    html = head_html(head)
    for text in (
        "Paused",
        "T.run.f",
        "y/task.py, line 8",
        "get raw&lt;1&gt;",
        "isr visit=2",
        "goes on without it",
    ):
        assert text in html
    assert "Reruns use your version of <code>T.run</code>" in html
    assert "press Start" in head_html(DebugHead(name="isr", state="chosen"))
    assert "Failed" in head_html(DebugHead(name="isr", state="chosen", problem="ValueError: x"))
    assert "Rerun failed" in head_html(DebugHead(name="isr", state="finished", problem="ValueError: x"))


def test_clicks_at_rows_that_have_gone_mean_nothing() -> None:
    picked: list[int] = []
    picks = Picks(label="rows", on_pick=picked.append)
    picks.show([(("a",), [], ""), (("b",), [], "")])
    old = {"kind": "pick", "index": 1, "sequence": picks._sequence}
    picks._hear(picks, old, [])
    picks.show([(("a",), [], ""), (("b",), [], "")])
    picks._hear(picks, old, [])
    assert picked == [1, 1], "The same rows are not sent again."
    picks.show([(("c",), [], "")], 0)
    picks._hear(picks, old, [])
    assert picked == [1, 1]
