from __future__ import annotations

import pytest

from jupyter_mpexec.events import Event, RunFinished
from jupyter_mpexec.execution.hooks import Hooks
from jupyter_mpexec.status import RunState

EVENT = RunFinished(time=0.0, state=RunState.SUCCEEDED)


class Watcher:
    """A hook that wants to know its run."""

    def __init__(self, *, broken: bool = False) -> None:
        self.broken = broken
        self.run: object = None
        self.events: list[Event] = []

    def watch(self, run: object) -> None:
        if self.broken:
            raise ValueError("broken")
        self.run = run

    def __call__(self, event: Event) -> None:
        self.events.append(event)


def test_hooks_come_and_go() -> None:
    first: list[Event] = []
    second: list[Event] = []
    hooks = Hooks([first.append])
    hooks.add(second.append)
    hooks(EVENT)
    hooks.remove(second.append)
    hooks.remove(second.append)
    hooks(EVENT)
    assert (len(first), len(second)) == (2, 1)


def test_watchers_are_told_their_run() -> None:
    watcher, run = Watcher(), object()
    hooks = Hooks([print, watcher])
    hooks.introduce(run)
    assert watcher.run is run


def test_a_broken_watcher_breaks_no_run(caplog: pytest.LogCaptureFixture) -> None:
    broken, sound = Watcher(broken=True), Watcher()
    hooks = Hooks([broken, sound])
    hooks.introduce("run")
    hooks(EVENT)
    assert (broken.events, sound.events) == ([], [EVENT])
    assert "cannot watch this run" in caplog.text
