"""The magics in a real kernel, as nbconvert and Run All see them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from jupyter_core.utils import run_sync
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from tests.support.repository import INPUTS, PIPELINE

pytestmark = pytest.mark.filterwarnings("ignore")  # of the Jupyter client, which are not ours

ROOT = Path(__file__).parents[2]

QUERY = "visit = 2 AND instrument = 'SmallCam'"
RUN = f'-b {{repo}} -p {PIPELINE} -i {INPUTS} -o u/me -d "{QUERY}" --no-versions'


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)


class Kernel:
    """A kernel that runs one cell after the other."""

    def __init__(self, repository: Path) -> None:
        notebook = nbformat.v4.new_notebook()
        self._client = NotebookClient(notebook, timeout=120, kernel_name="python3")
        self._context = self._client.setup_kernel()
        self._context.__enter__()
        self.run(f"%load_ext jupyter_mpexec\nrepo = {str(repository)!r}")

    def run(self, code: str, *, may_fail: bool = False) -> list[Any]:
        """Run a cell; gives its outputs, which are kept up to date as long as cells are run."""
        cell = nbformat.v4.new_code_cell(code)
        cell.metadata["tags"] = ["raises-exception"] if may_fail else []
        self._client.nb.cells.append(cell)
        self._client.execute_cell(cell, len(self._client.nb.cells) - 1)
        outputs: list[Any] = cell.outputs
        return outputs

    def kill(self) -> None:
        """End the kernel without a word, as a restart does that waits for nothing."""
        run_sync(self._client.km.shutdown_kernel)(now=True)

    def begin(self, code: str) -> str:
        """Begin to run a cell, and do not wait; gives the identifier of the request."""
        request: str = self._client.kc.execute(code)
        return request

    def restart(self) -> None:
        """Restart the kernel, as the button of a notebook does: with an interrupt first."""
        run_sync(self._client.km.restart_kernel)()

    def close(self) -> None:
        """End the kernel."""
        self._context.__exit__(None, None, None)


@pytest.fixture
def kernel(repository: Path) -> Iterator[Callable[[], Kernel]]:
    """Starts kernels."""
    kernels = []

    def start() -> Kernel:
        kernels.append(Kernel(repository))
        return kernels[-1]

    yield start
    for each in kernels:
        each.close()


def texts(outputs: list[Any]) -> str:
    """All that a cell shows, as text."""
    return "\n".join(each.text if "text" in each else each.data["text/plain"] for each in outputs)


def test_a_run_that_has_failed_is_shown_once(kernel: Callable[[], Kernel]) -> None:
    notebook = kernel()
    notebook.run("%env JUPYTER_MPEXEC_PANEL=1")
    line = f"%pipetask run {RUN} --register-dataset-types -c 'detect:fail_on=visit = 2'"
    summary, panel, error = notebook.run(line, may_fail=True)
    assert "jmpx-summary" in summary.data["text/html"]
    assert "application/vnd.jupyter.widget-view+json" in panel.data
    assert error.output_type == "error"
    assert "The run is in the variable _run." in "".join(error.traceback)


def test_a_run_outlives_its_kernel(kernel: Callable[[], Kernel]) -> None:
    line = f"%pipetask run {RUN} -j 2 --register-dataset-types -c detect:sleep=0.3 --resume"
    first = kernel()
    first.run(f"r = {line} --background")
    # None of them starts before somebody lets it.
    first.run("r.pause()")
    (shown,) = first.run("print(r.id)")
    name = shown.text.strip()
    first.kill()

    second = kernel()
    listed = texts(second.run("%pipetask runs"))
    assert name in listed
    assert len(listed.splitlines()) == 1
    # By no name: it is the only one that goes on.
    progress, value = second.run("%pipetask attach")
    assert progress.output_type == "display_data"
    assert "/6" in progress.data["text/plain"]
    assert value.output_type == "execute_result"
    # No report below the live line: nobody would keep it up to date.
    assert "The run is in the variable" in value.data["text/html"]
    assert "<table" not in value.data["text/html"]
    (asked_for,) = second.run("_run")
    assert "<table" in asked_for.data["text/html"]
    assert texts(second.run("print(_run.id, _run.state.is_final)")) == f"{name} False\n"
    # The handle of this kernel steers it.
    second.run("_run.stop(interrupt=True)")
    assert "stopped" in progress.data["text/plain"], "Kept up to date while it was in the background."
    with pytest.raises(CellExecutionError, match="is over: it "):
        second.run("%pipetask stop last")

    # The very same cell goes on with it, and the next time finds that nothing is left to do.
    *said, progress, value = second.run(line)
    assert f"The run {name} into u/me was stopped (" in texts(said)
    assert "6/6" in progress.data["text/plain"]
    assert "6 succeeded" in value.data["text/plain"]
    *said, value = second.run(line)
    assert f"The run {name} into u/me has succeeded" in texts(said)
    assert "6 succeeded" in value.data["text/plain"]
    assert len(texts(second.run("%pipetask runs")).splitlines()) == 1

    assert name in texts(second.run(f"%pipetask prune {name}"))
    assert texts(second.run("%pipetask runs")) == "No runs yet."


def test_a_restart_does_not_stop_a_run_that_a_cell_waits_for(
    kernel: Callable[[], Kernel], runs_folder: Path
) -> None:
    first = kernel()
    first.begin(f"%pipetask run {RUN} -j 2 --register-dataset-types -c detect:sleep=1")
    while not any("QuantumStarted" in file.read_text() for file in runs_folder.rglob("*.jsonl")):
        time.sleep(0.05)
    first.restart()

    second = kernel()
    second.run("run = %pipetask attach")
    shown = texts(second.run("run.wait(); print(run.state, run.report.counts)"))
    assert shown.startswith("succeeded"), shown


def test_a_traceback_from_a_worker_shows_the_line_of_the_cell(kernel: Callable[[], Kernel]) -> None:
    its = kernel()
    its.run(
        "from tests.support.tasks import DetectTask\n"
        "class BrokenTask(DetectTask):\n"
        "    def run(self, *args, **keywords):\n"
        "        raise ValueError('broken')  # this very line\n"
    )
    where = f'-b {{repo}} -t {{BrokenTask}}:detect -i {INPUTS} -o u/me -d "{QUERY}" --no-versions'
    its.run(f"r = %pipetask run {where} --register-dataset-types -j 2 --background")
    shown = texts(its.run("r.wait(); print(r.failures[0].failure.traceback)"))
    assert "# this very line" in shown, shown
    assert "Process ended" not in texts(its.run("r")), "The worker has outlived it."


def test_run_all(repository: Path) -> None:
    cells = [
        f"%load_ext jupyter_mpexec\nrepo = {str(repository)!r}",
        f"%pipetask run {RUN} --register-dataset-types",
        f"r = %pipetask run {RUN} --background -c detect:sleep=0.2",
        "r.wait(30)",
        f"%pipetask run {RUN} -c 'detect:fail_on=visit = 2'",
        "never = 'reached'",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    with pytest.raises(CellExecutionError, match="told to fail"):
        NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    outputs = [
        [output for output in cell.outputs if output.output_type != "stream"] for cell in notebook.cells
    ]

    progress, result = outputs[1]
    assert progress.output_type == "display_data"
    assert "6/6" in progress.data["text/plain"]
    assert result.output_type == "execute_result"
    assert "6 succeeded" in result.data["text/plain"]

    (progress,) = outputs[2]
    assert "6/6" in progress.data["text/plain"], "Kept up to date from the thread of the run."

    _, shown, error = outputs[4]
    assert "ValueError: told to fail" in shown.data["text/html"]
    assert error.ename == "GraphExecutionError"
    assert len(error.traceback) <= 3

    assert outputs[5] == []
    everything = nbformat.writes(notebook)
    assert "application/vnd.jupyter.widget-view+json" not in everything
