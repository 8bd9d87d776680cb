"""What `--show` prints of a pipeline, beside upstream's."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from jupyter_mpexec.execution.pipetask import build
from jupyter_mpexec.options import PipelineAction, RunOptions
from tests.support.repository import PIPELINE

ACTIONS = (PipelineAction(kind="config", label="measure", name="sleep", value="0.5"),)


def show(*items: str) -> str:
    pieces: list[str] = []
    build(RunOptions(pipeline=PIPELINE, pipeline_actions=ACTIONS, show=items), write=pieces.append)
    return "".join(pieces)


ITEMS = (
    "pipeline", "subsets", "inputs", "pipeline-graph", "task-graph", "config", "config=detect::val*",
    "config=VALUE:NOIGNORECASE", "config=measure::config.sl*", "dump-config=measure",
)  # fmt: skip


def test_the_same_as_upstream_prints(pipetask: Callable[..., str]) -> None:
    pytest.importorskip("lsst.ctrl.mpexec")
    theirs = pipetask(
        "build", "-p", PIPELINE, "-c", "measure:sleep=0.5", *(w for i in ITEMS for w in ("--show", i))
    )
    theirs_lines = set(theirs.splitlines())
    for item in ITEMS:
        missing = [line for line in show(item).splitlines() if line not in theirs_lines]
        assert missing == [], item


def test_subtasks_and_history() -> None:
    out = show("tasks", "history=measure::sleep")
    assert "### Subtasks of `detect' (tests.support.tasks.DetectTask)" in out
    assert "### History of sleep in task `measure'" in out
    assert "0.5" in out


def test_history_begins_behind_this_package() -> None:
    out = show("history=measure::sleep")
    assert "jupyter_mpexec" not in out
    assert "pytest" not in out
    assert "lsst/pipe/base/pipeline.py" in out


def test_filter_knows_case() -> None:
    assert "config.value=" in show("config=detect::VAL*")
    assert "config.value=" not in show("config=detect::VAL*:NOIGNORECASE")
