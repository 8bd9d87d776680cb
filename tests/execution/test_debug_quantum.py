"""Reruns that pause in the middle of a quantum."""

from __future__ import annotations

import logging
import shutil
import threading
from pathlib import Path
from typing import Any

import pytest
from lsst.pex.config import Config, ConfigurableField, Field
from lsst.pipe.base import (
    PipelineTask,
    PipelineTaskConfig,
    PipelineTaskConnections,
    Struct,
    Task,
    connectionTypes,
)

from jupyter_mpexec import GraphBuilder, OpenQuantum, PipelineBuilder, Run
from jupyter_mpexec.debug.session import DebugSession, SessionState
from jupyter_mpexec.errors import BreakpointError, UsageError
from jupyter_mpexec.status import QuantumStatus, RunState
from tests.support import tasks
from tests.support.repository import INPUTS, PIPELINE

SECONDS = 60.0

SESSION = "jupyter_mpexec.debug.session"


class ScaleConfig(Config):
    factor = Field[int](doc="What to multiply with.", default=2)


class ScaleTask(Task):
    ConfigClass = ScaleConfig
    config: ScaleConfig

    def run(self, number: int) -> Struct:
        product = self.config.factor * number
        return Struct(number=product)


class ScalingConfig(tasks.MeasureConfig, pipelineConnections=tasks.MeasureConnections):
    scale = ConfigurableField(target=ScaleTask, doc="Scales.")


class ScalingTask(tasks.MeasureTask):
    ConfigClass = ScalingConfig

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.makeSubtask("scale")

    def compute(self, data_id: dict[str, Any], catalog: dict[str, Any]) -> Struct:
        count = catalog["n"]
        scaled = self.scale.run(count).number
        inverse = 1000 / (scaled - 206)
        return Struct(measurements={"n": scaled, "inverse": inverse})


class PlainConnections(PipelineTaskConnections, dimensions=("instrument", "visit", "detector")):
    catalog = connectionTypes.Input(
        doc="Detections.",
        name="catalog",
        storageClass=tasks.STORAGE,
        dimensions=("instrument", "visit", "detector"),
    )
    number = connectionTypes.Output(
        doc="How many.",
        name="number",
        storageClass=tasks.STORAGE,
        dimensions=("instrument", "visit", "detector"),
    )


class PlainConfig(PipelineTaskConfig, pipelineConnections=PlainConnections):
    add = Field[int](doc="What to add.", default=0)


class PlainTask(PipelineTask):
    """Without a ``runQuantum`` of its own: what is read is read in the framework's."""

    ConfigClass = PlainConfig
    _DefaultName = "plain"

    def run(self, catalog: dict[str, Any]) -> Struct:
        number = catalog["n"] + self.config.add
        return Struct(number={"n": number})


@pytest.fixture(scope="module")
def failed(repository_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run in which a division by zero ends one of two quanta."""
    repository = shutil.copytree(repository_template, tmp_path_factory.mktemp("debug") / "repo")
    pipeline = (
        PipelineBuilder().add_task("tests.support.tasks.DetectTask", "detect").config("detect", "value", 3)
    )
    pipeline.add_task(f"{__name__}.ScalingTask", "scaling").add_task(f"{__name__}.PlainTask", "plain")
    built = GraphBuilder(pipeline, repository, input=INPUTS, output="u/me", data_query="visit = 1").build()
    return built.run(register_dataset_types=True)


@pytest.fixture
def q(failed: Run) -> OpenQuantum:
    opened = failed.quantum("scaling", detector=0)
    assert opened.status is QuantumStatus.FAILED
    return opened


def _pause(session: Any) -> Any:
    assert session.wait(SECONDS)
    assert session.state is SessionState.PAUSED, session.state
    return session.pause


def test_an_exception_pauses_before_the_stack_unwinds(q: OpenQuantum) -> None:
    session = q.debug(pause_at=["exception"])
    pause = _pause(session)
    assert isinstance(pause.exception, ZeroDivisionError)
    assert pause.locals["scaled"] == 206
    assert session.evaluate("catalog['n'] * 2") == 206
    # Another thread than this one stands still there.
    assert threading.current_thread().name not in {t.name for t in threading.enumerate() if "debug" in t.name}
    session.resume()
    assert session.wait(SECONDS)
    attempt = session.result()
    assert isinstance(attempt.error, ZeroDivisionError)
    assert q.attempts == [attempt]


def test_a_line_is_paused_at_locals_are_changed_and_nothing_is_written(q: OpenQuantum) -> None:
    session = q.debug([("ScalingTask.compute", "inverse =")])
    pause = _pause(session)
    assert pause.locals["count"] == 103
    assert f"In debug session {session.number}, paused." in q._repr_mimebundle_()["text/plain"]
    session.evaluate("scaled = 207")
    session.resume()
    assert session.wait(SECONDS)
    assert session.result().outputs["measurements"] == {"n": 207, "inverse": 1000.0}
    assert "debug session" not in q._repr_mimebundle_()["text/plain"]
    assert not q.outputs.exists["measurements"]


def test_entry_gets_puts_and_subtasks(q: OpenQuantum) -> None:
    session = q.debug(pause_at=["entry", "get", "put", "subtasks"], config={"scale.factor": 3})
    reasons = []
    while session.wait(SECONDS) and session.state is SessionState.PAUSED:
        reasons.append(session.pause.reason)
        session.resume()
    assert [reason.partition("(")[0] for reason in reasons] == [
        "get detect_schema",
        "entry of runQuantum",
        "get catalog",
        "entry of scale.run",
        "exit of scale.run",
        "put measurements",
        "put scaling_metadata",
        "put scaling_log",
    ]
    assert session.result().outputs["measurements"]["n"] == 309


def test_the_traceback_is_the_same_as_without_the_debugger(q: OpenQuantum) -> None:
    q.patch("ScaleTask.run", "def run(self, number):\n    return 1 / 0")
    session = q.debug("ScalingTask.compute", pause_at=["subtasks"])
    while session.wait(SECONDS) and session.state is SessionState.PAUSED:
        session.resume()

    def functions(traceback: str) -> list[str]:
        return [line.rpartition(", in ")[2] for line in traceback.splitlines() if ", in " in line]

    assert functions(session.result().traceback) == functions(q.rerun().traceback)
    assert functions(session.result().traceback)[-2:] == ["compute", "run"]


def test_the_entry_comes_after_reads_where_the_task_begins_after_them(failed: Run) -> None:
    session = failed.quantum("plain", detector=0).debug(pause_at=["entry", "get"])
    assert _pause(session).reason.startswith("get catalog(")
    session.step_over()
    pause = _pause(session)
    assert pause.reason == "entry of runQuantum"
    assert "number = catalog" in pause.summary().source[pause.stack[0].line - pause.summary().first_line]
    session.resume()
    assert session.wait(SECONDS)
    assert session.result().outputs["number"] == {"n": 103}


def test_a_value_is_returned_from_a_subtask(q: OpenQuantum) -> None:
    session = q.debug("ScaleTask.run", pause_at=[])
    _pause(session)
    session.return_value(Struct(number=1206))
    assert session.wait(SECONDS)
    assert session.result().outputs["measurements"] == {"n": 1206, "inverse": 1.0}


def test_patches_can_be_stepped_through(q: OpenQuantum) -> None:
    q.patch(
        "ScaleTask.run", "def run(self, number):\n    product = 5 * number\n    return Struct(number=product)"
    )
    session = q.debug("ScaleTask.run", pause_at=[])
    pause = _pause(session)
    assert "product = 5 * number" in "".join(pause.summary().source)
    session.step_over()
    _pause(session)
    session.step_over()
    assert _pause(session).locals["product"] == 515
    session.resume()
    assert session.wait(SECONDS)
    assert session.result().patches[0].name == "ScaleTask.run"


def _functions_at_the_pauses(session: DebugSession) -> list[tuple[str, bool]]:
    """List the functions that a session pauses in, and whether those are patches, until it ends."""
    seen = []
    while session.wait(SECONDS) and session.state is SessionState.PAUSED:
        assert session.pause is not None
        seen.append((session.pause.stack[0].function, session.pause.stack[0].file.startswith("<patch")))
        session.resume()
    return seen


def test_breakpoints_are_found_in_the_patches_of_each_attempt(q: OpenQuantum) -> None:
    session = q.debug(["ScalingTask.compute", "BehavingTask.run"], pause_at=[])
    assert _functions_at_the_pauses(session) == [("BehavingTask.run", False), ("ScalingTask.compute", False)]
    for number in (1, 2):
        q.patch(
            "BehavingTask.run",
            f"def run(self, data_id, catalog):\n    return self.compute({number}, catalog)",
        )
        q.patch(
            "ScalingTask.compute",
            f"def compute(self, one, two):\n    return Struct(measurements={{'n': {number}}})",
        )
        session.restart()
        assert _functions_at_the_pauses(session) == [
            ("BehavingTask.run", True),
            ("ScalingTask.compute", True),
        ]
        assert session.result().outputs["measurements"] == {"n": number}
    again = q.debug(["ScalingTask.compute", "BehavingTask.run"], pause_at=[])
    assert _functions_at_the_pauses(again) == [("BehavingTask.run", True), ("ScalingTask.compute", True)]
    line = q.debug(("BehavingTask.run", "(2, catalog)"), pause_at=[])
    assert _functions_at_the_pauses(line) == [("BehavingTask.run", True)]
    q.unpatch()
    for each in (session, again):
        each.restart()
        assert _functions_at_the_pauses(each) == [("BehavingTask.run", False), ("ScalingTask.compute", False)]


def test_a_breakpoint_at_a_line_that_a_patch_has_replaced_says_so(q: OpenQuantum) -> None:
    session = q.debug([("ScalingTask.compute", "inverse =")], pause_at=[])
    source = "def compute(self, data_id, catalog):\n    return Struct(measurements={})"
    assert _functions_at_the_pauses(session) == [("ScalingTask.compute", False)]
    first = q.patch("ScalingTask.compute", source)
    session.restart()
    assert _functions_at_the_pauses(session) == []
    assert "has taken its place" in " ".join(session.notices)
    q.patch("ScalingTask.compute", source)
    session.breakpoints.add(f"{first.file}:2")
    session.restart()
    assert _functions_at_the_pauses(session) == []
    assert [bool(one.note) for one in session.breakpoints] == [True, True]
    q.unpatch()
    session.restart()
    assert _functions_at_the_pauses(session) == [("ScalingTask.compute", False)]
    assert [bool(one.note) for one in session.breakpoints] == [False, True]


def test_logs_of_quanta_that_run_beside_each_other_are_kept_apart(q: OpenQuantum, failed: Run) -> None:
    session = q.debug("ScalingTask.compute", pause_at=[])
    _pause(session)
    other = failed.quantum("detect", detector=1).rerun()
    logging.getLogger("lsst.here").info("of nobody")
    session.resume()
    assert session.wait(SECONDS)
    assert "Making the task for detect" in other.log
    assert "for detect(" not in session.result().log
    assert "of nobody" in session.result().log


def test_restart_and_abandon(q: OpenQuantum) -> None:
    session = q.debug("ScalingTask.compute", pause_at=[])
    _pause(session)
    session.restart()
    _pause(session)
    session.abandon()
    while session.is_live:
        assert session.wait(SECONDS)
    assert session.state is SessionState.ABANDONED
    assert not q.attempts
    # Everything is as it was for the next one.
    assert isinstance(q.rerun().error, ZeroDivisionError)


def test_attempts_are_numbered_as_they_end(q: OpenQuantum) -> None:
    session = q.debug("ScalingTask.compute", pause_at=[])
    _pause(session)
    q.rerun()
    session.resume()
    assert session.wait(SECONDS)
    assert [attempt.number for attempt in q.attempts] == [1, 2]
    assert q.attempts[1] is session.result()
    assert (q.compare().before, q.compare().after) == ("attempt 1", "attempt 2")


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"break_at": "ScalingTsk.compute"}, UsageError, "Did you mean 'ScalingTask'"),
        ({"break_at": "ScalingTask"}, UsageError, "is a class"),
        ({"break_at": ("ScalingTask.compute", "no such line")}, BreakpointError, "no such line"),
        ({"break_at": "ScalingTask.compte"}, UsageError, "Did you mean 'compute'"),
        ({"break_at": "nowhere.py:3"}, BreakpointError, "nowhere"),
        ({"pause_at": ["gets"]}, UsageError, "Did you mean 'get'"),
        ({"config": {"vale": 3}}, UsageError, "Did you mean 'value'"),
    ],
)
def test_places_that_are_not_there(
    q: OpenQuantum, arguments: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        q.debug(**arguments)


def test_a_quantum_is_taken_out_of_a_run_with_workers_and_promoted(repository: Path) -> None:
    pipeline = PipelineBuilder(str(PIPELINE)).config("measure", "fail_on", "detector = 0")
    built = GraphBuilder(pipeline, repository, input=INPUTS, output="u/me", data_query="visit = 1").build()
    run = built.run(register_dataset_types=True, processes=2, background=True)
    run.break_at("measure", "detector = 0")
    while run.state is not RunState.PAUSED:
        assert not run.wait(0.02)
    assert run.report.reason.startswith("before measure(instrument=SmallCam, detector=0")
    assert "paused before measure(" in run._repr_mimebundle_()["text/plain"]
    assert {"measure"} <= {record.task_label for record in run.ready()} <= {"measure", "detect"}
    q = run.quantum("measure", detector=0)
    session = q.debug(pause_at=["exception"])
    assert q.status is QuantumStatus.HELD
    held = f"The run goes on without {q.name}"
    assert held in repr(session)
    assert held in session._repr_mimebundle_()["text/plain"]
    run.resume()
    pause = _pause(session)
    assert "told to fail" in str(pause.exception)
    session.abandon()
    q.patch("MeasureTask._should_fail", "def _should_fail(self, data_id):\n    return False")
    assert q.rerun().succeeded
    q.promote()
    assert run.wait(120)
    assert run.state is RunState.SUCCEEDED
    assert run.quantum("combine").outputs["report"]["total"] == 103 + 104


def test_a_session_says_what_its_quantum_waits_for(
    repository: Path, caplog: pytest.LogCaptureFixture
) -> None:
    pipeline = PipelineBuilder(str(PIPELINE)).config("detect", "fail_on", "detector = 0")
    built = GraphBuilder(pipeline, repository, input=INPUTS, output="u/me", data_query="visit = 1").build()
    session = built.run(register_dataset_types=True).quantum("measure", detector=0).debug()
    assert session.wait(SECONDS)
    waits = "waits for outputs of detect(instrument=SmallCam, detector=0, visit=1), which is failed."
    said = [record.getMessage() for record in caplog.records if record.name == SESSION]
    assert len(said) == 1
    assert waits in said[0]
    assert waits in repr(session)
    for text in session._repr_mimebundle_().values():
        assert waits in text
    assert len([record for record in caplog.records if record.name == SESSION]) == 1, (
        "To show it is not to wait."
    )


def test_a_session_says_that_the_run_is_at_its_quantum(repository: Path) -> None:
    pipeline = PipelineBuilder(str(PIPELINE)).config("detect", "sleep", 600.0)
    built = GraphBuilder(pipeline, repository, input=INPUTS, output="u/me", data_query="visit = 1").build()
    run = built.run(register_dataset_types=True, processes=2, background=True)
    while not (running := [r for r in run.report.quanta.values() if r.status is QuantumStatus.RUNNING]):
        assert not run.wait(0.02)
    session = run.quantum(running[0].quantum_id).debug()
    _pause(session)
    executing = f"The run is executing {running[0].name} at this moment."
    assert executing in session._repr_mimebundle_()["text/plain"]
    run.stop(interrupt=True)
    assert executing not in session._repr_mimebundle_()["text/plain"]
    session.abandon()
    assert session.wait(SECONDS)
