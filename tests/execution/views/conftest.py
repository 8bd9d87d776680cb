from __future__ import annotations

from collections.abc import Iterator

import pytest
from lsst.pipe.base.pipeline_graph import PipelineGraph
from lsst.pipe.base.quantum_graph import PredictedQuantumGraph
from lsst.pipe.base.tests.mocks import InMemoryRepo

from .graphs import make_repo


@pytest.fixture(scope="module")
def repo() -> Iterator[InMemoryRepo]:
    with make_repo() as made:
        yield made


@pytest.fixture
def unresolved() -> Iterator[PipelineGraph]:
    with make_repo() as made:
        yield made.pipeline_graph


@pytest.fixture(scope="module")
def quantum_graph(repo: InMemoryRepo) -> PredictedQuantumGraph:
    return repo.make_quantum_graph()
