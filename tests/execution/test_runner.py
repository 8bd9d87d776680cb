"""Runs that belong to a process of their own: they outlive their kernel, and are found again, steered and resumed."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lsst.daf.butler import Butler
from lsst.daf.butler.datastores.fileDatastore import FileDatastore

from jupyter_mpexec import Run
from jupyter_mpexec.errors import JournalError, RunError, RunInterruptedError, UsageError
from jupyter_mpexec.events import Event, QuantumFinished, QuantumStarted, RunFinished, RunStarted
from jupyter_mpexec.execution import runs
from jupyter_mpexec.execution.built_graph import BuiltQuantumGraph
from jupyter_mpexec.execution.errors import GraphExecutionError
from jupyter_mpexec.execution.output_claim import claim_output
from jupyter_mpexec.execution.repository import repository_root
from jupyter_mpexec.execution.run_request import RunRequest
from jupyter_mpexec.status import QuantumStatus, RunState
from tests.support.environment import python_environment
from tests.support.repository import PIPELINE
from tests.support.waiting import wait_until


@pytest.fixture(autouse=True)
def data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with a long name, as those of real users: too long for the address of a socket."""
    folder = tmp_path / ("a-folder-with-a-long-name-" * 4)
    monkeypatch.setenv("JUPYTER_MPEXEC_DATA", str(folder))
    return folder


def _run(built: BuiltQuantumGraph, **options: Any) -> Run:
    return built.run(register_dataset_types=True, **{"processes": 2, "background": True, **options})


def _registered(run: Run, name: str = "*_metadata") -> int:
    with run.butler() as butler:
        return len(set(butler.registry.queryDatasets(name, collections=run.output_run)))


def _processes_of(run: Run) -> list[int]:
    """Processes that have a lock file of the run open: runner and workers."""
    found = []
    for place in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if place.readlink().parent == run.folder and int(place.parts[2]) != os.getpid():
                found.append(int(place.parts[2]))
        except OSError:
            continue
    return sorted(set(found))


class TestSteering:
    def test_it_is_watched_and_steered_like_any_other(self, build: Callable[..., BuiltQuantumGraph]) -> None:
        run = _run(build(measure={"sleep": 0.1}))
        run.pause()
        wait_until(lambda: run.state is RunState.PAUSED)
        ended = run.report.ended
        run.step()
        wait_until(lambda: run.report.ended > ended)
        assert run.report.started is not None
        assert run.report.started.pid != os.getpid()
        with pytest.raises(RunError, match="still goes on"):
            run.again()
        run.resume()
        assert run.wait(120)
        assert (run.state, run.report.counts) == (RunState.SUCCEEDED, {QuantumStatus.SUCCEEDED: 16})
        assert all(record.ingested for record in run.report.quanta.values())
        assert _registered(run) == 16
        assert run.getReport().status.value == "success"
        with pytest.raises(RunError, match="over"):
            run.pause()
        wait_until(lambda: not _processes_of(run))
        assert not (run.folder / "control.sock").exists()

    def test_only_its_owner_has_access(self, build: Callable[..., BuiltQuantumGraph]) -> None:
        run = _run(build("visit = 1", measure={"sleep": 60.0}))
        wait_until(lambda: run.report.ended >= 2)
        assert stat.S_IMODE(run.folder.stat().st_mode) == 0o700
        for path in run.folder.iterdir():
            assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path
        run.stop(interrupt=True)
        assert run.state is RunState.STOPPED
        assert isinstance(run.error, RunInterruptedError)

    def test_a_failure_is_the_same_as_in_the_kernel(
        self, build: Callable[..., BuiltQuantumGraph], caplog: pytest.LogCaptureFixture
    ) -> None:
        run = _run(build("visit = 1", measure={"fail_on": "detector = 1"}), background=False)
        assert run.state is RunState.FAILED
        [failure] = run.failures
        assert "told to fail" in failure.failure.traceback
        assert "told to fail" in caplog.text
        with pytest.raises(GraphExecutionError, match="told to fail"):
            run.check()
        again = runs.attach(run.id)
        assert (again.state, again.report.counts) == (run.state, run.report.counts)
        assert repr(again.error) == repr(run.error)
        with pytest.raises(GraphExecutionError, match="told to fail"):
            again.check()

    def test_interrupting_the_kernel_stops_it(self, build: Callable[..., BuiltQuantumGraph]) -> None:
        started = threading.Event()

        def interrupt() -> None:
            started.wait(60)
            os.kill(os.getpid(), signal.SIGINT)

        thread = threading.Thread(target=interrupt)
        thread.start()

        def watch(event: Event) -> None:
            if isinstance(event, QuantumStarted):
                started.set()

        run = _run(build("visit = 1", detect={"sleep": 60.0}), background=False, hooks=[watch])
        thread.join()
        assert run.state is RunState.STOPPED
        assert QuantumStatus.RUNNING not in run.report.counts

    def test_a_run_that_cannot_begin_leaves_no_process(
        self, build: Callable[..., BuiltQuantumGraph], data_folder: Path, repository: Path
    ) -> None:
        with pytest.raises(GraphExecutionError, match="does not know"):
            build().run(processes=2)
        assert not list((data_folder / "runs").iterdir())


KERNEL = """
import sys, time
from jupyter_mpexec import GraphBuilder, PipelineBuilder
pipeline = PipelineBuilder(sys.argv[2]).config("measure", "sleep", 0.5)
built = GraphBuilder(pipeline, sys.argv[1], input="SmallCam/defaults", output="u/me").build()
run = built.run(register_dataset_types=True, processes=int(sys.argv[3]), background=True)
while run.report.ended < 7:
    time.sleep(0.01)
if sys.argv[4:] == ["paused"]:
    run.pause()
    while run.state != "paused":
        time.sleep(0.01)
print(run.id, flush=True)
time.sleep(300)
"""


def _kernel(
    repository: Path, processes: int, tmp_path: Path, *words: str
) -> tuple[subprocess.Popen[str], str]:
    script = tmp_path / "kernel.py"
    script.write_text(KERNEL)
    kernel = subprocess.Popen(
        [sys.executable, script, repository, PIPELINE, str(processes), *words],
        stdout=subprocess.PIPE,
        text=True,
        env=python_environment(),
        start_new_session=True,
    )
    assert kernel.stdout is not None
    return kernel, kernel.stdout.readline().strip()


class TestOutliving:
    def test_a_run_outlives_its_kernel_and_is_attached_to(self, repository: Path, tmp_path: Path) -> None:
        # So that it is not over before it is looked at.
        kernel, name = _kernel(repository, 2, tmp_path, "paused")
        with kernel:
            os.killpg(kernel.pid, signal.SIGKILL)
        [entry] = runs.list_runs()
        assert (entry.id, entry.state, entry.is_alive) == (name, RunState.PAUSED, True)
        events: list[Event] = []
        run = runs.attach("last", hooks=[events.append])
        with pytest.raises(RunError, match="goes on"):
            runs.resume(name)
        with pytest.raises(RunError, match="goes on"):
            runs.prune([name])
        assert run.state is RunState.PAUSED
        run.resume()
        assert run.wait(120)
        assert run.report.counts == {QuantumStatus.SUCCEEDED: 16}
        assert isinstance(events[0], RunStarted)
        assert isinstance(events[-1], RunFinished)
        assert sum(isinstance(event, QuantumFinished) for event in events) == 16
        assert _registered(run) == 16
        with pytest.raises(RunError, match="nothing left to do"):
            runs.resume(name)
        assert runs.prune(older_than=1) == ()
        assert runs.prune([name]) == (name,)
        with pytest.raises(RunError, match="no run"):
            runs.find_run(name)

    def test_a_run_in_a_kernel_dies_with_it_and_is_resumed(self, repository: Path, tmp_path: Path) -> None:
        kernel, name = _kernel(repository, 1, tmp_path)
        watched = runs.attach(name)
        assert watched.state is RunState.RUNNING
        with kernel:
            kernel.kill()
        assert watched.wait(60)
        assert watched.state is RunState.DEAD
        with pytest.raises(RunError, match="is gone"):
            watched.check()
        resumed = runs.resume(name)
        assert resumed.report.counts == {QuantumStatus.SUCCEEDED: 16}
        assert _never_twice(resumed)
        assert _registered(resumed) == 16

    def test_a_refused_resume_leaves_all_as_it_was(
        self, build: Callable[..., BuiltQuantumGraph], repository: Path
    ) -> None:
        """And one that is not is alive at once, and can be stopped."""
        failing = build("visit = 1", measure={"fail_on": "detector = 1", "sleep": 1.0})
        failed = _run(failing, processes=1, background=False)
        before = {path: path.read_bytes() for path in failed.folder.rglob("*") if path.is_file()}
        with claim_output("other", repository_root(str(repository)), failed.output_run):
            for detached in (True, False):
                with pytest.raises(RunError, match="only one can"):
                    runs.resume(failed.id, processes=2, detached=detached)
        with pytest.raises(UsageError, match="at least 1"):
            runs.resume(failed.id, processes=0)
        assert {path: path.read_bytes() for path in failed.folder.rglob("*") if path.is_file()} == before
        resumed = runs.resume(failed.id, processes=2, background=True)
        assert runs.find_run(failed.id).is_alive
        resumed.stop(interrupt=True)
        assert resumed.state is RunState.STOPPED
        assert resumed.report.sessions == 2
        assert RunRequest.load(failed.run_folder).options.processes == 2

    def test_a_killed_runner_is_resumed(self, build: Callable[..., BuiltQuantumGraph]) -> None:
        run = _run(build(measure={"sleep": 0.2}))
        wait_until(lambda: run.report.ended >= 8)
        assert run.report.started is not None
        os.kill(run.report.started.pid, signal.SIGKILL)
        assert run.wait(60)
        assert run.state is RunState.DEAD
        wait_until(lambda: not _processes_of(run))
        resumed = runs.resume(run.id, processes=3)
        assert resumed.report.counts == {QuantumStatus.SUCCEEDED: 16}
        assert _never_twice(resumed)
        assert _registered(resumed, "*") == 60
        assert not list(resumed.folder.glob("control.*"))


def _never_twice(run: Run) -> bool:
    finished: set[str] = set()
    for event in run.journal.read():
        if isinstance(event, QuantumStarted) and event.quantum_id in finished:
            return False
        if isinstance(event, QuantumFinished):
            finished.add(event.quantum_id)
    return len(finished) == run.report.total


class TestResuming:
    @pytest.mark.parametrize("is_broken_off", [False, True], ids=["", "killed while removing"])
    def test_failed_quanta_run_again_and_their_logs_are_replaced(
        self,
        build: Callable[..., BuiltQuantumGraph],
        tmp_path: Path,
        repository: Path,
        monkeypatch: pytest.MonkeyPatch,
        is_broken_off: bool,
    ) -> None:
        config = {"fail_on": "visit = 1", "fail_attempts": 1, "scratch": str(tmp_path)}
        failed = _run(build("visit IN (1, 2)", measure=config), processes=1, background=False)
        assert len(failed.failures) == 2
        assert _registered(failed, "measure_log") == 4
        if is_broken_off:
            # The registry has forgotten them, and the datastore has not come to it.
            with (
                monkeypatch.context() as patch,
                Butler.from_config(str(repository), writeable=True) as butler,
            ):
                patch.setattr(FileDatastore, "emptyTrash", lambda *_, **__: set())
                logs = butler.registry.queryDatasets("measure_log", collections=failed.output_run)
                lost = [ref for ref in logs if ref.dataId["visit"] == 1]
                butler.pruneDatasets(lost, disassociate=True, unstore=True, purge=True)
            assert _registered(failed, "measure_log") == 2
        resumed = runs.resume(failed.id)
        assert resumed.report.counts == {QuantumStatus.SUCCEEDED: 11}
        assert _never_twice(resumed)
        assert _registered(resumed, "measure_log") == 4
        with resumed.butler() as butler:
            refs = butler.registry.queryDatasets("measure_log", collections=resumed.output_run)
            assert all("told to fail" not in str(butler.get(ref)) for ref in refs)

    def test_what_was_written_but_not_told_is_found(
        self, build: Callable[..., BuiltQuantumGraph], repository: Path
    ) -> None:
        """The journal ends in the middle; the files go on, and the registry knows of nothing."""
        done = _run(build(), processes=1, background=False)
        lines = (done.folder / "journal.jsonl").read_text().splitlines(keepends=True)
        kept = [line for line in lines if "QuantaIngested" not in line][:15]
        (done.folder / "journal.jsonl").write_text("".join(kept) + '{"event": "Quantum')
        with Butler.from_config(str(repository), writeable=True) as butler:
            _forget(butler, done.output_run)
        before = {path: path.stat().st_mtime_ns for path in _files(repository, done)}
        resumed = runs.resume(done.id)
        assert resumed.report.counts == {QuantumStatus.SUCCEEDED: 16}
        assert {path: path.stat().st_mtime_ns for path in _files(repository, done)} == before
        assert _registered(resumed, "*") == 60
        started = [e.name for e in list(resumed.journal.read())[len(kept) :] if isinstance(e, QuantumStarted)]
        assert not started

    def test_what_is_not_whole_is_made_anew(
        self, build: Callable[..., BuiltQuantumGraph], repository: Path
    ) -> None:
        done = _run(build("visit = 1"), processes=1, background=False)
        journal = done.folder / "journal.jsonl"
        lines = journal.read_text().splitlines(keepends=True)
        journal.write_text(lines[0])
        with Butler.from_config(str(repository), writeable=True) as butler:
            _forget(butler, done.output_run)
        log = next(path for path in _files(repository, done) if path.name.startswith("measure_log"))
        torn = log.with_name(f"tmpabc{log.name.removesuffix('.json')}.tmp.json")
        log.rename(torn)
        resumed = runs.resume(done.id)
        events = list(resumed.journal.read())
        [again] = [e.name for e in events if isinstance(e, QuantumStarted)]
        assert again.startswith("measure(")
        assert resumed.report.counts == {QuantumStatus.SUCCEEDED: 6}
        assert log.exists()
        assert not torn.exists()

    def test_a_run_that_never_began_is_not_resumed(self, build: Callable[..., BuiltQuantumGraph]) -> None:
        done = _run(build("visit = 1"), processes=1, background=False)
        (done.folder / "journal.jsonl").unlink()
        with pytest.raises(RunError, match="did not begin"):
            runs.resume(done.id)

    def test_a_damaged_folder_is_explained(self, build: Callable[..., BuiltQuantumGraph]) -> None:
        done = _run(build("visit = 1", measure={"fail_on": "visit = 1"}), processes=1, background=False)
        (done.folder / "request.json").write_text("{")
        with pytest.raises(JournalError, match="damaged"):
            runs.resume(done.id)
        (done.folder / "request.json").unlink()
        with pytest.raises(JournalError, match="is not there"):
            runs.attach(done.id)


def _files(repository: Path, run: Run) -> list[Path]:
    return sorted(path for path in (repository / run.output_run).rglob("*") if path.is_file())


def _forget(butler: Butler, collection: str) -> None:
    """Take the outputs of quanta out of the registry, and leave their files where they are."""
    refs = [
        ref
        for ref in butler.registry.queryDatasets(..., collections=collection)
        if not ref.datasetType.name.endswith(("_config", "_schema")) and ref.datasetType.name != "packages"
    ]
    files = {path: path.read_bytes() for ref in refs if (path := Path(butler.getURI(ref).ospath))}
    butler.pruneDatasets(refs, disassociate=True, unstore=True, purge=True)
    for path, content in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


CREW = """
import threading
from jupyter_mpexec import SingleQuantumExecutor
from jupyter_mpexec.execution import worker_session
from jupyter_mpexec.execution.quantum_parcel import pack_setup
from jupyter_mpexec.execution.wake_up import WakeUp
from jupyter_mpexec.execution.worker_crew import WorkerCrew

assert threading.active_count() == 1
crew = WorkerCrew(3, may_fork=True)
crew.set_up(pack_setup(SingleQuantumExecutor(limited_butler_factory=str), None, wants_traces=False))
wake_up = WakeUp()
while len(crew.idle()) < 3:
    list(crew.wait(wake_up, None))
workers = list(crew.workers)
crew.end()
print([worker.join() for worker in workers])
"""


def test_forked_workers_leave_when_they_are_no_longer_needed(tmp_path: Path) -> None:
    """None waits for a pipe that another one still holds open, to be killed in the end."""
    done = subprocess.run(
        [sys.executable, "-c", CREW],
        capture_output=True,
        text=True,
        env=python_environment(),
        timeout=120,
        check=True,
    )
    assert done.stdout == "[0, 0, 0]\n"
