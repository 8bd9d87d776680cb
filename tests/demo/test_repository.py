from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from lsst.daf.butler import Butler, CollectionType, Timespan
from lsst.pipe.base import Instrument

from jupyter_mpexec.demo import DemoRepository, make_repository
from jupyter_mpexec.demo.camera import FLAT_CHANGES
from jupyter_mpexec.demo.formatters import RawFormatter
from jupyter_mpexec.demo.instrument import DemoCam
from jupyter_mpexec.demo.observing import CAMERA


def test_collections(small: DemoRepository) -> None:
    butler = small.butler()
    assert small.inputs == "DemoCam/defaults"
    info = {c.name: c for c in butler.collections.query_info("*")}
    assert info["DemoCam/defaults"].type is CollectionType.CHAINED
    assert info["DemoCam/defaults"].children == (
        "DemoCam/raw/all",
        "DemoCam/calib",
        "refcats/demo",
        "skymaps",
    )
    assert info["DemoCam/calib"].type is CollectionType.CALIBRATION


def test_instrument_comes_from_its_record(small: DemoRepository) -> None:
    butler = small.butler()
    instrument = Instrument.fromName("HSC", butler.registry)
    assert isinstance(instrument, DemoCam)
    assert instrument.makeDefaultRawIngestRunName() == "DemoCam/raw/all"
    assert instrument.getRawFormatter({}) is RawFormatter
    instrument.register(small.butler(writeable=True).registry)  # once more does no harm


def test_raw_image(small: DemoRepository) -> None:
    butler = small.butler()
    raw = butler.get("raw", instrument="HSC", exposure=903334, detector=23, collections=small.inputs)
    assert raw.data.dtype == np.uint16
    assert raw.data.shape == (CAMERA.ny, CAMERA.nx + CAMERA.overscan)
    assert raw.data.max() == CAMERA.saturation
    overscan = raw.data[:, CAMERA.nx :]
    assert overscan.mean() == pytest.approx(CAMERA.pedestal, abs=20)
    assert overscan.std() == pytest.approx(CAMERA.read_noise / CAMERA.gain, rel=0.1)
    assert raw.header["BAND"] == "r"
    assert not any(key.startswith(("CRVAL", "NAXIS")) for key in raw.header)
    assert len(butler.query_datasets("raw", collections=small.inputs)) == small.images == 8


def test_flats_change_in_the_middle_of_the_night(small: DemoRepository) -> None:
    butler = small.butler()
    change = FLAT_CHANGES["HSC-R"]
    found = [
        butler.find_dataset(
            "flat",
            instrument="HSC",
            detector=23,
            physical_filter="HSC-R",
            collections="DemoCam/calib",
            timespan=span,
        )
        for span in (Timespan(None, change), Timespan(change, None))
    ]
    assert None not in found
    assert [ref.run for ref in found if ref] == ["DemoCam/calib/gen/epoch0", "DemoCam/calib/gen/epoch1"]
    first, second = (butler.get(ref) for ref in found)
    assert np.abs(first / second - 1).max() > 0.05
    for flat in (first, second):
        assert flat.mean() == pytest.approx(1, abs=1e-3)


def test_reference_catalog_is_cut_into_triangles(small: DemoRepository) -> None:
    butler = small.butler()
    refs = butler.query_datasets("demo_refcat", collections=small.inputs)
    assert {tuple(ref.dataId.dimensions.required) for ref in refs} == {("htm7",)}
    count = sum(len(butler.get(ref)) for ref in refs)
    stars = butler.get("truth_stars", collections="truth")
    assert count == np.sum(stars["mag_r"] < 20.5)


def test_truth(small: DemoRepository) -> None:
    butler = small.butler()
    images = butler.get("truth_images", collections="truth")
    assert len(images) == small.images
    assert list(images["visit"][images["clouds"] > 0]) == [904012]
    transients = butler.get("truth_transients", collections="truth")
    assert len(transients) == 4
    assert set(transients["band"]) <= {"r", "i"}


def test_same_seed_same_bits_other_seed_other_bits(
    small: DemoRepository, by_command: tuple[Butler, str], tmp_path: Path
) -> None:
    first, other = small.butler(), by_command[0]
    again = make_repository(tmp_path / "again", size="small", seed=1).butler()
    data_id = {"instrument": "HSC", "exposure": 903344, "detector": 5}

    def pixels(butler: Butler) -> np.ndarray:
        return butler.get("raw", data_id, collections=small.inputs).data

    def truth(butler: Butler, name: str) -> np.ndarray:
        return butler.get(name, collections="truth").as_array()

    np.testing.assert_array_equal(pixels(again), pixels(first))
    assert not np.array_equal(pixels(other), pixels(first))
    for name in ("truth_stars", "truth_transients", "truth_images"):
        np.testing.assert_array_equal(truth(again, name), truth(first, name))
    assert not np.array_equal(truth(other, "truth_stars"), truth(first, "truth_stars"))


def test_unknown_size(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no size 'huge': use one of small, default, large"):
        make_repository(tmp_path / "repo", size="huge")


def test_existing_repository_is_left_alone(small: DemoRepository) -> None:
    with pytest.raises(FileExistsError):
        make_repository(small.root, size="small")
