"""The magics in a real kernel, as nbconvert and Run All see them."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from tests.support.repository import INPUTS, PIPELINE

ROOT = Path(__file__).parents[2]

QUERY = "visit = 2 AND instrument = 'SmallCam'"
RUN = f'-b {{repo}} -p {PIPELINE} -i {INPUTS} -o u/me -d "{QUERY}" --no-versions'


@pytest.mark.filterwarnings("ignore")  # of the Jupyter client, which are not ours
def test_run_all(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
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
