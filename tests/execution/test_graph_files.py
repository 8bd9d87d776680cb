"""Quantum graph files: ours for `pipetask`, and those of `pipetask` for us."""

from __future__ import annotations

from pathlib import Path

import pytest
from lsst.daf.butler import Butler
from lsst.pipe.base import QuantumGraph
from lsst.pipe.base.quantum_graph import PredictedQuantumGraph

from jupyter_mpexec.errors import CollectionError, PipelineError, QuantumGraphError, UsageError
from jupyter_mpexec.execution.built_graph import BuiltQuantumGraph
from jupyter_mpexec.execution.graph_builder import GraphBuilder
from jupyter_mpexec.execution.pipeline_builder import PipelineBuilder
from tests.support.instrument import SmallCam
from tests.support.repository import INPUTS, PIPELINE, make_repository

VISIT_1 = "instrument = 'SmallCam' AND visit = 1"
BOTH_FORMATS = pytest.mark.parametrize("extension", [".qg", ".qgraph"])


def build(repository: Path, pipeline=PIPELINE, **options) -> BuiltQuantumGraph:
    options = {"input": INPUTS, "output": "u/me", "data_query": VISIT_1, **options}
    return GraphBuilder(pipeline, repository, **options).build()


def contents(built: BuiltQuantumGraph) -> dict:
    quanta = built.graph.build_execution_quanta()
    return {
        (quantum.taskName, quantum.dataId): (
            {(ref.datasetType.name, ref.dataId, ref.run) for refs in quantum.inputs.values() for ref in refs},
            {(ref.datasetType.name, ref.dataId) for refs in quantum.outputs.values() for ref in refs},
        )
        for quantum in quanta.values()
    }


@BOTH_FORMATS
def test_what_is_saved_is_what_is_loaded(repository: Path, tmp_path: Path, extension: str):
    built = build(repository, bind={"cam": "SmallCam"}, data_query="instrument = :cam AND visit = 1")
    (tmp_path / "new").mkdir()
    built.save(tmp_path / "new" / f"graph{extension}")
    loaded = GraphBuilder.load(tmp_path / "new" / f"graph{extension}", repository)
    assert contents(loaded) == contents(built)
    assert set(loaded.graph) == set(built.graph)
    assert loaded.quanta_by_task == built.quanta_by_task
    assert loaded.plan == built.plan
    assert loaded.options == built.options.replace(output_run=built.output_run)
    assert loaded.summary.command == built.summary.command


@BOTH_FORMATS
def test_a_graph_of_another_repository_is_refused(repository: Path, tmp_path: Path, extension: str):
    file = tmp_path / f"graph{extension}"
    build(repository).save(file)
    other = tmp_path / "other"
    make_repository(other)
    with pytest.raises(QuantumGraphError, match="that this repository does not have") as caught:
        GraphBuilder.load(file, other)
    assert "another repository" in caught.value.hint


@BOTH_FORMATS
def test_pipetask_runs_what_we_saved(repository: Path, tmp_path: Path, pipetask, extension: str):
    file = tmp_path / f"ours{extension}"
    built = build(repository, output_run="u/me/run").save(file)
    _, subcommand, *options = GraphBuilder.load(file, repository).command
    pipetask(subcommand, *options, "--register-dataset-types")
    with Butler.from_config(str(repository), writeable=False, collections="u/me") as butler:
        assert butler.get("report", instrument="SmallCam")["total"] == 207
        assert butler.collections.get_info("u/me").children == (built.output_run, *built.inputs)


@BOTH_FORMATS
def test_we_load_what_pipetask_saved(repository: Path, tmp_path: Path, pipetask, extension: str):
    file = tmp_path / f"theirs{extension}"
    ours = build(
        repository,
        PipelineBuilder(PIPELINE).instrument(SmallCam).select("<=measurements"),
        output_run="u/me/run",
        data_query="instrument = :cam AND visit IN (:visits)",
        bind={"cam": "SmallCam", "visits": [1, 3]},
    )
    assert ours.command[:2] == ("pipetask", "run")
    pipetask("qgraph", *ours.command[2:], "--save-qgraph", file)
    loaded = GraphBuilder.load(file, repository)
    assert contents(loaded) == contents(ours)
    assert (loaded.output, loaded.output_run, loaded.inputs) == ("u/me", "u/me/run", ours.inputs)
    assert loaded.options.data_query == "instrument = 'SmallCam' AND visit IN (1, 3)"
    assert not loaded.options.skip_existing
    # Saved once more, upstream can read it again.
    loaded.save(tmp_path / "again.qg")
    assert set(PredictedQuantumGraph.read_execution_quanta(tmp_path / "again.qg")) == set(loaded.graph)
    loaded.save(tmp_path / "again.qgraph")
    assert len(QuantumGraph.loadUri(tmp_path / "again.qgraph")) == len(loaded)


@BOTH_FORMATS
def test_some_quanta_are_a_graph_of_their_own(repository: Path, tmp_path: Path, extension: str):
    built = build(repository).save(tmp_path / f"all{extension}")
    wanted = built.quantum_ids("detect")
    loaded = GraphBuilder.load(tmp_path / f"all{extension}", repository, quantum_ids=map(str, wanted))
    assert set(loaded.graph) == set(wanted)
    assert loaded.quanta_by_task.get("measure", 0) == 0
    loaded.save(tmp_path / "some.qg")
    assert set(GraphBuilder.load(tmp_path / "some.qg", repository).graph) == set(wanted)


def test_given_collections_win_over_those_in_the_file(repository: Path, tmp_path: Path):
    file = tmp_path / "graph.qg"
    built = build(repository).save(file)
    without = GraphBuilder.load(file, repository, output="")
    assert (without.output, without.output_run, without.options.input) == (None, built.output_run, ())
    other = GraphBuilder.load(file, repository, output="u/other", input="SmallCam/raw")
    assert (other.output, other.plan.inputs) == ("u/other", ("SmallCam/raw",))


def test_the_output_run_must_be_the_graph_s(repository: Path, tmp_path: Path):
    build(repository, output_run="u/me/one").save(tmp_path / "graph.qg")
    with pytest.raises(CollectionError, match="for the output run 'u/me/one', not 'u/me/two'") as caught:
        GraphBuilder.load(tmp_path / "graph.qg", repository, output_run="u/me/two")
    assert "update-graph-run" in caught.value.hint


def test_options_of_building_are_refused(repository: Path, tmp_path: Path):
    build(repository).save(tmp_path / "graph.qg")
    with pytest.raises(UsageError, match="'data_query' is not an option"):
        GraphBuilder.load(tmp_path / "graph.qg", repository, data_query="visit = 1")


def test_an_old_graph_has_an_identifier(repository: Path, tmp_path: Path):
    build(repository).save(tmp_path / "graph.qgraph")
    identifier = QuantumGraph.loadUri(tmp_path / "graph.qgraph").graphID
    GraphBuilder.load(tmp_path / "graph.qgraph", repository, graph_id=identifier)
    with pytest.raises(QuantumGraphError, match="cannot be read"):
        GraphBuilder.load(tmp_path / "graph.qgraph", repository, graph_id="other")


def test_a_file_needs_a_known_extension(repository: Path, tmp_path: Path):
    with pytest.raises(QuantumGraphError, match=r"ends in \.qg"):
        build(repository).save(tmp_path / "graph.zip")
    with pytest.raises(QuantumGraphError, match=r"ends in \.qg"):
        GraphBuilder.load(tmp_path / "graph.zip", repository)


def test_a_folder_for_a_file_is_not_made(repository: Path, tmp_path: Path):
    built = build(repository)
    with pytest.raises(
        QuantumGraphError, match=r"cannot be saved to .*graph\.qg: there is no folder .*/new\."
    ):
        built.save(tmp_path / "new" / "graph.qg")
    with pytest.raises(PipelineError, match=r"cannot be saved to .*: there is no folder"):
        PipelineBuilder(PIPELINE).save(tmp_path / "new" / "pipeline.yaml")
    assert not (tmp_path / "new").exists()
