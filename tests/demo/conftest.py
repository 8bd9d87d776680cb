"""Demo repositories, made once for all tests, and run with upstream's own executor."""

from __future__ import annotations

import argparse
import io

import pytest
from lsst.daf.butler import Butler
from lsst.pipe.base.quantum_graph import PredictedQuantumGraph
from lsst.pipe.base.separable_pipeline_executor import SeparablePipelineExecutor

from jupyter_mpexec.demo import DemoRepository, HubbleRepository, make_hubble_repository, make_repository
from jupyter_mpexec.demo.command import add_arguments, run

OUTPUT = "u/test/run"


def execute(
    repository: DemoRepository | HubbleRepository, output: str = OUTPUT
) -> tuple[Butler, PredictedQuantumGraph]:
    """Run a repository's pipeline in this process."""
    butler = Butler.from_config(
        str(repository.root), writeable=True, collections=[repository.inputs], run=output
    )
    executor = SeparablePipelineExecutor(butler)
    graph = executor.build_quantum_graph(executor.make_pipeline(str(repository.pipeline)))
    executor.pre_execute_qgraph(graph, register_dataset_types=True)
    executor.run_pipeline(graph)
    return repository.butler(), graph


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> DemoRepository:
    """Give a small survey, to look at the inputs only."""
    return make_repository(tmp_path_factory.mktemp("small"), size="small", seed=1)


@pytest.fixture(scope="session")
def processed(small: DemoRepository) -> tuple[Butler, PredictedQuantumGraph]:
    """Give the small survey after its pipeline has run."""
    return execute(small)


@pytest.fixture(scope="session")
def by_command(tmp_path_factory: pytest.TempPathFactory) -> tuple[Butler, str]:
    """Give a small survey with another seed, made by the command, and what that wrote."""
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    path, out = tmp_path_factory.mktemp("command") / "repo", io.StringIO()
    assert run(parser.parse_args([str(path), "--size", "small", "--seed", "2"]), out) == 0
    return Butler.from_config(str(path)), out.getvalue()


@pytest.fixture(scope="session")
def hubble(tmp_path_factory: pytest.TempPathFactory) -> Butler:
    """Give the Hubble repository after its pipeline has run."""
    return execute(make_hubble_repository(tmp_path_factory.mktemp("hubble")))[0]
