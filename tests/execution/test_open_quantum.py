"""Opening quanta of runs: inputs, task, and reruns in memory."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from IPython.lib.pretty import pretty
from lsst.pex.config import Field
from lsst.pipe.base import PipelineTask, PipelineTaskConfig, PipelineTaskConnections, connectionTypes

from jupyter_mpexec import GraphBuilder, PipelineBuilder, Run
from jupyter_mpexec.errors import RunError, TaskNotFoundError, UsageError
from jupyter_mpexec.execution.runs import attach
from jupyter_mpexec.status import QuantumStatus
from tests.support import tasks
from tests.support.repository import INPUTS, PIPELINE


@pytest.fixture(scope="module")
def ended(repository_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run that all tests may open quanta of, because that changes nothing."""
    repository = shutil.copytree(repository_template, tmp_path_factory.mktemp("ended") / "repo")
    built = GraphBuilder(
        str(PIPELINE), repository, input=INPUTS, output="u/me", data_query="visit = 1"
    ).build()
    return built.run(register_dataset_types=True)


@pytest.fixture
def run(repository: Path) -> Callable[..., Run]:
    def run(query: str = "visit = 1", *, configs: Any = (), add: Any = (), **options: Any) -> Run:
        pipeline = PipelineBuilder(str(PIPELINE))
        for name, label in add:
            pipeline.add_task(f"tests.support.tasks.{name}", label)
        for label, name, value in configs:
            pipeline.config(label, name, value)
        built = GraphBuilder(pipeline, repository, input=INPUTS, output="u/me", data_query=query).build()
        return built.run(register_dataset_types=True, **options)

    return run


def test_inputs_task_and_outputs_are_those_of_the_run(ended: Run) -> None:
    q = ended.quantum("measure", visit=1, detector=0)
    assert q.inputs["catalog"] == {"instrument": "SmallCam", "detector": 0, "visit": 1, "n": 103}
    assert q.inputs["catalog"] is q.inputs["catalog"]
    assert list(q.inputs) == ["catalog"]
    assert isinstance(q.task, tasks.MeasureTask)
    assert q.task.fields == ["x", "y", "flux"]
    assert q.config.value == 1
    assert q.outputs["measurements"]["n"] == 103
    assert q.outputs.exists == {"measurements": True}
    assert "Preparing measure" in q.log
    assert pretty(q.log) == str(q.log), "A notebook shows its lines."
    assert q.metadata["quantum"]["caveats"] == 0
    assert q.status is QuantumStatus.SUCCEEDED


def test_deferred_multiple_and_prerequisite_inputs(run: Callable[..., Run]) -> None:
    q = run("", add=[("CalibrateTask", "calibrate")]).quantum("calibrate", detector=1)
    assert q.inputs["bias"] == {"level": 1.5}
    handles = q.inputs["counts"]
    assert sorted(handle.get()["n"] for handle in handles) == [101, 201, 301]
    assert "deferred" in repr_of(q)
    assert q.rerun().outputs["calibration"]["total"] == 603


def test_components_and_conversions(run: Callable[..., Run]) -> None:
    added = [("TabulateTask", "tabulate"), ("LookTask", "look")]
    q = run(add=added).quantum("look", visit=1)
    assert q.inputs["rows"] == [2, 2]
    assert {type(table).__name__ for table in q.inputs["tables"]} == set(q.outputs["sums"]["kinds"])
    assert all(q.inputs.exists.values())
    assert q.rerun().outputs["sums"] == q.outputs["sums"]


class SplitConnections(PipelineTaskConnections, dimensions=("instrument", "visit")):
    counts = connectionTypes.Input(
        doc="Counts.",
        name="counts",
        storageClass=tasks.STORAGE,
        dimensions=("instrument", "visit", "detector"),
        multiple=True,
    )
    pieces = connectionTypes.Output(
        doc="One a detector.",
        name="piece",
        storageClass=tasks.STORAGE,
        dimensions=("instrument", "visit", "detector"),
        multiple=True,
    )


class SplitConfig(PipelineTaskConfig, pipelineConnections=SplitConnections):
    first = Field[int](doc="Detectors before this one have no output.", default=0)


class SplitTask(PipelineTask):
    ConfigClass = SplitConfig
    _DefaultName = "split"

    def runQuantum(self, butlerQC: Any, inputRefs: Any, outputRefs: Any) -> None:  # noqa: N802, N803  # upstream's names
        for ref in outputRefs.pieces:
            if ref.dataId["detector"] >= self.config.first:
                butlerQC.put({"detector": ref.dataId["detector"]}, ref)


def test_outputs_are_compared_dataset_by_dataset(repository: Path) -> None:
    pipeline = PipelineBuilder().add_task(f"{__name__}.SplitTask", "split").config("split", "first", 1)
    built = GraphBuilder(pipeline, repository, input=INPUTS, output="u/me", data_query="visit = 1").build()
    q = built.run(register_dataset_types=True).quantum("split")
    q.rerun()
    assert q.compare().same
    q.rerun(config={"first": 0})
    for comparison in (q.compare(), q.compare(other=0)):
        [part] = comparison.outputs
        assert part.same
        number = part.name.partition("[")[2][0]
        assert comparison.missing == [f"pieces[{1 - int(number)}] is new"]


def repr_of(shown: Any) -> str:
    bundle = shown._repr_mimebundle_()
    assert bundle["text/html"].startswith("<div")
    return str(bundle["text/plain"])


def test_inputs_are_read_once_and_a_task_cannot_spoil_them(ended: Run) -> None:
    q = ended.quantum("measure", detector=0)
    spoiled = """
        def compute(self, data_id, catalog):
            catalog["n"] += 1
            return Struct(measurements=catalog)
    """
    q.patch("MeasureTask.compute", spoiled)
    numbers = [q.rerun().outputs["measurements"]["n"] for _ in range(3)]
    assert numbers == [104, 104, 104]
    q.inputs["catalog"]["n"] = 0
    assert q.rerun().outputs["measurements"]["n"] == 104
    # The schema once and the catalogue once.
    assert q._cache.reads == 2


def test_outputs_that_cannot_be_copied_are_kept_as_they_are(ended: Run) -> None:
    q = ended.quantum("measure", detector=0)
    source = """
        class Single(dict):
            def __deepcopy__(self, memo):
                raise TypeError("there is only one")

        def compute(self, data_id, catalog):
            return Struct(measurements=Single(n=1))
    """
    q.patch("MeasureTask.compute", source)
    assert q.rerun().outputs["measurements"] == {"n": 1}


@pytest.mark.parametrize("processes", [1, 2])
def test_quanta_of_any_run_can_be_opened(run: Callable[..., Run], processes: int) -> None:
    ended = run(processes=processes, configs=[("measure", "fail_on", "visit = 1 AND detector = 0")])
    for one in (ended, attach(ended.id)):
        q = one.quantum("measure", detector=0)
        assert q.status is QuantumStatus.FAILED
        assert q.inputs["catalog"]["n"] == 103
        assert isinstance(q.rerun().error, ValueError)
        assert "told to fail" in repr_of(q)
        fixed = q.rerun(config={"fail_on": ""})
        assert fixed.outputs["measurements"]["n"] == 103
        assert fixed.config_changes == {"fail_on": ("visit = 1 AND detector = 0", "")}


def test_a_rerun_leaves_the_repository_alone(ended: Run) -> None:
    q = ended.quantum("detect", detector=1)
    place = Path(ended.graph.repository_uri) / "u"
    before = {path: path.stat().st_mtime_ns for path in place.rglob("*") if path.is_file()}
    attempt = q.rerun(config={"value": 50})
    assert attempt.outputs["catalog"]["n"] == 151
    assert attempt.succeeded
    assert attempt.metadata["quantum"]["outputs"]
    assert "Preparing detect" in attempt.log
    assert {ref.datasetType.name for ref in attempt.written} == {
        *("catalog", "background", "detect_metadata", "detect_log")
    }
    after = {path: path.stat().st_mtime_ns for path in place.rglob("*") if path.is_file()}
    assert before == after
    assert "value=50 (was 3)" in repr_of(attempt)


def test_the_config_can_be_changed_in_place(ended: Run) -> None:
    q = ended.quantum("detect", detector=1)
    q.config.value = 7
    assert q.task.config.value == 7
    assert q.rerun().outputs["catalog"]["n"] == 108
    assert q.rerun(config={"threshold.sigma": 3.0}).config_changes == {
        "value": (3, 7),
        "threshold.sigma": (5.0, 3.0),
    }
    assert [attempt.number for attempt in q.attempts] == [1, 2]


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"threshold.sgma": 1.0}, "no field 'threshold.sgma'.*\\n.*threshold.sigma"),
        ({"value": "many"}, "value cannot be set to 'many'"),
        ({"threshold.grow": -1}, "cannot be set"),
        ({"threshold": 5}, "cannot be set to 5.*\\n.*threshold.sigma"),
        ({"__class__": int}, "cannot be set"),
        ({"connections.catalog": "other"}, "reads or writes other datasets"),
    ],
)
def test_configurations_that_make_no_sense(ended: Run, config: dict[str, Any], message: str) -> None:
    q = ended.quantum("detect", detector=1)
    with pytest.raises(UsageError, match=message):
        q.rerun(config=config)
    assert not q.attempts


@pytest.mark.parametrize(
    ("which", "data_id", "error", "message"),
    [
        ("measur", {}, TaskNotFoundError, "Did you mean 'measure'"),
        ("measure", {"visit": 1}, RunError, "2 quanta.*\\n.*detector=0.*detector=1"),
        ("measure", {"visit": 9}, RunError, "no quantum of 'measure' with visit=9.*\\n.*detector=0"),
        ("measure", {"vist": 1}, UsageError, "Did you mean 'visit'"),
        (str(uuid.UUID(int=7)), {}, RunError, "no quantum 00000000"),
    ],
)
def test_data_ids_that_name_no_quantum(
    ended: Run, which: str, data_id: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        ended.quantum(which, **data_id)


def test_by_identifier_and_by_text(ended: Run) -> None:
    q = ended.quantum("measure", visit="1", detector="0")
    assert ended.quantum(str(q.id)).name == ended.quantum(q.id).name == q.name


class TestPatches:
    def test_only_the_open_quantum_is_patched(self, ended: Run) -> None:
        q = ended.quantum("measure", detector=0)
        patch = q.patch("MeasureTask.compute", "def compute(self, data_id, catalog):\n    return factor\n")
        assert "measurements=" in patch.original
        other = ended.quantum("measure", detector=0)
        assert other.rerun().succeeded
        assert isinstance(q.rerun().error, NameError)
        assert "compute" not in vars(type(other.task)) or type(other.task) is tasks.MeasureTask

    def test_super_globals_and_names_of_the_notebook(self, ended: Run) -> None:
        q = ended.quantum("measure", detector=0)
        source = """
            def compute(self, data_id, catalog):
                struct = super().run.__func__ and Struct(measurements={"n": scale * catalog["n"]})
                return struct
        """
        q.patch("MeasureTask.compute", source, namespace={"scale": 2})
        attempt = q.rerun()
        assert attempt.outputs["measurements"] == {"n": 206}
        assert attempt.patches[0].name == "MeasureTask.compute"
        q.unpatch()
        assert q.rerun().outputs["measurements"]["n"] == 103

    def test_private_names_are_those_of_the_class(self, ended: Run) -> None:
        q = ended.quantum("measure", detector=0)
        source = """
            from __future__ import annotations

            def __first(values: Unheard):
                return values["n"]

            def compute(self, data_id, catalog):
                self.__count = __first(catalog)
                return Struct(measurements={"n": self._MeasureTask__count})
        """
        q.patch("MeasureTask.compute", source)
        assert q.rerun().outputs["measurements"] == {"n": 103}

    def test_a_method_of_a_base_class(self, ended: Run) -> None:
        q = ended.quantum("measure", detector=0)
        source = "def run(self, data_id, **inputs):\n    return Struct(measurements={'seen': sorted(inputs)})"
        q.patch("BehavingTask.run", source)
        assert q.rerun().outputs["measurements"] == {"seen": ["catalog"]}

    def test_a_second_one_of_the_same_class_calls_the_methods_of_its_bases(self, ended: Run) -> None:
        q = ended.quantum("measure", detector=0)
        q.patch("MeasureTask._should_fail", "def _should_fail(self, data_id):\n    return 3 * data_id")
        source = """
            def compute(self, data_id, catalog):
                return Struct(measurements={"n": self._should_fail(2), "super": super().compute.__qualname__})
        """
        q.patch("MeasureTask.compute", source)
        assert q.rerun().outputs["measurements"] == {"n": 6, "super": "BehavingTask.compute"}

    def test_one_of_a_base_class_does_not_replace_that_of_the_class(self, ended: Run) -> None:
        q = ended.quantum("measure", detector=0)
        q.patch("MeasureTask.run", "def run(self, **inputs):\n    return Struct(measurements={'n': 1})")
        q.patch("BehavingTask.run", "def run(self, **inputs):\n    return 1 / 0")
        assert q.rerun().outputs["measurements"] == {"n": 1}

    def test_tracebacks_show_the_patch(self, ended: Run) -> None:
        q = ended.quantum("measure", detector=0)
        q.patch("MeasureTask.compute", "def compute(self, data_id, catalog):\n    return 1 / 0  # here\n")
        assert "return 1 / 0  # here" in q.rerun().traceback

    def test_a_wrong_signature_is_told_by_the_name_of_the_method(self, ended: Run) -> None:
        q = ended.quantum("measure", detector=0)
        q.patch("MeasureTask.compute", "def compute(self, data_id): ...")
        assert "TypeError: MeasureTask.compute() got an unexpected" in q.rerun().traceback

    @pytest.mark.parametrize(
        ("target", "source", "message"),
        [
            ("MeasureTsk.run", "def run(self): ...", "Did you mean 'MeasureTask'"),
            ("MeasureTask.compte", "def compte(self): ...", "Did you mean 'compute'"),
            ("MeasureTask.compute", "def other(self): ...", "defines no 'compute'"),
            ("MeasureTask.compute", "def compute(self:", "no Python"),
            ("MeasureTask.compute", "def compute(self):\n    nonlocal x", r"no Python: no binding.*line 2"),
            ("MeasureTask.compute", "def compute(self): ...\nraise SystemExit", "cannot be made"),
            ("BehavingTask.compute", "def compute(self): ...", "MeasureTask has a 'compute' of its own"),
            ("compute", "def compute(self): ...", "names no method"),
            ("MeasureTask.__init__", "def __init__(self): ...", r"constructor(.|\n)*with again\(\)"),
        ],
    )
    def test_what_cannot_be_patched(self, ended: Run, target: str, source: str, message: str) -> None:
        q = ended.quantum("measure", detector=0)
        with pytest.raises(UsageError, match=message):
            q.patch(target, source)


def test_ones_own_code_with_the_context_of_the_quantum(ended: Run) -> None:
    q = ended.quantum("measure", detector=0)
    butler = q.sandbox()
    inputs, outputs = q.connections.buildDatasetRefs(q.quantum)
    q.task.runQuantum(q.context(butler), inputs, outputs)
    assert [value["n"] for value in butler.written.values()] == [103]


def test_attempts_are_compared_with_the_run_and_with_each_other(ended: Run) -> None:
    q = ended.quantum("detect", detector=1)
    with pytest.raises(RunError, match="not been run again"):
        q.compare()
    q.rerun()
    assert q.compare().same
    assert (q.compare().before, q.compare().after) == ("the run", "attempt 1")
    q.rerun(config={"value": 4})
    comparison = q.compare()
    assert comparison.before == "attempt 1"
    assert comparison["background"].same
    assert comparison["catalog"].facts == [("n", "104 → 105")]
    assert q.compare(other=0)["catalog"].facts == [("n", "104 → 105")]
    assert "n: 104 → 105" in repr_of(comparison)
    assert comparison.duration[0] is not None
    # The earlier one comes first, in whichever order they are named.
    assert (q.compare(1, 2).before, q.compare(1, 2).after) == ("attempt 1", "attempt 2")
    # Times always differ, and tell nothing.
    assert comparison.metadata == []


def test_a_failure_of_the_run_is_compared_too(run: Callable[..., Run]) -> None:
    q = run(configs=[("detect", "partial_on", "detector = 1")]).quantum("detect", detector=1)
    assert q.rerun().error is not None
    comparison = q.compare()
    assert comparison.errors == ("RuntimeError: told to stop half-way",) * 2
    assert comparison.same
    assert q.rerun(config={"partial_on": ""}).succeeded
    assert q.compare(other=0).errors == ("RuntimeError: told to stop half-way", "")


def test_attempts_that_fail_are_compared_by_their_errors(ended: Run) -> None:
    q = ended.quantum("detect", detector=1)
    q.patch("DetectTask.compute", "def compute(self, data_id, **inputs):\n    return 1 / 0")
    q.rerun()
    q.rerun()
    comparison = q.compare(2, 1)
    assert comparison.same
    assert "attempt 1 failed with: ZeroDivisionError: division by zero" in repr_of(comparison)
    q.unpatch()
    q.rerun()
    assert not q.compare(other=2).same
