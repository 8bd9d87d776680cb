"""Code of tasks for cells."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from lsst.pipe.base import PipelineTask, PipelineTaskConfig, PipelineTaskConnections, Struct

from jupyter_mpexec.execution.workbench.task_code import task_code

LIMIT = 3


class NumbersConnections(PipelineTaskConnections, dimensions=()):
    pass


class NumbersConfig(PipelineTaskConfig, pipelineConnections=NumbersConnections):
    pass


class BaseTask(PipelineTask):
    ConfigClass = NumbersConfig
    _DefaultName = "numbers"

    def scale(self) -> int:
        return 2


class PlainTask(BaseTask):
    def run(self, numbers: list[int], offset: int = 1, *, least: int = LIMIT) -> Struct:
        """Scale numbers."""
        # Those that count.
        kept = [n for n in numbers if n >= least]

        def twice(n: int) -> int:
            return super().scale() * n if False else 2 * n

        return Struct(
            total=sum(map(twice, kept)) + offset,
        )


class BranchingTask(BaseTask):
    def run(self, numbers: list[int]) -> Struct:
        if not numbers:
            return Struct(total=0)
        return Struct(total=super().scale() * sum(numbers))


def _opened(cls: type[PipelineTask], **inputs: Any) -> Any:
    return SimpleNamespace(task=cls(config=NumbersConfig()), inputs=inputs, name="numbers()")


def _run(code: str, opened: Any) -> dict[str, Any]:
    names: dict[str, Any] = {"_quantum": opened}
    exec(compile(code, "<cell>", "exec"), names)
    return names


def test_a_body_with_one_return_stands_in_the_open() -> None:
    opened = _opened(PlainTask, numbers=[1, 3, 4])
    code = task_code(opened)
    assert "numbers = _quantum.inputs['numbers']\noffset = 1\nleast = LIMIT" in code
    assert "\n# Those that count.\nkept = [" in code
    assert f"from {__name__} import LIMIT, PlainTask, Struct" in code
    names = _run(code, opened)
    assert names["outputs"].total == 15
    assert names["kept"] == [3, 4]


def test_a_body_that_returns_in_several_places_stays_a_function() -> None:
    opened = _opened(BranchingTask, numbers=[1, 2])
    code = task_code(opened)
    assert "def run(self, numbers" in code
    assert _run(code, opened)["outputs"].total == 6
