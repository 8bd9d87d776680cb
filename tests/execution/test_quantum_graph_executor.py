"""A whole graph, through the interface that upstream's tools call."""

from __future__ import annotations

import itertools
import logging
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lsst.daf.butler import Butler
from lsst.pipe.base import Pipeline
from lsst.pipe.base.execution_graph_fixup import ExecutionGraphFixup
from lsst.pipe.base.mp_graph_executor import MPGraphExecutorError
from lsst.pipe.base.quantum_graph import ProvenanceQuantumGraphReader
from lsst.pipe.base.quantum_reports import ExecutionStatus
from lsst.pipe.base.separable_pipeline_executor import SeparablePipelineExecutor
from lsst.pipe.base.single_quantum_executor import SingleQuantumExecutor as UpstreamSingleQuantumExecutor

from jupyter_mpexec import QuantumGraphExecutor, SingleQuantumExecutor
from jupyter_mpexec.errors import RunError, UsageError
from jupyter_mpexec.events import Event, QuantaIngested, QuantumFailed, QuantumStarted
from tests.support.registries import on_every_registry
from tests.support.repository import INPUTS, PIPELINE

RUN = "u/drop-in"


@pytest.fixture
def separable(repository: Path) -> Iterator[SeparablePipelineExecutor]:
    with Butler.from_config(str(repository), writeable=True, collections=[INPUTS], run=RUN) as butler:
        yield SeparablePipelineExecutor(butler)


def _graph(separable: SeparablePipelineExecutor, **configs: Any) -> Any:
    pipeline = Pipeline.from_uri(str(PIPELINE))
    for label, (name, value) in configs.items():
        pipeline.addConfigOverride(label, name, value)
    graph = separable.build_quantum_graph(pipeline)
    separable.pre_execute_qgraph(graph, register_dataset_types=True)
    return graph


def _single(separable: SeparablePipelineExecutor, **kwargs: Any) -> SingleQuantumExecutor:
    return SingleQuantumExecutor(butler=separable._butler, **kwargs)


def _names(separable: SeparablePipelineExecutor) -> set[str]:
    refs = separable._butler.registry.queryDatasets("*", collections=RUN)
    return {ref.datasetType.name for ref in refs}


def test_it_stands_where_upstream_takes_its_own(separable: SeparablePipelineExecutor) -> None:
    graph = _graph(separable)
    executor = QuantumGraphExecutor(
        num_proc=1, timeout=60.0, quantum_executor=_single(separable), start_method=None
    )
    separable.run_pipeline(graph, graph_executor=executor)
    report = executor.getReport()
    assert report.status is ExecutionStatus.SUCCESS
    assert {quantum.quantumId for quantum in report.quantaReports} == set(graph)
    assert {quantum.exitCode for quantum in report.quantaReports} == {None}
    assert "report" in _names(separable)


def test_it_takes_upstreams_single_quantum_executor_and_the_old_graph(
    separable: SeparablePipelineExecutor,
) -> None:
    graph = _graph(separable)
    executor = QuantumGraphExecutor(
        quantum_executor=UpstreamSingleQuantumExecutor(butler=separable._butler), timeout=60.0
    )
    executor.execute(graph.to_old_quantum_graph())
    assert executor.getReport().status is ExecutionStatus.SUCCESS
    assert "report" in _names(separable)


def test_failures_raise_upstreams_exception_class_at_the_end(separable: SeparablePipelineExecutor) -> None:
    graph = _graph(separable, measure=("fail_on", "visit = 2 AND detector = 1"))
    executor = QuantumGraphExecutor(quantum_executor=_single(separable))
    with pytest.raises(MPGraphExecutorError, match=r"measure\(.*visit=2\) failed with ValueError") as caught:
        executor.execute(graph)
    assert isinstance(caught.value, RunError)
    report = executor.getReport()
    assert report.status is ExecutionStatus.FAILURE
    assert report.exceptionInfo.className == "lsst.pipe.base.mp_graph_executor.MPGraphExecutorError"
    statuses = [quantum.status for quantum in report.quantaReports]
    assert (statuses.count(ExecutionStatus.FAILURE), statuses.count(ExecutionStatus.SKIPPED)) == (1, 2)
    [failed] = [q for q in report.quantaReports if q.status is ExecutionStatus.FAILURE]
    assert (failed.exceptionInfo.className, failed.quantumId in set(graph)) == ("ValueError", True)
    assert "measurements" in _names(separable)


def test_fail_fast_stops_at_the_first_failure(separable: SeparablePipelineExecutor) -> None:
    graph = _graph(separable, detect=("fail_on", "visit = 1 AND detector = 0"))
    executor = QuantumGraphExecutor(quantum_executor=_single(separable), fail_fast=True)
    with pytest.raises(MPGraphExecutorError):
        executor.execute(graph)
    assert len(executor.getReport().quantaReports) < len(graph)
    assert "measurements" not in _names(separable)


@pytest.mark.parametrize("exception", ["InvalidQuantumError", "RepeatableQuantumError"])
def test_no_exception_of_a_task_ends_the_process(
    separable: SeparablePipelineExecutor, exception: str
) -> None:
    pipeline = Pipeline.from_uri(str(PIPELINE))
    pipeline.addConfigOverride("detect", "fail_on", "visit = 2 AND detector = 0")
    pipeline.addConfigOverride("detect", "exception", f"lsst.pipe.base.{exception}")
    graph = separable.build_quantum_graph(pipeline)
    separable.pre_execute_qgraph(graph, register_dataset_types=True)
    executor = QuantumGraphExecutor(quantum_executor=_single(separable), fail_fast=True)
    with pytest.raises(MPGraphExecutorError, match=exception):
        executor.execute(graph)
    assert executor.getReport().status is ExecutionStatus.FAILURE


def test_an_invalid_quantum_stops_the_run_even_without_fail_fast(
    separable: SeparablePipelineExecutor,
) -> None:
    pipeline = Pipeline.from_uri(str(PIPELINE))
    pipeline.addConfigOverride("detect", "fail_on", "visit = 1 AND detector = 0")
    pipeline.addConfigOverride("detect", "exception", "lsst.pipe.base.InvalidQuantumError")
    graph = separable.build_quantum_graph(pipeline)
    separable.pre_execute_qgraph(graph, register_dataset_types=True)
    started: list[Event] = []
    executor = QuantumGraphExecutor(
        quantum_executor=_single(separable),
        hooks=[lambda event: started.append(event) if isinstance(event, QuantumStarted) else None],
    )
    with pytest.raises(MPGraphExecutorError):
        executor.execute(graph)
    assert len(started) == 1


@on_every_registry
def test_provenance_is_written_also_for_what_failed(
    separable: SeparablePipelineExecutor, tmp_path: Path
) -> None:
    graph = _graph(separable, measure=("fail_on", "visit = 2 AND detector = 1"))
    executor = QuantumGraphExecutor(quantum_executor=_single(separable))
    file = tmp_path / "provenance.qg"
    with pytest.raises(MPGraphExecutorError):
        executor.execute(graph, provenance_graph_file=str(file))
    with ProvenanceQuantumGraphReader.open(file) as reader:
        reader.read_full_graph()
        provenance = reader.graph
    # Before 30.2026.4300, blocked quanta have no status.
    infos = provenance.quantum_only_xgraph.nodes.values()
    statuses = [info["status"].name for info in infos if "status" in info]
    assert (statuses.count("SUCCESSFUL"), statuses.count("FAILED")) == (13, 1)


def test_a_fixup_adds_an_order(separable: SeparablePipelineExecutor) -> None:
    class Backwards(ExecutionGraphFixup):
        def fixup_graph(self, xgraph: Any, quanta_by_task: Any) -> None:
            detect = sorted(quanta_by_task["detect"].items(), key=lambda item: -item[0]["visit"])
            for (_, first), (_, second) in itertools.pairwise(detect):
                xgraph.add_edge(first, second)

    graph = _graph(separable)
    order: list[Any] = []
    executor = QuantumGraphExecutor(
        quantum_executor=_single(separable),
        execution_graph_fixup=Backwards(),
        hooks=[lambda e: order.append(e.data_id["visit"]) if _is_detect(e) else None],
    )
    executor.execute(graph)
    assert order == [3, 3, 2, 2, 1, 1]


def _is_detect(event: Event) -> bool:
    return isinstance(event, QuantumStarted) and event.task_label == "detect"


def test_a_fixup_that_makes_a_circle_is_refused(separable: SeparablePipelineExecutor) -> None:
    class Circular(ExecutionGraphFixup):
        def fixup_graph(self, xgraph: Any, quanta_by_task: Any) -> None:
            ids = list(quanta_by_task["detect"].values())
            xgraph.add_edge(ids[0], ids[1])
            xgraph.add_edge(ids[1], ids[0])

    executor = QuantumGraphExecutor(quantum_executor=_single(separable), execution_graph_fixup=Circular())
    with pytest.raises(MPGraphExecutorError, match="wait for each other: detect → detect"):
        executor.execute(_graph(separable))


def test_a_hook_that_raises_is_called_once_and_breaks_nothing(
    separable: SeparablePipelineExecutor, caplog: pytest.LogCaptureFixture
) -> None:
    calls: list[Event] = []

    def broken(event: Event) -> None:
        calls.append(event)
        raise RuntimeError("hook")

    executor = QuantumGraphExecutor(quantum_executor=_single(separable), hooks=[broken])
    executor.execute(_graph(separable))
    assert len(calls) == 1
    assert sum("not called again" in record.message for record in caplog.records) == 1


def test_failures_carry_traceback_log_and_data_id(
    separable: SeparablePipelineExecutor, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "tests")
    failures: list[QuantumFailed] = []
    executor = QuantumGraphExecutor(
        quantum_executor=_single(separable),
        hooks=[lambda event: failures.append(event) if isinstance(event, QuantumFailed) else None],
    )
    with pytest.raises(MPGraphExecutorError):
        executor.execute(_graph(separable, measure=("fail_on", "visit = 3 AND detector = 0")))
    [failure] = failures
    assert dict(failure.data_id) == {"instrument": "SmallCam", "visit": 3, "detector": 0}
    assert "told to fail at" in failure.traceback
    assert "tests/support/tasks.py" in failure.traceback
    assert "tests.measure: line 0" in failure.log
    assert pickle.loads(pickle.dumps(failure)) == failure


@on_every_registry
def test_outputs_are_ingested_while_the_run_goes_on(
    separable: SeparablePipelineExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jupyter_mpexec.execution.ingest.BATCH_SIZE", 5)
    batches: list[int] = []
    seen: list[int] = []

    def look(event: Event) -> None:
        if isinstance(event, QuantaIngested):
            batches.append(len(event.quantum_ids))
            refs = separable._butler.registry.queryDatasets("*_metadata", collections=RUN)
            seen.append(len(list(refs)))

    executor = QuantumGraphExecutor(quantum_executor=_single(separable), hooks=[look])
    graph = _graph(separable)
    executor.execute(graph)
    assert batches == [5, 5, 5, 1]
    assert seen == [5, 10, 15, 16]


def test_before_execution_there_is_no_report_and_no_processes_are_refused(
    separable: SeparablePipelineExecutor,
) -> None:
    executor = QuantumGraphExecutor(quantum_executor=_single(separable))
    with pytest.raises(RuntimeError, match="Nothing was executed"):
        executor.getReport()
    with pytest.raises(UsageError, match="At least one process"):
        QuantumGraphExecutor(quantum_executor=_single(separable), num_proc=0)
