"""Steering: what is asked for, seen from the model's side."""

from __future__ import annotations

import threading
import time
import uuid

import pytest

from jupyter_mpexec.errors import RunError
from jupyter_mpexec.execution.run_control import RunControl
from jupyter_mpexec.status import RunState

ID = uuid.UUID(int=1)


def test_a_step_lets_exactly_one_through() -> None:
    control = RunControl()
    assert control.may_start()
    control.step()
    assert [control.may_start() for _ in range(3)] == [True, False, False]
    control.step(2)
    assert [control.may_start() for _ in range(3)] == [True, True, False]
    assert control.state is RunState.PAUSED
    control.resume()
    assert control.may_start()
    assert control.state is RunState.RUNNING


def test_pause_takes_back_steps_that_were_not_used() -> None:
    control = RunControl()
    control.step(5)
    control.pause()
    assert not control.may_start()


def test_stop_wins_over_everything_and_keeps_the_first_reason() -> None:
    control = RunControl()
    control.stop("first")
    control.stop("second")
    control.resume()
    assert not control.may_start()
    assert (control.state, control.stop_reason) == (RunState.STOPPING, "first")


def test_commands_are_taken_once_and_in_order() -> None:
    control = RunControl()
    control.cancel(ID)
    control.retry()
    assert [command.action for command in control.take_commands()] == ["cancel", "retry"]
    assert control.take_commands() == []


@pytest.mark.parametrize("action", ["pause", "resume", "step", "stop", "retry"])
def test_a_run_that_is_over_takes_no_commands(action: str) -> None:
    control = RunControl()
    control.close()
    with pytest.raises(RunError, match="over"):
        getattr(control, action)()


def test_what_names_nothing_is_refused() -> None:
    control = RunControl()
    for call in (control.cancel, control.skip):
        with pytest.raises(ValueError, match="at least one"):
            call()
    with pytest.raises(ValueError, match="at least one"):
        control.step(0)


@pytest.mark.parametrize("action", ["resume", "step", "stop", "retry"])
def test_a_waiting_model_wakes_up_when_something_is_asked(action: str) -> None:
    control = RunControl()
    control.pause()
    # It has seen that, and has nothing to do.
    control.take_commands()
    woken = threading.Event()

    def wait() -> None:
        control.wait(timeout=30)
        woken.set()

    threading.Thread(target=wait, daemon=True).start()
    time.sleep(0.05)
    assert not woken.is_set()
    getattr(control, action)()
    assert woken.wait(10)


def test_only_an_interrupting_stop_or_a_cancel_reach_the_running_quantum() -> None:
    control = RunControl()
    reached: list[uuid.UUID | None] = []
    control.set_interrupter(reached.append)
    control.stop()
    assert reached == []
    control.cancel(ID)
    control.stop(interrupt=True)
    assert reached == [ID, None]


def test_a_hold_that_was_not_obeyed_yet_is_taken_back() -> None:
    control, other = RunControl(), uuid.UUID(int=2)
    control.hold(ID)
    control.hold(ID, other)
    control.release(ID)
    commands = [(command.action, command.quantum_ids) for command in control.take_commands()]
    assert commands == [("hold", {other}), ("release", {ID})]
