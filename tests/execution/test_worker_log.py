"""What a worker process logs is read while the quantum runs."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from lsst.daf.butler.logging import JsonLogFormatter

from jupyter_mpexec import GraphBuilder, PipelineBuilder, Run
from jupyter_mpexec.execution.worker_log import (
    find_worker_log,
    read_worker_log,
    worker_log_file,
    worker_name,
)  # fmt: skip
from jupyter_mpexec.status import QuantumStatus
from tests.support.repository import INPUTS, PIPELINE
from tests.support.waiting import wait_until


@pytest.fixture
def log_file(tmp_path: Path) -> Path:
    return worker_log_file(tmp_path, 3)


def write(file: Path, lines: int, *, end: str = "") -> None:
    handler = logging.FileHandler(file)
    handler.setFormatter(JsonLogFormatter())
    for number in range(lines):
        handler.emit(logging.makeLogRecord({"name": "lsst.x", "levelno": 20, "msg": f"line {number}"}))
    handler.close()
    with file.open("a") as stream:
        stream.write(end)


def test_a_line_that_is_being_written_is_left_out(log_file: Path) -> None:
    write(log_file, 2, end='{"name": "lsst.x", "mess')
    assert [record.message for record in read_worker_log(log_file)] == ["line 0", "line 1"]


def test_of_a_long_log_the_end_is_read(log_file: Path) -> None:
    write(log_file, 20_000)
    found = [record.message for record in read_worker_log(log_file, is_whole=False)]
    assert 0 < len(found) < 20_000
    assert found == [f"line {number}" for number in range(20_000 - len(found), 20_000)]
    assert len(read_worker_log(log_file)) == 20_000


def test_nothing_was_logged(log_file: Path) -> None:
    assert len(read_worker_log(log_file)) == 0
    log_file.write_text("")
    assert len(read_worker_log(log_file, is_whole=False)) == 0


def test_found_by_the_name_of_the_worker(log_file: Path, tmp_path: Path) -> None:
    log_file.touch()
    folders = [tmp_path / "of another crew", tmp_path]
    assert find_worker_log(folders, worker_name(3, 4711)) == log_file
    assert find_worker_log(folders, worker_name(4, 4711)) is None
    assert find_worker_log(folders, "MainThread") is None


@pytest.mark.parametrize("detached", [True, False])
def test_log_of_a_quantum_that_runs(
    repository: Path, detached: bool, caplog: pytest.LogCaptureFixture
) -> None:
    # Workers log as their parent does.
    caplog.set_level(logging.INFO, logger="tests")
    pipeline = (
        PipelineBuilder(str(PIPELINE)).config("detect", "sleep", 600.0).config("detect", "log_lines", 3)
    )
    how = {} if detached else {"detached": False, "start_method": "forkserver"}
    graph = GraphBuilder(pipeline, repository, input=INPUTS, output="u/me").build()
    run = graph.run(register_dataset_types=True, processes=2, background=True, **how)
    try:
        for quantum_id in running(run, 2):
            wait_until(lambda quantum_id=quantum_id: len(said_by(run, quantum_id)) >= 3)
            visit = run.report.quanta[quantum_id].data_id["visit"]
            said = said_by(run, quantum_id)
            assert [message[:6] for message in said] == ["line 0", "line 1", "line 2"]
            assert all(f"'visit': {visit}" in message for message in said)
        waiting = next(str(quantum_id) for quantum_id in graph.graph.quanta_by_task["combine"].values())
        assert run.log_so_far(waiting) is None
    finally:
        run.stop(interrupt=True)
    assert all(run.log_so_far(quantum_id) is None for quantum_id in run.report.quanta), "It is over."


def said_by(run: Run, quantum_id: str) -> list[str]:
    records = run.log_so_far(quantum_id)
    return [r.message for r in records or () if r.message.startswith("line ")]


def running(run: Run, number: int) -> list[str]:
    def find() -> list[str]:
        return [q for q, r in list(run.report.quanta.items()) if r.status is QuantumStatus.RUNNING]

    wait_until(lambda: len(find()) == number)
    return find()
