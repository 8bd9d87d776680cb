"""Making of the demo repository."""

from __future__ import annotations

__all__ = ["DemoRepository", "make_repository"]

import tempfile
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import astropy.units as u
import numpy as np
from astropy.table import Table
from astropy.time import Time
from lsst.daf.butler import Butler, CollectionType, DatasetRef, DatasetType, FileDataset, Timespan
from lsst.sphgeom import HtmPixelization, LonLat, UnitVector3d

from .butler_config import make_butler_config
from .camera import BIAS_CHANGE, FLAT_CHANGES, bias_pattern, flat_field
from .formatters import write_raw
from .geometry import SurveyRecords, read_shipped_records, select_records
from .instrument import DemoCam
from .observing import CAMERA, Conditions, make_conditions, random_for
from .raw import simulate_raw
from .registration import choose_patches, make_skymap, register_dimensions
from .sizes import SIZES
from .sky import Sky, make_sky
from .wcs import wcs_from_region

REFERENCE_LIMIT = 20.5
"""Faintest r magnitude of the reference catalogue."""

TRUTH_RUN = "truth"
"""RUN collection that holds what the simulation knows (not part of any pipeline's input)."""


@dataclass(frozen=True)
class DemoRepository:
    """A demo repository on disk.

    Parameters
    ----------
    root : `pathlib.Path`
        Folder of the Butler repository.
    size : `str`
        Name of its size.
    seed : `int`
        Seed of its pixels.
    inputs : `str`
        CHAINED collection to give to a pipeline.
    pipeline : `pathlib.Path`
        File of the pipeline that goes with it.
    images : `int`
        Number of raw images.
    """

    root: Path
    size: str
    seed: int
    inputs: str
    pipeline: Path
    images: int

    def butler(self, writeable: bool = False) -> Butler:
        """Open the repository (`lsst.daf.butler.Butler`)."""
        return Butler.from_config(str(self.root), writeable=writeable)


def make_repository(path: str | Path, *, size: str = "default", seed: int = 1) -> DemoRepository:
    """Make a Butler repository with a synthetic survey.

    Parameters
    ----------
    path : `str` or `pathlib.Path`
        Folder to make; it must be empty or not exist.
    size : `str`, optional
        ``"small"`` (8 images), ``"default"`` (37) or ``"large"`` (185).
    seed : `int`, optional
        The same seed gives the same pixels, bit by bit.

    Returns
    -------
    repository : `DemoRepository`
        What was made.

    Raises
    ------
    ValueError
        Raised if there is no such size.
    FileExistsError
        Raised if there is a repository already.

    Notes
    -----
    Collections: ``DemoCam/raw/all``, ``DemoCam/calib`` (CALIBRATION), ``refcats/demo``, ``skymaps``, all
    chained in
    ``DemoCam/defaults``; and ``truth``.
    """
    if size not in SIZES:
        raise ValueError(f"There is no size {size!r}: use one of {', '.join(SIZES)}.")
    root = Path(path).absolute()
    Butler.makeRepo(str(root), config=make_butler_config())
    butler = Butler.from_config(str(root), writeable=True)
    instrument = DemoCam()
    records = select_records(read_shipped_records(butler), SIZES[size].pairs, SIZES[size].nights)
    skymap = make_skymap(records)
    patches = SIZES[size].patches or choose_patches(records, skymap)
    register_dimensions(butler, instrument, records, skymap, patches)
    conditions = make_conditions(records, seed)
    regions = [skymap.patch_region(index) for index in patches]
    sky = make_sky(records, conditions, regions, seed, SIZES[size].transients)

    butler.collections.register("skymaps")
    _register(butler, "skyMap", ("skymap",), "DemoSkyMap")
    butler.put(skymap, "skyMap", skymap=skymap.name, run="skymaps")
    _put_calibrations(butler, instrument, records, seed)
    _put_reference_catalog(butler, sky, seed)
    _ingest_raws(butler, root, instrument, records, sky, conditions, seed)
    _put_truth(butler, records, sky, conditions)
    defaults = instrument.makeUmbrellaCollectionName()
    butler.collections.register(defaults, CollectionType.CHAINED)
    butler.collections.redefine_chain(
        defaults,
        [
            instrument.makeDefaultRawIngestRunName(),
            instrument.makeCalibrationCollectionName(),
            instrument.makeRefCatCollectionName("demo"),
            "skymaps",
        ],
    )
    pipeline = Path(str(resources.files("jupyter_mpexec.demo"))) / "pipelines" / "survey.yaml"
    return DemoRepository(root, size, seed, defaults, pipeline, len(records.pairs))


def _register(
    butler: Butler, name: str, dimensions: tuple[str, ...], storage_class: str, calibration: bool = False
) -> DatasetType:
    dataset_type = DatasetType(
        name, dimensions, storage_class, universe=butler.dimensions, isCalibration=calibration
    )
    butler.registry.registerDatasetType(dataset_type)
    return dataset_type


def _put_calibrations(butler: Butler, instrument: DemoCam, records: SurveyRecords, seed: int) -> None:
    calib = instrument.makeCalibrationCollectionName()
    butler.collections.register(calib, CollectionType.CALIBRATION)
    bias_type = _register(butler, "bias", ("instrument", "detector"), "DemoImage", calibration=True)
    flat_type = _register(
        butler, "flat", ("instrument", "detector", "physical_filter"), "DemoImage", calibration=True
    )
    used = {
        (v.physical_filter, p.detector)
        for v in records.visits
        for p in records.visit_detectors
        if p.visit == v.id
    }
    for epoch in (0, 1):
        run = instrument.makeCollectionName("calib", "gen", f"epoch{epoch}")
        butler.collections.register(run)
        biases = [
            butler.put(
                bias_pattern(seed, d.id, epoch), bias_type, instrument=d.instrument, detector=d.id, run=run
            )
            for d in records.detectors
        ]
        butler.registry.certify(calib, biases, _validity(BIAS_CHANGE, epoch))
        for physical_filter, change in FLAT_CHANGES.items():
            flats = [
                butler.put(
                    flat_field(seed, detector, physical_filter, epoch),
                    flat_type,
                    instrument=instrument.getName(),
                    detector=detector,
                    physical_filter=physical_filter,
                    run=run,
                )
                for name, detector in sorted(used)
                if name == physical_filter
            ]
            butler.registry.certify(calib, flats, _validity(change, epoch))


def _validity(change: Time, epoch: int) -> Timespan:
    """Return the time before a change (epoch 0) or after it (epoch 1)."""
    return Timespan(begin=None, end=change) if epoch == 0 else Timespan(begin=change, end=None)


def _put_reference_catalog(butler: Butler, sky: Sky, seed: int) -> None:
    """Store the brighter stars, with the errors of a real catalogue, cut into HTM level-7 triangles."""
    rng = random_for(seed, "reference catalogue")
    run = DemoCam.makeRefCatCollectionName("demo")
    butler.collections.register(run)
    dataset_type = _register(butler, "demo_refcat", ("htm7",), "ArrowAstropy")
    stars = sky.stars[sky.stars["mag_r"] < REFERENCE_LIMIT]
    n = len(stars)
    table = Table({"ref_id": np.asarray(stars["star_id"])})
    table["ra"] = (np.asarray(stars["ra"]) + rng.normal(0, 0.02 / 3600, n)) * u.deg
    table["dec"] = (np.asarray(stars["dec"]) + rng.normal(0, 0.02 / 3600, n)) * u.deg
    for band in ("r", "i"):
        table[f"mag_{band}"] = np.asarray(stars[f"mag_{band}"]) + rng.normal(0, 0.01, n)
    htm = HtmPixelization(7)
    index = np.array(
        [
            htm.index(UnitVector3d(LonLat.fromDegrees(r, d)))
            for r, d in zip(table["ra"], table["dec"], strict=True)
        ]
    )
    for trixel in np.unique(index):
        butler.put(table[index == trixel], dataset_type, htm7=int(trixel), run=run)


def _ingest_raws(
    butler: Butler,
    root: Path,
    instrument: DemoCam,
    records: SurveyRecords,
    sky: Sky,
    conditions: dict[int, Conditions],
    seed: int,
) -> None:
    run = instrument.makeDefaultRawIngestRunName()
    butler.collections.register(run)
    name, dimensions, storage_class = instrument.raw_definition
    dataset_type = _register(butler, name, dimensions, storage_class)
    visits = {record.id: record for record in records.visits}
    with tempfile.TemporaryDirectory(dir=root) as folder:
        datasets = []
        for pair in records.visit_detectors:
            visit = visits[pair.visit]
            raw = simulate_raw(
                sky,
                conditions[visit.id],
                wcs_from_region(pair.region, CAMERA.nx, CAMERA.ny),
                detector=pair.detector,
                physical_filter=visit.physical_filter,
                epochs=(
                    int(visit.timespan.begin >= BIAS_CHANGE),
                    int(visit.timespan.begin >= FLAT_CHANGES[visit.physical_filter]),
                ),
                seed=seed,
            )
            file = Path(folder) / f"{visit.name}_{pair.detector:03d}.fits"
            write_raw(raw, str(file))
            data_id = butler.registry.expandDataId(
                instrument=instrument.getName(), exposure=visit.id, detector=pair.detector
            )
            ref = DatasetRef(dataset_type, data_id, run=run)
            datasets.append(FileDataset(str(file), ref, formatter=instrument.getRawFormatter(data_id)))
        butler.ingest(*datasets, transfer="move")


def _put_truth(butler: Butler, records: SurveyRecords, sky: Sky, conditions: dict[int, Conditions]) -> None:
    butler.collections.register(TRUTH_RUN)
    rows = [
        (c.visit, pair.detector, c.band, c.mjd, c.zero_point, c.fwhm, c.sky, c.clouds)
        for pair in records.visit_detectors
        for c in [conditions[pair.visit]]
    ]
    images = Table(
        rows=rows, names=("visit", "detector", "band", "mjd", "zero_point", "fwhm", "sky", "clouds")
    )
    for name, table in (("stars", sky.stars), ("transients", sky.transients), ("images", images)):
        dataset_type = _register(butler, f"truth_{name}", (), "ArrowAstropy")
        butler.put(table, dataset_type, run=TRUTH_RUN)
