"""Where and when quanta run: the one interface of all execution models."""

from __future__ import annotations

import logging
import time
import uuid
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from typing import Any

from ..events import (
    Event,
    QuantumBlocked,
    QuantumCancelled,
    QuantumFinished,
    QuantumReset,
    QuantumSkipped,
    RunStateChanged,
)
from ..status import QuantumStatus, RunState
from .quantum_data import QuantumData
from .run_control import Command, RunControl
from .schedule import Schedule

__all__ = ["ExecutionModel", "StateWatch", "blocked_events", "identity", "obey"]

_LOG = logging.getLogger(__name__)


_WAITING = (QuantumStatus.PENDING, QuantumStatus.HELD)


class ExecutionModel(ABC):
    """Decides where and when quanta run, and tells what happens.

    A subclass implements `execute`. Every model keeps these promises:

    - a quantum starts only after all its prerequisites are done, and after `RunControl.may_start` said yes;
    - each quantum that starts also ends, with exactly one `QuantumEnded` event, also when the run is stopped;
    - what depends on a failed or cancelled quantum is reported as blocked, once;
    - commands from the control are obeyed between quanta;
    - the iterator ends when every quantum is in a final state, or the control said stop;
    - closing the iterator early leaves no quantum running.
    """

    @abstractmethod
    def execute(self, quanta: Iterable[QuantumData], control: RunControl) -> Iterator[Event]:
        """Run quanta.

        Parameters
        ----------
        quanta
            What to run, each after all its prerequisites.
        control
            What the user wants.

        Yields
        ------
        event
            What happened, as it happens.
        """
        raise NotImplementedError


class StateWatch:
    """Tells when the run is paused or resumed, once each time."""

    def __init__(self) -> None:
        self._last = (RunState.RUNNING, "")

    def __call__(self, control: RunControl) -> Iterator[Event]:
        """Yield an event if the wish of the user has changed since the last call."""
        now = control.state, control.stop_reason or control.pause_reason
        # After a breakpoint, a step is not news: the run is as paused as before.
        if now[0] is not self._last[0] or (now[1] and now != self._last):
            yield RunStateChanged(time=time.time(), state=now[0], reason=now[1])
        self._last = now


def obey(commands: Iterable[Command], schedule: Schedule, control: RunControl) -> Iterator[Event]:
    """Carry out commands about quanta that are not running; each yields what changed.

    Quanta that are running are not touched: interrupting them is the model's business.
    """
    for command in commands:
        # Commands may come from outside: one that names a quantum of another run must not end this one.
        known = [quantum_id for quantum_id in command.quantum_ids if quantum_id in schedule.quanta]
        match command.action:
            case "cancel":
                yield from _cancel(known, schedule)
            case "skip":
                yield from _skip(known, schedule)
            case "retry" if not command.quantum_ids:
                yield from _reset(
                    schedule.with_status(QuantumStatus.FAILED, QuantumStatus.CANCELLED), schedule
                )
            case "retry":
                yield from _reset(known, schedule)
            case "hold":
                yield from _hold(command.quantum_ids, schedule)
            case "release":
                yield from _release(command.quantum_ids, schedule, command.reason)
            case "adopt":
                yield from _adopt(command.quantum_ids, schedule, control)
            case "prefer":
                schedule.prefer(command.quantum_ids)


def blocked_events(blocked: Iterable[QuantumData], cause: uuid.UUID) -> Iterator[Event]:
    """Tell that quanta cannot run because of another one."""
    for quantum in blocked:
        yield QuantumBlocked(**identity(quantum), blocked_by=str(cause))


def identity(quantum: QuantumData) -> dict[str, Any]:
    """The fields that all events about a quantum share, with the time now."""
    return {
        "time": time.time(),
        "quantum_id": str(quantum.quantum_id),
        "task_label": quantum.task_label,
        "data_id": quantum.data_id,
    }


def _cancel(quantum_ids: Iterable[uuid.UUID], schedule: Schedule) -> Iterator[Event]:
    for quantum_id in quantum_ids:
        if schedule.status(quantum_id) in _WAITING:
            blocked = schedule.fail(quantum_id, QuantumStatus.CANCELLED)
            yield QuantumCancelled(**identity(schedule.quanta[quantum_id]))
            yield from blocked_events(blocked, quantum_id)


def _skip(quantum_ids: Iterable[uuid.UUID], schedule: Schedule) -> Iterator[Event]:
    for quantum_id in quantum_ids:
        yield from _reset([quantum_id], schedule)
        if schedule.status(quantum_id) in _WAITING:
            schedule.succeed(quantum_id, QuantumStatus.SKIPPED)
            yield QuantumSkipped(**identity(schedule.quanta[quantum_id]), reason="user")


def _hold(quantum_ids: Iterable[uuid.UUID], schedule: Schedule) -> Iterator[Event]:
    for quantum_id in quantum_ids:
        for quantum in schedule.hold(quantum_id):
            yield QuantumReset(**identity(quantum), held=quantum.quantum_id == quantum_id)


def _release(quantum_ids: Iterable[uuid.UUID], schedule: Schedule, reason: str) -> Iterator[Event]:
    for quantum_id in quantum_ids:
        if schedule.release(quantum_id):
            if reason:
                _LOG.warning("%s goes back to the run: %s.", schedule.quanta[quantum_id].name, reason)
            yield QuantumReset(**identity(schedule.quanta[quantum_id]))


def _adopt(quantum_ids: Iterable[uuid.UUID], schedule: Schedule, control: RunControl) -> Iterator[Event]:
    for quantum_id in quantum_ids:
        if schedule.status(quantum_id) is not QuantumStatus.HELD:
            continue
        quantum = schedule.quanta[quantum_id]
        facts = control.peek_promotion(quantum_id).get("event", {})
        event = QuantumFinished(**{**identity(quantum), **facts, "promoted": True})
        schedule.succeed(quantum_id, event.status)
        yield event


def _reset(quantum_ids: Iterable[uuid.UUID], schedule: Schedule) -> Iterator[Event]:
    for quantum in schedule.reset(quantum_ids):
        yield QuantumReset(**identity(quantum))
