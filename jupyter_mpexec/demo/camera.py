"""What the camera does to light: bias pattern and flat field of each detector, and how they change."""

from __future__ import annotations

__all__ = ["FLAT_CHANGES", "bias_pattern", "flat_field"]

import numpy as np
from astropy.time import Time
from numpy.typing import NDArray

from .observing import CAMERA, random_for

FLAT_CHANGES = {
    "HSC-R": Time("2013-06-17T13:33:40", scale="tai"),
    "HSC-I": Time("2013-11-02T05:40:00", scale="tai"),
}
"""When the filter was taken out and put in again, by which its dust moved: in the middle of each night, so
that visits of one night need two different flats."""

BIAS_CHANGE = Time("2013-09-01T00:00:00", scale="tai")
"""When the read-out was tuned and its bias pattern changed."""


def bias_pattern(seed: int, detector: int, epoch: int) -> NDArray[np.float32]:
    """Return the fixed pattern of a detector's read-out.

    Parameters
    ----------
    seed : `int`
        Seed of the survey.
    detector : `int`
        Detector ID.
    epoch : `int`
        0 before `BIAS_CHANGE`, 1 after.

    Returns
    -------
    pattern : `numpy.ndarray`
        ADU above the pedestal.
    """
    rng = random_for(seed, "bias", detector, epoch)
    columns = rng.normal(0, 3, CAMERA.nx)
    glow = 12 * np.exp(-np.arange(CAMERA.ny) / rng.uniform(15, 40))
    pixels = rng.normal(0, 1, (CAMERA.ny, CAMERA.nx))
    pattern: NDArray[np.float64] = columns + glow[:, None] + pixels
    return pattern.astype(np.float32)


def flat_field(seed: int, detector: int, physical_filter: str, epoch: int) -> NDArray[np.float32]:
    """Return the sensitivity of a detector's pixels, with mean 1.

    Parameters
    ----------
    seed : `int`
        Seed of the survey.
    detector : `int`
        Detector ID.
    physical_filter : `str`
        Filter name.
    epoch : `int`
        0 before `FLAT_CHANGES`, 1 after.

    Returns
    -------
    flat : `numpy.ndarray`
        Vignetting, differences between pixels (these stay) and shadows of dust (these move).
    """
    y, x = np.mgrid[-1 : 1 : CAMERA.ny * 1j, -1 : 1 : CAMERA.nx * 1j]
    fixed = random_for(seed, "pixels", detector)
    tilt = fixed.uniform(-0.06, 0.06, 2)
    smooth = 1 + tilt[0] * x + tilt[1] * y - 0.05 * (x**2 + y**2)
    flat: NDArray[np.float64] = smooth * fixed.normal(1, 0.01, x.shape)
    dust = random_for(seed, f"dust {physical_filter}", detector, epoch)
    for _ in range(8):
        row, column = dust.uniform(0, CAMERA.ny), dust.uniform(0, CAMERA.nx)
        radius, depth = dust.uniform(10, 22), dust.uniform(0.08, 0.2)
        reach = 2.5 * radius  # beyond this a shadow takes less than 1e-8 of the light
        low_y, low_x = max(0, int(row - reach)), max(0, int(column - reach))
        part = flat[low_y : int(row + reach), low_x : int(column + reach)]
        rows, columns = np.ogrid[low_y : low_y + part.shape[0], low_x : low_x + part.shape[1]]
        distance = np.hypot(rows - row, columns - column)
        part *= 1 - depth * np.exp(-(((distance - radius) / (0.35 * radius)) ** 2))
    flat /= flat.mean()
    return flat.astype(np.float32)
