"""What exists already is skipped, extended or explained."""

from __future__ import annotations

from pathlib import Path

import pytest
from lsst.daf.butler import Butler

from jupyter_mpexec.errors import EmptyQuantumGraphError
from jupyter_mpexec.execution.built_graph import BuiltQuantumGraph
from jupyter_mpexec.execution.graph_builder import GraphBuilder
from tests.support.repository import INPUTS, PIPELINE

ALL_VISITS = {"detect": 6, "measure": 6, "summarise": 3, "combine": 1}
VISIT_1 = "instrument = 'SmallCam' AND visit = 1"


def build(repository: Path, **options) -> BuiltQuantumGraph:
    return GraphBuilder(PIPELINE, repository, output="u/me", **options).build()


def test_a_new_run_does_everything_again(processed: Path):
    built = build(processed)
    assert built.quanta_by_task == ALL_VISITS
    assert built.inputs == ("u/me",)
    assert built.plan.run_is_new


def test_extending_a_run_skips_what_is_there(processed: Path):
    built = build(processed, extend_run=True)
    assert built.quanta_by_task == {"detect": 4, "measure": 4, "summarise": 2, "combine": 0}
    assert built.output_run == "u/me/first"
    assert built.inputs == ("u/me/first", "u/me")
    assert not built.plan.run_is_new


def test_skip_existing_in_other_collections(processed: Path):
    built = build(processed, skip_existing_in="u/me")
    assert built.quanta_by_task["detect"] == 4
    assert built.plan.run_is_new


def test_collections_to_skip_may_not_exist_yet(processed: Path, caplog: pytest.LogCaptureFixture):
    built = build(processed, skip_existing_in=["u/later", "u/me"], skip_existing=True)
    assert built.quanta_by_task["detect"] == 4
    assert "no collection 'u/later' yet" in caplog.text


def test_replacing_a_run_does_not_look_into_it(processed: Path):
    built = build(processed, replace_run=True)
    assert built.inputs == ("SmallCam/raw", "SmallCam/calib")
    assert built.quanta_by_task == ALL_VISITS


def test_when_all_is_done_it_says_so(processed: Path):
    with pytest.raises(EmptyQuantumGraphError, match="nothing left to do") as caught:
        build(processed, extend_run=True, data_query=VISIT_1)
    assert (
        "the quanta of detect, measure, summarise, combine are done already, and in u/me/first"
        in caught.value.message
    )
    assert "--extend-run" in caught.value.hint


def test_a_saved_graph_remembers_its_options(processed: Path, tmp_path: Path):
    build(processed, replace_run=True, prune_replaced="unstore").save(tmp_path / "replace.qg")
    loaded = GraphBuilder.load(tmp_path / "replace.qg", processed)
    assert (loaded.plan.replaced, loaded.plan.prune_replaced) == ("u/me/first", "unstore")
    build(processed, extend_run=True).save(tmp_path / "extend.qg")
    loaded = GraphBuilder.load(tmp_path / "extend.qg", processed)
    assert loaded.options.extend_run
    assert loaded.output_run == "u/me/first"


def test_empty_graph_because_the_query_finds_no_datasets(repository: Path) -> None:
    query = "instrument = 'SmallCam' AND visit = 2"
    with Butler.from_config(str(repository), writeable=True) as butler:
        refs = butler.query_datasets("counts", "SmallCam/raw", where=query)
        butler.pruneDatasets(refs, disassociate=True, unstore=True, purge=True)
    with pytest.raises(EmptyQuantumGraphError) as caught:
        GraphBuilder(PIPELINE, repository, input=INPUTS, output="u/me", data_query=query).build()
    assert (
        f"'counts', which detect reads, has datasets in SmallCam/raw, SmallCam/calib, but none where {query}"
        in caught.value.message
    )
    assert "bias" not in caught.value.message
