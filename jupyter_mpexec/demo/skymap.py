"""The sky map: one tract, cut into a grid of overlapping patches."""

from __future__ import annotations

__all__ = ["DemoSkyMap", "Patch"]

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from astropy.wcs import WCS
from lsst.sphgeom import ConvexPolygon, LonLat, UnitVector3d
from numpy.typing import ArrayLike, NDArray

from .wcs import gnomonic, gnomonic_inverse, region_vertices, wcs_from_values


@dataclass(frozen=True)
class Patch:
    """One cell of a tract.

    Parameters
    ----------
    index : `int`
        Patch ID in the registry.
    x0, y0 : `int`
        Tract pixel of the patch image's first pixel, border included.
    shape : `tuple` [`int`, `int`]
        Rows and columns of the patch image, border included.
    border : `int`
        Width of the strip shared with each neighbour, pixels.
    """

    index: int
    x0: int
    y0: int
    shape: tuple[int, int]
    border: int

    def is_inner(self, x: ArrayLike, y: ArrayLike) -> NDArray[np.bool_]:
        """Tell which positions (patch pixels) belong to this patch and to no neighbour."""
        x, y = np.asarray(x, float), np.asarray(y, float)
        low, right, top = (
            self.border - 0.5,
            self.shape[1] - self.border - 0.5,
            self.shape[0] - self.border - 0.5,
        )
        return (x >= low) & (x < right) & (y >= low) & (y < top)


@dataclass(frozen=True)
class DemoSkyMap:
    """A tract with a tangent-plane projection and a grid of patches.

    Parameters
    ----------
    name : `str`
        Value of the ``skymap`` dimension.
    ra, dec : `float`
        Tangent point, degrees.
    scale : `float`
        Pixel scale, arcseconds.
    nx, ny : `int`
        Number of patches along each axis.
    patch_width, patch_height : `int`
        Size of a patch without its border, pixels.
    border : `int`
        Width of the border on each side, pixels.
    """

    name: str
    ra: float
    dec: float
    scale: float
    nx: int
    ny: int
    patch_width: int
    patch_height: int
    border: int

    @classmethod
    def from_region(
        cls, name: str, region: ConvexPolygon, *, n: int, patch_size: int, border: int
    ) -> DemoSkyMap:
        """Cut a square tract region into ``n`` x ``n`` patches of ``patch_size`` pixels."""
        ra, dec = region_vertices(region).T
        center = float(ra.mean()), float(dec.mean())
        xi, eta = gnomonic(ra, dec, center)
        shift_x, shift_y = (np.max(xi) + np.min(xi)) / 2, (np.max(eta) + np.min(eta)) / 2
        center = center[0] + float(shift_x), center[1] + float(shift_y)
        side = max(np.ptp(xi), np.ptp(eta)) * 3600
        return cls(name, *center, float(side / (n * patch_size)), n, n, patch_size, patch_size, border)

    def tract_wcs(self) -> WCS:
        """Return the transform of the whole tract (`astropy.wcs.WCS`)."""
        size = np.array([self.nx * self.patch_width, self.ny * self.patch_height])
        degrees = self.scale / 3600
        return wcs_from_values((self.ra, self.dec), size / 2 + 0.5, np.diag([-degrees, degrees]))

    def patch(self, index: int) -> Patch:
        """Return one patch by its ID."""
        row, column = divmod(index, self.nx)
        if not (0 <= row < self.ny):
            raise IndexError(
                f"Sky map {self.name!r} has no patch {index}: IDs go from 0 to {self.nx * self.ny - 1}."
            )
        return Patch(
            index,
            column * self.patch_width - self.border,
            row * self.patch_height - self.border,
            (self.patch_height + 2 * self.border, self.patch_width + 2 * self.border),
            self.border,
        )

    def patch_wcs(self, index: int) -> WCS:
        """Return the transform of one patch image (`astropy.wcs.WCS`)."""
        patch = self.patch(index)
        wcs = self.tract_wcs()
        wcs.wcs.crpix = wcs.wcs.crpix - np.array([patch.x0, patch.y0])
        return wcs

    def patch_region(self, index: int) -> ConvexPolygon:
        """Return the outline of a patch image on the sky (`lsst.sphgeom.ConvexPolygon`)."""
        patch = self.patch(index)
        x = patch.x0 + np.array([0, patch.shape[1], patch.shape[1], 0]) - self.nx * self.patch_width / 2
        y = patch.y0 + np.array([0, 0, patch.shape[0], patch.shape[0]]) - self.ny * self.patch_height / 2
        degrees = self.scale / 3600
        ra, dec = gnomonic_inverse(-x * degrees, y * degrees, (self.ra, self.dec))
        return ConvexPolygon(
            [UnitVector3d(LonLat.fromDegrees(*place)) for place in zip(ra, dec, strict=True)]
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the constructor's arguments, fit for JSON (`dict`)."""
        return asdict(self)
