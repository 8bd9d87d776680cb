"""Giving up paused code, and beginning anew."""

from __future__ import annotations

import threading

import pytest

from jupyter_mpexec.debug import DebugSession, debugged_call, desk, pause
from jupyter_mpexec.errors import DebugError
from tests.support.waiting import wait_until

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


def locked(debug: Make, monkeypatch: pytest.MonkeyPatch) -> tuple[DebugSession, threading.Event]:
    """A session that is paused while it holds a lock, and the signal that something begins to wait for that."""
    monkeypatch.setattr(desk, "_PATIENCE", 0.1)
    lock, began = threading.Lock(), threading.Event()
    session = debug(lambda: targets.locked(lock, began))
    session.breakpoints.add(targets.locked, line='inside = "inside"')
    session.start()
    stop(session)
    return session, began


def test_an_evaluation_that_waits_for_the_paused_code_does_not_keep_it(
    debug: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, began = locked(debug, monkeypatch)
    errors: list[str] = []

    def look() -> None:
        try:
            session.evaluate("began.set()\nwith lock: began = None")
        except DebugError as error:
            errors.append(str(error))

    looker = threading.Thread(target=look)
    looker.start()
    assert began.wait(30)
    session.restart()
    # Whether the evaluation is still waiting or not, it has nothing to do with this attempt.
    assert stop(session) == 'locked: inside = "inside"'
    assert session.attempt == 2
    session.resume()
    assert end(session) == "inside"
    looker.join(30)
    assert [error.partition(":")[0] for error in errors] == ["This pause is over"]


def test_a_watch_that_waits_for_the_paused_code_keeps_nobody(
    debug: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pause, "_PATIENCE", 0.1)
    session, _ = locked(debug, monkeypatch)
    session.watches += ["lock.acquire()", "1 + 1"]
    assert session.pause is not None
    for _ in range(2):
        assert ["takes too long" in watch.text for watch in session.pause.view().watches] == [True, False]
    session.abandon()
    assert session.wait(30)
    assert session.state == "abandoned"


def test_code_that_has_caught_the_signal_is_given_up_again(
    debug: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(debugged_call, "_AGAIN", 0.0)
    log: list[str] = []
    session = debug(lambda: targets.obstinate(log, 3))
    session.start()
    for number in range(3):
        wait_until(lambda: log[number:] == ["begin"], "it goes on", seconds=30)  # noqa: B023  # called at once
        session.abandon()
    assert session.wait(30)
    assert session.state == "abandoned"
    assert log == ["AbandonedSignal"] * 3
