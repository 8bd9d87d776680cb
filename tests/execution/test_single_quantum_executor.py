"""One quantum, in five steps."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lsst.daf.butler import Butler
from lsst.daf.butler.logging import ButlerLogRecords
from lsst.pipe.base import ExecutionResources, TaskFactory
from lsst.pipe.base.mp_graph_executor import MPGraphExecutor

from jupyter_mpexec import GraphBuilder, PipelineBuilder, SingleQuantumExecutor
from jupyter_mpexec.execution.built_graph import BuiltQuantumGraph
from jupyter_mpexec.execution.execution_options import ExecutionOptions
from jupyter_mpexec.execution.existing_outputs import ExistingOutputsError
from jupyter_mpexec.execution.prepare import prepare_output_run
from tests.support.repository import INPUTS, PIPELINE

STEPS = ["setup_logging", "update_quantum_inputs", "make_task", "run_quantum", "save_quantum"]


class Spy(SingleQuantumExecutor):
    """Notes which step is called when."""

    calls: list[str]


def _spied(name: str) -> Any:
    def step(self: Spy, attempt: Any, *args: Any) -> Any:
        self.calls.append(name)
        return getattr(SingleQuantumExecutor, name)(self, attempt, *args)

    return step


for _name in STEPS:
    setattr(Spy, _name, _spied(_name))


def _build(repository: Path, **configs: Any) -> BuiltQuantumGraph:
    pipeline = PipelineBuilder(str(PIPELINE)).select("detect")
    for name, value in configs.items():
        pipeline.config("detect", name, value)
    return GraphBuilder(
        pipeline, repository, input=INPUTS, output_run="u/one", data_query="visit = 1 AND detector = 0"
    ).build()


@pytest.fixture
def prepared(repository: Path) -> Iterator[Any]:
    """Build a graph of one quantum with a configuration, and give it with a butler on its run."""
    opened: list[Butler] = []

    def prepare(**configs: Any) -> tuple[Butler, Any, Any, Any]:
        built = _build(repository, **configs)
        butler = prepare_output_run(built, ExecutionOptions(register_dataset_types=True))
        opened.append(butler)
        [(quantum_id, quantum)] = built.graph.build_execution_quanta().items()
        return butler, built.pipeline_graph.tasks["detect"], quantum, quantum_id

    yield prepare
    for butler in opened:
        butler.close()


def _outputs(butler: Butler) -> set[str]:
    return {ref.datasetType.name for ref in butler.registry.queryDatasets("*", collections="u/one")} - {
        "detect_config",
        "detect_schema",
        "packages",
    }


def test_the_five_steps_come_in_their_order(prepared: Any) -> None:
    butler, task_node, quantum, quantum_id = prepared()
    spy = Spy(butler=butler)
    spy.calls = []
    result = spy.execute(task_node, quantum, quantum_id)
    assert spy.calls == STEPS
    assert result.report.quantumId == quantum_id
    assert result.task_metadata["quantum"]["caveats"] == 0
    assert _outputs(butler) == {"catalog", "background", "detect_metadata", "detect_log"}


def test_a_step_can_be_replaced_alone(prepared: Any) -> None:
    class Doubling(SingleQuantumExecutor):
        def make_task(self, attempt: Any) -> Any:
            task = super().make_task(attempt)
            compute = task.compute
            task.compute = lambda *args, **inputs: _doubled(compute(*args, **inputs))  # type: ignore[attr-defined]  # its own
            return task

    def _doubled(struct: Any) -> Any:
        struct.catalog["n"] *= 2
        return struct

    butler, task_node, quantum, quantum_id = prepared()
    Doubling(butler=butler).execute(task_node, quantum, quantum_id)
    counts = butler.get("counts", visit=1, detector=0, instrument="SmallCam", collections=INPUTS)
    catalog = butler.get("catalog", visit=1, detector=0, instrument="SmallCam", collections="u/one")
    assert catalog["n"] == 2 * (counts["n"] + task_node.config.value)


def test_resources_and_job_metadata_reach_task_and_metadata(prepared: Any) -> None:
    seen = []

    class Looking(SingleQuantumExecutor):
        def run_quantum(self, attempt: Any, task: Any) -> Any:
            seen.append(self.resources)
            return super().run_quantum(attempt, task)

    butler, task_node, quantum, _ = prepared()
    resources = ExecutionResources(num_cores=3)
    executor = Looking(butler=butler, resources=resources, job_metadata={"queue": "night"})
    metadata = executor.execute(task_node, quantum).task_metadata
    assert seen == [resources]
    assert metadata["job"]["queue"] == "night"


def test_a_failing_constructor_keeps_its_own_error_and_its_log(prepared: Any) -> None:
    class Broken(TaskFactory):
        def makeTask(self, *args: Any, **kwargs: Any) -> Any:  # noqa: N802  # upstream's name
            raise RuntimeError("no such detector")

    butler, task_node, quantum, quantum_id = prepared()
    with pytest.raises(RuntimeError, match="no such detector"):
        SingleQuantumExecutor(butler=butler, task_factory=Broken()).execute(task_node, quantum, quantum_id)
    assert _outputs(butler) == {"detect_log"}
    log = butler.get("detect_log", visit=1, detector=0, instrument="SmallCam", collections="u/one")
    assert log.extra["exception"]["message"] == "no such detector"


def test_existing_outputs_are_refused_skipped_or_replaced_as_told(prepared: Any) -> None:
    butler, task_node, quantum, quantum_id = prepared()
    SingleQuantumExecutor(butler=butler).execute(task_node, quantum, quantum_id)
    with pytest.raises(ExistingOutputsError, match=r"detect\(.*visit=1\).*exist.*\n.*--clobber-outputs"):
        SingleQuantumExecutor(butler=butler).execute(task_node, quantum, quantum_id)
    skipped = SingleQuantumExecutor(butler=butler, skip_existing=True).execute(task_node, quantum, quantum_id)
    assert skipped.skipped_existing
    same = SingleQuantumExecutor(butler=butler, skip_existing_in=["u/one"]).execute(task_node, quantum)
    assert same.skipped_existing
    elsewhere = SingleQuantumExecutor(butler=butler, skip_existing_in=[INPUTS], clobber_outputs=True)
    assert not elsewhere.execute(
        task_node, quantum, quantum_id, log_records=ButlerLogRecords([])
    ).skipped_existing
    log = butler.get("detect_log", visit=1, detector=0, instrument="SmallCam", collections="u/one")
    assert len(log.extra["previous_attempts"]) == 1


def test_a_butler_from_the_factory_is_closed_and_ones_own_is_not(prepared: Any) -> None:
    butler, task_node, quantum, quantum_id = prepared()
    closed = []

    class Closing:
        def __init__(self) -> None:
            self.clone = butler.clone()

        def __call__(self, quantum: Any) -> Butler:
            close = self.clone.close
            self.clone.close = lambda: (closed.append(True), close())  # type: ignore[method-assign]  # to hear of it
            return self.clone

    SingleQuantumExecutor(limited_butler_factory=Closing()).execute(task_node, quantum, quantum_id)
    assert closed == [True]
    butler.collections.query("*")


def test_without_any_butler_it_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="limited_butler_factory"):
        SingleQuantumExecutor()


def test_it_stands_in_for_upstreams_in_upstreams_graph_executor(repository: Path) -> None:
    built = GraphBuilder(str(PIPELINE), repository, input=INPUTS, output_run="u/one").build()
    with prepare_output_run(built, ExecutionOptions(register_dataset_types=True)) as butler:
        executor = MPGraphExecutor(
            num_proc=1, timeout=60.0, quantum_executor=SingleQuantumExecutor(butler=butler)
        )
        executor.execute(built.graph)
        assert executor.getReport().status.value == "success"
        assert len(list(butler.registry.queryDatasets("*_metadata", collections="u/one"))) == len(built)
