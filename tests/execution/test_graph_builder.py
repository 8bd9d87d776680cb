"""Quantum graphs are built from pipelines and repositories, without a trace in the repository."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from astropy.table import Table
from lsst.daf.butler import Butler
from lsst.pipe.base import Pipeline
from lsst.pipe.base.pipeline_graph import _tasks

from jupyter_mpexec.errors import QuantumGraphError, QueryError, TaskNotFoundError
from jupyter_mpexec.execution.built_graph import BuiltQuantumGraph
from jupyter_mpexec.execution.graph_builder import GraphBuilder
from jupyter_mpexec.execution.pipeline_builder import PipelineBuilder
from jupyter_mpexec.execution.repository import open_butler
from tests.support.instrument import SmallCam
from tests.support.repository import INPUTS, PIPELINE
from tests.support.tasks import CalibrateTask, DetectTask

pytestmark = pytest.mark.usefixtures("untouched")
EVERYTHING = {"detect": 6, "measure": 6, "summarise": 3, "combine": 1}


def build(repository: Path | Butler, pipeline=PIPELINE, **options) -> BuiltQuantumGraph:
    options = {"input": INPUTS, "output": "u/me", **options}
    return GraphBuilder(pipeline, repository, **options).build()


def data_ids(built: BuiltQuantumGraph, label: str) -> set[tuple]:
    return {data_id.required_values for data_id in built.graph.quanta_by_task[label]}


def test_names_of_tasks_are_settled_before_threads_ask(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The middleware works them out on first use, and two threads that do so at the same time break it."""
    built = build(repository)
    asked: list[object] = []
    monkeypatch.setattr(_tasks, "get_full_type_name", asked.append)
    for task in built.pipeline_graph.tasks.values():
        monkeypatch.setattr(type(task.config), "saveToString", lambda self: asked.append(self))
        assert task.task_class_name.startswith("tests.support.tasks.")
        assert "config." in task.get_config_str()
    assert not asked


def test_builds_from_every_kind_of_pipeline_and_repository(repository: Path, butler: Butler):
    pipeline = Pipeline.fromFile(str(PIPELINE))
    for source in (str(PIPELINE), PIPELINE, PipelineBuilder(PIPELINE), pipeline, pipeline.to_graph()):
        assert build(repository, source).quanta_by_task == EVERYTHING
    for place in (str(repository), repository.as_uri(), repository / "butler.yaml", butler):
        assert build(place).quanta_by_task == EVERYTHING


def test_a_repository_alias_will_do(repository: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DAF_BUTLER_REPOSITORIES", f"small: {repository}")
    built = build("small")
    assert built.quanta_by_task == EVERYTHING
    assert built.repository_uri == str(repository)


def test_the_result_remembers_what_a_run_needs(repository: Path):
    pipeline = PipelineBuilder(PIPELINE).instrument(SmallCam).config("detect", value=4)
    built = build(repository, pipeline, clobber_outputs=True)
    assert built.output == "u/me"
    assert built.output_run.startswith("u/me/2")
    assert built.graph.header.output_run == built.output_run
    assert built.inputs == ("SmallCam/raw", "SmallCam/calib")
    assert built.plan.run_is_new
    assert built.options.clobber_outputs
    assert [action.text for action in built.pipeline_actions][1:] == ["set detect: value = 4"]
    assert built.pipeline_graph.is_fully_resolved
    with open_butler(pickle.loads(pickle.dumps(built.repository))) as again:
        assert INPUTS in again.collections.query("*")


def test_the_data_query_chooses_data_ids(repository: Path):
    built = build(repository, data_query="instrument = 'SmallCam' AND visit IN (1, 3) AND detector = 0")
    assert data_ids(built, "detect") == {("SmallCam", 0, 1), ("SmallCam", 0, 3)}
    assert built.quanta_by_task == {"detect": 2, "measure": 2, "summarise": 2, "combine": 1}


def test_bind_gives_values_to_names(repository: Path):
    built = build(
        repository,
        data_query="instrument = :cam AND visit IN (:wanted)",
        bind={"cam": "SmallCam", "wanted": [2]},
    )
    assert data_ids(built, "summarise") == {("SmallCam", 2)}
    assert built.options.words()[-1] == "instrument = 'SmallCam' AND visit IN (2)"


def test_data_id_tables_choose_data_ids(repository: Path, tmp_path: Path):
    table = Table({"instrument": ["SmallCam", "SmallCam"], "visit": [1, 2], "detector": [0, 1]})
    wanted = {("SmallCam", 0, 1), ("SmallCam", 1, 2)}
    assert data_ids(build(repository, data_id_tables=table), "detect") == wanted
    table.write(tmp_path / "ids.ecsv")
    assert data_ids(build(repository, data_id_tables=[tmp_path / "ids.ecsv"]), "detect") == wanted


def test_inputs_without_datasets_yet_are_told(repository: Path):
    with pytest.raises(
        QuantumGraphError, match="'visit_summary', which combine reads, is not a dataset type"
    ):
        build(repository, f"{PIPELINE}#combine", dataset_query_constraint="off")


@pytest.mark.parametrize("constraint", ["all", "off", "counts", ["counts", "bias"]])
def test_dataset_query_constraints(repository: Path, constraint):
    pipeline = PipelineBuilder().add_task(DetectTask)
    built = build(
        repository,
        pipeline,
        dataset_query_constraint=constraint,
        data_query="instrument = 'SmallCam' AND visit > 0 AND detector >= 0",
    )
    assert built.quanta_by_task == {"detect": 6}


def test_datastore_records_are_attached_on_request(repository: Path):
    def records(built: BuiltQuantumGraph) -> list:
        quanta = built.graph.build_execution_quanta(task_label="detect")
        return [quantum.datastore_records for quantum in quanta.values()]

    assert not any(records(build(repository)))
    assert all(records(build(repository, datastore_records=True)))


def test_prerequisite_inputs_are_found(repository: Path):
    built = build(repository, PipelineBuilder().add_task(CalibrateTask))
    quantum = next(iter(built.graph.build_execution_quanta().values()))
    assert [len(refs) for refs in quantum.inputs.values()] in ([1, 3], [3, 1])


def test_subsets_by_task_and_data_id(repository: Path):
    built = build(repository)
    assert len(built) == 16
    some = built.subset("detect", "visit = 1 AND detector IN (0, 1)")
    assert some.quanta_by_task == {"detect": 2, "measure": 0, "summarise": 0, "combine": 0}
    assert data_ids(some, "detect") == {("SmallCam", 0, 1), ("SmallCam", 1, 1)}
    assert built.subset(where="visit = 2").quanta_by_task == {
        "detect": 2,
        "measure": 2,
        "summarise": 1,
        "combine": 0,
    }
    assert len(built) == 16
    assert some.output_run == built.output_run
    with pytest.raises(TaskNotFoundError, match="Did you mean 'detect'"):
        built.subset("detct")
    with pytest.raises(QueryError, match="Did you mean 'visit'"):
        built.subset(where="vist = 2")
    with pytest.raises(QuantumGraphError, match="no quanta detect where visit = 99"):
        built.subset("detect", "visit = 99")


def test_a_subset_can_be_saved_and_loaded(repository: Path, tmp_path: Path):
    build(repository).subset("detect", "visit = 1").save(tmp_path / "some.qg")
    assert GraphBuilder.load(tmp_path / "some.qg", repository).quanta_by_task["detect"] == 2


def test_a_user_s_butler_stays_open(butler: Butler):
    build(butler)
    assert INPUTS in butler.collections.query("*")


def test_the_summary_has_counts_and_collections(repository: Path):
    summary = build(repository).summary
    assert summary.quanta == EVERYTHING
    assert summary.output == "u/me"
    assert summary.datasets > 16
    assert summary.command.startswith("pipetask run -b")


def test_reprs_are_one_line(repository: Path):
    builder = GraphBuilder(PIPELINE, repository, input=INPUTS, output="u/me")
    assert repr(builder) == (
        f"GraphBuilder(PipelineBuilder(detect, measure, summarise, combine; 0 actions), {repository})"
    )
    built = builder.build()
    assert repr(built) == f"BuiltQuantumGraph(16 quanta of 4 tasks, to {built.output_run})"
