"""Mistakes are named, with what to do about them; and nothing is written."""

from __future__ import annotations

import gc
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from jupyter_mpexec.errors import (
    CollectionError,
    EmptyQuantumGraphError,
    JupyterMpexecError,
    PipelineError,
    QuantumGraphError,
    QueryError,
    RepositoryError,
    TaskNotFoundError,
    UsageError,
)
from jupyter_mpexec.execution.graph_builder import GraphBuilder
from jupyter_mpexec.execution.pipeline_builder import PipelineBuilder
from tests.support.repository import INPUTS, PIPELINE
from tests.support.tasks import CalibrateTask, DetectConfig, DetectConnections, DetectTask

pytestmark = pytest.mark.usefixtures("untouched")


def fails(kind: type[JupyterMpexecError], message: str, hint: str = "", /, **options) -> JupyterMpexecError:
    """Build a graph, and check how that fails."""
    pipeline = options.pop("pipeline", PIPELINE)
    butler = options.pop("butler")
    options = {"input": INPUTS, "output": "u/me", **options}
    with pytest.raises(kind) as caught:
        GraphBuilder(pipeline, butler, **options).build()
    assert message in caught.value.message
    assert hint in caught.value.hint
    return caught.value


def write(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def test_missing_repository(repository: Path):
    missing = repository.with_name("nowhere")
    fails(RepositoryError, f"There is no Butler repository at {missing}.", "", butler=missing)
    assert not missing.exists()


def test_no_repository_at_all(repository: Path):
    fails(RepositoryError, "No Butler repository is given", "--butler-config", butler=None)


def test_unknown_alias(repository: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DAF_BUTLER_REPOSITORIES", f"small: {repository}\nbroken: /no/where\n")
    error = fails(RepositoryError, "no Butler repository at smal.", "Did you mean 'small'?", butler="smal")
    assert "Known aliases: broken, small." in error.hint
    fails(RepositoryError, "The alias 'broken' leads to file:///no/where, which", "", butler="broken")


def test_not_a_repository(repository: Path, tmp_path: Path):
    folder = tmp_path / "folder"
    folder.mkdir()
    fails(RepositoryError, f"{folder} is not a Butler repository: it has no butler.yaml", "", butler=folder)
    write(folder / "butler.yaml", "a: {b\n")
    fails(RepositoryError, "is not a Butler repository", "butler.yaml", butler=folder)
    write(folder / "butler.yaml", (repository / "butler.yaml").read_text())
    fails(RepositoryError, "The database of repository", "complete", butler=folder)
    assert [path.name for path in folder.iterdir()] == ["butler.yaml"]


def test_unknown_collection(repository: Path):
    error = fails(
        CollectionError,
        "There is no collection 'SmallCam/defalts'",
        "Did you mean 'SmallCam/defaults'?",
        butler=repository,
        input="SmallCam/defalts",
    )
    assert "input= (-i" in error.hint


def test_no_input_collections(repository: Path):
    fails(CollectionError, "no collections to find inputs in", "input= (-i)", butler=repository, input=())


def test_output_run_that_exists(repository: Path):
    fails(
        CollectionError,
        "The output run 'SmallCam/raw' exists already",
        "extend_run=True (--extend-run)",
        butler=repository,
        output_run="SmallCam/raw",
    )


@pytest.mark.parametrize("fragment", ["#detcet", "#measure,detcet", "#detcet..measure"])
def test_unknown_task_label(fragment: str):
    with pytest.raises(TaskNotFoundError, match="'detcet'") as caught:
        PipelineBuilder(f"{PIPELINE}{fragment}")
    assert caught.value.hint == "Did you mean 'detect'?"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("description: x\ntasks:\n  a: {class: x\n  b: y\n", "(line 4, column 4)"),
        ("description: x\n\ttasks: 1\n", "(line 2, column 1)"),
        ("description: 'x\n", "(line 2, column 1)"),
        ("description: x\ntasks:\n  a: y\n  a: z\n", "'a'"),
    ],
)
def test_malformed_yaml_is_told_with_its_line(repository: Path, tmp_path: Path, text: str, place: str):
    file = write(tmp_path / "bad.yaml", text)
    error = fails(PipelineError, str(file), "", butler=repository, pipeline=file)
    assert place in error.message


@pytest.mark.parametrize(
    "text", ["just text", "", "[1, 2]", "tasks: {}\n", "description: x\n", "description: x\ntasks: 3"]
)
def test_yaml_that_is_not_a_pipeline(repository: Path, tmp_path: Path, text: str):
    file = write(tmp_path / "bad.yaml", text)
    fails(
        PipelineError,
        f"{file} is not a pipeline",
        "a description and tasks",
        butler=repository,
        pipeline=file,
    )


def test_missing_pipeline_file(repository: Path, tmp_path: Path):
    missing = tmp_path / "no.yaml"
    fails(PipelineError, f"There is no pipeline file {missing}", "", butler=repository, pipeline=missing)
    fails(PipelineError, "There is no pipeline to build", "PipelineBuilder", butler=repository, pipeline=None)


def test_pipeline_whose_import_is_missing(repository: Path, tmp_path: Path):
    file = write(tmp_path / "bad.yaml", "description: x\nimports:\n- location: /no/such.yaml\n")
    fails(PipelineError, "There is no pipeline file /no/such.yaml", "", butler=repository, pipeline=file)


def test_config_field_that_does_not_exist(repository: Path, tmp_path: Path):
    builder = PipelineBuilder(PIPELINE)
    for call, hint in (
        (lambda: builder.config("detect", treshold=1), "Did you mean 'threshold'?"),
        (lambda: builder.config("detect", "threshold.sgma", 1), "Did you mean 'threshold.sigma'?"),
        (lambda: builder.config("detect", zzz=1), "Its fields: "),
    ):
        with pytest.raises(PipelineError, match=r"The config of task 'detect' .* has no field") as caught:
            call()
        assert hint in caught.value.hint
    assert builder.actions == ()
    file = write(
        tmp_path / "bad.yaml", PIPELINE.read_text().replace("value: parameters", "valeu: parameters")
    )
    fails(PipelineError, "has no field 'valeu'", "Did you mean 'value'?", butler=repository, pipeline=file)


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("value", "many", "Expected type int"),
        ("value", 1.5, "Expected type int"),
        ("value", None, "None"),
        ("threshold.grow", -1, "not a valid value"),
        ("fail_on", 3, "Expected type str"),
        ("threshold", 3, "threshold"),
    ],
)
def test_config_value_that_does_not_fit(name: str, value: object, reason: str):
    builder = PipelineBuilder(PIPELINE)
    with pytest.raises(PipelineError, match="'detect'") as caught:
        builder.config("detect", name, value).pipeline_graph()
    assert reason in caught.value.message
    assert name in caught.value.message


def test_config_value_of_a_foreign_type():
    with pytest.raises(UsageError, match="cannot hold a value of type object"):
        PipelineBuilder(PIPELINE).config("detect", value=object())


def test_config_file_that_is_wrong(tmp_path: Path):
    builder = PipelineBuilder(PIPELINE)
    with pytest.raises(PipelineError, match=r"config file of task 'detect' cannot be read: .*no\.py"):
        builder.config_file("detect", tmp_path / "no.py")
    for text in ("config.valeu = 1\n", "config.value = 'x'\n", "config.value = = 1\n", "1 / 0\n"):
        with pytest.raises(PipelineError, match="configuration of task 'detect' is wrong"):
            builder.config_file("detect", write(tmp_path / "bad.py", text))
    assert builder.actions == ()


def test_parameter_that_does_not_exist():
    with pytest.raises(PipelineError, match="no parameter 'amont'") as caught:
        PipelineBuilder(PIPELINE).parameter("amont", 1)
    assert caught.value.hint == "Did you mean 'amount'?"
    with pytest.raises(PipelineError, match="'detect'"):
        PipelineBuilder(PIPELINE).parameter("amount", "x")


def test_task_that_cannot_be_imported(repository: Path, tmp_path: Path):
    with pytest.raises(TaskNotFoundError, match=r"'no\.such\.Task' cannot be imported") as caught:
        PipelineBuilder().add_task("no.such.Task")
    assert "installed in this environment" in caught.value.hint
    with pytest.raises(TaskNotFoundError, match="not a PipelineTask"):
        PipelineBuilder().add_task("pathlib.Path")
    file = write(tmp_path / "bad.yaml", PIPELINE.read_text().replace("MeasureTask", "NoSuchTask"))
    fails(TaskNotFoundError, "of task 'measure' cannot be imported", "", butler=repository, pipeline=file)


def test_instrument_that_cannot_be_imported():
    for name in ("SmallCam", "no.such.Cam", "pathlib.Path"):
        with pytest.raises(PipelineError, match=name):
            PipelineBuilder(PIPELINE).instrument(name)


@pytest.mark.parametrize("expression", ["detect &", "detcet", "|", ">"])
def test_selection_that_is_wrong(expression: str):
    with pytest.raises(PipelineError, match="selection"):
        PipelineBuilder(PIPELINE).select(expression)


def test_selection_of_nothing():
    with pytest.raises(PipelineError, match="No task is left"):
        PipelineBuilder(PIPELINE).select("detect & measure")


@pytest.mark.parametrize(
    ("query", "message", "hint"),
    [
        ("visit = ", "End of input reached", "Write for example"),
        ("visit = = 1", "is not right", "Write for example"),
        ("visti = 1", "Unrecognized identifier 'visti'", "Did you mean 'visit'?"),
        ("instrument = 'SmallCam' AND visit = 'x'", "do not agree", ""),
        ("instrument = 'SmallCam' AND visit.exposuretime > 1", "exposuretime", "'exposure_time'"),
        ("instrument = 'SmallCam' AND visit = :which", "'which' is not in the bind map", "bind={'which'"),
    ],
)
def test_data_query_that_is_wrong(repository: Path, query: str, message: str, hint: str):
    error = fails(QueryError, message, hint, butler=repository, data_query=query)
    assert repr(query) in error.message


def test_data_id_table_that_cannot_be_read(repository: Path, tmp_path: Path):
    missing = tmp_path / "no.ecsv"
    fails(
        UsageError,
        f"The data-ID table {missing} cannot be read",
        "",
        butler=repository,
        data_id_tables=missing,
    )


def test_dataset_query_constraint_that_is_no_input(repository: Path):
    fails(
        UsageError, "'count'", "Did you mean 'counts'?", butler=repository, dataset_query_constraint="count"
    )


def test_names_that_are_nearly_right(repository: Path, pipeline_file: Path):
    fails(RepositoryError, "no Butler repository", f"Did you mean '{repository}'?", butler=f"{repository}s")
    near = pipeline_file.with_name("smal.yaml")
    fails(PipelineError, "no pipeline file", "Did you mean 'small.yaml'?", butler=repository, pipeline=near)
    unset = "$NO_SUCH_DIR/small.yaml"
    fails(PipelineError, "no pipeline file", "variable 'NO_SUCH_DIR'", butler=repository, pipeline=unset)


def test_a_class_of_the_notebook_that_is_given_by_its_name():
    with pytest.raises(TaskNotFoundError) as caught:
        PipelineBuilder().add_task("MyTask")
    assert "in the notebook is {MyTask}" in caught.value.hint


def test_empty_graph_because_of_the_query(repository: Path, caplog: pytest.LogCaptureFixture):
    query = "instrument = 'SmallCam' AND visit = 99"
    error = fails(
        EmptyQuantumGraphError,
        "The quantum graph is empty",
        "data_query= (-d)",
        butler=repository,
        data_query=query,
    )
    assert f"- There is no data ID where {query}." in error.message
    assert "counts" not in error.message, "Datasets are not to blame."
    assert "Initial data ID query" not in caplog.text


def test_empty_graph_because_of_the_inputs(repository: Path):
    error = fails(
        EmptyQuantumGraphError,
        "The quantum graph is empty",
        "input= (-i)",
        butler=repository,
        input="SmallCam/calib",
    )
    assert "'counts', which detect reads, has no datasets in SmallCam/calib." in error.message


def test_empty_graph_because_of_a_dataset_type_that_nobody_made(repository: Path):
    pipeline = f"{PIPELINE}#gather"
    error = fails(
        EmptyQuantumGraphError,
        "The quantum graph is empty",
        "input= (-i)",
        butler=repository,
        pipeline=pipeline,
    )
    assert "'measurements', which summarise reads, is not a dataset type of this repository" in error.message


def test_missing_prerequisites(repository: Path):
    pipeline = PipelineBuilder().add_task(CalibrateTask)
    error = fails(QuantumGraphError, "", "", butler=repository, pipeline=pipeline, input="SmallCam/raw")
    assert "calibrate.bias" in error.message
    assert "input= (-i)" in error.hint


@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")  # upstream's reader of the old format
@pytest.mark.parametrize("extension", [".qg", ".qgraph"])
def test_corrupt_graph_file(repository: Path, tmp_path: Path, extension: str):
    file = tmp_path / f"graph{extension}"
    GraphBuilder(PIPELINE, repository, input=INPUTS, output="u/me").build().save(file)
    good = file.read_bytes()
    flipped = bytearray(good)
    flipped[::7] = bytes(byte ^ 0x55 for byte in flipped[::7])
    for bad in (b"", b"no graph", good[: len(good) // 2], good[:-20], bytes(flipped)):
        file.write_bytes(bad)
        with pytest.raises(QuantumGraphError, match=f"{file} cannot be read") as caught:
            GraphBuilder.load(file, repository)
        assert "damaged" in caught.value.hint
        del caught
    gc.collect()


def test_missing_graph_file(repository: Path, tmp_path: Path):
    with pytest.raises(QuantumGraphError, match="There is no quantum graph file"):
        GraphBuilder.load(tmp_path / "no.qg", repository)


def test_graph_file_without_the_quanta(repository: Path, tmp_path: Path):
    GraphBuilder(PIPELINE, repository, input=INPUTS, output="u/me").build().save(tmp_path / "graph.qg")
    unknown = "01234567-89ab-cdef-0123-456789abcdef"
    with pytest.raises(QuantumGraphError, match=f"has no quantum {unknown}"):
        GraphBuilder.load(tmp_path / "graph.qg", repository, quantum_ids=[unknown])
    with pytest.raises(UsageError, match="not a UUID"):
        GraphBuilder.load(tmp_path / "graph.qg", repository, quantum_ids=["x"])


def test_records_of_dimensions_that_are_missing(repository: Path, tmp_path: Path):
    incomplete = Path(shutil.copytree(repository, tmp_path / "incomplete"))
    with closing(sqlite3.connect(incomplete / "gen3.sqlite3")) as database, database:
        database.execute("DELETE FROM visit_detector_region WHERE visit = 2")
    fails(
        QuantumGraphError,
        "no 'visit_detector_region' record for some of the data IDs",
        "define-visits",
        butler=incomplete,
    )


class KeyErrorConnections(DetectConnections, dimensions=("instrument", "visit", "detector")):
    def adjustQuantum(self, inputs, outputs, label, data_id):  # noqa: N802  # upstream's name
        raise KeyError("visit")


class KeyErrorConfig(DetectConfig, pipelineConnections=KeyErrorConnections):
    pass


class KeyErrorTask(DetectTask):
    ConfigClass = KeyErrorConfig


def test_a_key_error_of_a_task_is_its_own(repository: Path):
    pipeline = PipelineBuilder().add_task(KeyErrorTask)
    with pytest.raises(KeyError, match="visit") as caught:
        GraphBuilder(pipeline, repository, input=INPUTS, output="u/me").build()
    assert caught.traceback[-1].name == "adjustQuantum"
