"""Finding cosmic rays in a single image."""

from __future__ import annotations

__all__ = ["fill_pixels", "find_cosmic_rays"]

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from .storage import dilate


def find_cosmic_rays(
    image: NDArray[np.floating], noise: NDArray[np.floating], threshold: float, contrast: float
) -> NDArray[np.bool_]:
    """Find pixels that are sharper than the optics allow.

    Parameters
    ----------
    image : `numpy.ndarray`
        Pixels, electrons, sky included.
    noise : `numpy.ndarray`
        Standard deviation that pixels would have without the cosmic ray, electrons.
    threshold : `float`
        Significance that a pixel must have.
    contrast : `float`
        How much stronger than the smooth structure of a star it must be.

    Returns
    -------
    found : `numpy.ndarray`
        Boolean image.

    Notes
    -----
    Laplacian edge detection (van Dokkum 2001, PASP 113, 1420). The Laplacian of the image, subsampled
    twice, is written out in closed form: each sub-pixel sees itself twice and one horizontal and one
    vertical neighbour.
    """
    padded = np.pad(image, 1, mode="edge")
    up, down = padded[:-2, 1:-1], padded[2:, 1:-1]
    left, right = padded[1:-1, :-2], padded[1:-1, 2:]
    twice = 2 * image
    laplacian = sum(np.maximum(twice - h - v, 0) for h in (left, right) for v in (up, down)) / 4
    significance = laplacian / (2 * noise)
    rows, columns = np.nonzero(significance > threshold)
    found = np.zeros(image.shape, bool)
    if len(rows) == 0:
        return found
    smooth = ndimage.median_filter(image, size=3)
    fine = smooth[rows, columns] - np.median(_windows(smooth, rows, columns, 3), axis=1)
    sharp = laplacian[rows, columns] > contrast * np.maximum(fine, noise[rows, columns] / 2)
    excess = significance[rows, columns] - np.median(_windows(significance, rows, columns, 2), axis=1)
    chosen = sharp & (excess > threshold)
    found[rows[chosen], columns[chosen]] = True
    # Fainter parts of a track touch the bright ones.
    grown: NDArray[np.bool_] = found | (dilate(found, 1) & (significance > 0.4 * threshold))
    return grown


def fill_pixels(image: NDArray[np.floating], bad: NDArray[np.bool_]) -> NDArray[np.floating]:
    """Replace pixels by the median of the good ones in the 5 x 5 around.

    Parameters
    ----------
    image : `numpy.ndarray`
        Pixels.
    bad : `numpy.ndarray`
        Which to replace.

    Returns
    -------
    filled : `numpy.ndarray`
        A copy; pixels that have no good neighbour get the median of the image.
    """
    rows, columns = np.nonzero(bad)
    filled = image.copy()
    if len(rows) == 0:
        return filled
    around = _windows(np.where(bad, np.nan, image), rows, columns, 2)
    empty = ~np.isfinite(around).any(axis=1)
    around[empty] = np.median(image)
    filled[rows, columns] = np.nanmedian(around, axis=1)
    return filled


def _windows(
    image: NDArray[np.floating], rows: NDArray[np.int64], columns: NDArray[np.int64], half: int
) -> NDArray[np.floating]:
    """Gather the square around each of some pixels; shape (n, (2 * half + 1) ** 2)."""
    padded = np.pad(image, half, mode="edge")
    offsets = np.arange(2 * half + 1)
    block = padded[rows[:, None, None] + offsets[:, None], columns[:, None, None] + offsets]
    flat: NDArray[np.floating] = block.reshape(len(rows), -1)
    return flat
