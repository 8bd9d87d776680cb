"""What holds whatever database the registry is in; beside the tests elsewhere that run on every registry."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jupyter_mpexec import GraphBuilder, Journal, PipelineBuilder
from jupyter_mpexec.execution.middleware import registry_engine
from jupyter_mpexec.execution.repository import open_butler
from jupyter_mpexec.status import QuantumStatus
from tests.support.registries import on_every_registry
from tests.support.repository import INPUTS, PIPELINE


@on_every_registry
def test_the_registry_is_where_it_should_be(repository: Path, request: pytest.FixtureRequest) -> None:
    with open_butler(repository) as butler:
        engine = registry_engine(butler)
        assert engine is not None
        assert engine.dialect.name == request.node.callspec.params["repository"]


@on_every_registry
@pytest.mark.parametrize(
    "options",
    [{}, {"processes": 2, "detached": False, "start_method": "forkserver"}, {"processes": 2}],
    ids=["in-kernel", "workers", "detached"],
)
def test_two_runs_at_the_same_time_do_not_disturb_each_other(
    repository: Path, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Both enter results all the time (unless they are elsewhere).
    monkeypatch.setattr("jupyter_mpexec.execution.ingest.BATCH_SECONDS", 0.0)
    pipeline = PipelineBuilder(str(PIPELINE)).config("detect", "sleep", 0.3)
    graphs = [
        GraphBuilder(pipeline, repository, input=INPUTS, output=name).build() for name in ("u/one", "u/two")
    ]
    runs = []
    for graph in graphs:
        runs.append(graph.run(register_dataset_types=True, background=True, **options))
        if len(runs) == 1:
            # It waits for the other one.
            runs[0].pause()
    while not runs[1].report.ended and not runs[1].wait(0.05):
        pass
    runs[0].resume()
    for run in runs:
        assert run.wait(300)
        run.check()
        assert run.report.counts == {QuantumStatus.SUCCEEDED: 16}
        assert all(record.ingested for record in run.report.quanta.values())
        with run.butler() as butler:
            refs = set(butler.registry.queryDatasets("*_metadata", collections=run.output_run))
            assert len(refs) == 16
            assert all(butler.stored_many(refs).values())
            assert butler.get("report", instrument="SmallCam")["total"] > 0
    # They did run side by side.
    one, two = (Journal(run.folder).report() for run in runs)
    assert two.started.time < one.finished_at
