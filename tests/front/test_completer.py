from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell

from jupyter_mpexec import GraphBuilder, PipelineBuilder, Run
from jupyter_mpexec.debug import DebugSession
from jupyter_mpexec.front.subcommands import ALL_SUBCOMMANDS
from tests.debug import targets
from tests.support.repository import INPUTS, PIPELINE


@pytest.fixture
def complete(shell: InteractiveShell) -> Callable[..., list[str]]:
    """Complete a cell at its end: the texts that would stand there then."""

    def run(cell: str, **variables: Any) -> list[str]:
        shell.push(variables)
        with provisionalcompleter():
            found = list(shell.Completer.completions(cell, len(cell)))
        return [cell[: each.start] + each.text for each in found]

    return run


Complete = Callable[..., list[str]]


@pytest.mark.parametrize("magic", ["%pipetask", "%%pipetask", "x = %pipetask"])
def test_subcommands(complete: Complete, magic: str) -> None:
    assert complete(f"{magic} ") == [f"{magic} {s}" for s in ALL_SUBCOMMANDS]
    assert complete(f"{magic} q") == [f"{magic} qgraph"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("build --pipe", ["--pipeline", "--pipeline-dot", "--pipeline-mermaid"]),
        ("qgraph --extend", ["--extend-run"]),
        ("run --no-", ["--no-log-tty", "--no-raise-on-partial-outputs", "--no-versions"]),
        ("run --mo", []),
        ("run -b r --prune-replaced ", ["purge", "unstore"]),
        ("run -b r --prune-replaced p", ["purge"]),
        ("build --show ta", ["task-graph", "tasks"]),
    ],
)
def test_options_and_choices(complete: Complete, line: str, expected: list[str]) -> None:
    before = line.rpartition(" ")[0]
    found = complete(f"%pipetask {line}")
    assert [text for text in found if "pipetask" in text][: len(expected)] == [
        f"%pipetask {before} {word}" for word in expected
    ]


def test_options_in_the_body_of_a_cell(complete: Complete) -> None:
    cell = "%%pipetask run\n-b r\n--output-"
    assert complete(cell) == [cell + "run"]


@pytest.mark.parametrize("source", ["{builder}", "{path}", str(PIPELINE)])
def test_task_labels(complete: Complete, source: str) -> None:
    variables = {"builder": PipelineBuilder(PIPELINE), "path": PIPELINE}
    line = f"%pipetask build -p {source} "
    assert complete(f"{line}-c det", **variables) == [f"{line}-c detect:"]
    assert complete(f"{line}--delete measure,s", **variables) == [f"{line}--delete measure,summarise"]
    assert complete(f"{line}--select-tasks '>=de", **variables) == [f"{line}--select-tasks '>=detect"]


@pytest.mark.parametrize("named", ["path", "butler"])
def test_collections(complete: Complete, repository: Path, butler: Any, named: str) -> None:
    line = "%pipetask run -b {repo} "
    repo = str(repository) if named == "path" else butler
    found = complete(f"{line}-i SmallCam/raw,Sm", repo=repo)
    names = ("SmallCam/calib", "SmallCam/defaults", "SmallCam/raw")
    assert found == [f"{line}-i SmallCam/raw,{name}" for name in names]
    assert complete(f"{line}--input=SmallCam/d", repo=repo) == [f"{line}--input=SmallCam/defaults"]


@pytest.mark.parametrize(
    "line", ["run -b {nothing} -i S", "run -b /nowhere -i S", "build -p nowhere.yaml -c d", "run -i S"]
)
def test_what_cannot_be_known_is_passed_over(complete: Complete, line: str) -> None:
    assert not [text for text in complete(f"%pipetask {line}") if "Small" in text]


def test_expressions_are_not_evaluated(complete: Complete) -> None:
    called: list[int] = []
    complete("%pipetask run -b {f()} -i S", f=lambda: called.append(1))
    assert called == []


def test_other_cells_are_left_alone(complete: Complete) -> None:
    assert not complete("pipetask_like = 'qgr")
    assert "%pipetask" in complete("%pipet")


@pytest.mark.parametrize("source", ["{builder}", str(PIPELINE)])
def test_labels_and_fields(complete: Complete, source: str) -> None:
    variables = {"builder": PipelineBuilder(PIPELINE)}
    line = f"%pipetask build -p {source}"
    assert complete(f"{line}#det", **variables) == [f"{line}#detect"]
    assert complete(f"{line}#detect,mea", **variables)[:1] == [f"{line}#detect,measure"]
    assert complete(f"{line} -c detect:val", **variables) == [f"{line} -c detect:value="]


def test_log_levels(complete: Complete) -> None:
    assert len(complete("%pipetask build --log-level ")) == 7
    assert complete("%pipetask build --log-level lsst.x=DE") == ["%pipetask build --log-level lsst.x=DEBUG"]


def test_variables_that_fit(complete: Complete, butler: Any) -> None:
    found = complete("%pipetask run -b ", a_butler=butler, other=1)
    assert "%pipetask run -b {a_butler}" in found
    assert "other" not in str(found)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("%quantum me", ["%quantum measure"]),
        ("%quantum measure ", ["%quantum measure detector=", "%quantum measure visit="]),
        ("%quantum measure det", ["%quantum measure detector="]),
        ("%quantum measure detector=", ["%quantum measure detector=0", "%quantum measure detector=1"]),
        ("x = %quantum measure visit=2 detector=1", ["x = %quantum measure visit=2 detector=1"]),
        ("%quantum measure visit=2 ", ["%quantum measure visit=2 detector="]),
        ("%quantum --f", ["%quantum --failed"]),
        ("%quantum --run {other} su", ["%quantum --run {other} summarise"]),
        ("%%patch MeasureTask.c", ["%%patch MeasureTask.compute"]),
        ("%%patch BehavingTask._should", ["%%patch BehavingTask._should_fail"]),
    ],
)
def test_quanta_and_patches(complete: Complete, finished: Run, line: str, expected: list[str]) -> None:
    q = finished.quantum("measure", visit=1, detector=0)
    found = complete(line, _run=finished, other=finished, _quantum=q)
    assert found == expected


def test_a_quantum_of_no_run(complete: Complete) -> None:
    # Nothing is known, so the names that are offered are Python's.
    assert "%quantum measure" not in complete("%quantum me", _run=None)


def test_files_that_an_option_is_for_come_first(
    complete: Complete, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("macro.txt", "mine.yaml", "my.yaml", "my repo/butler.yaml", "more/notes.md", "mg.qg"):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.touch()
    monkeypatch.chdir(tmp_path)
    words = [line.removeprefix("%pipetask build -p ") for line in complete("%pipetask build -p m")]
    assert words == ["mine.yaml", "my.yaml", "more/", "my\\ repo/", "macro.txt", "mg.qg"]
    assert complete("%pipetask run -b m")[:2] == ["%pipetask run -b my\\ repo/", "%pipetask run -b more/"]
    assert complete("%pipetask run --qgraph=m")[0] == "%pipetask run --qgraph=mg.qg"
    assert complete(f"%pipetask build -p {tmp_path}/min") == [f"%pipetask build -p {tmp_path}/mine.yaml"]
    assert complete("%pipetask build -p mo", mock=PipelineBuilder(PIPELINE)) == ["%pipetask build -p more/"]
    assert complete("%pipetask build -p {mo", mock=PipelineBuilder(PIPELINE)) == ["%pipetask build -p {mock}"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("%frame tot", []),
        ("%frame a + b", ["%frame a + b"]),
        ("%%frame -f 1 num", ["%%frame -f 1 number"]),
        ("%frame ", ["%frame a", "%frame b"]),
        ("%frame -f 1 f(num", ["%frame -f 1 f(number"]),
        ("%frame --s", ["%frame --session"]),
        ("%debug_quantum co", ["%debug_quantum continue"]),
        ("%debug_quantum -s {number} ab", ["%debug_quantum -s {number} abandon"]),
        ("%debug_quantum -s ", ["%debug_quantum -s {number}"]),
        ("%frame -s ", ["%frame -s {number}"]),
        ("%debug_quantum --", ["%debug_quantum --session"]),
    ],
)
def test_debugged_code(complete: Complete, line: str, expected: list[str]) -> None:
    session = DebugSession(lambda: targets.outer(1), name="calibrate", modules=(targets,))
    session.breakpoints.add(targets.add, line="total = a + b")
    session.start()
    try:
        assert session.wait(30)
        found = complete(line.format(number=session.number))
        wanted = [text.format(number=session.number) for text in expected]
        assert found[: len(wanted)] == wanted
        assert all("total" not in text and "%%" not in text[2:] for text in found)
    finally:
        session.abandon()
        assert session.wait(30)


@pytest.fixture(scope="module")
def finished(repository_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    repository = shutil.copytree(repository_template, tmp_path_factory.mktemp("completion") / "repo")
    built = GraphBuilder(str(PIPELINE), repository, input=INPUTS, output="u/me").build()
    return built.run(register_dataset_types=True)
