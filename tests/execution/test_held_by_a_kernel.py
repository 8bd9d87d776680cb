"""A quantum that is debugged in a kernel goes back to its run when that kernel dies, and not before."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from jupyter_mpexec import GraphBuilder, Run
from jupyter_mpexec.events import RunLogged
from jupyter_mpexec.status import QuantumStatus, RunState
from tests.support.repository import INPUTS, PIPELINE

jupyter_client = pytest.importorskip("jupyter_client")
pytest.importorskip("ipykernel")
pytestmark = pytest.mark.filterwarnings("ignore")  # of the Jupyter client, which are not ours

OPEN = """
import sys
sys.path.insert(0, {root!r})
from jupyter_mpexec.execution.runs import attach
q = attach({run!r}).quantum("measure", visit=1, detector=0)
session = q.debug("MeasureTask.compute")
"""


@pytest.fixture
def kernel() -> Iterator[Any]:
    manager, client = jupyter_client.manager.start_new_kernel(kernel_name="python3")
    manager.test_client = client
    yield manager
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def _until(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


def test_a_hold_ends_with_the_kernel_that_has_it(repository: Path, kernel: Any) -> None:
    built = GraphBuilder(
        str(PIPELINE), repository, input=INPUTS, output="u/me", data_query="visit = 1"
    ).build()
    run: Run = built.run(register_dataset_types=True, processes=2, background=True)
    run.break_at("measure", "detector = 0")
    _until(lambda: run.state is RunState.PAUSED, "the run pauses")
    root = str(Path(__file__).parents[2])
    client = kernel.test_client
    client.execute_interactive(OPEN.format(root=root, run=run.id), timeout=120)
    [record] = [r for r in run.report.quanta.values() if r.status is QuantumStatus.HELD]
    run.resume()
    _until(lambda: run.report.counts[QuantumStatus.SUCCEEDED] == 3, "the rest of the run goes on")
    # It pauses in the quantum meanwhile, so nothing has been written; and a kernel that is only stopped keeps it.
    process = kernel.provisioner.pid
    os.kill(process, signal.SIGSTOP)
    assert not run.wait(3)
    assert record.status is QuantumStatus.HELD
    os.kill(process, signal.SIGKILL)
    assert run.wait(120)
    assert run.state is RunState.SUCCEEDED
    assert run.report.counts == {QuantumStatus.SUCCEEDED: run.report.total}
    [said] = [
        e for e in run.journal.read() if isinstance(e, RunLogged) and "goes back to the run" in e.message
    ]
    assert said.message.startswith("measure(instrument=SmallCam, detector=0, visit=1) goes back to the run")
    assert f"process {process}, which had it, has ended" in said.message
