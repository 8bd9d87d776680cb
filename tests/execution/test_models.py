"""What every execution model promises: one suite for all of them."""

from __future__ import annotations

import contextlib
import multiprocessing
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jupyter_mpexec import FakeModel, GraphBuilder, InKernelModel
from jupyter_mpexec.events import (
    Event,
    QuantumEnded,
    QuantumEvent,
    QuantumFailed,
    QuantumStarted,
    RunStateChanged,
)
from jupyter_mpexec.execution.execution_model import ExecutionModel
from jupyter_mpexec.execution.quanta import enumerate_quanta
from jupyter_mpexec.execution.quantum_data import QuantumData
from jupyter_mpexec.execution.run_control import RunControl
from jupyter_mpexec.execution.worker_pool import WorkerPoolModel
from jupyter_mpexec.report import RunReport
from jupyter_mpexec.status import QuantumStatus, RunState
from tests.support.repository import INPUTS, PIPELINE
from tests.support.scripts import Script, ScriptedExecutor, ScriptServer


class ScriptedFake(FakeModel):
    def __init__(self, script: Script) -> None:
        super().__init__(on_start=self._note)
        self.script = script

    def _note(self, quantum: QuantumData) -> None:
        self.outcomes = {} if self.script.start(quantum.name) else {quantum.name: QuantumStatus.FAILED}


@contextlib.contextmanager
def _worker_pool(script: Script) -> Iterator[ExecutionModel]:
    server = ScriptServer(script)
    # Forked from a server that has imported all: quick, for many tests.
    yield WorkerPoolModel(ScriptedExecutor(server.remote), processes=2, start_method="forkserver")
    server.close()


SEQUENTIAL: dict[str, Callable[[Script], contextlib.AbstractContextManager[ExecutionModel]]] = {
    "in-kernel": lambda script: contextlib.nullcontext(InKernelModel(ScriptedExecutor(script))),
    "fake": lambda script: contextlib.nullcontext(ScriptedFake(script)),
}
MODELS = {**SEQUENTIAL, "worker-pool": _worker_pool}


@pytest.fixture(scope="module")
def quanta(repository_template: Path) -> list[QuantumData]:
    built = GraphBuilder(str(PIPELINE), repository_template, input=INPUTS, output="u/x").build()
    return list(enumerate_quanta(built.graph))


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture(params=MODELS)
def model(request: pytest.FixtureRequest, script: Script) -> Iterator[ExecutionModel]:
    with MODELS[request.param](script) as made:
        yield made


one_at_a_time = pytest.mark.parametrize("model", SEQUENTIAL, indirect=True)
"""For tests of what only models that run one quantum at a time can promise."""


def _ids(quanta: list[QuantumData], *names: str) -> list[uuid.UUID]:
    return [quantum.quantum_id for quantum in quanta if quantum.name in names]


def _ended(events: list[Event]) -> list[QuantumEnded]:
    return [event for event in events if isinstance(event, QuantumEnded)]


def _statuses(events: list[Event]) -> dict[str, QuantumStatus]:
    return {record.name: record.status for record in RunReport.from_events(events).quanta.values()}


def test_every_quantum_runs_once_and_after_its_prerequisites(
    model: ExecutionModel, quanta: list[QuantumData]
) -> None:
    events = list(model.execute(quanta, RunControl()))
    done: set[str] = set()
    prerequisites = {str(q.quantum_id): {str(p) for p in q.prerequisites} for q in quanta}
    for event in events:
        if isinstance(event, QuantumStarted):
            assert prerequisites[event.quantum_id] <= done
        if isinstance(event, QuantumEnded):
            assert event.quantum_id not in done
            done.add(event.quantum_id)
    assert done == prerequisites.keys()
    assert set(_statuses(events).values()) == {QuantumStatus.SUCCEEDED}


@one_at_a_time
def test_tasks_and_data_ids_come_in_a_stable_order(
    model: ExecutionModel, script: Script, quanta: list[QuantumData]
) -> None:
    list(model.execute(quanta, RunControl()))
    assert script.ran[:3] == [
        "detect(instrument=SmallCam, detector=0, visit=1)",
        "detect(instrument=SmallCam, detector=0, visit=2)",
        "detect(instrument=SmallCam, detector=0, visit=3)",
    ]
    assert script.ran[-1] == "combine(instrument=SmallCam)"


def test_a_failure_blocks_what_depends_on_it_and_nothing_else(
    model: ExecutionModel, script: Script, quanta: list[QuantumData]
) -> None:
    script.failing = {"measure(instrument=SmallCam, detector=1, visit=2)"}
    events = list(model.execute(quanta, RunControl()))
    statuses = _statuses(events)
    blocked = {name for name, status in statuses.items() if status is QuantumStatus.BLOCKED}
    assert blocked == {"summarise(instrument=SmallCam, visit=2)", "combine(instrument=SmallCam)"}
    failed = [event for event in events if isinstance(event, QuantumFailed)]
    assert [event.name for event in failed] == list(script.failing)
    assert {event.blocked_by for event in events if hasattr(event, "blocked_by")} == {failed[0].quantum_id}
    assert list(statuses.values()).count(QuantumStatus.SUCCEEDED) == len(quanta) - 3


def test_stepping_lets_one_quantum_through_at_a_time(
    model: ExecutionModel, script: Script, quanta: list[QuantumData]
) -> None:
    control = RunControl()
    control.step()
    events = []
    for event in model.execute(quanta, control):
        events.append(event)
        if isinstance(event, QuantumEnded) and len(_ended(events)) <= 3:
            # None has started beside it.
            assert len(script.ran) == len(_ended(events))
            if len(script.ran) == 3:
                control.resume()
            else:
                control.step()
    assert len(_ended(events)) == len(quanta)
    states = [event.state for event in events if isinstance(event, RunStateChanged)]
    assert states == [RunState.PAUSED, RunState.RUNNING]


def test_stop_ends_the_run_and_leaves_the_rest_pending(
    model: ExecutionModel, script: Script, quanta: list[QuantumData]
) -> None:
    control = RunControl()
    script.on_start = lambda name: control.stop() if len(script.ran) == 4 else None
    events = list(model.execute(quanta, control))
    assert len(script.ran) == len(_ended(events))
    # What runs beside the one that stops the run comes to its end.
    assert len(script.ran) in ((4, 5) if isinstance(model, WorkerPoolModel) else (4,))
    states = [event.state for event in events if isinstance(event, RunStateChanged)]
    assert states == [RunState.STOPPING]


def test_a_cancelled_quantum_never_runs_and_blocks_its_dependents(
    model: ExecutionModel, script: Script, quanta: list[QuantumData]
) -> None:
    control = RunControl()
    name = "measure(instrument=SmallCam, detector=0, visit=1)"
    control.cancel(*_ids(quanta, name))
    statuses = _statuses(list(model.execute(quanta, control)))
    assert name not in script.ran
    assert statuses[name] is QuantumStatus.CANCELLED
    assert statuses["summarise(instrument=SmallCam, visit=1)"] is QuantumStatus.BLOCKED
    assert statuses["summarise(instrument=SmallCam, visit=2)"] is QuantumStatus.SUCCEEDED


def test_a_skipped_quantum_never_runs_and_its_dependents_do(
    model: ExecutionModel, script: Script, quanta: list[QuantumData]
) -> None:
    control = RunControl()
    name = "detect(instrument=SmallCam, detector=0, visit=1)"
    control.skip(*_ids(quanta, name))
    statuses = _statuses(list(model.execute(quanta, control)))
    assert name not in script.ran
    assert statuses.pop(name) is QuantumStatus.SKIPPED
    assert set(statuses.values()) == {QuantumStatus.SUCCEEDED}


def test_retry_runs_the_failed_and_the_blocked_again(
    model: ExecutionModel, script: Script, quanta: list[QuantumData]
) -> None:
    control = RunControl()
    script.failing = {"measure(instrument=SmallCam, detector=1, visit=2)"}

    events = []
    for event in model.execute(quanta, control):
        events.append(event)
        if isinstance(event, QuantumFailed):
            script.failing = set()
            control.retry()
    assert set(_statuses(events).values()) == {QuantumStatus.SUCCEEDED}
    attempts = [e.attempt for e in events if isinstance(e, QuantumStarted) and "measure(" in e.name]
    assert sorted(attempts) == [1] * 6 + [2]
    assert len(script.ran) == len(quanta) + 1


def test_skipping_a_failed_quantum_frees_what_it_blocked(
    model: ExecutionModel, script: Script, quanta: list[QuantumData]
) -> None:
    control = RunControl()
    name = "measure(instrument=SmallCam, detector=1, visit=2)"
    script.failing = {name}

    events = []
    for event in model.execute(quanta, control):
        events.append(event)
        if isinstance(event, QuantumFailed):
            control.skip(*_ids(quanta, name))
    statuses = _statuses(events)
    assert statuses.pop(name) is QuantumStatus.SKIPPED
    assert set(statuses.values()) == {QuantumStatus.SUCCEEDED}


def _paused_by(events: list[Event]) -> list[str]:
    return [e.reason for e in events if isinstance(e, RunStateChanged) and e.state is RunState.PAUSED]


def _resumed_each_time(
    model: ExecutionModel, quanta: list[QuantumData], control: RunControl, on_pause: Callable[[str], object]
) -> list[Event]:
    """Run, and resume after each pause."""
    events = []
    for event in model.execute(quanta, control):
        events.append(event)
        if isinstance(event, RunStateChanged) and event.state is RunState.PAUSED:
            on_pause(event.reason)
            control.resume()
    return events


def test_a_breakpoint_before_a_quantum(
    model: ExecutionModel, script: Script, quanta: list[QuantumData]
) -> None:
    control = RunControl()
    control.add_breakpoint("before", task_label="measure", where="visit = 2 AND detector = 1")
    name = "measure(instrument=SmallCam, detector=1, visit=2)"
    ran: list[bool] = []
    events = _resumed_each_time(model, quanta, control, lambda _: ran.append(name in script.ran))
    assert _paused_by(events) == [f"before {name}"]
    assert ran == [False]
    assert set(_statuses(events).values()) == {QuantumStatus.SUCCEEDED}


def test_breakpoints_after_quanta_and_on_failure(
    model: ExecutionModel, script: Script, quanta: list[QuantumData]
) -> None:
    control = RunControl()
    control.add_breakpoint("failed")
    control.add_breakpoint("after", task_label="detect", where="visit = 1 AND detector = 0", once=True)
    script.failing = {"measure(instrument=SmallCam, detector=1, visit=2)"}
    reasons: list[str] = []
    events = _resumed_each_time(model, quanta, control, reasons.append)
    assert sorted(reasons) == [
        "after detect(instrument=SmallCam, detector=0, visit=1)",
        "failure of measure(instrument=SmallCam, detector=1, visit=2)",
    ]
    # One that is only for once is gone.
    assert [each["when"] for each in control.list_breakpoints()] == ["failed"]
    assert len(_statuses(events)) == len(quanta)


def test_nothing_starts_after_the_quantum_that_was_to_be_the_last(
    model: ExecutionModel, script: Script, quanta: list[QuantumData]
) -> None:
    control = RunControl()
    control.add_breakpoint("after", task_label="detect", where="visit = 1 AND detector = 0")
    events: list[Event] = []
    for event in model.execute(quanta, control):
        events.append(event)
        if isinstance(event, RunStateChanged) and event.state is RunState.PAUSED:
            control.stop()
    # Others may have run while that one did, but none was begun after its end.
    last = "detect(instrument=SmallCam, detector=0, visit=1)"
    index = next(n for n, e in enumerate(events) if isinstance(e, QuantumEnded) and e.name == last)
    assert not any(isinstance(event, QuantumStarted) for event in events[index:])
    assert len(script.ran) < len(quanta)


def test_a_held_quantum_is_neither_run_nor_blocked(
    model: ExecutionModel, script: Script, quanta: list[QuantumData]
) -> None:
    control = RunControl()
    name = "measure(instrument=SmallCam, detector=1, visit=2)"
    [held] = _ids(quanta, name)
    control.hold(held)
    events: list[Event] = []
    for event in model.execute(quanta, control):
        events.append(event)
        if len(_ended(events)) == len(quanta) - 3 and isinstance(event, QuantumEnded):
            # All the rest is done.
            statuses = _statuses(events)
            assert statuses[name] is QuantumStatus.HELD
            assert QuantumStatus.BLOCKED not in statuses.values()
            assert name not in script.ran
            control.release(held)
    assert set(_statuses(events).values()) == {QuantumStatus.SUCCEEDED}
    assert script.ran.count(name) == 1


def test_a_held_quantum_that_is_adopted_frees_its_dependents(
    model: ExecutionModel, script: Script, quanta: list[QuantumData]
) -> None:
    control = RunControl()
    name = "measure(instrument=SmallCam, detector=1, visit=2)"
    script.failing = {name}
    [failed] = _ids(quanta, name)
    events: list[Event] = []
    patch = {"config": {"value": ["1", "2"]}}
    for event in model.execute(quanta, control):
        events.append(event)
        if isinstance(event, QuantumFailed):
            control.hold(failed)
            control.adopt(failed, promotion={"event": {"duration": 2.0, "patch": patch}})
    assert set(_statuses(events).values()) == {QuantumStatus.SUCCEEDED}
    assert script.ran.count(name) == 1
    [record] = RunReport.from_events(events).patched
    assert (record.name, record.changes, record.duration) == (name, ("value=2",), 2.0)


def test_a_run_with_a_held_quantum_can_be_stopped(
    model: ExecutionModel, script: Script, quanta: list[QuantumData]
) -> None:
    control = RunControl()
    [held] = _ids(quanta, "combine(instrument=SmallCam)")
    control.hold(held)
    events = []
    for event in model.execute(quanta, control):
        events.append(event)
        if len(_ended(events)) == len(quanta) - 1:
            control.stop()
    assert _statuses(events)["combine(instrument=SmallCam)"] is QuantumStatus.HELD


@one_at_a_time
def test_the_next_quantum_can_be_chosen(
    model: ExecutionModel, script: Script, quanta: list[QuantumData]
) -> None:
    control = RunControl()
    wanted = "detect(instrument=SmallCam, detector=1, visit=3)"
    control.prefer(*_ids(quanta, wanted))
    control.step()
    for event in model.execute(quanta, control):
        if isinstance(event, QuantumEnded):
            control.stop()
    assert script.ran == [wanted]


def test_prerequisites_outside_the_quanta_count_as_done(
    model: ExecutionModel, quanta: list[QuantumData]
) -> None:
    rest = [quantum for quantum in quanta if quantum.task_label in ("summarise", "combine")]
    events = list(model.execute(rest, RunControl()))
    assert len(_ended(events)) == 4


def test_every_start_has_its_end_also_when_the_caller_goes_away(
    model: ExecutionModel, script: Script, quanta: list[QuantumData]
) -> None:
    events: Iterator[Event] = iter(model.execute(quanta, RunControl()))
    seen = [next(events) for _ in range(6)]
    events.close()  # type: ignore[attr-defined]  # it is a generator
    started = [event.quantum_id for event in seen if isinstance(event, QuantumStarted)]
    ended = [event.quantum_id for event in seen if isinstance(event, QuantumEnded)]
    if isinstance(model, WorkerPoolModel):
        # Those under way are killed with their workers.
        assert set(ended) <= set(started)
        assert not multiprocessing.active_children()
    else:
        assert ended == started
        assert len(script.ran) == len(started)


def test_event_names_and_data_ids_are_those_of_the_graph(
    model: ExecutionModel, quanta: list[QuantumData]
) -> None:
    known = {(str(q.quantum_id), q.task_label, frozenset(q.data_id.items())) for q in quanta}
    told = {
        (event.quantum_id, event.task_label, frozenset(event.data_id.items()))
        for event in model.execute(quanta, RunControl())
        if isinstance(event, QuantumEvent)
    }
    assert told == known
