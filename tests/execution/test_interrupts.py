"""Interrupts reach a quantum, and nothing else."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from jupyter_mpexec.execution.errors import QuantumCancelledError
from jupyter_mpexec.execution.interrupts import Interrupts, shielded


def _spin(seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass


def test_another_thread_ends_a_quantum_and_the_next_one_runs() -> None:
    interrupts = Interrupts(lambda: None)
    started = threading.Event()

    def quantum() -> None:
        started.set()
        _spin()

    def interrupt() -> None:
        started.wait()
        assert interrupts.interrupt()

    threading.Thread(target=interrupt).start()
    with pytest.raises(QuantumCancelledError):
        interrupts.run(quantum)
    assert interrupts.run(lambda: "next") == "next"


def test_a_task_that_handles_every_exception_cannot_swallow_it() -> None:
    interrupts = Interrupts(lambda: None)

    def stubborn() -> str:
        try:
            interrupts.interrupt()
            _spin()
        except BaseException:
            return "swallowed"
        return "ran on"

    with pytest.raises(QuantumCancelledError):
        interrupts.run(stubborn)


def test_nothing_is_sent_between_quanta() -> None:
    interrupts = Interrupts(lambda: None)
    assert not interrupts.interrupt()
    interrupts.run(lambda: None)
    assert not interrupts.interrupt()
    _spin(0.05)


@pytest.fixture
def busy_switching() -> Iterator[None]:
    """Let threads take turns as often as can be."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("busy_switching")
def test_an_interrupt_at_the_very_end_never_escapes() -> None:
    interrupts = Interrupts(lambda: None)
    stop = threading.Event()

    def pester() -> None:
        while not stop.is_set():
            interrupts.interrupt()

    threading.Thread(target=pester, daemon=True).start()
    ended = 0
    deadline = time.monotonic() + 60
    try:
        while ended < 20 and time.monotonic() < deadline:
            try:
                interrupts.run(lambda: sum(range(10)))
            except QuantumCancelledError:
                ended += 1
            # Whatever is still on its way would be raised here, outside.
            sum(range(1000))
    finally:
        stop.set()
    assert ended


@pytest.mark.parametrize("quantum", [_spin, lambda: time.sleep(3000)], ids=["python", "sleep"])
def test_ctrl_c_ends_a_quantum_at_once(quantum: Callable[[], None]) -> None:
    asked: list[str] = []
    interrupts = Interrupts(lambda: asked.append("stop"))
    before = signal.getsignal(signal.SIGINT)
    threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
    with interrupts.handle_signals(), pytest.raises(QuantumCancelledError):
        interrupts.run(quantum)
    assert asked == ["stop"]
    assert signal.getsignal(signal.SIGINT) is before


def test_ctrl_c_between_quanta_only_asks_to_stop() -> None:
    asked: list[str] = []
    interrupts = Interrupts(lambda: asked.append("stop"))
    with interrupts.handle_signals():
        os.kill(os.getpid(), signal.SIGINT)
        _spin(0.05)
    assert asked == ["stop"]


@pytest.mark.parametrize("how", ["thread", "signal"])
def test_what_is_shielded_is_done_before_the_interrupt_comes_through(how: str) -> None:
    interrupts = Interrupts(lambda: None)
    done: list[str] = []

    def quantum() -> None:
        with shielded():
            if how == "thread":
                interrupts.interrupt()
            else:
                os.kill(os.getpid(), signal.SIGINT)
            _spin(0.2)
            done.append("written")
        done.append("too far")

    with interrupts.handle_signals(), pytest.raises(QuantumCancelledError):
        interrupts.run(quantum)
    assert done == ["written"]


def test_nothing_gets_into_a_shield_whenever_it_is_sent() -> None:
    interrupts = Interrupts(lambda: None)
    stop = threading.Event()
    broken: list[int] = []

    def pester() -> None:
        while not stop.is_set():
            interrupts.interrupt()
            time.sleep(0.0005)

    def quantum() -> None:
        for number in range(10_000):
            inside = False
            try:
                with shielded():
                    inside = True
                    sum(range(50))
                    inside = False
            finally:
                if inside:
                    broken.append(number)

    threading.Thread(target=pester, daemon=True).start()
    try:
        for _ in range(30):
            with pytest.raises(QuantumCancelledError):
                interrupts.run(quantum)
    finally:
        stop.set()
    assert broken == []
