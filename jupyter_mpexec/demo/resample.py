"""Moving pixels: interpolation on another grid, and matching of point-spread functions."""

from __future__ import annotations

__all__ = ["match_psf", "resample"]

import numpy as np
from astropy.wcs import WCS
from numpy.typing import NDArray
from scipy import ndimage

from .wcs import map_pixels

FloatImage = NDArray[np.float32]


def resample(
    image: FloatImage,
    variance: FloatImage,
    bad: NDArray[np.bool_],
    source: WCS,
    target: WCS,
    shape: tuple[int, int],
) -> tuple[FloatImage, FloatImage]:
    """Interpolate an image on the grid of another one, keeping the light of each source.

    Parameters
    ----------
    image, variance : `numpy.ndarray`
        Pixels and their variance.
    bad : `numpy.ndarray`
        Pixels of which nothing may get into the result.
    source, target : `astropy.wcs.WCS`
        Transforms of the image and of the new grid.
    shape : `tuple` [`int`, `int`]
        Rows and columns of the new grid.

    Returns
    -------
    image, variance : `numpy.ndarray`
        On the new grid; NaN where there is nothing.
    """
    x, y = map_pixels(target, source, shape)
    inside = (x >= 1) & (x <= image.shape[1] - 2) & (y >= 1) & (y <= image.shape[0] - 2)
    if not inside.any():
        empty = np.full(shape, np.nan, np.float32)
        return empty, empty.copy()
    rows, columns = np.nonzero(inside)
    box = (slice(rows.min(), rows.max() + 1), slice(columns.min(), columns.max() + 1))
    # A pixel of the new grid covers this many pixels of the old one, whose light it takes over.
    dy_row, dy_column = np.gradient(y)
    dx_row, dx_column = np.gradient(x)
    area = np.abs(dx_column * dy_row - dx_row * dy_column)[box]
    at = np.array([y[box], x[box]])
    clean = np.where(bad | ~np.isfinite(image), 0, image)
    values = ndimage.map_coordinates(clean, at, order=3, mode="nearest") * area
    spread = ndimage.map_coordinates(variance, at, order=0, mode="nearest") * area**2
    nearest_bad = ndimage.map_coordinates(bad.astype(np.uint8), at, order=0, mode="nearest").astype(bool)
    keep = inside[box] & ~nearest_bad
    moved = np.full(shape, np.nan, np.float32)
    moved_variance = moved.copy()
    moved[box] = np.where(keep, values, np.nan)
    moved_variance[box] = np.where(keep, spread, np.nan)
    return moved, moved_variance


def match_psf(image: FloatImage, sigma: float, target: float) -> FloatImage:
    """Blur an image until its Gaussian point-spread function has the target's width.

    Parameters
    ----------
    image : `numpy.ndarray`
        Pixels without NaN.
    sigma, target : `float`
        Width now and afterwards, pixels; an image that is blurred enough is returned as it is.

    Returns
    -------
    matched : `numpy.ndarray`
        Blurred image.
    """
    if sigma >= target:
        return image
    # The kernel is applied through its Fourier transform: exact even where it is narrower than a pixel.
    width = np.sqrt(target**2 - sigma**2)
    pad = int(4 * target) + 2
    padded = np.pad(image, pad, mode="reflect")
    spectrum = np.fft.rfft2(padded)
    ky = np.fft.fftfreq(padded.shape[0])[:, None]
    kx = np.fft.rfftfreq(padded.shape[1])[None, :]
    spectrum *= np.exp(-2 * (np.pi * width) ** 2 * (kx**2 + ky**2))
    blurred = np.fft.irfft2(spectrum, s=padded.shape)[pad:-pad, pad:-pad]
    return np.ascontiguousarray(blurred, np.float32)
