"""Two runs into the same output run: the second one is refused while the first one is under way, and only then."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from jupyter_mpexec import Run
from jupyter_mpexec.errors import JournalError, RunError
from jupyter_mpexec.execution import runs
from jupyter_mpexec.execution.built_graph import BuiltQuantumGraph
from jupyter_mpexec.execution.output_claim import OutputClaim, claim_output
from jupyter_mpexec.execution.repository import repository_root
from jupyter_mpexec.status import QuantumStatus, RunState
from tests.support.environment import python_environment
from tests.support.waiting import wait_until


@pytest.fixture(autouse=True)
def outputs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the claims."""
    monkeypatch.setenv("JUPYTER_MPEXEC_DATA", str(tmp_path / "data"))
    return tmp_path / "data" / "outputs"


def test_of_many_at_once_one_has_it(outputs: Path) -> None:
    claims: list[OutputClaim] = []
    refused: list[str] = []
    together = threading.Barrier(6)

    def claim(name: str) -> None:
        together.wait()
        try:
            claims.append(claim_output(name, "/repo", "u/run"))
        except RunError as error:
            refused.append(str(error))

    threads = [threading.Thread(target=claim, args=(f"run-{number}",)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    [holder] = claims
    assert len(refused) == 5
    assert all(holder.path.read_text() in error for error in refused)
    claim_output("other", "/repo", "u/other").release()
    claim_output("other", "/elsewhere", "u/run").release()
    holder.release()
    assert not list(outputs.iterdir())
    claim_output("later", "/repo", "u/run").release()


def test_who_waited_for_a_file_that_is_removed_claims_anew() -> None:
    first = claim_output("first", "/repo", "u/run")
    late = OutputClaim(first.path)
    waiting = threading.Thread(target=late.acquire, kwargs={"seconds": 60.0})
    waiting.start()
    first.release()
    waiting.join()
    # It may have opened the file before it was removed, or made another one.
    if late.is_in_place:
        with pytest.raises(RunError, match="Another run is writing"):
            claim_output("second", "/repo", "u/run")
        late.release()
    with claim_output("second", "/repo", "u/run") as second:
        assert second.is_in_place


def test_a_claim_ends_with_the_process_that_inherited_it() -> None:
    claim = claim_output("run", "/repo", "u/run")
    script = (
        "import sys, time; from jupyter_mpexec.execution.output_claim import OutputClaim; "
        "claim = OutputClaim.inherited(sys.argv[1], int(sys.argv[2])); print('here', flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, claim.path, str(claim.descriptor)],
        pass_fds=[claim.descriptor],
        stdout=subprocess.PIPE,
        text=True,
        env=python_environment(),
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "here\n"
        claim.leave()
        with pytest.raises(RunError, match=r"The run run is writing to u/run now.*\n.*%pipetask attach run"):
            claim_output("second", "/repo", "u/run")
        holder.kill()
        claim_output("second", "/repo", "u/run").release()


def test_a_place_without_room_is_told(outputs: Path) -> None:
    outputs.parent.mkdir()
    outputs.touch()
    with pytest.raises(JournalError, match=r"cannot be locked.*\n.*JUPYTER_MPEXEC_DATA"):
        claim_output("run", "/repo", "u/run")


def test_all_names_of_a_repository_are_one(repository: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(repository)
    root = repository_root(repository)
    assert {repository_root(name) for name in (link, f"{link}/", repository.as_uri())} == {root}


@pytest.mark.parametrize("processes", [1, 2])
def test_a_second_run_is_refused_while_the_first_one_goes_on(
    build: Callable[..., BuiltQuantumGraph], processes: int, outputs: Path
) -> None:
    built = build("visit = 1", measure={"sleep": 0.1})
    first = built.run(register_dataset_types=True, processes=processes, background=True)
    first.pause()
    for others in (1, 2):
        with pytest.raises(RunError, match=rf"The run {first.id} is writing to .*\n.*attach {first.id}"):
            built.extended().run(processes=others, clobber_outputs=True)
    assert len(runs.list_runs()) == 1, "Nothing is left of those that were refused."
    first.resume()
    assert first.wait(60)
    assert first.report.counts == {QuantumStatus.SUCCEEDED: 6}
    assert not list(outputs.iterdir())
    assert built.extended().run().report.counts == {QuantumStatus.SKIPPED: 6}


def test_two_that_run_the_same_again_at_once(run: Callable[..., Run], tmp_path: Path) -> None:
    config = {"fail_on": "visit = 1", "fail_attempts": 1, "scratch": str(tmp_path), "sleep": 0.5}
    failed = run("visit = 1", {"measure": config})
    first = failed.again(background=True)
    first.pause()
    with pytest.raises(RunError, match=first.id):
        failed.again()
    first.resume()
    assert first.wait(60)
    assert first.state is RunState.SUCCEEDED


def test_a_runner_has_the_claim_for_itself_and_loses_it_when_it_dies(
    build: Callable[..., BuiltQuantumGraph], outputs: Path
) -> None:
    built = build("visit = 1", measure={"sleep": 60.0})
    first = built.run(register_dataset_types=True, processes=2, background=True)
    wait_until(lambda: first.report.started)
    assert not [file for file in Path("/proc/self/fd").iterdir() if str(outputs) in os.path.realpath(file)]
    with pytest.raises(RunError, match=first.id):
        built.extended().run()
    assert first.report.started is not None
    os.kill(first.report.started.pid, signal.SIGKILL)
    assert first.wait(60)
    with claim_output("another", repository_root(built.repository), built.output_run):
        for processes in (1, 2):
            with pytest.raises(RunError, match="The run another is writing"):
                runs.resume(first.id, processes=processes)
    resumed = runs.resume(first.id, background=True)
    wait_until(lambda: resumed.report.earlier_sessions)
    resumed.stop(interrupt=True)
    assert resumed.state is RunState.STOPPED
