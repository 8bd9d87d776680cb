from __future__ import annotations

import json
import logging
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from lsst.daf.butler import Quantum
from lsst.daf.butler.logging import ButlerLogRecords
from lsst.pex.config import Config, Field
from lsst.pipe.base import Pipeline, TaskMetadata
from lsst.pipe.base.quantum_graph import PredictedQuantumGraph
from lsst.pipe.base.tests.mocks import InMemoryRepo

from jupyter_mpexec.execution.built_graph import BuiltQuantumGraph
from jupyter_mpexec.execution.graph_builder import GraphBuilder
from jupyter_mpexec.execution.pipeline_builder import PipelineBuilder
from jupyter_mpexec.execution.views import bundle_for
from tests.support.environment import python_environment

from .graphs import CCD, HOSTILE, connection, make_thin_components

TASK = "lsst.pipe.base.tests.no_dimensions.NoDimensionsTestTask"


class HostileConfig(Config):
    name = Field[str](doc=HOSTILE, default="calm")


@pytest.fixture(scope="module")
def quantum(quantum_graph: PredictedQuantumGraph) -> Quantum:
    quanta = quantum_graph.build_execution_quanta(task_label="isr")
    return quanta[next(iter(quantum_graph))]


def hostile_objects(quantum_graph: PredictedQuantumGraph, quantum: Quantum) -> dict[str, Any]:
    config = HostileConfig()
    config.name = HOSTILE
    pipeline = Pipeline(HOSTILE)
    pipeline.addTask(TASK, HOSTILE)
    broken = Pipeline(HOSTILE)
    broken.addTask("nowhere.NoTask", "gone")
    return {
        "config": config,
        "metadata": TaskMetadata.from_dict({HOSTILE: {HOSTILE: HOSTILE}, "top": [1, 2]}),
        "pipeline": pipeline,
        "broken pipeline": broken,
        "pipeline graph": quantum_graph.pipeline_graph,
        "pipeline builder": PipelineBuilder(pipeline).config(HOSTILE, key=HOSTILE),
        "quantum graph": quantum_graph,
        "old quantum graph": quantum_graph.to_old_quantum_graph(),
        "quantum": quantum,
        "dataset ref": quantum.inputs["raw"][0],
        "data ID": quantum.dataId,
    }


def test_bundles_are_escaped_and_complete(quantum_graph: PredictedQuantumGraph, quantum: Quantum) -> None:
    for name, obj in hostile_objects(quantum_graph, quantum).items():
        bundle = bundle_for(obj)
        assert bundle["text/plain"] != repr(obj), name
        assert "<script" not in bundle["text/html"].lower(), name
        assert bundle["text/html"].startswith("<div"), name
        has_picture = "pipeline" in name or "graph" in name
        assert ("image/svg+xml" in bundle) == (has_picture and name != "broken pipeline"), name
        if svg := bundle.get("image/svg+xml"):
            root = ET.fromstring(svg)
            assert [child.tag.rpartition("}")[2] for child in root][:2] == ["title", "desc"]


def test_unknown_objects_and_failing_views(caplog: pytest.LogCaptureFixture) -> None:
    assert bundle_for(3) == {"text/plain": "3"}

    class Unpleasant(Config):
        def __iter__(self) -> Any:
            raise RuntimeError("not today")

        def __repr__(self) -> str:
            return "unpleasant"

    with caplog.at_level(logging.DEBUG, "jupyter_mpexec"):
        assert bundle_for(Unpleasant()) == {"text/plain": "unpleasant"}
    assert "No view" in caplog.text


def test_metadata_text() -> None:
    metadata = TaskMetadata.from_dict({"quantum": {"cpuTime": [1.0, 2.0]}, "isr": {"sub": {"n": 3}}})
    assert bundle_for(metadata)["text/plain"].splitlines() == [
        "TaskMetadata: 2 values in 2 parts",
        "  quantum",
        "    cpuTime = [1.0, 2.0]",
        "  isr",
        "    sub.n = 3",
    ]


def test_quantum_and_parts(quantum: Quantum) -> None:
    text = bundle_for(quantum)["text/plain"]
    assert text.splitlines()[0].startswith("Quantum of DynamicTestPipelineTask at instrument=Cam1, detector=")
    assert "  inputs: crosstalk, raw" in text.splitlines()
    assert "in run input_run" in bundle_for(quantum.inputs["raw"][0])["text/plain"]
    assert "band=" in bundle_for(quantum.dataId)["text/plain"]
    assert "visit record" in bundle_for(quantum.dataId)["text/html"]


def test_builders(repository: Path, pipeline_file: Path) -> None:
    builder = GraphBuilder(
        PipelineBuilder(pipeline_file), str(repository), input="SmallCam/defaults", output="u/me/out"
    )
    before = bundle_for(builder)
    assert "output: u/me/out" in before["text/plain"]
    assert "image/svg+xml" in before
    built = builder.build()
    text = bundle_for(built)["text/plain"]
    assert f"output run: {built.output_run}" in text
    assert "quanta" in text.splitlines()[0]
    actions = bundle_for(PipelineBuilder().add_task(TASK, "first").config("first", key="three"))
    assert "  2. set first: key = three" in actions["text/plain"]


def test_hundred_thousand_quanta(monkeypatch: pytest.MonkeyPatch) -> None:
    components = make_thin_components(500, 100)

    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError("a quantum was built for a picture")

    monkeypatch.setattr(PredictedQuantumGraph, "build_execution_quanta", refuse)
    monkeypatch.setattr(Quantum, "__init__", refuse)
    graph = components.assemble()
    monkeypatch.setattr(type(components), "assemble", refuse)
    bundle = bundle_for(graph)
    assert bundle["text/plain"].splitlines()[0] == "Quantum graph: 100,500 quanta of 3 tasks"
    assert sum(len(json.dumps(part).encode()) for part in bundle.values()) < 200_000
    built = BuiltQuantumGraph.__new__(BuiltQuantumGraph)
    object.__setattr__(built, "components", components)
    object.__setattr__(built, "repository", "/nowhere")
    assert "100,500 quanta" in bundle_for(built)["text/plain"]


def test_wide_pipeline_is_drawn_as_tasks() -> None:
    with InMemoryRepo("base.yaml") as repo:
        for number in range(150):
            inputs = {f"i{back}": connection(f"thing{max(0, number - back)}", CCD) for back in range(3)}
            outputs = {"out": connection(f"thing{number + 1}", CCD)}
            repo.add_task(f"task{number:03}", dimensions=CCD, inputs=inputs, outputs=outputs)
        bundle = bundle_for(repo.pipeline_graph)
    assert "too many to draw: these are the tasks alone" in bundle["text/html"]
    assert "Arrows that others imply are left out" not in bundle["text/html"]
    assert bundle["text/html"].count("<rect") >= 150
    assert sum(len(json.dumps(part).encode()) for part in bundle.values()) < 200_000


SCRIPT = """
import sys
from tests.execution.views.graphs import make_repo, make_thin_components
from lsst.pipe.base import TaskMetadata
from jupyter_mpexec.execution.views import bundle_for
from jupyter_mpexec.execution.views.quantum_graph_diagram import quantum_graph_diagram
from jupyter_mpexec.display.diagram_html import diagram_bundle
repo = make_repo()
metadata = TaskMetadata.from_dict({"a": {"b": 1}})
for obj in (repo.pipeline_graph, repo.pipeline_graph.tasks["isr"].config, metadata):
    print(bundle_for(obj))
thin = make_thin_components(2, 3)
print(diagram_bundle(quantum_graph_diagram(thin, task_label="isr", where="visit = 1")))
print(diagram_bundle(quantum_graph_diagram(thin, max_nodes=3)))
"""


def test_same_in_every_process() -> None:
    def show(seed: str) -> str:
        environment = {**python_environment(), "PYTHONHASHSEED": seed}
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True, check=True
        )
        return done.stdout

    first, second = show("1"), show("2")
    assert len(first) > 1000
    assert first == second


def test_importing_views_imports_no_middleware() -> None:
    code = "import sys, jupyter_mpexec.execution.views as v; v.bundle_for(3); print('lsst' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], env=python_environment(), capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"


def test_log_records_are_lines() -> None:
    records = ButlerLogRecords.from_records([])
    assert bundle_for(records)["text/plain"] == "ButlerLogRecords: 0 log records"
    for level, message in ((logging.INFO, f"Found 12 {HOSTILE}"), (logging.WARNING, "No PSF")):
        records.append(logging.LogRecord("lsst.isr", level, "isr.py", 1, message, None, None))
    try:
        raise ValueError("no pixels")
    except ValueError:
        failure = sys.exc_info()
    records.append(logging.LogRecord("lsst.isr", logging.ERROR, "isr.py", 2, "It failed", None, failure))
    bundle = bundle_for(records)
    for text in bundle.values():
        assert "3 log records" in text
        assert "WARNING lsst.isr: No PSF" in text
        assert "ValueError: no pixels" in text
        assert f"{records[0].asctime:%H:%M:%S}" in text
    assert HOSTILE not in bundle["text/html"]
