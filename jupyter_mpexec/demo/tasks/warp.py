"""Warp: a visit's exposures on the grid of a patch, all with the same point-spread function."""

from __future__ import annotations

__all__ = ["WarpConfig", "WarpConnections", "WarpTask"]

from collections.abc import Sequence
from typing import Any

import numpy as np
from lsst.daf.butler import DeferredDatasetHandle
from lsst.pex.config import RangeField
from lsst.pipe.base import (
    NoWorkFound,
    PipelineTaskConfig,
    PipelineTaskConnections,
    Struct,
)
from lsst.pipe.base.connectionTypes import Input, Output

from jupyter_mpexec.demo.resample import match_psf, resample
from jupyter_mpexec.demo.skymap import DemoSkyMap
from jupyter_mpexec.demo.storage import Exposure, MaskPlane
from jupyter_mpexec.demo.tasks.patch_task import PatchTask


class WarpConnections(
    PipelineTaskConnections, dimensions=("instrument", "visit", "skymap", "tract", "patch")
):
    """The exposures of a visit that touch a patch give its warp."""

    calexps = Input(
        doc="Calibrated exposures.",
        name="calexp",
        storageClass="DemoExposure",
        dimensions=("instrument", "visit", "detector"),
        multiple=True,
        deferLoad=True,
    )
    skymap = Input(doc="Sky map.", name="skyMap", storageClass="DemoSkyMap", dimensions=("skymap",))
    warp = Output(
        doc="Exposure on the patch's grid, with the common zero-point and point-spread function.",
        name="warp",
        storageClass="DemoExposure",
        dimensions=("instrument", "visit", "skymap", "tract", "patch"),
    )


class WarpConfig(PipelineTaskConfig, pipelineConnections=WarpConnections):
    """Configuration of `WarpTask`."""

    zero_point = RangeField(
        "Zero-point of warps (AB magnitude of one count).", dtype=float, default=27.0, min=0.0
    )
    psf_sigma = RangeField(
        "Width that point-spread functions are brought to, pixels; sharper exposures are blurred.",
        dtype=float,
        default=1.45,
        min=0.5,
    )
    min_pixels = RangeField("Fewest pixels that a warp must have.", dtype=int, default=500, min=1)


class WarpTask(PatchTask):
    """Blur, scale and resample exposures on a patch."""

    ConfigClass = WarpConfig
    _DefaultName = "warp"
    config: WarpConfig

    def run(self, calexps: Sequence[DeferredDatasetHandle], skymap: DemoSkyMap, patch: int) -> Struct:
        """Make one warp.

        Parameters
        ----------
        calexps : sequence of `lsst.daf.butler.DeferredDatasetHandle`
            Handles of `Exposure` datasets.
        skymap : `DemoSkyMap`
            Gives the patch's grid.
        patch : `int`
            Patch ID.

        Returns
        -------
        result : `lsst.pipe.base.Struct`
            ``warp``, an `Exposure`.

        Raises
        ------
        lsst.pipe.base.NoWorkFound
            Raised if no exposure has pixels in the patch.
        """
        shape, wcs = skymap.patch(patch).shape, skymap.patch_wcs(patch)
        image = np.full(shape, np.nan, np.float32)
        variance = image.copy()
        header: dict[str, Any] = {}
        for handle in calexps:
            calexp: Exposure = handle.get()
            header = calexp.header
            scale = 10 ** (0.4 * (self.config.zero_point - float(header["ZEROPT"])))
            sigma = float(header["PSFSIGMA"])
            bad = calexp.flagged(MaskPlane.SATURATED | MaskPlane.NO_DATA, grow=3)
            bad |= calexp.flagged(MaskPlane.COSMIC_RAY, grow=1)
            pixels, spread = resample(
                match_psf(calexp.image * np.float32(scale), sigma, self.config.psf_sigma),
                calexp.variance * np.float32(scale**2),
                bad,
                calexp.wcs,
                wcs,
                shape,
            )
            empty = np.isnan(image)
            image[empty], variance[empty] = pixels[empty], spread[empty]
        covered = int(np.isfinite(image).sum())
        if covered < self.config.min_pixels:
            raise NoWorkFound(f"The visit covers only {covered} pixels of patch {patch}.")
        self.metadata["pixels"] = covered
        mask = np.where(np.isfinite(image), np.uint16(0), np.uint16(MaskPlane.NO_DATA))
        warp = Exposure(
            image,
            mask,
            variance,
            wcs,
            {
                "EXPID": header["EXPID"],
                "BAND": header["BAND"],
                "MJD": header["MJD"],
                "ZEROPT": self.config.zero_point,
                "PSFSIGMA": self.config.psf_sigma,
            },
        )
        return Struct(warp=warp)
