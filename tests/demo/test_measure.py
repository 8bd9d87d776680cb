from __future__ import annotations

import numpy as np
import pytest

from jupyter_mpexec.demo.associate import group_positions, match_positions
from jupyter_mpexec.demo.cosmic_rays import fill_pixels, find_cosmic_rays
from jupyter_mpexec.demo.measure import (
    adaptive_moments,
    aperture_flux,
    find_sources,
    mad_sigma,
    segment_moments,
)
from jupyter_mpexec.demo.raw import draw_stars
from jupyter_mpexec.demo.resample import match_psf, resample
from jupyter_mpexec.demo.wcs import wcs_from_values

SHAPE = (120, 140)
PIXEL = 1.6 / 3600


def starfield(
    sigma: float = 1.2, flux: float = 1e4, noise: float = 0.0, sky: float = 0.0
) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(5)
    x, y = (
        grid.ravel().astype(float) for grid in np.meshgrid(np.arange(20, 130, 20), np.arange(20, 110, 20))
    )
    x += rng.uniform(-0.5, 0.5, len(x))
    y += rng.uniform(-0.5, 0.5, len(y))
    image = np.full(SHAPE, float(sky))
    draw_stars(image, x, y, np.full(len(x), flux), sigma)
    image += rng.normal(0, noise, SHAPE) if noise else 0
    return image.astype(np.float32), x, y


def test_drawn_stars_keep_their_light() -> None:
    image, x, _ = starfield()
    assert image.sum() == pytest.approx(1e4 * len(x), rel=1e-5)


def test_moments_find_position_and_width() -> None:
    image, x, y = starfield(sigma=1.3)
    found_x, found_y, sigma = adaptive_moments(image, np.rint(x), np.rint(y), 1.0)
    np.testing.assert_allclose(found_x, x, atol=0.01)
    np.testing.assert_allclose(found_y, y, atol=0.01)
    np.testing.assert_allclose(sigma, np.hypot(1.3, 12**-0.5), rtol=0.01)  # a pixel widens the Gaussian


def test_moments_of_nothing_are_nan() -> None:
    _, _, sigma = adaptive_moments(np.full(SHAPE, -1.0), np.array([50.0]), np.array([50.0]), 1.0)
    assert np.isnan(sigma).all()


def test_aperture_flux_and_error() -> None:
    image, x, y = starfield()
    flux, error = aperture_flux(image, x, y, 5.5, np.full(SHAPE, 4.0))
    np.testing.assert_allclose(flux, 1e4, rtol=1e-3)
    np.testing.assert_allclose(error, np.sqrt(np.pi * 5.5**2 * 4), rtol=1e-3)
    assert [len(part) for part in aperture_flux(image, x[:0], y[:0], 3.0)] == [0, 0]


def test_find_sources_finds_stars_and_no_noise() -> None:
    image, x, _ = starfield(noise=20)
    found_x, _, significance = find_sources(image, 1.2, 6.0, np.zeros(SHAPE, bool))
    assert len(found_x) == len(x)
    assert np.all(np.diff(significance) <= 0)
    empty, _, _ = find_sources(np.zeros(SHAPE), 1.2, 6.0, np.zeros(SHAPE, bool))
    assert len(empty) == 0


def test_cosmic_rays_are_found_and_stars_are_not() -> None:
    image, _, _ = starfield(flux=1e5, noise=20, sky=400)
    image[70, 30:38] += 1500
    image[33, 93] += 900
    found = find_cosmic_rays(image, np.full(SHAPE, 20.0), 4.5, 3.0)
    assert found[70, 30:38].all()
    assert found[33, 93]
    assert found.sum() < 25
    filled = fill_pixels(image, found)
    assert filled[70, 30:38].mean() == pytest.approx(400, abs=40)
    assert fill_pixels(image, np.zeros(SHAPE, bool)) is not image


def test_filling_of_a_hole_without_neighbours_gives_the_median() -> None:
    bad = np.zeros(SHAPE, bool)
    bad[10:30, 10:30] = True
    image = np.full(SHAPE, 7.0)
    image[bad] = 1e6
    assert np.all(fill_pixels(image, bad) == 7.0)


def test_psf_matching_gives_the_target_width() -> None:
    image, x, y = starfield(sigma=1.1)
    start = float(np.hypot(1.1, 12**-0.5))
    matched = match_psf(image, start, 1.6)
    assert np.median(adaptive_moments(matched, x, y, 1.6)[2]) == pytest.approx(1.6, rel=0.01)
    assert matched.sum() == pytest.approx(image.sum(), rel=1e-4)
    assert match_psf(image, 2.0, 1.6) is image


def test_resampling_keeps_flux_and_moves_positions() -> None:
    image, x, y = starfield(sigma=1.4)
    source = wcs_from_values((10.0, 0.0), (70, 60), np.diag([-PIXEL, PIXEL]))
    target = wcs_from_values((10.0, 0.0), (72.3, 65.6), np.diag([-PIXEL, PIXEL]) * 0.98)
    bad = np.zeros(SHAPE, bool)
    bad[0:15, 0:15] = True
    moved, variance = resample(image, np.ones_like(image), bad, source, target, SHAPE)
    assert np.isnan(moved[5:15, 5:15]).all()
    new_x, new_y = target.all_world2pix(*source.all_pix2world(x, y, 0), 0)
    inside = (new_x > 10) & (new_x < 130) & (new_y > 10) & (new_y < 110)
    flux, _ = aperture_flux(moved, new_x[inside], new_y[inside], 6.0)
    np.testing.assert_allclose(flux, 1e4, rtol=5e-3)
    assert np.nanmedian(variance) == pytest.approx(0.98**4, rel=1e-3)
    nothing, _ = resample(
        image, image, bad, source, wcs_from_values((20.0, 0.0), (70, 60), np.diag([-PIXEL, PIXEL])), SHAPE
    )
    assert np.isnan(nothing).all()


def test_groups_and_matches() -> None:
    ra = np.array([10.0, 10.0 + 0.5 / 3600, 10.0 + 1.0 / 3600, 10.1])
    label, count = group_positions(ra, np.zeros(4), 0.7)
    assert count == 2
    assert label[0] == label[1] == label[2] != label[3]
    index, distance = match_positions(ra, np.zeros(4), ra[3:], np.zeros(1), 1.0)
    assert index.tolist() == [-1, -1, -1, 0]
    assert distance[3] == 0
    assert group_positions([], [], 1.0)[1] == 0
    assert match_positions(ra, np.zeros(4), [], [], 1.0)[0].tolist() == [-1] * 4


def test_mad_sigma() -> None:
    values = np.random.default_rng(0).normal(3, 2, 20000)
    values[:50] = 1e9
    assert mad_sigma(values) == pytest.approx(2, rel=0.03)
    assert np.isnan(mad_sigma(np.array([np.nan])))


def test_moments_of_segments() -> None:
    labels = np.zeros((20, 30), int)
    labels[3, 4:9] = 1  # a line of five pixels
    labels[10:13, 20:23] = 2
    image = np.where(labels > 0, 2.0, 0.0)
    moments = segment_moments(image, image, labels)
    np.testing.assert_allclose(moments[0], [6, 3, 10, 5, np.sqrt(2)])
    np.testing.assert_allclose(moments[1], [21, 11, 18, 9, np.sqrt(2 / 3)])
    assert len(segment_moments(image, image, np.zeros((20, 30), int))) == 0
