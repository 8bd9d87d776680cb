"""What gets into the logs of quanta: what tasks say, by logging or printing."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from lsst.daf.butler.logging import ButlerLogRecords

from jupyter_mpexec import GraphBuilder, PipelineBuilder, Run
from jupyter_mpexec.execution.printed_lines import printed_lines
from jupyter_mpexec.execution.quantum_logging import packages_of, quantum_logging
from tests.support.repository import INPUTS, PIPELINE


@pytest.fixture
def run_one(repository: Path) -> Callable[..., Run]:
    def run_one(*, detached: bool = False, printed: str = "", processes: int = 1) -> Run:
        pipeline = PipelineBuilder(str(PIPELINE)).config("detect", "printed", printed).select("detect")
        query = "visit = 2 AND detector = 0"
        graph = GraphBuilder(pipeline, repository, input=INPUTS, output="u/me", data_query=query).build()
        run = graph.run(register_dataset_types=True, processes=processes, detached=detached)
        run.check()
        return run

    return run_one


def log_of(run: Run) -> list[tuple[str, str]]:
    data_id = {"instrument": "SmallCam", "visit": 2, "detector": 0}
    with run.butler() as butler:
        records: ButlerLogRecords = butler.get("detect_log", data_id)
    return [(record.name, record.message) for record in records]


@pytest.mark.parametrize(("processes", "detached"), [(1, False), (2, False), (2, True)])
def test_messages_of_ones_own_tasks(run_one: Callable[..., Run], processes: int, detached: bool) -> None:
    run = run_one(processes=processes, detached=detached)
    assert [name for name, message in log_of(run) if message.startswith("line 0 for")] == ["tests.detect"]
    assert logging.getLogger("tests").level == logging.NOTSET, "As before."


def test_a_level_that_was_asked_for_counts(
    run_one: Callable[..., Run], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "tests")
    assert not [name for name, _ in log_of(run_one()) if name.startswith("tests")]


def test_levels() -> None:
    assert packages_of(["__main__.Mine", "a.b.C", "a.D"]) == ("__main__", "a")
    mine, theirs, lsst = map(logging.getLogger, ("mine", "theirs", "lsst"))
    theirs.setLevel(logging.ERROR)
    lsst.setLevel(logging.DEBUG)
    try:
        with quantum_logging(["mine", "theirs.tasks"]):
            assert (mine.level, theirs.level, lsst.level) == (logging.DEBUG, logging.ERROR, logging.DEBUG)
    finally:
        theirs.setLevel(logging.NOTSET)
        lsst.setLevel(logging.NOTSET)
    assert mine.level == logging.NOTSET


@pytest.mark.parametrize("detached", [True, False])
def test_what_a_task_prints_in_a_worker(run_one: Callable[..., Run], detached: bool) -> None:
    run = run_one(printed="one\ntwo, and more", processes=2, detached=detached)
    assert [message for name, message in log_of(run) if name == "stdout"] == ["one", "two, and more"]
    if detached:
        assert "two, and more" in run.run_folder.output_file.read_text(), "There, too."


def test_printed_lines(capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> None:
    with printed_lines():
        for text in ("a b\n", "begun, ", "ended\n", " 10 %\r 50 %\r", "100 %\n\n", "without an end"):
            sys.stdout.write(text)
    assert [record.message for record in caplog.records] == ["a b", "begun, ended", "100 %", "without an end"]
    assert capsys.readouterr().out == "a b\nbegun, ended\n 10 %\r 50 %\r100 %\n\nwithout an end"


def test_a_handler_that_prints_is_not_logged_again(caplog: pytest.LogCaptureFixture) -> None:
    class Printing(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            sys.stdout.write(f"printed by a handler: {record.message}\n")

    handler = Printing()
    logging.getLogger().addHandler(handler)
    try:
        with printed_lines():
            sys.stdout.write("once\n")
    finally:
        logging.getLogger().removeHandler(handler)
    assert [record.message for record in caplog.records] == ["once"]


def test_a_time_limit_that_nobody_enforces(repository: Path, caplog: pytest.LogCaptureFixture) -> None:
    pipeline = PipelineBuilder(str(PIPELINE)).select("detect")
    graph = GraphBuilder(pipeline, repository, input=INPUTS, output="u/me", data_query="visit = 2").build()
    graph.run(register_dataset_types=True, timeout=60.0, init_only=True)
    assert [r.message for r in caplog.records if "--timeout" in r.message and "-j" in r.message]
