from __future__ import annotations

import numpy as np
import pytest
from lsst.daf.butler import Butler
from lsst.sphgeom import LonLat, UnitVector3d

from jupyter_mpexec.demo import DemoRepository
from jupyter_mpexec.demo.geometry import CLOUDY_VISIT, SurveyRecords, read_shipped_records, select_records
from jupyter_mpexec.demo.observing import CAMERA
from jupyter_mpexec.demo.registration import choose_patches, make_skymap
from jupyter_mpexec.demo.wcs import (
    correct_wcs,
    gnomonic,
    gnomonic_inverse,
    map_pixels,
    pixel_corners_region,
    pixel_scale,
    region_vertices,
    wcs_from_region,
)


@pytest.fixture(scope="module")
def records(small: DemoRepository) -> SurveyRecords:
    return read_shipped_records(small.butler())


def test_shipped_observations_are_all_there(records: SurveyRecords) -> None:
    assert len(records.visits) == 12
    assert len(records.pairs) == 37
    assert len(records.detectors) == 16
    assert {record.band for record in records.filters} == {"r", "i"}
    assert records.band(CLOUDY_VISIT) == "i"


def test_detector_image_fills_its_region_exactly(records: SurveyRecords) -> None:
    for record in records.visit_detectors:
        wcs = wcs_from_region(record.region, CAMERA.nx, CAMERA.ny)
        outline = pixel_corners_region(wcs, CAMERA.nx, CAMERA.ny)
        corners = np.sort(region_vertices(outline), axis=0)
        np.testing.assert_allclose(corners, np.sort(region_vertices(record.region), axis=0), atol=1e-9)
        assert 1.4 < pixel_scale(wcs) < 1.7
        assert np.linalg.det(wcs.pixel_scale_matrix) < 0, "north up must have east on the left"


def test_region_contains_all_pixel_centres_and_nothing_outside(records: SurveyRecords) -> None:
    region = records.region(903334, 22)
    wcs = wcs_from_region(region, CAMERA.nx, CAMERA.ny)
    rng = np.random.default_rng(0)
    x, y = rng.uniform(-0.4, CAMERA.nx - 0.6, 200), rng.uniform(-0.4, CAMERA.ny - 0.6, 200)

    def inside(x: np.ndarray, y: np.ndarray) -> list[bool]:
        sky = wcs.all_pix2world(x, y, 0)
        return [region.contains(UnitVector3d(LonLat.fromDegrees(*place))) for place in zip(*sky, strict=True)]

    assert all(inside(x, y))
    assert not any(inside(x, np.full(200, CAMERA.ny + 0.0)))
    assert not any(inside(np.full(200, -1.0), y))


def test_visit_region_contains_its_detectors_but_for_rounding(records: SurveyRecords) -> None:
    visits = {record.id: record.region for record in records.visits}
    for record in records.visit_detectors:
        assert visits[record.visit].overlaps(record.region) is not False


def test_gnomonic_projection_round_trip() -> None:
    ra, dec = np.array([10.0, 10.3, 9.5]), np.array([60.0, 60.2, 59.1])
    back = gnomonic_inverse(*gnomonic(ra, dec, (10.1, 60.1)), (10.1, 60.1))
    np.testing.assert_allclose(back, [ra, dec], atol=1e-12)


def test_correction_moves_the_sky_by_the_offset(records: SurveyRecords) -> None:
    wcs = wcs_from_region(records.region(903334, 22), CAMERA.nx, CAMERA.ny)
    moved = correct_wcs(wcs, np.eye(2), [3 / 3600, -2 / 3600])
    before, after = (np.array(w.all_pix2world(20.0, 400.0, 0)) for w in (wcs, moved))
    np.testing.assert_allclose((after - before) * 3600, [3, -2], atol=2e-4)


def test_mapped_pixels_agree_with_the_exact_transform(records: SurveyRecords) -> None:
    wcs = wcs_from_region(records.region(903334, 22), CAMERA.nx, CAMERA.ny)
    skymap = make_skymap(records)
    target = skymap.patch_wcs(68)
    x, y = map_pixels(wcs, target, (CAMERA.ny, CAMERA.nx))
    rows, columns = np.array([3, 77, 479]), np.array([255, 128, 4])
    exact = target.all_world2pix(*wcs.all_pix2world(columns, rows, 0), 0)
    np.testing.assert_allclose([x[rows, columns], y[rows, columns]], exact, atol=1e-3)


def test_patches_tile_the_shipped_tract(records: SurveyRecords) -> None:
    skymap = make_skymap(records)
    assert skymap.scale == pytest.approx(1.6, rel=1e-3)
    tract = records.tract.region
    inner = skymap.patch_region(skymap.nx * 8 + 8)
    assert tract.contains(inner)
    x = np.arange(-skymap.border, skymap.patch_width + skymap.border)
    # Every column of the tract belongs to exactly one patch.
    owners = np.zeros(3 * skymap.patch_width, int)
    for index in range(3):
        patch = skymap.patch(index + skymap.nx)
        columns = np.arange(patch.shape[1])
        inside = patch.is_inner(columns, np.full(len(columns), 200.0))
        owners[columns[inside] + patch.x0] += 1
    assert np.all(owners == 1)
    assert len(x) == skymap.patch(0).shape[1]
    with pytest.raises(IndexError, match="has no patch 256"):
        skymap.patch(256)


def test_some_patches_are_seen_through_clouds_only(records: SurveyRecords) -> None:
    skymap = make_skymap(records)
    patches = choose_patches(records, skymap)
    assert len(patches) == 11
    visits = {
        index: {
            r.visit
            for r in records.visit_detectors
            if skymap.patch_region(index).overlaps(r.region) is not False
        }
        for index in patches
    }
    assert [index for index in patches if visits[index] == {CLOUDY_VISIT}] == [67, 83]


def test_nights_repeat_everything_with_new_names(records: SurveyRecords) -> None:
    three = select_records(records, nights=3)
    assert len(three.visits) == 36
    assert len(set(three.pairs)) == 3 * len(records.pairs)
    assert len({record.name for record in three.visits}) == 36
    assert len(three.day_obs) == 6
    first, second = (next(r for r in three.visits if r.id == n) for n in (903334, 905334))
    assert (second.timespan.begin - first.timespan.begin).jd == pytest.approx(1)
    assert second.day_obs == first.day_obs + 1


def test_selection_drops_what_is_not_used(small: DemoRepository) -> None:
    butler: Butler = small.butler()
    assert {record.id for record in butler.query_dimension_records("detector")} == {4, 5, 6, 23, 24, 25, 100}
