"""Make a small real Butler repository, with input datasets."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lsst.daf.butler import Butler, CollectionType, Config, DatasetType, Timespan
from lsst.sphgeom import Box

from .instrument import SmallCam

PIPELINE = Path(__file__).parent / "pipelines" / "small.yaml"
INPUTS = "SmallCam/defaults"
VISITS = (1, 2, 3)
DETECTORS = (0, 1)


def make_repository(
    root: Path,
    *,
    visits: Sequence[int] = VISITS,
    detectors: Sequence[int] = DETECTORS,
    config: Config | None = None,
) -> Path:
    """Make a repository with ``counts`` per visit and detector and ``bias`` per detector.

    Collections: RUN ``SmallCam/raw`` and ``SmallCam/calib``, and CHAINED ``SmallCam/defaults`` over both. The
    configuration may name another registry than SQLite.
    """
    config = Config(config)
    config["datastore", "formatters", "StructuredDataDict"] = "lsst.daf.butler.formatters.json.JsonFormatter"
    Butler.makeRepo(str(root), config=config)
    with Butler.from_config(str(root), writeable=True) as butler:
        _insert_dimension_records(butler, visits, detectors)
        for name, dimensions in (
            ("counts", ("instrument", "visit", "detector")),
            ("bias", ("instrument", "detector")),
        ):
            butler.registry.registerDatasetType(
                DatasetType(name, dimensions, "StructuredDataDict", universe=butler.dimensions)
            )
        raw, calib = f"{SmallCam.getName()}/raw", f"{SmallCam.getName()}/calib"
        for run in (raw, calib):
            butler.collections.register(run)
        butler.collections.register(INPUTS, CollectionType.CHAINED)
        butler.collections.redefine_chain(INPUTS, [raw, calib])
        with butler.transaction():
            for detector in detectors:
                where = {"instrument": SmallCam.getName(), "detector": detector}
                butler.put({"level": detector + 0.5}, "bias", where, run=calib)
                for visit in visits:
                    butler.put({"n": 100 * visit + detector}, "counts", where, visit=visit, run=raw)
    return root


def _insert_dimension_records(butler: Butler, visits: Sequence[int], detectors: Sequence[int]) -> None:
    instrument = SmallCam.getName()
    SmallCam().register(butler.registry)
    insert = butler.registry.insertDimensionData
    insert("physical_filter", {"instrument": instrument, "name": "SmallCam-r", "band": "r"})
    insert("day_obs", {"instrument": instrument, "id": 20261101, "timespan": Timespan(None, None)})
    insert("visit_system", {"instrument": instrument, "id": 0, "name": "by-hand"})
    insert(
        "detector",
        *({"instrument": instrument, "id": d, "full_name": f"D{d}", "purpose": "SCIENCE"} for d in detectors),
    )
    for visit in visits:
        insert(
            "visit",
            {
                "instrument": instrument,
                "id": visit,
                "name": f"visit-{visit}",
                "physical_filter": "SmallCam-r",
                "day_obs": 20261101,
                "exposure_time": 30.0,
                "region": _box(visit, 0, len(detectors)),
            },
        )
        insert(
            "visit_detector_region",
            *(
                {"instrument": instrument, "visit": visit, "detector": d, "region": _box(visit, n, n + 1)}
                for n, d in enumerate(detectors)
            ),
        )


def _box(visit: int, first: int, last: int) -> Box:
    """Region in the sky of some detectors: side by side in right ascension, visits above each other."""
    return Box.fromDegrees(10.0 + first, visit, 10.0 + last, visit + 1)
