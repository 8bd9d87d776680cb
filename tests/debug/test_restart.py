"""Giving up paused code, and beginning anew."""

from __future__ import annotations

import threading

import pytest

from jupyter_mpexec.debug import DebugSession
from jupyter_mpexec.errors import DebugError

from . import targets
from .conftest import Make, end, paused, stop


def test_abandoned_code_is_unwound(debug: Make) -> None:
    log: list[str] = []
    session = debug(lambda: targets.guarded(log))
    session.breakpoints.add(targets.guarded, line="still inside")
    session.breakpoints.add(targets.guarded, line='log.append("finally")')
    session.start()
    stop(session)
    session.abandon()
    assert session.wait(30)
    assert session.state == "abandoned"
    assert log == ["open", "inside", "finally", "closed"]
    with pytest.raises(DebugError, match="abandoned"):
        session.result()


def test_code_that_catches_the_signal_writes_nothing(debug: Make) -> None:
    log: list[str] = []
    session = debug(lambda: targets.stubborn(log, lambda: session.pause_here("put", point="put")))
    session.breakpoints.add(targets.stubborn, line='log.append("begin")')
    session.start()
    stop(session)
    session.abandon()
    assert session.wait(30)
    assert log == ["AbandonedSignal"]
    assert session.state == "abandoned"


def test_code_that_runs_is_abandoned(debug: Make) -> None:
    started = threading.Event()
    session = debug(lambda: targets.waits(started, threading.Event()))
    session.start()
    assert started.wait(30)
    session.abandon()
    assert session.wait(30)
    assert session.state == "abandoned"


def test_restart_while_paused_and_after(debug: Make) -> None:
    session = paused(debug)
    session.evaluate("a = 100")
    session.restart()
    assert stop(session) == "add: total = a + b"
    assert session.attempt == 2
    assert session.evaluate("a") == 1
    session.breakpoints.clear()
    session.resume()
    assert end(session) == 14
    session.restart(pause_first=True)
    assert stop(session).startswith("outer")
    session.resume()
    assert end(session) == 14


def test_restart_while_it_runs(debug: Make) -> None:
    started, go_on = threading.Event(), threading.Event()
    session = debug(lambda: targets.waits(started, go_on))
    session.start()
    assert started.wait(30)
    go_on.set() if session.attempt > 1 else None
    started.clear()
    session.restart()
    assert started.wait(30)
    go_on.set()
    assert end(session) == 1
    assert session.attempt == 2


def test_giving_up_a_restart_too(debug: Make) -> None:
    log: list[str] = []
    session: DebugSession = debug(lambda: targets.guarded(log))

    session.breakpoints.add(targets.guarded, line="still inside")
    session.start()
    stop(session)
    # While the first attempt is being unwound, which waits for this evaluation to end.
    session.evaluate("import jupyter_mpexec.debug as d\ns = d.current_session()\ns.restart()\ns.abandon()")
    assert session.wait(30)
    assert session.state == "abandoned"
    assert session.attempt == 1
    assert log == ["open", "inside", "finally", "closed"]


def test_giving_up_takes_the_place_of_a_command_that_waits(debug: Make) -> None:
    log: list[str] = []
    session = debug(lambda: targets.guarded(log))
    session.breakpoints.add(targets.guarded, line="still inside")
    session.start()
    stop(session)
    session.evaluate("import jupyter_mpexec.debug as d\ns = d.current_session()\ns.resume()\ns.abandon()")
    assert session.wait(30)
    assert session.state == "abandoned"
    assert log == ["open", "inside", "finally", "closed"]
