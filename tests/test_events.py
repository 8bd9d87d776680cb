"""Events survive their journey to disk and back."""

from __future__ import annotations

import pickle

import pytest

from jupyter_mpexec import events
from jupyter_mpexec.event_json import event_from_json, event_to_json
from jupyter_mpexec.events import Event
from jupyter_mpexec.status import QuantumStatus, RunState

QUANTUM = {"time": 12.5, "quantum_id": "7d", "task_label": "isr", "data_id": {"exposure": 42, "band": "é<r>"}}

EVENTS: list[Event] = [
    events.RunStarted(
        time=1.0,
        run_id="r",
        output_run="u/me/1",
        output="u/me",
        quanta={"isr": 3, "calibrate": 2},
        dependencies={"calibrate": ("isr",)},
        command=("pipetask", "run", "-d", "visit = 1"),
        options={"fail_fast": True},
        versions={"python": "3.11"},
        host="here",
        pid=12,
    ),
    events.RunStateChanged(time=2.0, state=RunState.PAUSED, reason="button"),
    events.RunFinished(time=3.0, state=RunState.FAILED, error="isr failed", counts={"failed": 1}),
    events.QuantumStarted(**QUANTUM, worker="w", attempt=2),
    events.QuantumFinished(**QUANTUM, duration=1.5, cpu_time=1.0, peak_memory=2**30, no_work=True, caveats=6),
    events.QuantumFailed(
        **QUANTUM, exception="builtins.ValueError", message="line\nbreak", traceback="Trace…", exit_code=-9
    ),
    events.QuantumSkipped(**QUANTUM, reason="user"),
    events.QuantumBlocked(**QUANTUM, blocked_by="7c"),
    events.QuantumCancelled(**QUANTUM),
    events.QuantumReset(**QUANTUM),
    events.QuantaIngested(time=4.0, quantum_ids=("7d", "7e"), datasets=9),
    events.RunLogged(time=3.5, level=30, logger="lsst.x", message="careful"),
]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.kind)
def test_json_and_pickle_give_the_same_event_back(event: Event) -> None:
    line = event_to_json(event)
    assert "\n" not in line
    assert event_from_json(line) == event
    assert pickle.loads(pickle.dumps(event)) == event


def test_every_kind_of_event_is_tried_above() -> None:
    bases = {"Event", "QuantumEvent", "QuantumEnded"}
    kinds = {name for name in events.__all__ if isinstance(getattr(events, name), type)} - bases
    assert {event.kind for event in EVENTS} == kinds


def test_a_field_of_a_later_version_is_passed_over() -> None:
    line = event_to_json(EVENTS[1]).replace('"time"', '"colour":"blue","time"')
    assert event_from_json(line) == EVENTS[1]


@pytest.mark.parametrize("line", ["{", "[]", "3", '{"event":"Nonsense"}', '{"event":"QuantumReset"}', "{}"])
def test_anything_else_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        event_from_json(line)


def test_the_status_after_an_event_depends_on_it() -> None:
    assert EVENTS[4].status is QuantumStatus.NO_WORK  # type: ignore[attr-defined]  # this kind of event has one
    assert events.QuantumFinished(**QUANTUM).status is QuantumStatus.SUCCEEDED
