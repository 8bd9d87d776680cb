"""Pipelines and quantum graphs of upstream's mock tasks."""

from __future__ import annotations

import itertools
import uuid

from lsst.pipe.base.quantum_graph import (
    PredictedQuantumGraphComponents,
    PredictedThinGraphModel,
    PredictedThinQuantumModel,
)
from lsst.pipe.base.tests.mocks import DynamicConnectionConfig, InMemoryRepo

CCD = ["visit", "detector"]
HOSTILE = "<script>alert('x')</script>"


def connection(name: str, dimensions: list[str], **options: object) -> DynamicConnectionConfig:
    return DynamicConnectionConfig(dataset_type_name=name, dimensions=dimensions, **options)


def make_repo() -> InMemoryRepo:
    """Three tasks on two visits and four detectors, with subsets that nest and overlap."""
    repo = InMemoryRepo("base.yaml", "spatial.yaml")
    repo.add_task(
        "isr",
        dimensions=CCD,
        inputs={"raw": connection("raw", CCD)},
        outputs={"out": connection("corrected", CCD)},
        prerequisite_inputs={"crosstalk": connection("crosstalk", ["detector"])},
    )
    repo.add_task(
        "calibrate",
        dimensions=CCD,
        inputs={"input": connection("corrected", CCD)},
        outputs={"out": connection("calexp", CCD)},
        init_outputs={"schema": connection("src_schema", [])},
    )
    repo.add_task(
        "summary",
        dimensions=["visit"],
        inputs={
            "input": connection("calexp", CCD, multiple=True),
            "metadata": connection("isr_metadata", CCD, storage_class="TaskMetadata", multiple=True),
        },
        outputs={"out": connection("visitSummary", ["visit"])},
        init_inputs={"schema": connection("src_schema", [])},
    )
    graph = repo.pipeline_graph
    graph.description = f"A pipeline {HOSTILE}"
    graph.add_task_subset("step1", ["isr", "calibrate"], HOSTILE)
    graph.add_task_subset("everything", ["isr", "calibrate", "summary"])
    graph.add_task_subset("overlapping", ["calibrate", "summary"])
    return repo


def make_thin_components(visits: int, detectors: int) -> PredictedQuantumGraphComponents:
    """A graph of ``visits * (2 * detectors + 1)`` quanta, as a thin read of a file would give it."""
    with make_repo() as repo:
        pipeline_graph = repo.pipeline_graph
        pipeline_graph.resolve(repo.butler.registry)
        components = PredictedQuantumGraphComponents.make_empty(
            repo.butler.dimensions, output_run="u/someone/run", inputs=["Cam1/defaults"]
        )
    components.pipeline_graph = pipeline_graph
    numbers = itertools.count(1)
    quanta: dict[str, list[PredictedThinQuantumModel]] = {"isr": [], "calibrate": [], "summary": []}
    edges = []

    def add(label: str, values: list[int | str]) -> uuid.UUID:
        quantum_id = uuid.UUID(int=next(numbers))
        quanta[label].append(
            PredictedThinQuantumModel.model_construct(quantum_id=quantum_id, data_coordinate=values)
        )
        return quantum_id

    for visit in range(visits):
        rest = ["r", 20210909, "Cam1-R1"]
        last = add("summary", ["Cam1", visit, *rest])
        for detector in range(detectors):
            first = add("isr", ["Cam1", detector, visit, *rest])
            second = add("calibrate", ["Cam1", detector, visit, *rest])
            edges += [(first, second), (second, last), (first, last)]
    components.thin_graph = PredictedThinGraphModel.model_construct(quanta=quanta, edges=edges)
    components.header.n_task_quanta = {label: len(found) for label, found in quanta.items()}
    components.header.n_quanta = sum(components.header.n_task_quanta.values())
    return components
