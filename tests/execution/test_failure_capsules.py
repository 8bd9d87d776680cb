"""What is kept of failures: in every execution model, complete, and safe to read."""

from __future__ import annotations

import dataclasses
import json
import os
import pickle
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest

from jupyter_mpexec import FailureCapsule, GraphBuilder, PipelineBuilder, Run
from jupyter_mpexec.errors import JournalError, RunError
from jupyter_mpexec.execution.runs import attach
from jupyter_mpexec.execution.task_traceback import task_traceback
from jupyter_mpexec.execution.views.failure import capsule_bundle
from jupyter_mpexec.long_text import TRACEBACK
from tests.support.repository import INPUTS, PIPELINE

FAILING = [("measure", "fail_on", "detector = 0")]


@pytest.fixture
def run(repository: Path) -> Callable[..., Run]:
    def run(configs: Any = FAILING, **options: Any) -> Run:
        pipeline = PipelineBuilder(str(PIPELINE))
        for label, name, value in configs:
            pipeline.config(label, name, value)
        built = GraphBuilder(
            pipeline, repository, input=INPUTS, output="u/me", data_query="visit = 1"
        ).build()
        return built.run(register_dataset_types=True, **options)

    return run


@pytest.mark.parametrize("processes", [1, 2])
def test_frames_config_inputs_and_log_are_kept(run: Callable[..., Run], processes: int) -> None:
    failed = run(processes=processes)
    [failure] = failed.failures
    assert failure.name == "measure(instrument=SmallCam, detector=0, visit=1)"
    capsule = failure.capsule
    assert (capsule.exception, capsule.message[:12]) == ("ValueError", "told to fail")
    inner = failure.frames[-1]
    assert inner.function == "BehavingTask.run"
    assert "raise doImportType" in inner.source[inner.line - inner.first_line]
    variables = {variable.name: variable for variable in inner.variables}
    assert "103" in variables["inputs"].text
    assert failure.frames[0].function == "BehavingTask.runQuantum"
    of_cell = dataclasses.replace(inner, file="/tmp/ipykernel_7/89.py")
    shown = capsule_bundle(dataclasses.replace(capsule, frames=(of_cell,)))
    assert all("BehavingTask.run (notebook cell:" in form for form in shown.values())
    assert "config.fail_on='detector = 0'" in capsule.config
    assert [ref["data_id"]["detector"] for ref in capsule.inputs["catalog"]] == [0]
    assert "measurements" in capsule.outputs
    assert {"python", "lsst-pipe-base", "numpy"} <= {name.replace("_", "-") for name in capsule.versions}
    assert "Making the task" in capsule.log
    assert (capsule.run_id, capsule.output_run) == (failed.id, failed.output_run)
    file = failed.folder / "failures" / f"{failure.quantum_id}.json"
    assert file.stat().st_mode & 0o777 == 0o600
    assert FailureCapsule.load(file) == capsule
    bundle = failure._repr_mimebundle_()
    assert "in BehavingTask.run" in bundle["text/plain"]
    assert "BehavingTask.run" in bundle["text/html"]


def test_a_message_of_megabytes_is_cut_everywhere_but_in_the_log(run: Callable[..., Run]) -> None:
    failed = run([*FAILING, ("measure", "exception", "tests.support.exceptions.HugeError")])
    [failure] = failed.failures
    assert failed.journal.path.stat().st_size < 200_000
    assert (failed.folder / "failures" / f"{failure.quantum_id}.json").stat().st_size < 500_000
    for text in (failure.failure.message, failure.failure.traceback, failure.capsule.traceback):
        assert "told to fail" in text
        assert "the end of the table" in text
        assert "characters left out" in text
    # However long the message: where it was raised stays.
    assert "raise doImportType" in failure.failure.traceback
    opened = failure.open()
    attempt = opened.rerun()
    for shown in (failure, failure.capsule, failed, opened, attempt):
        for form, text in shown._repr_mimebundle_().items():
            assert "told to fail" in text
            assert len(text) < 300_000, form
        assert len(repr(shown)) < 20_000
    with pytest.raises(RunError) as caught:
        failed.check()
    assert len(str(caught.value)) < 5_000
    with failed.butler() as butler:
        log = butler.get("measure_log", quantum_of(failed))
    assert any("row 150000\n" in record.message for record in log)


def quantum_of(failed: Run) -> dict[str, Any]:
    [failure] = failed.failures
    return dict(failure.data_id)


def test_an_exception_that_cannot_say_what_is_wrong(run: Callable[..., Run]) -> None:
    failed = run([*FAILING, ("measure", "exception", "tests.support.exceptions.SilentError")])
    [failure] = failed.failures
    assert failure.failure.exception == "tests.support.exceptions.SilentError"
    assert "SilentError" in failure._repr_mimebundle_()["text/plain"]


def test_endless_recursion_is_told_in_short() -> None:
    def even(number: int, text: str) -> int:
        return odd(number + 1, text)

    def odd(number: int, text: str) -> int:
        return even(number + 1, text)

    with pytest.raises(RecursionError) as caught:
        even(0, "x")
    text = task_traceback(caught.value)
    assert text.count("\n") < TRACEBACK.lines
    assert text.startswith("Traceback")
    assert "RecursionError" in text.splitlines()[-1]
    assert "characters left out" in text


def test_a_worker_that_dies_leaves_all_but_the_frames(run: Callable[..., Run]) -> None:
    failed = run([("measure", "exit_on", "detector = 0")], processes=2)
    [failure] = failed.failures
    assert failure.frames == ()
    assert "config.exit_on='detector = 0'" in failure.capsule.config
    assert failure.capsule.exception.endswith("WorkerDiedError")
    assert "exit" in str(failure._repr_mimebundle_()["text/plain"])


def test_a_failure_without_a_capsule_is_told_from_the_journal(run: Callable[..., Run]) -> None:
    failed = run()
    [file] = (failed.folder / "failures").iterdir()
    file.unlink()
    [failure] = attach(failed.id).failures
    with pytest.raises(JournalError, match="only the journal"):
        failure.frames  # noqa: B018  # it raises
    assert "told to fail" in failure._repr_mimebundle_()["text/plain"]


def test_capturing_never_harms_a_run(run: Callable[..., Run], monkeypatch: pytest.MonkeyPatch) -> None:
    from jupyter_mpexec.execution.workbench import capsule_capture

    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError("no frames today")

    monkeypatch.setattr(capsule_capture, "summarize_traceback", broken)
    [failure] = run().failures
    # The next best thing.
    assert failure.frames == ()
    assert failure.capsule.config


def test_the_notebook_comes_back_to_the_failure_in_a_new_kernel(
    run: Callable[..., Run], tmp_path: Path
) -> None:
    failed = run()
    notebook = failed.failures[0].notebook(tmp_path / "debug.ipynb")
    with pytest.raises(RunError, match="exists already"):
        failed.failures[0].notebook(notebook)
    assert nbformat.read(notebook, as_version=4).cells[0].cell_type == "markdown"
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    done = subprocess.run(
        [sys.executable, "-m", "nbconvert", "--execute", "--to", "notebook", "--inplace", str(notebook)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    text = notebook.read_text()
    assert "Attempt(1: failed" in text or "Attempt 1 of measure" in text
    assert "told to fail" in text


def test_a_capsule_from_elsewhere_is_only_read(run: Callable[..., Run], tmp_path: Path) -> None:
    [failure] = run().failures
    record = json.loads(failure.capsule.to_json())
    record.update(run_id="gone", run_folder="/nowhere", message="<script>alert(1)</script>")
    foreign = FailureCapsule.from_json(json.dumps(record))
    assert "<script>alert" not in foreign._repr_mimebundle_()["text/html"]
    with pytest.raises(RunError, match="is not here"):
        foreign.open()
    notebook = nbformat.read(foreign.notebook(tmp_path / "n.ipynb"), as_version=4)
    assert "alert" not in "".join(cell.source for cell in notebook.cells if cell.cell_type == "code")


class Trap:
    """What a stranger may have pickled."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.place),)


def test_a_folder_that_a_capsule_names_is_not_trusted(run: Callable[..., Run], tmp_path: Path) -> None:
    failed = run()
    text = failed.failures[0].capsule.to_json()
    elsewhere = tmp_path / "elsewhere"
    shutil.move(failed.folder, elsewhere)
    record = json.loads(text) | {"run_folder": str(elsewhere)}
    foreign = FailureCapsule.from_json(json.dumps(record))
    kept = (elsewhere / "objects.pickle").read_bytes()
    trap = tmp_path / "sprung"
    (elsewhere / "objects.pickle").write_bytes(pickle.dumps(Trap(trap)))
    with pytest.raises(RunError, match=r"not among yours(.|\n)*trust_folder=True"):
        foreign.open()
    assert not trap.exists()
    (elsewhere / "objects.pickle").write_bytes(kept)
    assert foreign.open(trust_folder=True).inputs["catalog"]["n"] == 103


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"capsule": 1, "frames": [{}]}',
        '{"capsule": 1, "frames": [], "log": 7}',
        '{"capsule": 1, "frames": [{"file": "", "line": Infinity, "function": ""}]}',
        "[" * 100_000,
    ],
)
def test_what_is_no_capsule(text: str, tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="no failure capsule"):
        FailureCapsule.from_json(text)
    with pytest.raises(JournalError, match="cannot be read"):
        FailureCapsule.load(tmp_path / "none.json")


def test_a_file_that_is_no_text_is_no_capsule(tmp_path: Path) -> None:
    file = tmp_path / "picture.png"
    file.write_bytes(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(JournalError, match=r"picture\.png is no failure capsule"):
        FailureCapsule.load(file)


def test_a_message_that_no_file_can_hold(tmp_path: Path) -> None:
    """Names of files that are not UTF-8 come as such characters."""
    capsule = FailureCapsule(
        quantum_id="",
        task_label="isr",
        data_id={},
        task_class="",
        exception="OSError",
        message="caf\udce9.fits",
    )
    assert FailureCapsule.from_json(capsule.to_json()) == capsule
    text = capsule.notebook(tmp_path / "debug.ipynb").read_text(encoding="utf-8")
    assert "OSError: caf\N{REPLACEMENT CHARACTER}.fits" in text
