from __future__ import annotations

from pathlib import Path

import pytest
from lsst.daf.butler import Butler

from jupyter_mpexec import GraphBuilder, PipelineBuilder
from jupyter_mpexec.execution.built_graph import BuiltQuantumGraph
from jupyter_mpexec.execution.quanta import enumerate_quanta
from jupyter_mpexec.execution.views.earlier_durations import earlier_durations
from jupyter_mpexec.execution.views.quantum_catalogue import quantum_catalogue
from jupyter_mpexec.execution.views.quantum_datasets import get_line, quantum_datasets
from tests.execution import conftest as execution
from tests.support.repository import INPUTS, PIPELINE

repository = execution.repository
repository_template = execution.repository_template


@pytest.fixture
def built(repository: Path) -> BuiltQuantumGraph:
    return GraphBuilder(PipelineBuilder(PIPELINE), str(repository), input=INPUTS, output="u/me").build()


def test_catalogue_of_a_real_graph(built: BuiltQuantumGraph) -> None:
    catalogue = quantum_catalogue(built)
    assert {task.label: len(task.positions) for task in catalogue.tasks} == built.quanta_by_task
    prerequisites = {
        str(q.quantum_id): {str(p) for p in q.prerequisites} for q in enumerate_quanta(built.graph)
    }
    found = {
        quantum_id: {catalogue.ids[p] for p in catalogue.prerequisites(position)}
        for position, quantum_id in enumerate(catalogue.ids)
    }
    assert found == prerequisites
    first = catalogue.data_id(catalogue.by_label["detect"].start)
    assert first == {"instrument": "SmallCam", "detector": 0, "visit": 1}


def test_datasets_exist_after_the_run(built: BuiltQuantumGraph, repository: Path) -> None:
    catalogue = quantum_catalogue(built)
    quantum_id = catalogue.ids[catalogue.by_label["detect"].start]
    with Butler.from_config(str(repository)) as butler:
        before = quantum_datasets(built, quantum_id, butler)
        assert {dataset.role: dataset.exists for dataset in before} == {
            "input": True, "output": False, "record": False,
        }  # fmt: skip
    run = built.run(register_dataset_types=True)
    with run.butler() as butler:
        after = quantum_datasets(built, quantum_id, butler)
        assert [dataset.ref for dataset in after] == [dataset.ref for dataset in before]
        assert all(dataset.exists for dataset in after)
        for dataset in after:
            names = {"_run": run}
            assert eval(get_line(dataset), names) == butler.get(dataset.ref) or dataset.role == "record"


def test_lines_read_what_this_run_wrote(built: BuiltQuantumGraph, repository: Path) -> None:
    run = built.run(register_dataset_types=True)
    catalogue = quantum_catalogue(built)
    quantum_id = catalogue.ids[catalogue.by_label["detect"].start]
    later = PipelineBuilder(PIPELINE).config("detect", "value", 2)
    GraphBuilder(later, str(repository), input=INPUTS, output="u/me").build().run()
    with run.butler() as butler:
        [output] = [
            dataset
            for dataset in quantum_datasets(built, quantum_id, butler)
            if dataset.ref.datasetType.name == "catalog"
        ]
        newer = butler.get("catalog", output.ref.dataId)
        written = butler.get(output.ref)
    assert written != newer
    assert eval(get_line(output), {"_run": run}) == written


def test_durations_of_earlier_runs(built: BuiltQuantumGraph, repository: Path) -> None:
    with Butler.from_config(str(repository)) as butler:
        assert earlier_durations(built, butler) == {}
    run = built.run(register_dataset_types=True)
    with run.butler() as butler:
        durations = earlier_durations(built, butler)
    assert set(durations) == set(built.quanta_by_task)
    slowest = max(record.duration for record in run.report.quanta.values())
    assert all(0 < seconds <= slowest + 0.5 for seconds in durations.values())
