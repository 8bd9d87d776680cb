from __future__ import annotations

import io
import threading
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from jupyter_mpexec.events import (
    Event,
    QuantumFailed,
    QuantumFinished,
    QuantumStarted,
    RunFinished,
    RunStarted,
)
from jupyter_mpexec.front.at_end import AtEnd
from jupyter_mpexec.front.progress import NotebookProgress, Progress, TerminalProgress, progress_for
from jupyter_mpexec.status import RunState


def events(n: int, failed: int = 0) -> list[Event]:
    """All events of a run of `n` quanta, of which the last ones fail."""
    told: list[Event] = [RunStarted(time=0.0, run_id="r", output_run="u/r", quanta={"isr": n})]
    for i in range(n):
        about: dict[str, Any] = {"quantum_id": str(i), "task_label": "isr", "data_id": {"visit": i}}
        told.append(QuantumStarted(time=i + 0.1, **about))
        if i < n - failed:
            told.append(QuantumFinished(time=i + 1.0, duration=0.9, **about))
        else:
            told.append(QuantumFailed(time=i + 1.0, duration=0.9, exception="E", message="m", **about))
    state = RunState.FAILED if failed else RunState.SUCCEEDED
    told.append(RunFinished(time=n + 0.1, state=state))
    return told


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class CountingProgress(Progress):
    """Counts how often it shows something, and takes its time over it."""

    def __init__(self, clock: Clock, cost: float = 0.0) -> None:
        super().__init__(clock=clock)
        self.shown: list[int] = []
        self.ticking, self.cost = clock, cost

    def _show(self, *, final: bool) -> None:
        self.shown.append(self.report.ended)
        self.ticking.now += self.cost


class ShownProgress(Progress):
    """Notes what it shows, and when everything has been shown."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[int] = []
        self.caught_up = threading.Event()

    def _show(self, *, final: bool) -> None:
        self.shown.append(self.report.ended)
        if self.report.ended == self.report.total:
            self.caught_up.set()


def test_at_most_ten_updates_a_second() -> None:
    clock = Clock()
    progress = CountingProgress(clock)
    for event in events(1000):
        clock.now += 0.001
        progress(event)
    assert 15 <= len(progress.shown) <= 22
    assert progress.shown[-1] == 1000


def test_slow_displays_are_shown_less_often() -> None:
    clock = Clock()
    progress = CountingProgress(clock, cost=0.5)
    for event in events(5000):
        clock.now += 0.01
        progress(event)
    # 100 seconds of events: not more than 5 % of that in the display.
    assert 2 <= len(progress.shown) <= 14


def test_what_came_right_after_an_update_is_shown_soon() -> None:
    progress = ShownProgress()
    *all_but_the_end, end = events(3)
    for event in all_but_the_end:
        progress(event)
    assert progress.shown[0] == 0
    # Nothing more happens, as when the next quantum takes an hour.
    assert progress.caught_up.wait(60)
    progress(end)
    assert progress.shown[-1] == 3


@pytest.mark.parametrize("at_once", [True, False])
def test_notebook_line_ends_as_a_static_summary(shell: InteractiveShell, at_once: bool) -> None:
    with capture_output() as captured:
        progress = NotebookProgress(at_once=at_once, clock=Clock())
        assert len(captured.outputs) == at_once
        for event in events(4, failed=1):
            progress(event)
    last = captured.outputs[-1].data
    assert "4/4" in last["text/plain"]
    assert "failed" in last["text/plain"]
    assert "<script" not in last["text/html"]
    assert "widget" not in last["text/html"]


def test_terminal_bar_shows_counts() -> None:
    stream = io.StringIO()
    progress = TerminalProgress(stream, clock=Clock())
    for event in events(4, failed=1):
        progress(event)
    last = stream.getvalue().rstrip().split("\r")[-1]
    assert "4/4" in last
    assert "3 succeeded, 1 failed" in last


def test_neither_notebook_nor_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    progress = progress_for()
    for event in events(2):
        progress(event)
    assert capsys.readouterr() == ("", "")
    assert progress.report.ended == 2


def test_terminal_ipython_gets_no_html(shell: InteractiveShell) -> None:
    assert not isinstance(progress_for(shell), NotebookProgress)


def test_at_end_calls_once_whether_the_run_has_ended_or_not() -> None:
    *_, end = events(1)
    calls: list[str] = []
    early, late = AtEnd(), AtEnd()
    early.do(lambda: calls.append("early"))
    assert calls == []
    for _ in range(2):
        early(end)
    late(end)
    late.do(lambda: calls.append("late"))
    assert calls == ["early", "late"]
