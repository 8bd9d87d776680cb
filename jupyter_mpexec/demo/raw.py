"""Simulation of raw images: sky, stars, flares, cosmic rays, saturation, flat, bias and noise."""

from __future__ import annotations

__all__ = ["draw_stars", "pointed_wcs", "simulate_raw"]

import numpy as np
from astropy.wcs import WCS
from numpy.typing import NDArray
from scipy.special import erf

from .camera import bias_pattern, flat_field
from .observing import CAMERA, Conditions, random_for
from .sky import Sky, transient_magnitudes
from .storage import HeaderValue, RawImage
from .wcs import correct_wcs

FWHM_TO_SIGMA = 1 / (2 * np.sqrt(2 * np.log(2)))


def simulate_raw(
    sky: Sky,
    conditions: Conditions,
    wcs: WCS,
    *,
    detector: int,
    physical_filter: str,
    epochs: tuple[int, int],
    seed: int,
) -> RawImage:
    """Expose one detector once.

    Parameters
    ----------
    sky : `Sky`
        Stars and flares.
    conditions : `Conditions`
        Of this visit.
    wcs : `astropy.wcs.WCS`
        True transform of the detector.
    detector : `int`
        Detector ID.
    physical_filter : `str`
        Filter name.
    epochs : `tuple` [`int`, `int`]
        Epoch of the bias pattern and of the flat field.
    seed : `int`
        Seed of the survey.

    Returns
    -------
    raw : `RawImage`
        Counts, with the WCS that the telescope believed in.
    """
    rng = random_for(seed, "raw", conditions.visit, detector)
    light = _sky_level(rng, conditions)
    for ra, dec, magnitude in (
        (sky.stars["ra"], sky.stars["dec"], np.asarray(sky.stars[f"mag_{conditions.band}"])),
        (
            sky.transients["ra"],
            sky.transients["dec"],
            transient_magnitudes(sky.transients, conditions.band, conditions.mjd),
        ),
    ):
        x, y = wcs.all_world2pix(np.asarray(ra), np.asarray(dec), 0, quiet=True)
        seen = (abs(x - CAMERA.nx / 2) < CAMERA.nx / 2 + 12) & (abs(y - CAMERA.ny / 2) < CAMERA.ny / 2 + 12)
        flux = 10 ** (-0.4 * (magnitude - conditions.zero_point))
        draw_stars(light, x[seen], y[seen], flux[seen], conditions.fwhm * FWHM_TO_SIGMA)
    electrons = rng.poisson(light * flat_field(seed, detector, physical_filter, epochs[1])).astype(np.float32)
    _hit_by_cosmic_rays(rng, electrons)
    _bleed(electrons, (CAMERA.saturation - CAMERA.pedestal) * CAMERA.gain)
    counts = np.zeros((CAMERA.ny, CAMERA.nx + CAMERA.overscan), np.float32)
    counts[:, : CAMERA.nx] = electrons / CAMERA.gain + bias_pattern(seed, detector, epochs[0])
    counts += rng.normal(0, CAMERA.read_noise / CAMERA.gain, counts.shape)
    counts += CAMERA.pedestal + rng.normal(0, 5)
    header: dict[str, HeaderValue] = {
        "EXPID": conditions.visit,
        "DETECTOR": detector,
        "FILTER": physical_filter,
        "BAND": conditions.band,
        "MJD": conditions.mjd,
        "EXPTIME": 30.0,
        "GAIN": CAMERA.gain,
        "RDNOISE": CAMERA.read_noise,
        "SATURATE": CAMERA.saturation,
        "OVERSCAN": CAMERA.overscan,
    }
    data = np.clip(np.rint(counts), 0, CAMERA.saturation).astype(np.uint16)
    return RawImage(data, pointed_wcs(wcs, conditions), header)


def pointed_wcs(wcs: WCS, conditions: Conditions) -> WCS:
    """Return the slightly wrong transform that the telescope believes in.

    Parameters
    ----------
    wcs : `astropy.wcs.WCS`
        True transform of a detector.
    conditions : `Conditions`
        They tell the pointing error of the visit.

    Returns
    -------
    believed : `astropy.wcs.WCS`
        Shifted and turned.
    """
    angle = np.radians(conditions.rotation_error / 3600)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return correct_wcs(wcs, turn, np.array(conditions.pointing_error) / 3600)


def draw_stars(
    image: NDArray[np.floating],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    flux: NDArray[np.float64],
    sigma: float,
) -> None:
    """Add point sources to an image, in place.

    Parameters
    ----------
    image : `numpy.ndarray`
        Electrons.
    x, y : `numpy.ndarray`
        Zero-based positions, pixels.
    flux : `numpy.ndarray`
        Total electrons of each source.
    sigma : `float`
        Width of the Gaussian point-spread function, pixels.
    """
    half = int(np.ceil(5.5 * sigma)) + 1
    offsets = np.arange(-half, half + 1)
    columns, rows = np.rint(x).astype(int)[:, None] + offsets, np.rint(y).astype(int)[:, None] + offsets
    edges = np.sqrt(2) * sigma

    def share(pixels: NDArray[np.int64], center: NDArray[np.float64]) -> NDArray[np.float64]:
        """Integrate a Gaussian of unit area over each pixel."""
        distance = pixels - center[:, None]
        part: NDArray[np.float64] = 0.5 * (erf((distance + 0.5) / edges) - erf((distance - 0.5) / edges))
        return part

    stamps = flux[:, None, None] * share(rows, y)[:, :, None] * share(columns, x)[:, None, :]
    inside_y = (rows >= 0) & (rows < image.shape[0])
    inside_x = (columns >= 0) & (columns < image.shape[1])
    inside = inside_y[:, :, None] & inside_x[:, None, :]
    row_of, column_of = np.broadcast_arrays(rows[:, :, None], columns[:, None, :])
    np.add.at(image, (row_of[inside], column_of[inside]), stamps[inside])


def _sky_level(rng: np.random.Generator, conditions: Conditions) -> NDArray[np.float64]:
    """Sky with a gradient, and with structure where there are clouds."""
    y, x = np.mgrid[-1 : 1 : CAMERA.ny * 1j, -1 : 1 : CAMERA.nx * 1j]
    slope = rng.normal(0, 0.03, 2)
    wave = 0.1 * (conditions.clouds > 0) * np.sin(2.5 * x + 3.5 * y + rng.uniform(0, 6))
    level: NDArray[np.float64] = conditions.sky * (1 + slope[0] * x + slope[1] * y + wave)
    return level


def _hit_by_cosmic_rays(rng: np.random.Generator, electrons: NDArray[np.float32]) -> None:
    """Leave straight tracks of charge, one pixel wide."""
    for _ in range(rng.poisson(20)):
        length = 1 + int(rng.exponential(5))
        angle = rng.uniform(0, 2 * np.pi)
        steps = np.arange(length)
        rows = np.rint(rng.uniform(0, CAMERA.ny) + steps * np.sin(angle)).astype(int)
        columns = np.rint(rng.uniform(0, CAMERA.nx) + steps * np.cos(angle)).astype(int)
        inside = (rows >= 0) & (rows < CAMERA.ny) & (columns >= 0) & (columns < CAMERA.nx)
        electrons[rows[inside], columns[inside]] += rng.uniform(600, 4000)


def _bleed(electrons: NDArray[np.float32], full: float) -> None:
    """Let charge above the full well run along the columns, in place."""
    for column in np.unique(np.nonzero(electrons > full)[1]):
        line = electrons[:, column]
        for row in map(int, np.nonzero(line > full)[0]):
            excess = line[row] - full
            line[row] = full
            for direction in (-1, 1):
                rest, at = excess / 2, row + direction
                while rest > 0 and 0 <= at < len(line):
                    taken = min(rest, max(0.0, full - line[at]))
                    line[at] += taken
                    rest -= taken
                    at += direction
