"""In-memory datasets: a raw read-out and an exposure with mask and variance."""

from __future__ import annotations

__all__ = ["Exposure", "ExposureDelegate", "MaskPlane", "RawImage", "dilate"]

import enum
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from astropy.wcs import WCS
from lsst.daf.butler import StorageClassDelegate
from numpy.typing import NDArray
from scipy import ndimage

HeaderValue = str | int | float | bool


class MaskPlane(enum.IntFlag):
    """Bits of an exposure's mask.

    ``SHALLOW`` pixels of a coadd are the mean of too few visits to be clipped.
    """

    NO_DATA = 1
    SATURATED = 2
    COSMIC_RAY = 4
    SHALLOW = 8


@dataclass
class RawImage:
    """What the camera read out.

    Parameters
    ----------
    data : `numpy.ndarray`
        Counts (ADU), ``uint16``; the columns on the right, as many as the header's ``OVERSCAN``, saw no
        light.
    wcs : `astropy.wcs.WCS`
        Where the telescope believed that it pointed.
    header : `dict`
        FITS keywords (at most eight upper-case letters) and their values.
    """

    data: NDArray[np.uint16]
    wcs: WCS
    header: dict[str, HeaderValue] = field(default_factory=dict)


@dataclass
class Exposure:
    """An image with a mask, a variance and a place on the sky.

    Parameters
    ----------
    image, variance : `numpy.ndarray`
        Pixel values (electrons; after calibration in units of the header's ``ZEROPT``) and their variance,
        ``float32``.
    mask : `numpy.ndarray`
        Bits of `MaskPlane`, ``uint16``, the same shape.
    wcs : `astropy.wcs.WCS`
        Pixel to ICRS transform.
    header : `dict`
        FITS keywords and their values: ``ZEROPT`` (AB magnitude of one count), ``PSFSIGMA`` (pixels),
        ``MJD`` (TAI).
    """

    image: NDArray[np.float32]
    mask: NDArray[np.uint16]
    variance: NDArray[np.float32]
    wcs: WCS
    header: dict[str, HeaderValue] = field(default_factory=dict)

    def flagged(self, planes: MaskPlane, grow: int = 0) -> NDArray[np.bool_]:
        """Return the pixels that have any of the given bits, grown by some pixels."""
        return dilate((self.mask & np.uint16(planes)) != 0, grow)

    def with_header(self, **values: HeaderValue) -> Exposure:
        """Return a shallow copy with some header values added or changed."""
        return replace(self, header=self.header | values)


class ExposureDelegate(StorageClassDelegate):
    """Lets the butler take an `Exposure` apart."""

    def getComponent(self, composite: Any, componentName: str) -> Any:  # noqa: N802, N803  # upstream's names
        """Return one part of an exposure."""
        return getattr(composite, componentName)


def dilate(flags: NDArray[np.bool_], pixels: int) -> NDArray[np.bool_]:
    """Grow flagged areas by a number of pixels in the eight directions."""
    if pixels == 0:
        return flags
    size = 2 * pixels + 1
    grown: NDArray[np.bool_] = ndimage.maximum_filter(flags, size=size)
    return grown
