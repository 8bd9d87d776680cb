"""The limit on the memory of worker processes, with tasks that really use it up."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from jupyter_mpexec import GraphBuilder, PipelineBuilder, QuantumGraphExecutor, Run, SingleQuantumExecutor
from jupyter_mpexec.errors import UsageError
from jupyter_mpexec.execution.errors import GraphExecutionError
from jupyter_mpexec.status import QuantumStatus, RunState
from tests.support.repository import INPUTS, PIPELINE

LIMIT = "500MB"
VICTIM = "measure(instrument=SmallCam, detector=1, visit=2)"


@pytest.fixture(autouse=True)
def _nothing_is_left_running() -> Iterator[None]:
    yield
    assert not multiprocessing.active_children()


@pytest.fixture
def run(repository: Path) -> Callable[..., Run]:
    def run(changes: dict[str, Any], query: str = "", **options: Any) -> Run:
        pipeline = PipelineBuilder(str(PIPELINE))
        for name, value in changes.items():
            pipeline.config("measure", name, value)
        built = GraphBuilder(pipeline, repository, input=INPUTS, output="u/me", data_query=query).build()
        options = {"processes": 2, "max_memory": LIMIT, **options}
        return built.run(register_dataset_types=True, **options)

    return run


@pytest.mark.parametrize("by", ["bytearray", "array", "objects"])
def test_a_quantum_that_needs_too_much_fails_alone_and_says_where(run: Callable[..., Run], by: str) -> None:
    failed = run({"allocate": 1000, "allocate_by": by, "allocate_on": "visit = 2 AND detector = 1"})
    assert failed.report.counts == {
        QuantumStatus.SUCCEEDED: 13,
        QuantumStatus.FAILED: 1,
        QuantumStatus.BLOCKED: 2,
    }
    [record] = failed.failures
    failure = record.failure
    assert (record.name, failure.exit_code, failure.timed_out) == (VICTIM, 1, False)
    assert failure.exception.rpartition(".")[2] in ("MemoryError", "_ArrayMemoryError")
    assert (
        "more memory than its worker may have, which is 500 MB (max_memory, --max-memory)" in failure.message
    )
    assert ("Unable to allocate" in failure.message) == (by == "array")
    assert "in allocate" in failure.traceback
    assert record.peak_memory < 500e6
    # There was memory enough to write the log.
    assert "failed with" in failure.log
    with failed.butler() as butler:
        where = {"instrument": "SmallCam", "visit": 2, "detector": 1}
        log = butler.get("measure_log", where, collections=failed.output_run)
    assert log.extra["exception"]["type_name"] == failure.exception


def test_a_quantum_that_stays_within_the_limit_succeeds(run: Callable[..., Run]) -> None:
    done = run({"allocate": 200, "allocate_by": "array"})
    assert done.report.counts == {QuantumStatus.SUCCEEDED: 16}
    assert max(record.peak_memory for record in done.report.quanta.values()) > 250e6


def test_a_worker_that_dies_of_it_costs_only_its_quantum_and_the_limit_is_named(
    run: Callable[..., Run],
) -> None:
    failed = run({"allocate": 1000, "allocate_by": "malloc", "allocate_on": "visit = 2 AND detector = 1"})
    [record] = failed.failures
    assert (record.name, record.failure.exit_code) == (VICTIM, -signal.SIGSEGV)
    assert "SIGSEGV" in record.failure.message
    assert "500 MB of memory (max_memory, --max-memory)" in record.failure.message
    assert "in allocate" in record.failure.traceback
    assert failed.report.counts[QuantumStatus.SUCCEEDED] == 13


def test_a_quantum_does_not_pay_for_what_earlier_ones_keep(run: Callable[..., Run]) -> None:
    # Two of them in one process would be too much, and each worker gets more than one.
    done = run({"allocate": 220, "keep_memory": True})
    assert done.report.counts == {QuantumStatus.SUCCEEDED: 16}
    measured = [r.worker for r in done.report.quanta.values() if r.task_label == "measure"]
    assert len(set(measured)) == len(measured) == 6


def test_workers_are_replaced_after_a_memory_error(run: Callable[..., Run]) -> None:
    failed = run({"allocate": 1000, "allocate_on": "visit IN (1, 2)"})
    assert len(failed.failures) == 4
    assert len({record.worker for record in failed.failures}) == 4
    assert failed.report.counts[QuantumStatus.SUCCEEDED] == 6 + 2 + 1


def test_a_limit_below_what_a_worker_needs_anyway_is_explained(run: Callable[..., Run]) -> None:
    failed = run({}, "visit = 1", max_memory="100")
    assert failed.state is RunState.FAILED
    assert isinstance(failed.error, GraphExecutionError)
    message = str(failed.error)
    assert message.startswith("100 MB of memory are too little: a worker process has allocated ")
    assert "--max-memory" in message


def test_one_process_cannot_be_limited() -> None:
    single = SingleQuantumExecutor(limited_butler_factory=lambda quantum: None)
    with pytest.raises(UsageError, match="limits worker processes"):
        QuantumGraphExecutor(quantum_executor=single, max_memory="2GB")
    assert (
        QuantumGraphExecutor(quantum_executor=single, num_proc=2, max_memory="2000").max_memory == 2 * 10**9
    )
