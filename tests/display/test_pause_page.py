"""A pause as text and HTML."""

from __future__ import annotations

from jupyter_mpexec.debug.summaries import FrameSummary, Variable
from jupyter_mpexec.display.pause_page import PauseView, pause_bundle, session_bundle

FRAME = FrameSummary(
    file="/somewhere/tasks/calibrate.py",
    line=11,
    function="CalibrateTask.run",
    first_line=10,
    source=("def run(self, image):", "    good = image < 3 & mask", "    return good"),
    variables=(
        Variable("image", "numpy.ndarray", "[[1.0, …]]", "(5, 5) float64"),
        Variable("mask", "str", "'<b>'"),
    ),
    left_out=2,
)
STACK = (
    ("CalibrateTask.run", "tasks.calibrate", "/somewhere/tasks/calibrate.py", 11),
    ("CalibrateTask.runQuantum", "tasks.calibrate", "/tmp/ipykernel_7/8.py", 3),
)
PAUSE = PauseView(
    session="calibrate visit=42",
    number=1,
    reason="breakpoint 1",
    stack=STACK,
    frame=FRAME,
    watches=(Variable("image.max()", "float", "7.5"),),
    exception="ValueError: <bad>",
    returned="measure → 3",
)


def test_text_has_the_line_the_variables_and_the_stack() -> None:
    text = pause_bundle(PAUSE)["text/plain"]
    assert text.splitlines() == [
        "calibrate visit=42 is paused: breakpoint 1",
        "ValueError: <bad>",
        "measure → 3",
        "tasks/calibrate.py:11 in CalibrateTask.run",
        "  10  def run(self, image):",
        "▶ 11      good = image < 3 & mask",
        "  12      return good",
        "    image = [[1.0, …]] ((5, 5) float64)",
        "    mask = '<b>'",
        "    and 2 more",
        "    image.max() → 7.5",
        "  1: CalibrateTask.runQuantum, notebook cell:3",
    ]


def test_html_marks_one_line_and_escapes_everything() -> None:
    html = pause_bundle(PAUSE)["text/html"]
    assert html.count('aria-current="true"') == 1
    assert "good = image &lt; 3 &amp; mask" in html
    assert "ValueError: &lt;bad&gt;" in html
    assert "<b>" not in html
    assert "Stack, 2 frames" in html


def test_without_source_and_without_frame() -> None:
    bare = FrameSummary("<made>", 1, "f", 1, (), ())
    html = pause_bundle(PauseView(session="s", number=1, reason="r", stack=STACK, frame=bare))["text/html"]
    assert "The source of this code is not there." in html
    assert "Variables: none." in html
    over = pause_bundle(PauseView(session="s", number=1, reason="r", stack=STACK))
    assert "It has gone on since." in over["text/html"]
    assert "It has gone on since." in over["text/plain"]


def test_sessions() -> None:
    forms = session_bundle("isr", "failed", "KeyError: 'x'", ("Another debugger.",))
    assert forms["text/plain"] == "Debug session isr: failed\nKeyError: 'x'\nAnother debugger."
    assert "It is failed." in forms["text/html"]
    assert "is paused in CalibrateTask.run" in session_bundle("isr", "paused", pause=PAUSE)["text/html"]
