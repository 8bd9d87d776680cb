"""The same from a shell: a command that does the same, or none."""

from __future__ import annotations

from pathlib import Path

import pytest
from astropy.table import Table
from lsst.daf.butler import Butler
from lsst.pipe.base import Pipeline

from jupyter_mpexec import BuiltQuantumGraph, GraphBuilder, PipelineBuilder
from tests.support.repository import INPUTS, PIPELINE

VISIT_1 = "instrument = 'SmallCam' AND visit = 1"


def build(repository: object, pipeline: object = PIPELINE, **options: object) -> BuiltQuantumGraph:
    given = {"input": INPUTS, "output": "u/me", "data_query": VISIT_1, **options}
    return GraphBuilder(pipeline, repository, **given).build()  # type: ignore[arg-type]  # different for each case


def test_paths_are_absolute(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "small.yaml").write_text(PIPELINE.read_text())
    Table({"instrument": ["SmallCam"], "visit": [1]}).write(tmp_path / "ids.ecsv")
    monkeypatch.chdir(tmp_path)
    built = build(repository.name, "small.yaml#detect", data_id_tables="ids.ecsv").save("graph.qg")
    loaded = GraphBuilder.load("graph.qg", repository.name)
    monkeypatch.chdir("/")
    words = built.command
    assert words[:6] == ("pipetask", "run", "-b", str(repository), "-p", f"{tmp_path}/small.yaml#detect")
    assert str(tmp_path / "ids.ecsv") in words
    assert built.components.header.command.startswith(
        f"pipetask run -b {repository} -p '{tmp_path}/small.yaml#detect'"
    )
    assert loaded.command[2:6] == ("-b", str(repository), "-g", str(tmp_path / "graph.qg"))


def test_names_that_are_not_paths_stay(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIPELINES", str(PIPELINE.parent))
    name = f"$PIPELINES/{PIPELINE.name}"
    assert build(repository, name).command[4:6] == ("-p", name)


def test_there_is_none_for_what_is_in_memory(repository: Path) -> None:
    table = Table({"instrument": ["SmallCam"], "visit": [1]})
    for built in (
        build(repository, Pipeline.fromFile(str(PIPELINE))),
        build(repository, PipelineBuilder(PIPELINE).pipeline_graph()),
        build(repository, PipelineBuilder(PIPELINE).relabel("detect", "find")),
        build(repository, data_id_tables=table),
        build(repository).subset("detect"),
    ):
        assert built.command == ()
        assert built.summary.command == ""


def test_there_is_none_for_a_class_of_the_notebook(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import __main__
    from tests.support.tasks import DetectTask

    mine = type("MyTask", (DetectTask,), {"__module__": "__main__"})
    monkeypatch.setattr(__main__, "MyTask", mine, raising=False)
    assert build(repository, PipelineBuilder().add_task(mine, "mine")).command == ()


def test_a_part_of_a_graph_file(repository: Path, tmp_path: Path) -> None:
    built = build(repository).save(tmp_path / "graph.qg")
    chosen = sorted(map(str, built.quantum_ids("detect")))
    words = GraphBuilder.load(tmp_path / "graph.qg", repository, quantum_ids=chosen).command
    assert words[words.index("--qgraph-node-id") + 1] == ",".join(chosen)


def test_values_are_put_into_the_query(repository: Path) -> None:
    numpy = pytest.importorskip("numpy")
    built = build(
        repository,
        data_query="instrument = 'SmallCam' AND visit IN (:v)",
        bind={"v": numpy.array([1, 2])},
    )
    assert built.quanta_by_task["summarise"] == 2
    assert "instrument = 'SmallCam' AND visit IN (1, 2)" in built.command


def test_an_extended_graph_extends_its_run(repository: Path, pipetask: object) -> None:
    built = build(repository)
    words = built.extended().command
    assert words[words.index("--output-run") + 1] == built.output_run
    assert "--extend-run" in words


def test_the_report_has_the_options_of_the_run(repository: Path, pipetask: object) -> None:
    built = build(repository, output_run="u/me/one")
    done = built.run(register_dataset_types=True, no_versions=True, clobber_outputs=True, timeout=60.0)
    words = done.report.started.command
    expected = ["--register-dataset-types", "--no-versions", "--clobber-outputs", "--timeout"]
    assert [word for word in expected if word in words] == expected
    pipetask("qgraph", *built.extended().command[2:], "--show", "pipeline")  # type: ignore[operator]  # a function
    with Butler.from_config(str(repository), writeable=False, collections="u/me") as butler:
        assert butler.get("report", instrument="SmallCam")


def test_the_report_of_a_part_has_none(repository: Path) -> None:
    done = build(repository).subset("detect").run(register_dataset_types=True)
    assert done.report.started.command == ()


def test_a_config_value_with_an_equals_sign_needs_our_own_command(repository: Path) -> None:
    pipeline = PipelineBuilder(str(PIPELINE)).config("detect", "fail_on", "visit = 99")
    built = GraphBuilder(pipeline, repository, input=INPUTS, output="u/me").build()
    assert built.command[:2] == ("jupyter-mpexec", "run")
    plain = GraphBuilder(str(PIPELINE), repository, input=INPUTS, output="u/me").build()
    assert plain.command[:2] == ("pipetask", "run")
