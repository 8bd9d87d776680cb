from __future__ import annotations

import pickle
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from astropy.table import Table
from lsst.daf.butler import Butler
from lsst.pipe.base import InMemoryDatasetHandle, NoWorkFound, Pipeline, TaskMetadata
from lsst.pipe.base.quantum_graph import PredictedQuantumGraph

from jupyter_mpexec.demo import DemoRepository, check_survey
from jupyter_mpexec.demo.geometry import CLOUDY_VISIT
from jupyter_mpexec.demo.plots import draw_coadd, draw_light_curves
from jupyter_mpexec.demo.tasks.calibrate import CalibrateConfig, CalibrateTask, MatchError
from jupyter_mpexec.demo.tasks.warp import WarpConfig, WarpTask
from jupyter_mpexec.demo.truth import SurveyReport, Tolerances

from .conftest import OUTPUT

TRACT = {"skymap": "discrete/ci_hsc", "tract": 0}


@pytest.fixture(scope="module")
def report(processed: tuple[Butler, PredictedQuantumGraph]) -> SurveyReport:
    return check_survey(processed[0], OUTPUT)


def test_graph_joins_space_and_time(processed: tuple[Butler, PredictedQuantumGraph]) -> None:
    _, graph = processed
    counts = Counter({label: len(quanta) for label, quanta in graph.quanta_by_task.items()})
    assert counts == {
        "isr": 8,
        "detect": 8,
        "calibrate": 8,
        "consolidateVisit": 8,
        "warp": 8,
        "coadd": 3,
        "detectCoadd": 3,
        "mergeObjects": 1,
        "difference": 8,
        "lightCurves": 1,
    }
    runs = {
        quantum.dataId["exposure"]: quantum.inputs["flat"][0].run
        for quantum in graph.build_execution_quanta(task_label="isr").values()
    }
    assert runs[903334] == runs[903338] == "DemoCam/calib/gen/epoch0"
    assert runs[903342] == runs[903346] == "DemoCam/calib/gen/epoch1"


def test_truth_is_recovered_within_the_stated_tolerances(report: SurveyReport) -> None:
    assert report.problems() == []
    assert report.found_transients == report.transients == 4
    assert report.images == 8


def test_report_names_what_is_wrong(report: SurveyReport) -> None:
    assert "transient flux" in str(report)
    assert report.to_dict()["images"] == 8
    problems = report.problems(Tolerances(zero_point=1e-9, transient_purity=1.1))
    assert [problem.split()[0] for problem in problems] == ["zero_point", "transient_purity"]
    assert "Visits (1,) were called bad" in replace(report, bad_visits=(1,)).problems()[0]


def test_cloudy_visit_is_bad_and_not_in_any_coadd(processed: tuple[Butler, PredictedQuantumGraph]) -> None:
    butler, _ = processed
    summary = butler.get("visit_summary", instrument="HSC", visit=CLOUDY_VISIT, collections=OUTPUT)
    assert summary.meta["good"] is False
    assert summary.meta["extinction"] == pytest.approx(1.8, abs=0.2)
    for ref in butler.query_datasets("coadd", collections=OUTPUT):
        assert CLOUDY_VISIT not in butler.get(ref.makeComponentRef("header")).values()


def test_patch_without_good_visit_has_no_work(processed: tuple[Butler, PredictedQuantumGraph]) -> None:
    butler, _ = processed
    assert butler.find_dataset(
        "warp", instrument="HSC", visit=CLOUDY_VISIT, patch=83, collections=OUTPUT, **TRACT
    )
    assert butler.find_dataset("coadd", band="i", patch=83, collections=OUTPUT, **TRACT) is None
    metadata = butler.get("coadd_metadata", band="i", patch=83, collections=OUTPUT, **TRACT)
    assert isinstance(metadata, TaskMetadata)
    assert metadata["coadd.skipped_visits"] == 1
    assert butler.find_dataset("coadd_sources", band="i", patch=83, collections=OUTPUT, **TRACT) is None
    assert (
        butler.find_dataset(
            "difference", instrument="HSC", visit=CLOUDY_VISIT, detector=100, collections=OUTPUT
        )
        is None
    )


def test_light_curve_has_a_point_for_each_good_exposure(
    processed: tuple[Butler, PredictedQuantumGraph],
) -> None:
    butler, _ = processed
    objects = butler.get("dia_objects", collections=OUTPUT, **TRACT)
    curves = butler.get("light_curves", collections=OUTPUT, **TRACT)
    assert set(curves["object_id"]) == set(objects["object_id"])
    counts = Counter(np.asarray(curves["object_id"]).tolist())
    assert min(counts.values()) >= 3
    assert str(curves["flux"].unit) == "nJy"


def test_components_can_be_read_alone(processed: tuple[Butler, PredictedQuantumGraph]) -> None:
    butler, _ = processed
    data_id = {"instrument": "HSC", "visit": 903334, "detector": 23}
    whole = butler.get("calexp", data_id, collections=OUTPUT)
    for name in ("image", "mask", "variance"):
        part = butler.get(f"calexp.{name}", data_id, collections=OUTPUT)
        np.testing.assert_array_equal(part, getattr(whole, name))
        assert part.dtype.isnative
    assert butler.get("calexp.header", data_id, collections=OUTPUT) == whole.header
    wcs = butler.get("calexp.wcs", data_id, collections=OUTPUT)
    np.testing.assert_allclose(wcs.all_pix2world(10, 20, 0), whole.wcs.all_pix2world(10, 20, 0), atol=1e-12)


def test_plots(processed: tuple[Butler, PredictedQuantumGraph], tmp_path: object) -> None:
    butler, _ = processed
    where = {"band": "r", "patch": 69, **TRACT}
    coadd = butler.get("coadd", where, collections=OUTPUT)
    sources = butler.get("coadd_sources", where, collections=OUTPUT)
    objects = butler.get("dia_objects", collections=OUTPUT, **TRACT)
    curves = butler.get("light_curves", collections=OUTPUT, **TRACT)
    drawn, bare = draw_coadd(coadd, sources, objects), draw_coadd(coadd)
    light_curves = draw_light_curves(curves, objects)
    for figure in (drawn, bare, light_curves):
        figure.savefig(f"{tmp_path}/figure.png")
    [circles, *_] = drawn.axes[0].collections
    assert len(circles.get_offsets()) == len(sources) > 0
    assert not bare.axes[0].collections
    named = {axes.get_title().partition(",")[0] for axes in light_curves.axes if axes.get_title()}
    assert named <= {f"object {number}" for number in objects["object_id"]}
    assert len(named) == min(len(objects), 12) > 0


def test_pipeline_file_has_subsets_parameters_steps_and_contracts(small: DemoRepository) -> None:
    pipeline = Pipeline.from_uri(str(small.pipeline))
    assert set(pipeline.subsets) == {"processImage", "singleVisit", "coaddition", "variability"}
    assert pipeline.getInstrument() == "jupyter_mpexec.demo.instrument.DemoCam"
    assert len(pipeline.task_labels) == 10
    pipeline.addConfigOverride("parameters", "max_extinction", 1.0)
    graph = pipeline.to_graph()
    assert graph.tasks["consolidateVisit"].config.max_extinction == 1.0
    assert [step.label if hasattr(step, "label") else step for step in graph.steps] == [
        "singleVisit",
        "coaddition",
        "variability",
    ]


def test_contract_is_checked(small: DemoRepository) -> None:
    pipeline = Pipeline.from_uri(str(small.pipeline))
    pipeline.addConfigOverride("warp", "psf_sigma", 1.2)
    with pytest.raises(Exception, match="must not count as good"):
        pipeline.to_graph()


def test_tasks_can_be_pickled(small: DemoRepository) -> None:
    graph = Pipeline.from_uri(str(small.pipeline)).to_graph()
    for node in graph.tasks.values():
        assert pickle.loads(pickle.dumps(node.task_class)) is node.task_class
        assert pickle.loads(pickle.dumps(node.config)) == node.config


def test_calibration_says_when_the_catalog_does_not_match(
    processed: tuple[Butler, PredictedQuantumGraph],
) -> None:
    butler, _ = processed
    data_id = {"instrument": "HSC", "visit": 903334, "detector": 23}
    exposure = butler.get("post_isr", instrument="HSC", exposure=903334, detector=23, collections=OUTPUT)
    sources = butler.get("raw_sources", data_id, collections=OUTPUT)
    background = butler.get("background", data_id, collections=OUTPUT)
    nowhere = Table({"ra": [10.0, 11.0], "dec": [0.0, 1.0], "mag_r": [15.0, 16.0], "mag_i": [15.0, 16.0]})
    with pytest.raises(
        MatchError, match="Only 0 sources match the reference catalogue, 6 are needed"
    ) as caught:
        CalibrateTask(config=CalibrateConfig()).run(
            exposure, background, sources, [InMemoryDatasetHandle(nowhere)]
        )
    assert caught.value.metadata == {"found": 0, "needed": 6}


def test_warp_of_a_far_patch_has_no_work(processed: tuple[Butler, PredictedQuantumGraph]) -> None:
    butler, _ = processed
    calexp = butler.get("calexp", instrument="HSC", visit=903334, detector=23, collections=OUTPUT)
    skymap = butler.get("skyMap", skymap="discrete/ci_hsc", collections="skymaps")
    with pytest.raises(NoWorkFound, match="covers only 0 pixels of patch 5"):
        WarpTask(config=WarpConfig()).run([InMemoryDatasetHandle(calexp)], skymap, patch=5)
