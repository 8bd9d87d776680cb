from __future__ import annotations

import itertools
import threading
import time

import pytest

from jupyter_mpexec.widgets import update_clock
from jupyter_mpexec.widgets.update_clock import INTERVAL, Turns, UpdateClock
from jupyter_mpexec.widgets.worker import Worker

from .conftest import wait_until


class CountingPart:
    """Always has news, until it is told that nobody looks."""

    def __init__(self, *, due: bool = True) -> None:
        self.due = due
        self.times: list[float] = []

    def is_due(self) -> bool:
        return self.due

    def update(self) -> None:
        self.times.append(time.monotonic())


class BrokenPart(CountingPart):
    def update(self) -> None:
        super().update()
        raise ValueError("broken")


def test_parts_take_turns() -> None:
    first, second, hidden = CountingPart(), CountingPart(), CountingPart(due=False)
    turns = Turns([first, second, hidden])
    assert [turns.next() for _ in range(4)] == [first, second, first, second]
    hidden.due = True
    assert turns.next() is hidden
    first.due = second.due = hidden.due = False
    assert turns.next() is None


def test_messages_keep_their_distance() -> None:
    parts = [CountingPart(), CountingPart(), CountingPart(due=False)]
    errors: list[Exception] = []
    clock = UpdateClock(parts, lambda: None, errors.append, name="clock of a test")
    clock.start()
    for _ in range(100):
        clock.wake()
        time.sleep(0.01)
    clock.close()
    clock.join(10)
    times = sorted(parts[0].times + parts[1].times)
    assert len(times) >= 2
    assert all(later - earlier >= 0.9 * INTERVAL for earlier, later in itertools.pairwise(times))
    assert parts[2].times == []
    assert errors == []


def test_a_broken_part_stops_nobody() -> None:
    broken, sound = BrokenPart(), CountingPart()
    errors: list[Exception] = []
    clock = UpdateClock([broken, sound], lambda: None, errors.append, name="clock of a test")
    clock.start()
    wait_until(lambda: len(sound.times) >= 2 and len(errors) >= 2, "both have had their turns")
    clock.close()
    clock.join(10)
    assert all(isinstance(error, ValueError) for error in errors)


def test_it_starts_once_whoever_asks() -> None:
    clock = UpdateClock([], lambda: None, lambda error: None, name="clock of a test")
    barrier = threading.Barrier(8)

    def start() -> None:
        barrier.wait()
        clock.start()

    starters = [threading.Thread(target=start) for _ in range(8)]
    for starter in starters:
        starter.start()
    for starter in starters:
        starter.join()
    assert [thread.name for thread in threading.enumerate()].count("clock of a test") == 1
    clock.close()
    clock.join(10)


def test_a_closed_clock_does_not_start() -> None:
    part = CountingPart()
    clock = UpdateClock([part], lambda: None, lambda error: None, name="clock of a test")
    clock.close()
    clock.start()
    clock.join(1)
    assert part.times == []


def test_it_rests_where_nothing_happens_until_it_is_woken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(update_clock, "REST", 0.0)
    monkeypatch.setattr(update_clock, "IDLE", 0.01)
    part = CountingPart(due=False)
    settled = threading.Event()
    clock = UpdateClock(
        [part], lambda: None, lambda error: None, may_rest=settled.is_set, name="clock of a test"
    )

    def threads() -> int:
        return [thread.name for thread in threading.enumerate()].count("clock of a test")

    clock.wake()
    assert not threads(), "It has not been started."
    clock.start()
    time.sleep(0.1)
    assert threads() == 1, "It may not rest yet."
    settled.set()
    wait_until(lambda: not threads(), "it rests")
    part.due = True
    clock.wake()
    wait_until(lambda: part.times, "it has gone on")
    clock.close()
    clock.join(10)
    assert not threads()
    clock.wake()
    assert not threads(), "It is closed."


def test_worker_keeps_order_and_survives_errors() -> None:
    done: list[int] = []
    errors: list[Exception] = []
    worker = Worker("worker of a test", errors.append)

    def fail() -> None:
        raise ValueError("no")

    for number in range(3):
        worker.do(lambda number=number: done.append(number))
    worker.do(fail)
    worker.do(lambda: done.append(3))
    worker.close()
    worker.do(lambda: done.append(99))
    worker.join(10)
    assert done == [0, 1, 2, 3]
    assert [str(error) for error in errors] == ["no"]


def test_a_worker_without_work_rests() -> None:
    done: list[str] = []
    worker = Worker("worker of a test", lambda error: None, patience=0.01)
    worker.on_rest = lambda: done.append(f"rest of {threading.get_ident()}")

    def resting() -> bool:
        return "worker of a test" not in [thread.name for thread in threading.enumerate()]

    for _ in range(2):
        first = len(done)
        worker.do(lambda: done.append(f"work of {threading.get_ident()}"))
        wait_until(lambda first=first: len(done) >= first + 2 and resting(), "it rests")
        assert done[first].removeprefix("work") == done[first + 1].removeprefix("rest")
    worker.close()


def test_an_unused_worker_has_no_thread() -> None:
    before = threading.active_count()
    worker = Worker("worker of a test", lambda error: None)
    assert threading.active_count() == before
    worker.close()
