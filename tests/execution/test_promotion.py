"""What a rerun gave goes to the output run: whole, recorded, and what depends on it follows."""

from __future__ import annotations

import os
import shutil
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jupyter_mpexec import GraphBuilder, PipelineBuilder, Run
from jupyter_mpexec.display.report_page import report_html
from jupyter_mpexec.display.report_text import report_text
from jupyter_mpexec.errors import JupyterMpexecError, RunError, UsageError
from jupyter_mpexec.events import Event, QuantumStarted
from jupyter_mpexec.execution.runs import attach, resume
from jupyter_mpexec.execution.workbench import handover, promotion
from jupyter_mpexec.execution.workbench.handover import RunBusyError, wait_for_status
from jupyter_mpexec.status import QuantumStatus, RunState
from tests.support.repository import INPUTS, PIPELINE

BROKEN = [("measure", "fail_on", "detector = 0")]
MENDED = "def _should_fail(self, data_id):\n    return False"


@pytest.fixture
def run(repository: Path) -> Callable[..., Run]:
    def run(query: str = "visit = 1", *, configs: Any = BROKEN, **options: Any) -> Run:
        pipeline = PipelineBuilder(str(PIPELINE))
        for label, name, value in configs:
            pipeline.config(label, name, value)
        built = GraphBuilder(pipeline, repository, input=INPUTS, output="u/me", data_query=query).build()
        return built.run(register_dataset_types=True, **options)

    return run


def _until(condition: Callable[[], Any]) -> None:
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline, "It did not happen."
        time.sleep(0.02)


def _check_patched(run: Run, q: Any) -> None:
    """Everybody is told: report, journal, metadata."""
    for report in (run.report, run.journal.report()):
        [patched] = report.patched
        assert patched.name == q.name
        assert patched.changes == ("MeasureTask._should_fail",)
        [method] = patched.patch["methods"]
        assert method["source"].startswith("def _should_fail")
    assert "MeasureTask._should_fail" in q.metadata["quantum"]["promoted_by_hand"]
    for text in run._repr_mimebundle_().values():
        assert "made with changes by hand" in text
        assert "MeasureTask._should_fail" in text


@pytest.mark.parametrize("processes", [1, 2])
def test_a_finished_run_goes_on_after_a_promotion(run: Callable[..., Run], processes: int) -> None:
    failed = run(processes=processes)
    assert failed.report.counts[QuantumStatus.BLOCKED] == 2
    q = failed.quantum("measure", detector=0)
    q.patch("MeasureTask._should_fail", MENDED)
    assert q.rerun().succeeded
    assert not q.outputs.exists["measurements"]
    q.promote()
    assert q.outputs["measurements"]["n"] == 103
    assert failed.state is RunState.STOPPED
    for text in (report_html(failed.report), report_text(failed.report)):
        assert f"Go on with: %pipetask resume {failed.id}" in text
    forgotten = f"Forgotten of {q.name}: 1 attempt, 1 patched method."
    assert repr(q.discard()) == f"{forgotten} What attempt 1 wrote to the output run stays there."
    assert repr(q.discard()) == f"There was nothing to discard of {q.name}."
    with failed.butler() as butler:
        assert butler.get("measurements", detector=0, visit=1, instrument="SmallCam")["n"] == 103
    _check_patched(failed, q)
    resumed = resume(failed.id)
    assert resumed.state is RunState.SUCCEEDED
    assert resumed.report.counts == {QuantumStatus.SUCCEEDED: 6}
    _check_patched(resumed, resumed.quantum("measure", detector=0))
    assert resumed.quantum("combine").outputs["report"]["total"] == 103 + 104


def test_all_or_nothing(run: Callable[..., Run], monkeypatch: pytest.MonkeyPatch) -> None:
    failed = run()
    q = failed.quantum("measure", detector=0)
    q.rerun(config={"fail_on": ""})
    log = q.log
    assert "told to fail" in log
    before = failed.journal.path.read_text()

    class Unwriteable:
        pass

    [ref] = [ref for ref in q.attempts[0].written if ref.datasetType.name == "measure_metadata"]
    with monkeypatch.context() as patch:
        patch.setattr(promotion, "with_patch", lambda metadata, _: Unwriteable())
        with pytest.raises(Exception, match="Unwriteable"):
            q.promote()
    assert q.log == log
    assert not q.outputs.exists["measurements"]
    assert failed.journal.path.read_text() == before
    assert q.promote().promoted
    assert "told to fail" not in q.log
    assert ref.id in {r.id for r in q.attempts[0].written}
    [record] = failed.report.patched
    assert record.changes == ("fail_on=''",)


def test_what_was_made_from_former_outputs_is_made_again(run: Callable[..., Run]) -> None:
    done = run(configs=[])
    q = done.quantum("measure", detector=0)
    q.patch(
        "MeasureTask.compute",
        "def compute(self, data_id, catalog):\n    return Struct(measurements={'n': 0})",
    )
    q.rerun()
    with pytest.raises(RunError, match=r"2 quanta after .*\n.*rerun_dependents"):
        q.promote()
    q.promote(rerun_dependents=True)
    assert done.report.counts == {QuantumStatus.SUCCEEDED: 4, QuantumStatus.PENDING: 2}
    assert done.quantum("combine").outputs.exists == {"report": False}
    resumed = resume(done.id)
    assert resumed.state is RunState.SUCCEEDED
    assert resumed.quantum("combine").outputs["report"]["total"] == 104


def test_a_repository_that_refuses_stays_as_it_was(run: Callable[..., Run], repository: Path) -> None:
    failed = run()
    q = failed.quantum("measure", detector=0)
    q.patch("MeasureTask._should_fail", MENDED)
    attempt = q.rerun()
    report = failed.report.counts
    # A file is where a folder should be.
    place = repository / failed.output_run / "measurements"
    shutil.move(place, repository / "aside")
    place.write_text("")
    with pytest.raises(RunError, match=r"cannot be written to the repository.*\n.*promote it again"):
        q.promote()
    assert not attempt.promoted
    assert q.outputs.exists == {"measurements": False}
    assert failed.report.counts == failed.journal.report().counts == report
    place.unlink()
    shutil.move(repository / "aside", place)
    q.promote()
    _check_patched(failed, q)


def test_a_file_that_cannot_be_put_back_keeps_nothing_else_from_it(
    run: Callable[..., Run],
    repository: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    done = run(configs=[])
    q = done.quantum("measure", detector=0)
    log = q.log
    q.rerun(config={"value": 7})
    place = repository / done.output_run / "measurements"

    def wreck(*_: Any) -> None:
        shutil.rmtree(place)
        place.write_text("")
        raise OSError("the disk is gone")

    with monkeypatch.context() as patch:
        patch.setattr(promotion, "Ingester", wreck)
        with pytest.raises(RunError, match="the disk is gone"):
            q.promote(rerun_dependents=True)
    assert "could not be put back" in caplog.text
    assert q.log == log
    with done.butler() as butler:
        where = {"instrument": "SmallCam", "visit": 1, "detector": 0}
        for name in ("measurements", "measure_metadata", "measure_log"):
            assert butler.find_dataset(name, where) is not None
    place.unlink()
    q.promote(rerun_dependents=True)
    assert q.outputs["measurements"]["value"] == 7


def test_a_repository_that_is_read_only_is_left_alone(run: Callable[..., Run], repository: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("Root may write everywhere.")
    failed = run()
    q = failed.quantum("measure", detector=0)
    q.patch("MeasureTask._should_fail", MENDED)
    q.rerun()
    database = repository / "gen3.sqlite3"
    database.chmod(0o400)
    try:
        with pytest.raises(JupyterMpexecError, match="cannot be written"):
            q.promote()
    finally:
        database.chmod(0o600)
    assert q.outputs.exists == {"measurements": False}
    q.promote()
    _check_patched(failed, q)


def test_what_failed_cannot_be_promoted(run: Callable[..., Run]) -> None:
    q = run().quantum("measure", detector=0)
    with pytest.raises(RunError, match="not been run again"):
        q.promote()
    q.rerun()
    with pytest.raises(RunError, match="failed, and cannot be promoted"):
        q.promote()


def test_what_lacks_inputs_cannot_be_promoted(run: Callable[..., Run]) -> None:
    q = run().quantum("summarise")
    assert q.status is QuantumStatus.BLOCKED
    # It can be tried with what there is, and says so.
    assert "takes inputs from measure(" in q._repr_mimebundle_()["text/plain"]
    assert q.rerun().succeeded
    with pytest.raises(RunError, match=r"needs outputs of measure.*failed") as caught:
        q.promote()
    assert "Promote or run them first" in str(caught.value.hint)
    assert not any(q.outputs.exists.values())


def test_an_attempt_from_inputs_that_were_replaced_is_not_promoted(run: Callable[..., Run]) -> None:
    done = run(configs=[])
    q, upstream = done.quantum("measure", detector=0), done.quantum("detect", detector=0)
    assert q.inputs["catalog"]["n"] == 103
    assert q.rerun().outputs["measurements"]["n"] == 103
    upstream.rerun(config={"value": 5000})
    upstream.promote(rerun_dependents=True)
    with pytest.raises(RunError, match=r"not made from the outputs of detect.*\n.*rerun\(\) it, and promote"):
        q.promote()
    # What was read is read again.
    assert q.inputs["catalog"]["n"] == 5100
    assert q.rerun().outputs["measurements"]["n"] == 5100
    resumed = resume(done.id)
    upstream = resumed.quantum("detect", detector=0)
    upstream.rerun(config={"value": 6000})
    upstream.promote(rerun_dependents=True)
    # The first handle has not heard of that.
    with pytest.raises(RunError, match=r"not made from the outputs of detect.*\n.*attach"):
        q.promote()
    again = attach(done.id).quantum("measure", detector=0)
    again.rerun()
    again.promote()
    assert again.outputs["measurements"]["n"] == 6100


@pytest.mark.parametrize("damage", ["unreadable", "missing"])
def test_a_damaged_output_is_replaced(
    run: Callable[..., Run], repository: Path, damage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = run(configs=[])
    q = done.quantum("combine")
    [file] = (repository / done.output_run / "report").rglob("*.json")
    text = "?" * file.stat().st_size
    file.write_text(text)
    if damage == "missing":
        file.unlink()
    q.rerun()
    assert [what.partition(":")[0] for what in q.compare().missing] == [
        "report is new" if damage == "missing" else "report cannot be read from the run"
    ]
    # What fails leaves even that as it was.
    with monkeypatch.context() as patch:
        patch.setattr(promotion, "Ingester", None)
        with pytest.raises(TypeError):
            q.promote()
    assert file.exists() == (damage != "missing")
    assert not file.exists() or file.read_text() == text
    q.promote()
    assert q.outputs["report"]["total"] == 103 + 104
    with done.butler() as butler:
        assert butler.get("report", instrument="SmallCam")["total"] == 103 + 104
    assert q.compare(other=0).same


def test_modules_beside_the_notebook_are_found_from_elsewhere(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "notebook"
    place.mkdir()
    (place / "night_tasks.py").write_text(
        "from tests.support.tasks import DetectTask\n\nclass NightTask(DetectTask):\n    pass\n"
    )
    monkeypatch.chdir(place)
    monkeypatch.setattr(sys, "path", ["", *sys.path])
    pipeline = PipelineBuilder().add_task("night_tasks.NightTask", "night")
    pipeline.config("night", "fail_on", "detector = 0")
    built = GraphBuilder(pipeline, repository, input=INPUTS, output="u/me", data_query="visit = 1").build()
    failed = built.run(register_dataset_types=True)
    assert [each.name for each in failed.failures]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [place for place in sys.path if place])
    monkeypatch.delitem(sys.modules, "night_tasks")
    resumed = resume(failed.id)
    assert resumed.report.counts == {QuantumStatus.SUCCEEDED: 1, QuantumStatus.FAILED: 1}
    assert sys.modules["night_tasks"].__file__ == str(place / "night_tasks.py")
    monkeypatch.setattr(sys, "path", [found for found in sys.path if found != str(place)])
    monkeypatch.delitem(sys.modules, "night_tasks")
    (place / "night_tasks.py").unlink()
    with pytest.raises(JupyterMpexecError, match="night_tasks"):
        resume(failed.id)


@pytest.mark.parametrize("processes", [1, 2])
def test_a_run_that_goes_on_waits_for_a_quantum_that_is_held(run: Callable[..., Run], processes: int) -> None:
    going = run(configs=[*BROKEN, ("summarise", "sleep", 0.01)], processes=processes, background=True)
    q = going.quantum("measure", detector=0)
    going.pause()
    going.control.hold(q.id)
    wait_for_status(q, QuantumStatus.HELD)
    going.resume()
    _until(lambda: going.report.counts.get(QuantumStatus.SUCCEEDED) == 3)
    assert going.report.counts == {
        QuantumStatus.SUCCEEDED: 3,
        QuantumStatus.PENDING: 2,
        QuantumStatus.HELD: 1,
    }
    assert not going.wait(0.3)
    q.patch("MeasureTask._should_fail", MENDED)
    assert q.rerun().succeeded
    q.promote()
    assert going.wait(120)
    assert going.state is RunState.SUCCEEDED
    assert going.report.counts == {QuantumStatus.SUCCEEDED: 6}
    _check_patched(going, q)
    assert all(record.ingested for record in going.report.quanta.values())
    assert going.quantum("combine").outputs["report"]["total"] == 103 + 104


class Gate:
    """Keeps a run in its kernel busy from the start of the first quantum of a task on, until it is opened."""

    def __init__(self, task_label: str) -> None:
        self._task_label = task_label
        self.reached, self.open = threading.Event(), threading.Event()

    def __call__(self, event: Event) -> None:
        if isinstance(event, QuantumStarted) and event.task_label == self._task_label:
            self.reached.set()
            assert self.open.wait(120)


def test_a_run_that_is_busy_keeps_the_quantum(
    run: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate("detect")
    going = run(configs=[], background=True, hooks=[gate])
    q = going.quantum("measure", detector=0)
    assert gate.reached.wait(120)
    monkeypatch.setattr(handover, "_SECONDS_TO_OBEY", 0.0)
    with pytest.raises(RunBusyError, match=r"has not come to measure.*\n.*keeps the quantum"):
        q.debug()
    assert not q.debug_sessions
    gate.open.set()
    assert going.wait(120)
    assert going.report.counts == {QuantumStatus.SUCCEEDED: 6}


def test_what_cannot_be_debugged_is_not_held(run: Callable[..., Run]) -> None:
    gate = Gate("detect")
    going = run(configs=[], background=True, hooks=[gate])
    assert gate.reached.wait(120)
    going.pause()
    gate.open.set()
    q = going.quantum("measure", detector=0)
    for arguments in ({"break_at": "MeasureTask.runn"}, {"config": {"vale": 3}}, {"pause_at": ["gets"]}):
        with pytest.raises(UsageError):
            q.debug(**arguments)  # type: ignore[arg-type]  # different for each parameter
    assert q.status is QuantumStatus.PENDING
    going.resume()
    assert going.wait(120)
    assert going.state is RunState.SUCCEEDED


def test_a_run_that_is_busy_takes_what_is_promoted_afterwards(
    run: Callable[..., Run], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    gate = Gate("measure")
    going = run(configs=[], background=True, hooks=[gate])
    q = going.quantum("measure", detector=0)
    q.hold()
    assert gate.reached.wait(120)
    wait_for_status(q, QuantumStatus.HELD)
    q.rerun(config={"value": 7})
    monkeypatch.setattr(handover, "_SECONDS_TO_OBEY", 0.0)
    assert q.promote().promoted
    assert "will be, when a quantum that is under way has ended" in caplog.text
    with pytest.raises(RunError, match=r"promoted already.*\n.*The run takes it when"):
        q.promote()
    assert repr(q.discard()).endswith("What attempt 1 wrote to the output run stays there.")
    gate.open.set()
    assert going.wait(120)
    assert going.report.counts == {QuantumStatus.SUCCEEDED: 6}
    assert q.outputs["measurements"]["value"] == 7
    [patched] = going.report.patched
    assert patched.changes == ("value=7",)


def test_a_quantum_that_is_discarded_goes_back(run: Callable[..., Run]) -> None:
    going = run(configs=[("summarise", "sleep", 0.01)], processes=2, background=True)
    q = going.quantum("summarise")
    q.hold()
    wait_for_status(q, QuantumStatus.HELD)
    q.rerun(config={"sleep": 0.0})
    said = repr(q.discard())
    assert said == f"Forgotten of {q.name}: 1 attempt. {q.name} goes back to its run."
    assert going.wait(120)
    assert going.report.counts == {QuantumStatus.SUCCEEDED: 6}
    assert not going.report.patched
    assert not q.attempts


def test_a_run_that_is_resumed_knows_what_was_written_by_hand(
    run: Callable[..., Run], repository: Path
) -> None:
    """Whoever promoted was killed after the files were written, before he could tell."""
    failed = run()
    journal = failed.journal.path.read_text()
    q = failed.quantum("measure", detector=0)
    q.patch("MeasureTask._should_fail", MENDED)
    q.rerun()
    q.promote()
    failed.journal.path.write_text(journal)
    resumed = resume(failed.id)
    assert resumed.state is RunState.SUCCEEDED
    _check_patched(resumed, attach(failed.id).quantum("measure", detector=0))
    shutil.rmtree(resumed.folder)
