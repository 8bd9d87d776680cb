"""Pipelines are put together, changed, undone, compared and saved."""

from __future__ import annotations

from pathlib import Path

import pytest
from lsst.pipe.base import Pipeline

from jupyter_mpexec.errors import PipelineError, TaskNotFoundError, UsageError
from jupyter_mpexec.execution.config_diff import ConfigChange
from jupyter_mpexec.execution.pipeline_builder import PipelineBuilder
from tests.support.instrument import SmallCam
from tests.support.repository import PIPELINE
from tests.support.tasks import CombineTask, DetectTask

ALL = ("detect", "measure", "summarise", "combine")


def configured(builder: PipelineBuilder, label: str) -> dict:
    return builder.pipeline_graph().tasks[label].config.toDict()


@pytest.mark.parametrize(
    ("fragment", "labels"),
    [
        ("", ALL),
        ("#detect,summarise", ("detect", "summarise")),
        ("#gather", ("summarise", "combine")),
        ("#detect,gather", ("detect", "summarise", "combine")),
        ("#measure..summarise", ("measure", "summarise")),
        ("#summarise..", ("summarise", "combine")),
    ],
)
def test_reads_a_file_with_labels(fragment, labels):
    assert PipelineBuilder(f"{PIPELINE}{fragment}").task_labels == labels


def test_starts_from_paths_pipelines_builders_and_nothing():
    assert PipelineBuilder(PIPELINE).task_labels == ALL
    assert PipelineBuilder(PIPELINE.as_uri()).task_labels == ALL
    assert PipelineBuilder(Pipeline.fromFile(str(PIPELINE))).task_labels == ALL
    assert PipelineBuilder().task_labels == ()
    first = PipelineBuilder(PIPELINE).delete_task("combine")
    second = PipelineBuilder(first).undo()
    assert (len(first.task_labels), len(second.task_labels)) == (3, 4)


def test_adds_tasks_by_class_and_by_name():
    builder = PipelineBuilder().add_task(DetectTask).add_task("tests.support.tasks.MeasureTask", "fluxes")
    assert builder.task_labels == ("detect", "fluxes")
    assert set(builder.pipeline_graph().tasks) == {"detect", "fluxes"}


def test_deleting_a_task_keeps_subsets_and_contracts_right(pipeline_file: Path, tmp_path: Path):
    with pipeline_file.open("a") as stream:
        stream.write("contracts:\n- detect.value > measure.value\n")
    builder = PipelineBuilder(pipeline_file).delete_task("measure")
    assert builder.subsets == {"per_detector": {"detect"}, "gather": {"summarise", "combine"}}
    assert set(builder.pipeline_graph().tasks) == {"detect", "summarise", "combine"}
    builder.save(tmp_path / "saved.yaml")
    assert set(PipelineBuilder(tmp_path / "saved.yaml").pipeline_graph().tasks) == set(builder.task_labels)


def test_deleting_the_last_task_leaves_an_empty_pipeline():
    assert PipelineBuilder().add_task(DetectTask).delete_task("detect").task_labels == ()


def test_relabels_in_subsets_and_contracts(pipeline_file: Path):
    with pipeline_file.open("a") as stream:
        stream.write("contracts:\n- detect.value > measure.value\n")
    builder = PipelineBuilder(pipeline_file).relabel("detect", "find")
    assert builder.task_labels == ("find", "measure", "summarise", "combine")
    assert builder.subsets["per_detector"] == {"find", "measure"}
    assert configured(builder, "find")["value"] == 3
    builder.config("measure", value=9)
    with pytest.raises(PipelineError, match=r"contradicts itself: .*find\.value > measure\.value"):
        builder.pipeline_graph()


def test_overrides_config_fields():
    builder = PipelineBuilder(PIPELINE)
    builder.config("detect", "threshold.grow", 4).config("detect", sleep=2, fail_on="visit = 2")
    config = configured(builder, "detect")
    assert (config["threshold"]["grow"], config["sleep"], config["fail_on"]) == (4, 2.0, "visit = 2")
    assert len(builder.actions) == 3


@pytest.mark.parametrize("text", ["7", "os", "[1, 2]", "it's"])
def test_a_text_field_takes_texts_that_look_like_something_else(text):
    builder = PipelineBuilder(PIPELINE).config("detect", fail_on=text)
    assert configured(builder, "detect")["fail_on"] == text


def test_a_number_field_takes_numbers_written_as_texts():
    assert configured(PipelineBuilder(PIPELINE).config("detect", value="12"), "detect")["value"] == 12


def test_applies_config_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "here.py").write_text("config.threshold.sigma = 3.5\n")
    monkeypatch.chdir(tmp_path)
    builder = PipelineBuilder(PIPELINE).config_file("detect", "here.py")
    monkeypatch.chdir("/")
    assert configured(builder, "detect")["threshold"]["sigma"] == 3.5


def test_applies_the_overrides_of_the_instrument_before_those_of_the_pipeline():
    builder = PipelineBuilder(PIPELINE).instrument(SmallCam)
    assert configured(builder, "detect")["threshold"]["sigma"] == 7.0
    builder.config("detect", "threshold.sigma", 9.0)
    assert configured(builder, "detect")["threshold"]["sigma"] == 9.0


def test_sets_parameters():
    builder = PipelineBuilder(PIPELINE).parameter("amount", 5)
    assert configured(builder, "detect")["value"] == 5
    builder.parameter("later", 1, declare=True).config("measure", value="parameters.later")
    assert configured(builder.parameter("later", 8), "measure")["value"] == 8


@pytest.mark.parametrize(
    ("expression", "labels"),
    [
        (">=measure", {"measure", "summarise", "combine"}),
        ("<=visit_summary", {"detect", "measure", "summarise"}),
        ("per_detector & ~measure", {"detect"}),
        ("S:gather | T:detect", {"detect", "summarise", "combine"}),
    ],
)
def test_selects_with_subset_expressions(expression, labels):
    builder = PipelineBuilder(PIPELINE).select(expression)
    assert set(builder.task_labels) == labels
    assert set(builder.pipeline_graph().tasks) == labels


def test_keeps_named_tasks_and_subsets():
    assert PipelineBuilder(PIPELINE).subset("detect", "gather").task_labels == (
        "detect",
        "summarise",
        "combine",
    )


def test_lists_and_undoes_actions():
    builder = PipelineBuilder(PIPELINE)
    builder.delete_task("combine").config("detect", value=7).relabel("detect", "find").select("find")
    assert [str(action) for action in builder.actions] == [
        "delete task combine",
        "set detect: value = 7",
        "rename task detect to find",
        "select tasks find",
    ]
    assert builder.undo().task_labels == ("find", "measure", "summarise")
    assert builder.undo(2).actions[-1].text == "delete task combine"
    assert configured(builder, "detect")["value"] == 3
    assert builder.undo().task_labels == ALL
    with pytest.raises(UsageError, match="Cannot undo 1 action: nothing was done yet"):
        builder.undo()


def test_an_action_that_fails_changes_nothing():
    builder = PipelineBuilder(PIPELINE).config("detect", value=7)
    before = str(builder.pipeline)
    with pytest.raises(PipelineError):
        builder.config("detect", sleep=1, valeu=9)
    assert str(builder.pipeline) == before
    assert len(builder.actions) == 1


def test_the_pipeline_is_a_copy():
    builder = PipelineBuilder(PIPELINE)
    builder.pipeline.removeTask("detect")
    assert builder.task_labels == ALL


def test_resolves_against_a_repository(repository: Path, butler):
    builder = PipelineBuilder(PIPELINE)
    assert not builder.pipeline_graph().is_fully_resolved
    for source in (butler, repository, str(repository)):
        graph = builder.pipeline_graph(source)
        assert graph.is_fully_resolved
        assert set(graph.tasks["detect"].dimensions.required) == {"instrument", "visit", "detector"}


def test_config_diff_shows_what_instrument_and_pipeline_changed():
    builder = PipelineBuilder(PIPELINE).instrument(SmallCam).config("detect", "threshold.grow", 4)
    changes = {
        "value": ConfigChange(default=1, value=3, origin="pipeline"),
        "threshold.sigma": ConfigChange(default=5.0, value=7.0, origin="instrument"),
        "threshold.grow": ConfigChange(default=2, value=4, origin="pipeline"),
    }
    assert builder.config_diff("detect") == changes
    assert builder.config_diff() == {"detect": changes}
    assert builder.config("detect", "threshold.grow", 2).config_diff("detect").keys() == {
        "value",
        "threshold.sigma",
    }


def test_saves_what_it_can_read_again(tmp_path: Path):
    builder = PipelineBuilder(PIPELINE).instrument(SmallCam).add_task(CombineTask, "again")
    builder.config("measure", fail_on="7", value=4).parameter("amount", 11).relabel("detect", "find")
    builder.save(tmp_path / "saved.yaml")
    read = PipelineBuilder(tmp_path / "saved.yaml")
    assert read.task_labels == builder.task_labels
    assert read.config_diff() == builder.config_diff()
    assert builder.options() == ("-p", str(tmp_path / "saved.yaml"))


def test_saving_needs_a_yaml_name_in_a_folder_that_can_be_written(tmp_path: Path):
    with pytest.raises(PipelineError, match=r"ends in \.yaml"):
        PipelineBuilder(PIPELINE).save(tmp_path / "pipeline.txt")
    (tmp_path / "file").touch()
    with pytest.raises(PipelineError, match="cannot be saved"):
        PipelineBuilder(PIPELINE).save(tmp_path / "file" / "pipeline.yaml")


def test_a_renamed_task_has_no_options_until_the_pipeline_is_saved(tmp_path: Path):
    builder = PipelineBuilder(PIPELINE).relabel("detect", "find")
    with pytest.raises(PipelineError, match="no option to rename task detect to find"):
        builder.options()
    with pytest.raises(PipelineError, match="it has no file"):
        PipelineBuilder(Pipeline.fromFile(str(PIPELINE))).options()


def test_pipetask_makes_the_same_pipeline_of_the_options(tmp_path: Path, pipetask):
    overrides = tmp_path / "measure.py"
    overrides.write_text("config.sleep = 0.5\n")
    builder = (
        PipelineBuilder(PIPELINE)
        .instrument(SmallCam)
        .add_task(CombineTask, "again")
        .config("detect", "threshold.grow", 4)
        .config("measure", fail_on="7")
        .config("combine", "connections.report", "total")
        .config_file("measure", overrides)
        .parameter("amount", 5)
        .subset("per_detector", "combine", "again", "summarise")
        .delete_task("again")
    )
    pipetask("build", *builder.options(), "--save-pipeline", tmp_path / "theirs.yaml")
    theirs = PipelineBuilder(Pipeline.fromFile(str(tmp_path / "theirs.yaml")))
    assert theirs.task_labels == builder.task_labels
    assert theirs.config_diff() == builder.config_diff()


def test_a_final_selection_is_left_to_pipetask():
    builder = PipelineBuilder(PIPELINE).select(">=measure").config("measure", value=2)
    assert builder.options() == (
        "-p",
        str(PIPELINE),
        "--select-tasks",
        ">=measure",
        "-c",
        "measure:value=2",
    )
    builder.add_task(DetectTask)
    assert builder.options()[2:4] == ("--delete", "detect")


def test_labels_must_be_free():
    builder = PipelineBuilder(PIPELINE)
    with pytest.raises(PipelineError, match="has a task 'detect' already"):
        builder.add_task(DetectTask)
    with pytest.raises(PipelineError, match="has a subset 'gather' already"):
        builder.relabel("detect", "gather")


def test_unknown_labels_come_with_a_suggestion():
    builder = PipelineBuilder(PIPELINE)
    for call in (
        lambda: builder.delete_task("detcet"),
        lambda: builder.relabel("detcet", "x"),
        lambda: builder.config("detcet", value=1),
        lambda: builder.config_file("detcet", "x.py"),
        lambda: builder.config_diff("detcet"),
        lambda: builder.subset("detcet"),
    ):
        with pytest.raises(TaskNotFoundError, match="'detcet'") as caught:
            call()
        assert "Did you mean 'detect'?" in str(caught.value)
    assert builder.actions == ()


def test_repr_is_one_line():
    assert repr(PipelineBuilder(f"{PIPELINE}#detect").config("detect", value=1)) == (
        "PipelineBuilder(detect; 1 action)"
    )
