"""Results enter the registry while the run goes on, and a registry that is locked holds up nothing."""

from __future__ import annotations

import contextlib
import itertools
import logging
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from lsst.daf.butler import Butler
from sqlalchemy.exc import OperationalError

from jupyter_mpexec import GraphBuilder, Journal, PipelineBuilder, Run
from jupyter_mpexec.events import Event, QuantaIngested, QuantumFailed, QuantumFinished, QuantumStarted
from jupyter_mpexec.execution import ingest
from jupyter_mpexec.execution.errors import GraphExecutionError
from jupyter_mpexec.execution.lock_patience import is_locked, lock_patience
from jupyter_mpexec.execution.retry_policy import RetryPolicy
from jupyter_mpexec.status import QuantumStatus, RunState
from tests.support.locks import RegistryLock
from tests.support.registries import on_every_registry
from tests.support.repository import INPUTS, PIPELINE

PUT_OFF = "cannot be written to now"
WAITING = "trying for"


@pytest.fixture
def lock(repository: Path) -> Iterator[RegistryLock]:
    with RegistryLock(repository) as lock:
        yield lock


@pytest.fixture(autouse=True)
def _many_attempts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try after every quantum, so that a small graph has many attempts."""
    monkeypatch.setattr(ingest, "BATCH_SECONDS", 0.0)
    monkeypatch.setattr(ingest, "LOCK_SECONDS", 0.02)
    monkeypatch.setattr(ingest, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(ingest, "LONGEST_PAUSE", 0.1)


@pytest.fixture(params=[1, 2], ids=["in-kernel", "workers"])
def run(repository: Path, request: pytest.FixtureRequest) -> Callable[..., Run]:
    def run(hook: Callable[[Event], None], config: dict[str, Any] | None = None, **options: Any) -> Run:
        pipeline = PipelineBuilder(str(PIPELINE))
        for name, value in (config or {}).items():
            pipeline.config("measure", name, value)
        built = GraphBuilder(pipeline, repository, input=INPUTS, output="u/me").build()
        # In this process, which has the shorter pauses.
        options = {"processes": request.param, "start_method": "forkserver", "detached": False, **options}
        return built.run(register_dataset_types=True, hooks=[hook], **options)

    return run


def _lock_between(lock: RegistryLock, first: int, last: int) -> Callable[[Event], None]:
    """Make a hook that locks the registry after some finished quanta, and releases it after some more."""
    finished = itertools.count(1)

    def hook(event: Event) -> None:
        if isinstance(event, QuantumFinished):
            match next(finished):
                case n if n == first:
                    lock.acquire()
                case n if n == last:
                    lock.release()

    return hook


def _registered(run: Run, name: str) -> int:
    with run.butler() as butler:
        return len(set(butler.registry.queryDatasets(name, collections=run.output_run)))


@on_every_registry
def test_quanta_go_on_while_the_registry_is_locked(
    run: Callable[..., Run], lock: RegistryLock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, ingest.__name__)
    done = run(_lock_between(lock, 3, 12))
    assert done.state is RunState.SUCCEEDED
    assert done.report.counts == {QuantumStatus.SUCCEEDED: 16}
    assert all(record.ingested for record in done.report.quanta.values())
    assert (_registered(done, "*_metadata"), _registered(done, "measurements")) == (16, 6)
    # The journal has the order of events.
    events = list(Journal(done.folder).read())
    finished = [n for n, event in enumerate(events) if isinstance(event, QuantumFinished)]
    locked, released = finished[2], finished[11]
    during = events[locked + 1 : released]
    assert sum(isinstance(event, QuantumStarted) for event in during) >= 7
    assert not any(isinstance(event, QuantaIngested) for event in during)
    assert any(isinstance(event, QuantaIngested) for event in events[:locked])
    [later, *_] = [event for event in events[released:] if isinstance(event, QuantaIngested)]
    assert len(later.quantum_ids) >= 9
    ingested = [q for event in events if isinstance(event, QuantaIngested) for q in event.quantum_ids]
    assert len(ingested) == len(set(ingested)) == 16
    # Said once, however many attempts there were.
    assert sum(PUT_OFF in message for message in caplog.messages) == 1
    assert sum("can be written to again" in message for message in caplog.messages) == 1


@on_every_registry
def test_at_the_end_the_registry_is_waited_for(
    run: Callable[..., Run], lock: RegistryLock, caplog: pytest.LogCaptureFixture
) -> None:
    class Release(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            # In the meantime, more attempts fail.
            if WAITING in record.getMessage():
                timer = threading.Timer(1.0, lock.release)
                timers.append(timer)
                timer.start()

    timers: list[threading.Timer] = []
    handler = Release()
    logging.getLogger(ingest.__name__).addHandler(handler)
    try:
        done = run(_lock_between(lock, 3, 17))
    finally:
        logging.getLogger(ingest.__name__).removeHandler(handler)
    [timer] = timers
    timer.join()
    assert done.state is RunState.SUCCEEDED
    assert all(record.ingested for record in done.report.quanta.values())
    assert _registered(done, "*_metadata") == 16
    assert sum(PUT_OFF in message for message in caplog.messages) == 1


@on_every_registry
def test_a_registry_that_stays_locked_is_an_error_in_the_end(
    run: Callable[..., Run], lock: RegistryLock, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest, "PATIENCE", 0.5)
    failed = run(_lock_between(lock, 3, 17))
    assert lock.is_held
    assert failed.state is RunState.FAILED
    assert isinstance(failed.error, GraphExecutionError)
    assert "registry of the repository cannot be written to: " in str(failed.error)
    assert "lock" in str(failed.error).partition("\n")[0]
    assert "--extend-run" in str(failed.error)
    # All quanta ran, and their files are there.
    assert failed.report.counts == {QuantumStatus.SUCCEEDED: 16}
    assert sum(1 for _ in (repository / "u").rglob("measurements_*.json")) == 6


@on_every_registry
def test_a_failed_quantum_is_tried_again_while_the_registry_is_locked(
    run: Callable[..., Run], lock: RegistryLock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RetryPolicy, "wait_after", lambda self, n: 0.05 if n <= self.retries else None)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    config = {
        "fail_on": "visit = 1",
        "fail_attempts": 1,
        "scratch": str(scratch),
        "exception": "lsst.pipe.base.RepeatableQuantumError",
    }
    failed_under_lock: list[bool] = []
    between = _lock_between(lock, 3, 16)

    def hook(event: Event) -> None:
        between(event)
        if isinstance(event, QuantumFailed):
            failed_under_lock.append(lock.is_held)

    done = run(hook, config, retries=1)
    assert failed_under_lock == [True, True]
    assert done.report.counts == {QuantumStatus.SUCCEEDED: 16}
    with done.butler() as butler:
        refs = set(butler.registry.queryDatasets("measure_log", collections=done.output_run))
        assert len(refs) == 6
        assert not any("told to fail" in str(butler.get(ref)) for ref in refs)


def test_the_patience_of_a_database_is_only_changed_for_a_while(repository: Path, lock: RegistryLock) -> None:
    with Butler.from_config(str(repository), writeable=True) as butler:
        seen: list[int] = []

        def look() -> None:
            connection = butler._registry._db._engine.raw_connection()
            try:
                seen.extend(connection.execute("PRAGMA busy_timeout").fetchone())
            finally:
                connection.close()

        look()
        with lock_patience(butler, 0.3):
            look()
            lock.acquire()
            with pytest.raises(OperationalError) as caught:
                butler.collections.register("u/other")
            lock.release()
            butler.collections.register("u/other")
        look()
    assert is_locked(caught.value)
    assert seen == [300_000, 300, 300_000]


def test_other_errors_of_a_database_are_not_taken_for_a_lock(repository: Path) -> None:
    database = sqlite3.connect(f"file:{repository / 'gen3.sqlite3'}?mode=ro", uri=True)
    with contextlib.closing(database), pytest.raises(sqlite3.OperationalError) as caught:
        database.execute("CREATE TABLE x (y)")
    assert not is_locked(OperationalError("CREATE TABLE x (y)", {}, caught.value))
