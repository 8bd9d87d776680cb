"""World coordinates: tangent planes, detectors fitted to sky regions, small corrections.

Pixel positions are zero-based with integers at pixel centres (so an image spans -0.5 to n - 0.5); sky
positions are ICRS degrees.
"""

from __future__ import annotations

__all__ = [
    "correct_wcs",
    "gnomonic",
    "gnomonic_inverse",
    "map_pixels",
    "pixel_corners_region",
    "pixel_scale",
    "region_vertices",
    "wcs_from_cards",
    "wcs_from_region",
    "wcs_from_values",
    "wcs_to_cards",
]

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from astropy.wcs import WCS, Sip
from lsst.sphgeom import ConvexPolygon, LonLat, UnitVector3d
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]


def gnomonic(ra: ArrayLike, dec: ArrayLike, center: tuple[float, float]) -> tuple[FloatArray, FloatArray]:
    """Project sky positions on the plane that touches the sphere at ``center``.

    Parameters
    ----------
    ra, dec : array-like
        Positions, degrees.
    center : `tuple` [`float`, `float`]
        Tangent point, degrees.

    Returns
    -------
    xi, eta : `numpy.ndarray`
        Standard coordinates, degrees, east and north (Calabretta & Greisen 2002, section 5.1.3).
    """
    a, d = np.radians(np.asarray(ra, float) - center[0]), np.radians(np.asarray(dec, float))
    d0 = np.radians(center[1])
    cosine = np.sin(d0) * np.sin(d) + np.cos(d0) * np.cos(d) * np.cos(a)
    xi = np.cos(d) * np.sin(a) / cosine
    eta = (np.cos(d0) * np.sin(d) - np.sin(d0) * np.cos(d) * np.cos(a)) / cosine
    return np.degrees(xi), np.degrees(eta)


def gnomonic_inverse(
    xi: ArrayLike, eta: ArrayLike, center: tuple[float, float]
) -> tuple[FloatArray, FloatArray]:
    """Undo `gnomonic`: standard coordinates (degrees) to right ascension and declination (degrees)."""
    x, y = np.radians(np.asarray(xi, float)), np.radians(np.asarray(eta, float))
    d0 = np.radians(center[1])
    denominator = np.cos(d0) - y * np.sin(d0)
    ra = center[0] + np.degrees(np.arctan2(x, denominator))
    dec = np.degrees(np.arctan2(np.sin(d0) + y * np.cos(d0), np.hypot(x, denominator)))
    return ra, dec


def wcs_from_values(
    crval: Sequence[float],
    crpix: Sequence[float] | FloatArray,
    cd: ArrayLike,
    sip: tuple[float, float] | None = None,
) -> WCS:
    """Make a TAN (or TAN-SIP) WCS.

    Parameters
    ----------
    crval : sequence of `float`
        Sky position of the reference pixel, degrees.
    crpix : sequence of `float`
        Reference pixel, one-based as in FITS.
    cd : array-like
        2 x 2 matrix, degrees per pixel.
    sip : `tuple` [`float`, `float`], optional
        The SIP terms ``A_1_1`` and ``B_1_1``.

    Returns
    -------
    wcs : `astropy.wcs.WCS`
        The transform.
    """
    suffix = "" if sip is None else "-SIP"
    wcs = WCS(naxis=2)
    wcs.wcs.ctype = f"RA---TAN{suffix}", f"DEC--TAN{suffix}"
    wcs.wcs.cunit = "deg", "deg"
    wcs.wcs.radesys = "ICRS"
    wcs.wcs.crval = np.asarray(crval, float)
    wcs.wcs.crpix = np.asarray(crpix, float)
    wcs.wcs.cd = np.asarray(cd, float)
    if sip is not None:
        first, second = np.zeros((3, 3)), np.zeros((3, 3))
        first[1, 1], second[1, 1] = sip
        wcs.sip = Sip(first, second, None, None, wcs.wcs.crpix)
    wcs.wcs.set()
    return wcs


def wcs_to_cards(wcs: WCS) -> dict[str, str | float | int]:
    """Return the FITS keywords of a transform made by this module (`dict`)."""
    values = wcs.wcs
    cards: dict[str, str | float | int] = {"RADESYS": "ICRS"}
    for axis in (0, 1):
        number = axis + 1
        cards |= {
            f"CTYPE{number}": str(values.ctype[axis]),
            f"CUNIT{number}": "deg",
            f"CRVAL{number}": float(values.crval[axis]),
            f"CRPIX{number}": float(values.crpix[axis]),
            f"CD{number}_1": float(values.cd[axis, 0]),
            f"CD{number}_2": float(values.cd[axis, 1]),
        }
    if wcs.sip is not None:
        cards |= {"A_ORDER": 2, "B_ORDER": 2}
        cards |= {"A_1_1": float(wcs.sip.a[1, 1]), "B_1_1": float(wcs.sip.b[1, 1])}
    return cards


def wcs_from_cards(cards: Mapping[str, Any]) -> WCS:
    """Undo `wcs_to_cards`.

    Parameters
    ----------
    cards : mapping
        FITS header or dictionary.

    Returns
    -------
    wcs : `astropy.wcs.WCS`
        The transform. Reading only these keywords is ten times as fast as searching the header for all that
        there could be.
    """
    return wcs_from_values(
        (cards["CRVAL1"], cards["CRVAL2"]),
        (cards["CRPIX1"], cards["CRPIX2"]),
        [[cards["CD1_1"], cards["CD1_2"]], [cards["CD2_1"], cards["CD2_2"]]],
        (cards["A_1_1"], cards["B_1_1"]) if "A_1_1" in cards else None,
    )


def region_vertices(region: ConvexPolygon) -> FloatArray:
    """Return the vertices of a region as an array of shape (n, 2), degrees."""
    places = [LonLat(vertex) for vertex in region.getVertices()]
    return np.array([(place.getLon().asDegrees(), place.getLat().asDegrees()) for place in places])


def wcs_from_region(region: ConvexPolygon, nx: int, ny: int) -> WCS:
    """Fit a detector exactly onto a quadrilateral of sky.

    Parameters
    ----------
    region : `lsst.sphgeom.ConvexPolygon`
        Four vertices.
    nx, ny : `int`
        Size of the detector, pixels; x runs along the shorter side.

    Returns
    -------
    wcs : `astropy.wcs.WCS`
        TAN-SIP transform whose four outer pixel corners are the four vertices.

    Notes
    -----
    A bilinear map has eight free numbers, as many as four corners have coordinates, and turns straight edges
    into straight edges, which are great circles on a tangent plane: so the region is the image's outline,
    not just near it. Bilinear is linear (CD matrix) plus one ``u v`` term, which SIP can write.
    """
    ra, dec = region_vertices(region)[::-1].T  # reversed: sphgeom goes round with east to the right
    x0, y0 = gnomonic(ra, dec, (ra.mean(), dec.mean()))
    if np.hypot(x0[1] - x0[0], y0[1] - y0[0]) > np.hypot(x0[2] - x0[1], y0[2] - y0[1]):
        ra, dec = np.roll(ra, -1), np.roll(dec, -1)
    u = np.array([-nx, nx, nx, -nx]) / 2
    v = np.array([-ny, -ny, ny, ny]) / 2
    design = np.column_stack([np.ones(4), u, v, u * v])
    center = (float(ra.mean()), float(dec.mean()))
    for _ in range(4):  # move the tangent point until it sits on the central pixel
        terms = np.linalg.solve(design, np.column_stack(gnomonic(ra, dec, center)))
        moved = gnomonic_inverse(terms[0, 0], terms[0, 1], center)
        center = (float(moved[0]), float(moved[1]))
    terms = np.linalg.solve(design, np.column_stack(gnomonic(ra, dec, center)))
    cd = terms[1:3].T
    sip = np.linalg.solve(cd, terms[3])
    return wcs_from_values(center, (nx / 2 + 0.5, ny / 2 + 0.5), cd, (float(sip[0]), float(sip[1])))


def correct_wcs(wcs: WCS, matrix: ArrayLike, offset: ArrayLike) -> WCS:
    """Apply a small affine correction on the tangent plane.

    Parameters
    ----------
    wcs : `astropy.wcs.WCS`
        Transform from `wcs_from_values` or read back from FITS.
    matrix : array-like
        2 x 2 matrix that multiplies standard coordinates.
    offset : array-like
        Shift, degrees, east and north.

    Returns
    -------
    corrected : `astropy.wcs.WCS`
        New transform; distortion terms are kept.
    """
    east, north = np.asarray(offset, float)
    ra, dec = gnomonic_inverse(east, north, (wcs.wcs.crval[0], wcs.wcs.crval[1]))
    cd = np.asarray(matrix, float) @ wcs.pixel_scale_matrix
    sip = None if wcs.sip is None else (wcs.sip.a[1, 1], wcs.sip.b[1, 1])
    return wcs_from_values((float(ra), float(dec)), wcs.wcs.crpix, cd, sip)


def pixel_scale(wcs: WCS) -> float:
    """Return the side of a pixel at the reference pixel, arcseconds (`float`)."""
    return float(np.sqrt(abs(np.linalg.det(wcs.pixel_scale_matrix))) * 3600)


def pixel_corners_region(wcs: WCS, nx: float, ny: float) -> ConvexPolygon:
    """Return the outline on the sky of an image of ``nx`` x ``ny`` pixels."""
    corners = np.array([(-0.5, -0.5), (nx - 0.5, -0.5), (nx - 0.5, ny - 0.5), (-0.5, ny - 0.5)])
    sky = wcs.all_pix2world(corners, 0)
    return ConvexPolygon([UnitVector3d(LonLat.fromDegrees(float(ra), float(dec))) for ra, dec in sky])


def map_pixels(
    source: WCS, target: WCS, shape: tuple[int, int], step: int = 10
) -> tuple[FloatArray, FloatArray]:
    """Find where each pixel of one image falls in another.

    Parameters
    ----------
    source, target : `astropy.wcs.WCS`
        Transforms of the image whose pixels are mapped, and of the image mapped to.
    shape : `tuple` [`int`, `int`]
        Rows and columns of the source image.
    step : `int`, optional
        Exact positions are computed on a grid this many pixels apart; between them they are interpolated
        linearly, which is good to 1e-3 pixel for detectors of this survey.

    Returns
    -------
    x, y : `numpy.ndarray`
        Zero-based positions in the target image, of the given shape.
    """
    rows = np.arange(0, shape[0] + step, step)
    columns = np.arange(0, shape[1] + step, step)
    grid_x, grid_y = np.meshgrid(columns, rows)
    sky = source.all_pix2world(np.column_stack([grid_x.ravel(), grid_y.ravel()]), 0)
    found = target.all_world2pix(sky, 0, quiet=True)
    fine_rows, fine_columns = np.arange(shape[0]), np.arange(shape[1])
    planes = []
    for values in found.T:
        plane = values.reshape(grid_x.shape)
        planes.append(_expand(_expand(plane, rows, fine_rows, 0), columns, fine_columns, 1))
    return planes[0], planes[1]


def _expand(plane: FloatArray, knots: NDArray[np.int64], at: NDArray[np.int64], axis: int) -> FloatArray:
    """Interpolate linearly along one axis, from evenly spaced knots."""
    step = knots[1] - knots[0]
    low = np.minimum(at // step, len(knots) - 2)
    weight = (at - knots[low]) / step
    weight = weight[:, None] if axis == 0 else weight[None, :]
    expanded: FloatArray = np.take(plane, low, axis) * (1 - weight) + np.take(plane, low + 1, axis) * weight
    return expanded
