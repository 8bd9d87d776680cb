"""Small real PipelineTasks that succeed, fail, dawdle, use up memory or die on demand.

The pipeline that they make::

    counts ─► detect ─► catalog ─► measure ─► measurements ─► summarise ─► visit_summary ─► combine ─► report
                 ├────► background     ▲
                 └────► detect_schema ─┘   (init-output and init-input)

`detect` and `measure` run per visit and detector, `summarise` per visit, `combine` per instrument. All data
are small dictionaries, stored as JSON.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from astropy.table import Table
from lsst.pex.config import Config, ConfigField, Field
from lsst.pipe.base import (
    AnnotatedPartialOutputsError,
    InputQuantizedConnection,
    NoWorkFound,
    OutputQuantizedConnection,
    PipelineTask,
    PipelineTaskConfig,
    PipelineTaskConnections,
    QuantumContext,
    Struct,
    connectionTypes,
)
from lsst.pipe.base.tests.mocks import DataIdMatch
from lsst.utils.doImport import doImportType

from .memory import allocate

STORAGE = "StructuredDataDict"

LEFT_BEHIND = "left-behind-by-a-task-"
"""How the names of temporary files begin."""


class BehaviourConfig(PipelineTaskConfig, pipelineConnections=PipelineTaskConnections):
    """What a task does, and when; the ``…_on`` fields are data ID expressions such as ``visit = 2``."""

    fail_on = Field[str](doc="Raise for these data IDs.", default="")
    exception = Field[str](doc="Full name of the exception to raise.", default="ValueError")
    fail_attempts = Field[int](doc="Raise only the first N times (0: each time).", default=0)
    scratch = Field[str](doc="Folder in which attempts are counted, a file a data ID.", default="")
    no_work_on = Field[str](doc="Raise NoWorkFound for these data IDs.", default="")
    partial_on = Field[str](doc="Write one output only, then raise AnnotatedPartialOutputsError.", default="")
    skip_output_on = Field[str](doc="Leave an output out, without any error.", default="")
    exit_on = Field[str](doc="End the process for these data IDs.", default="")
    exit_code = Field[int](doc="Exit code of the process.", default=42)
    kill_signal = Field[int](doc="End the process by this signal instead (0: by exit).", default=0)
    sleep = Field[float](doc="Seconds to sleep.", default=0.0)
    busy = Field[float](doc="Seconds of processor time to use up.", default=0.0)
    sleep_on = Field[str](doc="Sleep for these data IDs only (empty: all).", default="")
    allocate = Field[int](doc="MB of memory to allocate.", default=0)
    allocate_on = Field[str](doc="Allocate for these data IDs only (empty: all).", default="")
    allocate_by = Field[str](doc="How: bytearray, array, objects or malloc (unchecked).", default="bytearray")
    keep_memory = Field[bool](doc="Do not free the memory when the quantum ends.", default=False)
    fail_in_init = Field[bool](doc="Raise in the constructor.", default=False)
    log_lines = Field[int](doc="Number of lines to log at INFO.", default=1)
    printed = Field[str](doc="Text to print.", default="")
    value = Field[int](doc="A number that goes into all outputs.", default=1)


class BehavingTask(PipelineTask):
    """Base of the tasks here: reads everything, misbehaves as configured, writes everything."""

    ConfigClass = BehaviourConfig
    config: BehaviourConfig

    def __init__(self, *, initInputs: dict[str, Any] | None = None, **kwargs: Any) -> None:  # noqa: N803  # upstream's name
        super().__init__(initInputs=initInputs, **kwargs)
        if self.config.fail_in_init:
            raise RuntimeError("told to fail in __init__")

    def runQuantum(  # noqa: N802  # upstream's name
        self,
        butlerQC: QuantumContext,  # noqa: N803  # upstream's name
        inputRefs: InputQuantizedConnection,  # noqa: N803  # upstream's name
        outputRefs: OutputQuantizedConnection,  # noqa: N803  # upstream's name
    ) -> None:
        data_id = dict(butlerQC.quantum.dataId.required)
        for number in range(self.config.log_lines):
            self.log.info("line %d for %s", number, data_id)
        if self.config.printed:
            sys.stdout.write(self.config.printed)
        inputs = butlerQC.get(inputRefs)
        outputs = self.run(data_id=data_id, **inputs)
        # In a fixed order: that of `outputRefs` changes from process to process.
        names = sorted(name for name, _ in outputRefs)
        if _matches(self.config.partial_on, data_id):
            butlerQC.put(getattr(outputs, names[0]), getattr(outputRefs, names[0]))
            error = RuntimeError("told to stop half-way")
            raise AnnotatedPartialOutputsError.annotate(error, self, log=self.log) from error
        if _matches(self.config.skip_output_on, data_id):
            names = names[1:]
        for name in names:
            butlerQC.put(getattr(outputs, name), getattr(outputRefs, name))

    def run(self, data_id: dict[str, Any], **inputs: Any) -> Struct:
        """Misbehave if told so; make the outputs otherwise."""
        config = self.config
        if config.sleep and (not config.sleep_on or _matches(config.sleep_on, data_id)):
            time.sleep(config.sleep)
        end = time.process_time() + config.busy
        while time.process_time() < end:
            pass
        if config.allocate and (not config.allocate_on or _matches(config.allocate_on, data_id)):
            memory = allocate(config.allocate * 10**6, config.allocate_by)
            if config.keep_memory:
                _KEPT.append(memory)
        if _matches(config.exit_on, data_id):
            # As libraries have them when their process ends before its time.
            tempfile.mkstemp(prefix=LEFT_BEHIND)
            if config.kill_signal:
                os.kill(os.getpid(), config.kill_signal)
            os._exit(config.exit_code)
        if _matches(config.no_work_on, data_id):
            raise NoWorkFound("told that there is no work")
        if _matches(config.fail_on, data_id) and self._should_fail(data_id):
            raise doImportType(_full_name(config.exception))(f"told to fail at {data_id}")
        return self.compute(data_id, **inputs)

    def compute(self, data_id: dict[str, Any], **inputs: Any) -> Struct:
        """Make all outputs."""
        raise NotImplementedError

    def _should_fail(self, data_id: dict[str, Any]) -> bool:
        if not self.config.fail_attempts:
            return True
        tally = Path(self.config.scratch) / "-".join(map(str, data_id.values()))
        with tally.open("a") as stream:
            stream.write("x")
        return tally.stat().st_size <= self.config.fail_attempts


_KEPT: list[Any] = []


def _matches(expression: str, data_id: dict[str, Any]) -> bool:
    return bool(expression) and DataIdMatch(expression).match(data_id)


def _full_name(exception: str) -> str:
    return exception if "." in exception else f"builtins.{exception}"


class DetectConnections(PipelineTaskConnections, dimensions=("instrument", "visit", "detector")):
    counts = connectionTypes.Input(
        doc="Counts.", name="counts", storageClass=STORAGE, dimensions=("instrument", "visit", "detector")
    )
    bias = connectionTypes.PrerequisiteInput(
        doc="Bias.", name="bias", storageClass=STORAGE, dimensions=("instrument", "detector"), minimum=0
    )
    schema = connectionTypes.InitOutput(doc="Schema.", name="detect_schema", storageClass=STORAGE)
    catalog = connectionTypes.Output(
        doc="Detections.",
        name="catalog",
        storageClass=STORAGE,
        dimensions=("instrument", "visit", "detector"),
    )
    background = connectionTypes.Output(
        doc="Background.",
        name="background",
        storageClass=STORAGE,
        dimensions=("instrument", "visit", "detector"),
    )


class ThresholdConfig(Config):
    """A config inside a config."""

    sigma = Field[float](doc="Threshold in standard deviations.", default=5.0)
    grow = Field[int](doc="Pixels to grow footprints by.", default=2, check=lambda pixels: pixels >= 0)


class DetectConfig(BehaviourConfig, pipelineConnections=DetectConnections):
    threshold = ConfigField(dtype=ThresholdConfig, doc="Threshold.")


class DetectTask(BehavingTask):
    """Per visit and detector: two outputs and an init-output."""

    ConfigClass = DetectConfig
    _DefaultName = "detect"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.schema = {"fields": ["x", "y", "flux"]}

    def compute(self, data_id: dict[str, Any], counts: dict[str, Any], bias: Any = None) -> Struct:
        return Struct(
            catalog={**data_id, "n": counts["n"] + self.config.value},
            background={**data_id, "level": 1.5},
        )


class MeasureConnections(PipelineTaskConnections, dimensions=("instrument", "visit", "detector")):
    schema = connectionTypes.InitInput(doc="Schema.", name="detect_schema", storageClass=STORAGE)
    catalog = connectionTypes.Input(
        doc="Detections.",
        name="catalog",
        storageClass=STORAGE,
        dimensions=("instrument", "visit", "detector"),
    )
    measurements = connectionTypes.Output(
        doc="Fluxes.",
        name="measurements",
        storageClass=STORAGE,
        dimensions=("instrument", "visit", "detector"),
    )


class MeasureConfig(BehaviourConfig, pipelineConnections=MeasureConnections):
    pass


class MeasureTask(BehavingTask):
    """Per visit and detector, with an init-input."""

    ConfigClass = MeasureConfig
    _DefaultName = "measure"

    def __init__(self, *, initInputs: dict[str, Any], **kwargs: Any) -> None:  # noqa: N803  # upstream's name
        super().__init__(initInputs=initInputs, **kwargs)
        self.fields = initInputs["schema"]["fields"]

    def compute(self, data_id: dict[str, Any], catalog: dict[str, Any]) -> Struct:
        return Struct(measurements={**catalog, "fields": self.fields, "value": self.config.value})


class SummariseConnections(PipelineTaskConnections, dimensions=("instrument", "visit")):
    measurements = connectionTypes.Input(
        doc="Fluxes.",
        name="measurements",
        storageClass=STORAGE,
        dimensions=("instrument", "visit", "detector"),
        multiple=True,
    )
    summary = connectionTypes.Output(
        doc="Per visit.", name="visit_summary", storageClass=STORAGE, dimensions=("instrument", "visit")
    )


class SummariseConfig(BehaviourConfig, pipelineConnections=SummariseConnections):
    pass


class SummariseTask(BehavingTask):
    """Per visit: gathers all detectors."""

    ConfigClass = SummariseConfig
    _DefaultName = "summarise"

    def compute(self, data_id: dict[str, Any], measurements: list[dict[str, Any]]) -> Struct:
        return Struct(summary={**data_id, "total": sum(m["n"] for m in measurements)})


class CombineConnections(PipelineTaskConnections, dimensions=("instrument",)):
    summaries = connectionTypes.Input(
        doc="Per visit.",
        name="visit_summary",
        storageClass=STORAGE,
        dimensions=("instrument", "visit"),
        multiple=True,
    )
    report = connectionTypes.Output(
        doc="Of all.", name="report", storageClass=STORAGE, dimensions=("instrument",)
    )


class CombineConfig(BehaviourConfig, pipelineConnections=CombineConnections):
    pass


class CombineTask(BehavingTask):
    """Per instrument: gathers all visits."""

    ConfigClass = CombineConfig
    _DefaultName = "combine"

    def compute(self, data_id: dict[str, Any], summaries: list[dict[str, Any]]) -> Struct:
        return Struct(report={**data_id, "total": sum(s["total"] for s in summaries)})


class CalibrateConnections(PipelineTaskConnections, dimensions=("instrument", "detector")):
    bias = connectionTypes.PrerequisiteInput(
        doc="Bias.", name="bias", storageClass=STORAGE, dimensions=("instrument", "detector")
    )
    counts = connectionTypes.Input(
        doc="Counts.",
        name="counts",
        storageClass=STORAGE,
        dimensions=("instrument", "visit", "detector"),
        multiple=True,
        deferLoad=True,
    )
    calibration = connectionTypes.Output(
        doc="Calibration.", name="calibration", storageClass=STORAGE, dimensions=("instrument", "detector")
    )


class CalibrateConfig(BehaviourConfig, pipelineConnections=CalibrateConnections):
    pass


class CalibrateTask(BehavingTask):
    """Per detector, with a prerequisite input that must be there, and deferred inputs."""

    ConfigClass = CalibrateConfig
    _DefaultName = "calibrate"

    def compute(self, data_id: dict[str, Any], bias: dict[str, Any], counts: list[Any]) -> Struct:
        total = sum(handle.get()["n"] for handle in counts)
        return Struct(calibration={**data_id, "bias": bias["level"], "total": total})


class TabulateConnections(PipelineTaskConnections, dimensions=("instrument", "visit", "detector")):
    counts = connectionTypes.Input(
        doc="Counts.", name="counts", storageClass=STORAGE, dimensions=("instrument", "visit", "detector")
    )
    table = connectionTypes.Output(
        doc="A table.",
        name="table",
        storageClass="ArrowAstropy",
        dimensions=("instrument", "visit", "detector"),
    )


class TabulateConfig(BehaviourConfig, pipelineConnections=TabulateConnections):
    pass


class TabulateTask(BehavingTask):
    """Per visit and detector: a dataset with components, and in a format that can be read in many ways."""

    ConfigClass = TabulateConfig
    _DefaultName = "tabulate"

    def compute(self, data_id: dict[str, Any], counts: dict[str, Any]) -> Struct:
        return Struct(table=Table({"n": [counts["n"], 1], "m": [0.5, 1.5]}))


class LookConnections(PipelineTaskConnections, dimensions=("instrument", "visit")):
    rows = connectionTypes.Input(
        doc="A component.",
        name="table.rowcount",
        storageClass="int",
        dimensions=("instrument", "visit", "detector"),
        multiple=True,
    )
    tables = connectionTypes.Input(
        doc="The whole, in another form.",
        name="table",
        storageClass="ArrowNumpy",
        dimensions=("instrument", "visit", "detector"),
        multiple=True,
    )
    sums = connectionTypes.Output(
        doc="Sums.", name="sums", storageClass=STORAGE, dimensions=("instrument", "visit")
    )


class LookConfig(BehaviourConfig, pipelineConnections=LookConnections):
    pass


class LookTask(BehavingTask):
    """Per visit: reads a component, and converts what it reads."""

    ConfigClass = LookConfig
    _DefaultName = "look"

    def compute(self, data_id: dict[str, Any], rows: list[int], tables: list[Any]) -> Struct:
        kinds = sorted({type(table).__name__ for table in tables})
        total = int(sum(table["n"].sum() for table in tables))
        return Struct(sums={**data_id, "rows": sum(rows), "n": total, "kinds": kinds})
