"""Measurement of point sources: peaks, adaptive moments, aperture fluxes."""

from __future__ import annotations

__all__ = [
    "adaptive_moments",
    "any_flag_near",
    "aperture_flux",
    "find_sources",
    "mad_sigma",
    "segment_moments",
]

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

FloatArray = NDArray[np.float64]


def mad_sigma(values: NDArray[np.floating]) -> float:
    """Estimate a standard deviation from the median absolute deviation, ignoring NaN (`float`)."""
    finite = values[np.isfinite(values)]
    if finite.size == 0:
        return float("nan")
    return float(1.4826 * np.median(np.abs(finite - np.median(finite))))


def find_sources(
    image: NDArray[np.floating], sigma: float, threshold: float, bad: NDArray[np.bool_]
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Find peaks in a matched-filtered image.

    Parameters
    ----------
    image : `numpy.ndarray`
        Sky-subtracted pixels.
    sigma : `float`
        Width of the Gaussian that the image is filtered with, pixels.
    threshold : `float`
        In units of the filtered image's noise.
    bad : `numpy.ndarray`
        Pixels to treat as empty.

    Returns
    -------
    x, y : `numpy.ndarray`
        Pixels of the peaks, zero-based, brightest first.
    significance : `numpy.ndarray`
        Height of each peak over the noise of the filtered image.
    """
    clean = np.where(bad, 0, image)
    filtered = ndimage.gaussian_filter(clean, sigma)
    noise = mad_sigma(filtered[~bad])
    if not np.isfinite(noise) or noise == 0:
        empty = np.zeros(0)
        return empty, empty, empty
    peak = (filtered == ndimage.maximum_filter(filtered, size=5)) & (filtered > threshold * noise) & ~bad
    rows, columns = np.nonzero(peak)
    order = np.argsort(-filtered[rows, columns], kind="stable")
    rows, columns = rows[order], columns[order]
    return columns.astype(float), rows.astype(float), filtered[rows, columns].astype(float) / noise


def adaptive_moments(
    image: NDArray[np.floating], x: FloatArray, y: FloatArray, sigma: float, iterations: int = 10
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Measure positions and widths with a weight that adapts itself to each source.

    Parameters
    ----------
    image : `numpy.ndarray`
        Sky-subtracted pixels.
    x, y : `numpy.ndarray`
        First guess of the positions, pixels.
    sigma : `float`
        First guess of the width, pixels.
    iterations : `int`, optional
        Number of rounds.

    Returns
    -------
    x, y, sigma : `numpy.ndarray`
        Positions and Gaussian widths, pixels. Sources that wander off by more than two pixels keep their
        first guess and get a width of NaN.

    Notes
    -----
    Adaptive moments as in Bernstein & Jarvis (2002), with a circular weight. For a Gaussian source and a
    weight of the same width, the weighted centroid moves half of the way, and the weighted second moment
    is half of the true one.
    """
    half = 8
    offsets = np.arange(-half, half + 1)
    rows = np.rint(y).astype(int)[:, None] + offsets
    columns = np.rint(x).astype(int)[:, None] + offsets
    inside = ((rows >= 0) & (rows < image.shape[0]))[:, :, None] & (
        (columns >= 0) & (columns < image.shape[1])
    )[:, None, :]
    stamps = image[
        np.clip(rows, 0, image.shape[0] - 1)[:, :, None], np.clip(columns, 0, image.shape[1] - 1)[:, None, :]
    ]
    stamps = np.where(inside, stamps, 0).astype(float)
    center_x, center_y, width = x.astype(float).copy(), y.astype(float).copy(), np.full(len(x), float(sigma))
    for _ in range(iterations):
        dx, dy = columns - center_x[:, None], rows - center_y[:, None]
        weight_x = np.exp(-0.5 * (dx / width[:, None]) ** 2)
        weight_y = np.exp(-0.5 * (dy / width[:, None]) ** 2)
        by_row = np.einsum("nyx,nx->ny", stamps, weight_x)
        total = np.einsum("ny,ny->n", by_row, weight_y)
        total = np.where(total > 0, total, np.nan)
        move_x = np.einsum("nyx,nx,ny->n", stamps, weight_x * dx, weight_y, optimize=True) / total
        move_y = np.einsum("ny,ny->n", by_row, weight_y * dy) / total
        moment = (
            np.einsum("nyx,nx,ny->n", stamps, weight_x * dx**2, weight_y, optimize=True) / total
            + np.einsum("ny,ny->n", by_row, weight_y * dy**2) / total
        ) / 2 - (move_x**2 + move_y**2) / 2
        center_x += np.clip(np.nan_to_num(2 * move_x), -1, 1)
        center_y += np.clip(np.nan_to_num(2 * move_y), -1, 1)
        with np.errstate(invalid="ignore", divide="ignore"):
            found = np.sqrt(moment * width**2 / (width**2 - moment))
        width = np.clip(np.where(np.isfinite(found), found, width), 0.4, 5.0)
    lost = (np.hypot(center_x - x, center_y - y) > 2) | ~np.isfinite(total)
    return (
        np.where(lost, x, center_x),
        np.where(lost, y, center_y),
        np.where(lost, np.nan, width),
    )


def aperture_flux(
    image: NDArray[np.floating],
    x: FloatArray,
    y: FloatArray,
    radius: float,
    variance: NDArray[np.floating] | None = None,
) -> tuple[FloatArray, FloatArray]:
    """Sum the light in circles, with exact overlap of circle and pixel.

    Parameters
    ----------
    image : `numpy.ndarray`
        Sky-subtracted pixels.
    x, y : `numpy.ndarray`
        Positions, pixels.
    radius : `float`
        Radius, pixels.
    variance : `numpy.ndarray`, optional
        Variance of the pixels.

    Returns
    -------
    flux, error : `numpy.ndarray`
        Sums and their standard errors (NaN without a variance).
    """
    from photutils.aperture import CircularAperture

    if len(x) == 0:
        return np.zeros(0), np.zeros(0)
    flux, summed = np.zeros(len(x)), np.full(len(x), np.nan if variance is None else 0.0)
    clean = np.nan_to_num(image)
    spread = None if variance is None else np.nan_to_num(variance)
    circles = CircularAperture(np.column_stack([x, y]), radius).to_mask(method="exact")
    for number, circle in enumerate(circles):
        large, small = circle.get_overlap_slices(image.shape)
        if large is None:
            continue
        weight = circle.data[small]
        flux[number] = np.sum(clean[large] * weight)
        if spread is not None:
            summed[number] = np.sum(spread[large] * weight)
    return flux, np.sqrt(np.maximum(summed, 0))


def any_flag_near(flags: NDArray[np.bool_], x: FloatArray, y: FloatArray, pixels: int) -> NDArray[np.bool_]:
    """Tell for each position whether a flagged pixel, or the edge of the image, is within some pixels."""
    padded = np.pad(flags, pixels + 1, constant_values=True)
    grown = ndimage.maximum_filter(padded, size=2 * pixels + 1)
    rows = np.clip(np.rint(y).astype(int) + pixels + 1, 0, padded.shape[0] - 1)
    columns = np.clip(np.rint(x).astype(int) + pixels + 1, 0, padded.shape[1] - 1)
    near: NDArray[np.bool_] = grown[rows, columns]
    return near


def segment_moments(
    image: NDArray[np.floating], weight: NDArray[np.floating], labels: NDArray[np.integer]
) -> FloatArray:
    """Measure segments of an image.

    Parameters
    ----------
    image : `numpy.ndarray`
        Sky-subtracted pixels, to sum.
    weight : `numpy.ndarray`
        Positive image, to weight positions with.
    labels : `numpy.ndarray`
        Number of the segment that each pixel belongs to; 0 for none.

    Returns
    -------
    moments : `numpy.ndarray`
        One row for each number from 1 to the largest: x, y (pixels), sum of the pixels, number of pixels and
        semi-major axis (square root of the larger eigenvalue of the second moments, pixels).
    """
    rows, columns = np.nonzero(labels)
    label = labels[rows, columns] - 1
    count = int(np.max(labels, initial=0))
    light = np.maximum(weight[rows, columns], 1e-6)
    total = np.bincount(label, light, count)

    def mean(values: NDArray[np.floating] | NDArray[np.integer]) -> FloatArray:
        average: FloatArray = np.bincount(label, light * values, count) / total
        return average

    x, y = mean(columns), mean(rows)
    dx, dy = columns - x[label], rows - y[label]
    xx, yy, xy = mean(dx * dx), mean(dy * dy), mean(dx * dy)
    larger = (xx + yy) / 2 + np.hypot((xx - yy) / 2, xy)
    flux = np.bincount(label, image[rows, columns], count)
    return np.column_stack([x, y, flux, np.bincount(label, minlength=count), np.sqrt(larger)])
