"""The collections of a run follow the rules of `pipetask`, compared with it case by case."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lsst.daf.butler import Butler, CollectionType
from lsst.pipe.base import Instrument
from lsst.pipe.base.pipeline_graph import PipelineGraph

from jupyter_mpexec.errors import CollectionError, UsageError
from jupyter_mpexec.execution.collections import plan_outputs
from jupyter_mpexec.execution.pipeline_builder import PipelineBuilder
from jupyter_mpexec.execution.write_butler import prepare_write_butler
from tests.support.repository import INPUTS, PIPELINE

RAW, CALIB = "SmallCam/raw", "SmallCam/calib"
# There are u/me = [u/me/first, SmallCam/raw, SmallCam/calib], u/empty = [] and u/odd = [SmallCam/calib].
GOOD = {
    "new output": {"output": "u/new", "input": [INPUTS]},
    "new output and run": {"output": "u/new", "output_run": "runs/1", "input": [INPUTS]},
    "run only": {"output_run": "runs/1", "input": [INPUTS]},
    "run only, several inputs": {"output_run": "runs/1", "input": [CALIB, INPUTS]},
    "pattern": {"output": "u/new", "input": ["SmallCam/*"]},
    "inputs that are an output": {"output": "u/new", "input": ["u/me"]},
    "old output": {"output": "u/me"},
    "old output, same inputs": {"output": "u/me", "input": [INPUTS]},
    "old output, part of the inputs": {"output": "u/me", "input": [RAW]},
    "old output, last input": {"output": "u/me", "input": [CALIB]},
    "extend": {"output": "u/me", "extend_run": True},
    "extend, same inputs": {"output": "u/me", "input": [INPUTS], "extend_run": True},
    "extend a run": {"output_run": "u/me/first", "input": [INPUTS], "extend_run": True},
    "extend a run of an output": {"output": "u/me", "output_run": "u/me/first", "extend_run": True},
    "extend a run of a new output": {"output": "u/new", "output_run": "u/me/first", "extend_run": True},
    "extend and rebase": {"output": "u/me", "input": [CALIB, RAW], "extend_run": True, "rebase": True},
    "replace": {"output": "u/me", "replace_run": True},
    "replace, same inputs": {"output": "u/me", "input": [INPUTS], "replace_run": True},
    "replace and unstore": {"output": "u/me", "replace_run": True, "prune_replaced": "unstore"},
    "replace and purge": {"output": "u/me", "replace_run": True, "prune_replaced": "purge"},
    "replace with a named run": {"output": "u/me", "output_run": "runs/1", "replace_run": True},
    "rebase": {"output": "u/me", "input": [CALIB, RAW], "rebase": True},
    "rebase a named run": {"output": "u/me", "output_run": "u/me/2", "input": [CALIB, RAW], "rebase": True},
    "rebase onto fewer": {"output": "u/odd", "input": [RAW], "rebase": True},
    "rebase without need": {"output": "u/me", "input": [INPUTS], "rebase": True},
    "rebase a new output": {"output": "u/new", "input": [INPUTS], "rebase": True},
    "empty output": {"output": "u/empty"},
}
BAD = {
    "no output": {"input": [INPUTS]},
    "unknown input": {"output": "u/new", "input": ["SmallCam/nope"]},
    "other inputs": {"output": "u/me", "input": [CALIB, RAW]},
    "other inputs, replace": {"output": "u/me", "input": [CALIB, RAW], "replace_run": True},
    "run exists": {"output_run": "u/me/first", "input": [INPUTS]},
    "run exists in output": {"output": "u/me", "output_run": "u/me/first"},
    "run is a chain": {"output_run": "u/me", "input": [INPUTS], "extend_run": True},
    "output is a run": {"output": RAW, "input": [INPUTS]},
    "extend nothing": {"output": "u/new", "input": [INPUTS], "extend_run": True},
    "extend an empty output": {"output": "u/empty", "extend_run": True},
    "extend a missing run": {"output_run": "runs/9", "input": [INPUTS], "extend_run": True},
    "replace nothing": {"output": "u/new", "input": [INPUTS], "replace_run": True},
    "replace without output": {"output_run": "runs/1", "input": [INPUTS], "replace_run": True},
    "replace in an empty output": {"output": "u/empty", "replace_run": True},
    "prune without replace": {"output": "u/me", "prune_replaced": "purge"},
    "rebase another name": {"output": "u/me", "output_run": "runs/1", "input": [INPUTS], "rebase": True},
    "rebase onto an own run": {"output": "u/me", "input": [CALIB, "u/me/first"], "rebase": True},
}


@pytest.fixture(autouse=True)
def _same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Instrument, "makeCollectionTimestamp", staticmethod(lambda: "20261101T000000Z"))


@pytest.fixture(scope="module")
def graph() -> PipelineGraph:
    return PipelineBuilder(PIPELINE).pipeline_graph()


@pytest.fixture(scope="module")
def template(processed_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = Path(shutil.copytree(processed_template, tmp_path_factory.mktemp("collections") / "repo"))
    with Butler.from_config(str(root), writeable=True) as butler:
        for chain, children in (("u/empty", []), ("u/odd", [CALIB])):
            butler.collections.register(chain, CollectionType.CHAINED)
            butler.collections.redefine_chain(chain, children)
    return root


@pytest.fixture(scope="module")
def reader(template: Path) -> Iterator[Butler]:
    with Butler.from_config(str(template), writeable=False) as butler:
        yield butler


@pytest.fixture
def repository(template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(template, tmp_path / "ours"))


def chains(butler: Butler) -> dict[str, Any]:
    """All collections, and what they consist of."""
    return {info.name: (info.type, info.children) for info in butler.collections.query_info("*")}


def datasets(butler: Butler) -> dict[Any, bool]:
    """All datasets, and whether they are stored."""
    refs = butler.registry.queryDatasets(..., collections=...)
    return {(ref.run, ref.id): stored for ref, stored in butler.stored_many(refs).items()}


def arguments(case: dict[str, Any]) -> dict[str, Any]:
    """The same case for upstream, which has no defaults."""
    upstream = {"input": [], "output": None, "output_run": None, "extend_run": False, "rebase": False}
    upstream |= {"replace_run": False, "prune_replaced": None, **case}
    upstream["inputs"] = upstream.pop("input")
    return upstream


@pytest.mark.parametrize("case", GOOD.values(), ids=GOOD)
def test_collections_become_what_pipetask_makes_of_them(
    repository: Path, template: Path, reader: Butler, tmp_path: Path, graph: PipelineGraph, case, monkeypatch
):
    peer = pytest.importorskip("lsst.ctrl.mpexec.cli.butler_factory").ButlerFactory
    monkeypatch.setattr(peer, "define_datastore_cache", lambda: None)
    theirs = shutil.copytree(template, tmp_path / "theirs")
    opened, search, run = peer.make_butler_and_collections(str(theirs), **arguments(case))
    opened.close()
    plan = plan_outputs(reader, **case)
    assert plan.search_path == tuple(search)
    assert plan.output_run == run
    assert plan.run_is_new == (run not in chains(reader))
    # As `pipetask run` does: with the run that the graph was built for.
    with (
        prepare_write_butler(plan, repository, graph) as ours,
        peer.make_write_butler(str(theirs), graph, **arguments({**case, "output_run": run})) as other,
    ):
        assert ours.run == other.run == plan.output_run
        assert ours.collections.defaults == other.collections.defaults
        assert ours.isWriteable()
        assert chains(ours) == chains(other)
        if case.get("prune_replaced"):
            assert datasets(ours) == datasets(other)


@pytest.mark.parametrize("case", BAD.values(), ids=BAD)
def test_what_pipetask_refuses_is_refused(repository: Path, reader: Butler, graph, case, monkeypatch):
    peer = pytest.importorskip("lsst.ctrl.mpexec.cli.butler_factory").ButlerFactory
    monkeypatch.setattr(peer, "define_datastore_cache", lambda: None)
    with pytest.raises((CollectionError, UsageError)):
        plan_outputs(reader, **case)
    # A ValueError, an IndexError and others, sooner or later: that it refuses is the point, not how.
    with pytest.raises(Exception, match=r"\w"):
        peer.make_write_butler(str(repository), graph, **arguments(case)).close()


def test_names_can_be_written_with_commas(reader: Butler):
    plan = plan_outputs(reader, output="u/new", input=f"{CALIB}, {RAW}")
    assert plan.inputs == (CALIB, RAW)


@pytest.mark.parametrize(
    ("case", "message", "hint"),
    [
        ("no output", "There is no output collection", r"output= \(-o\).*output_run= \(--output-run\)"),
        ("unknown input", "no collection 'SmallCam/nope'", r"input= \(-i, --input\)"),
        ("other inputs", r"chain \(u/me/first, .*\(SmallCam/calib, SmallCam/raw\)", r"rebase=True \(--reb"),
        ("run exists", "'u/me/first' exists already", r"extend_run=True \(--extend-run\)"),
        ("run is a chain", "exists already as a CHAINED collection, not a RUN", r"output_run= \(--out"),
        ("output is a run", "exists already as a RUN collection, not a CHAINED one", r"output= \(-o\)"),
        ("extend nothing", "no run to extend: the output 'u/new'", r"extend_run=True \(--extend-run\)"),
        ("extend a missing run", "output run 'runs/9' does not exist", r"extend_run=True \(--extend-run\)"),
        ("replace nothing", "no run to replace", r"replace_run=True \(--replace-run\)"),
        ("prune without replace", r"prune_replaced= \(--prune-replaced\)", r"--replace-run"),
        ("rebase another name", "does not begin with the output", r"rebase= \(--rebase\)"),
    ],
)
def test_messages_name_the_argument_and_the_option(reader: Butler, case, message, hint):
    with pytest.raises((CollectionError, UsageError), match=message) as caught:
        plan_outputs(reader, **BAD[case])
    assert re.search(hint, caught.value.hint)


def test_an_unknown_collection_comes_with_a_suggestion(reader: Butler):
    with pytest.raises(CollectionError, match="'SmallCam/default'") as caught:
        plan_outputs(reader, output="u/new", input="SmallCam/raw,SmallCam/default")
    assert "Did you mean 'SmallCam/defaults'?" in caught.value.hint


def test_options_that_exclude_each_other(reader: Butler):
    with pytest.raises(UsageError, match="both extended and replaced"):
        plan_outputs(reader, output="u/me", extend_run=True, replace_run=True)
    with pytest.raises(UsageError, match="not 'purge' or 'unstore'"):
        plan_outputs(reader, output="u/me", replace_run=True, prune_replaced="burn")  # type: ignore[arg-type]


def test_a_plan_that_was_overtaken_is_refused_before_anything_is_written(
    reader: Butler, repository: Path, graph
):
    plan = plan_outputs(reader, output="u/new", output_run="u/new/1", input=INPUTS)
    with prepare_write_butler(plan, repository, graph) as first:
        before = chains(first)
        with pytest.raises(CollectionError, match="'u/new/1' exists already"):
            prepare_write_butler(plan, repository, graph)
        assert chains(first) == before
