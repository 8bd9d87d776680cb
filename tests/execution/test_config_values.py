"""Values that do not fit a field: the reader is told what would."""

from __future__ import annotations

import pytest
from lsst.pex.config import ChoiceField, Config, ConfigChoiceField, ConfigField
from lsst.pipe.base import PipelineTask, PipelineTaskConfig, PipelineTaskConnections, connectionTypes

from jupyter_mpexec import PipelineBuilder
from jupyter_mpexec.errors import PipelineError
from jupyter_mpexec.execution.config_values import choices


class ReduceConnections(PipelineTaskConnections, dimensions=("instrument",)):
    total = connectionTypes.Output(
        "total", storageClass="StructuredDataDict", dimensions=("instrument",), doc="Sum."
    )


class InnerConfig(Config):
    kernel = ChoiceField("Size of the kernel.", int, {3: "small", 5: "large"}, default=3)


class ReduceConfig(PipelineTaskConfig, pipelineConnections=ReduceConnections):
    mode = ChoiceField("How to reduce.", str, {"mean": "Mean.", "median": "Median."}, default="mean")
    inner = ConfigField("Within.", InnerConfig)
    engine = ConfigChoiceField("What reduces.", {"fast": InnerConfig, "exact": InnerConfig}, default="fast")


class ReduceTask(PipelineTask):
    ConfigClass = ReduceConfig
    _DefaultName = "reduce"


@pytest.mark.parametrize(
    ("field", "value", "hint"),
    [
        ("mode", "medain", "Did you mean 'median'? It takes 'mean', 'median'."),
        ("mode", "best", "It takes 'mean', 'median'."),
        ("inner.kernel", 4, "It takes 3, 5."),
        ("engine", "exakt", "Did you mean 'exact'? It takes 'fast', 'exact'."),
    ],
)
def test_fields_with_a_choice_say_what_they_take(field: str, value: object, hint: str) -> None:
    builder = PipelineBuilder().add_task(ReduceTask, "reduce")
    with pytest.raises(PipelineError, match="cannot be set to") as caught:
        builder.config("reduce", field, value)
    assert caught.value.hint == hint


def test_other_fields_take_anything() -> None:
    assert choices(ReduceConfig(), "saveLogOutput", "maybe") == ""
    assert choices(ReduceConfig(), "inner", "maybe") == ""
