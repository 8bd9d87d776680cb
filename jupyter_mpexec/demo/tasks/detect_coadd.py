"""Detection on coadds."""

from __future__ import annotations

__all__ = ["DetectCoaddConfig", "DetectCoaddConnections", "DetectCoaddTask"]


import astropy.units as u
import numpy as np
from astropy.table import Table
from lsst.pex.config import RangeField
from lsst.pipe.base import (
    PipelineTaskConfig,
    PipelineTaskConnections,
    Struct,
)
from lsst.pipe.base.connectionTypes import Input, Output

from jupyter_mpexec.demo.measure import adaptive_moments, any_flag_near, aperture_flux, find_sources
from jupyter_mpexec.demo.skymap import DemoSkyMap
from jupyter_mpexec.demo.storage import Exposure, MaskPlane
from jupyter_mpexec.demo.tasks.patch_task import PatchTask


class DetectCoaddConnections(PipelineTaskConnections, dimensions=("skymap", "tract", "patch", "band")):
    """A coadd gives its sources."""

    coadd = Input(
        doc="Coadd.",
        name="coadd",
        storageClass="DemoExposure",
        dimensions=("skymap", "tract", "patch", "band"),
    )
    skymap = Input(doc="Sky map.", name="skyMap", storageClass="DemoSkyMap", dimensions=("skymap",))
    sources = Output(
        doc="Sources with sky positions and magnitudes.",
        name="coadd_sources",
        storageClass="ArrowAstropy",
        dimensions=("skymap", "tract", "patch", "band"),
    )


class DetectCoaddConfig(PipelineTaskConfig, pipelineConnections=DetectCoaddConnections):
    """Configuration of `DetectCoaddTask`."""

    threshold = RangeField(
        "Detection threshold, sigma of the filtered image.", dtype=float, default=6.0, min=2.0
    )
    aperture = RangeField(
        "Radius of the aperture, in units of the coadd's PSF sigma.", dtype=float, default=4.0, min=1.0
    )


class DetectCoaddTask(PatchTask):
    """Find and measure the sources of a coadd."""

    ConfigClass = DetectCoaddConfig
    _DefaultName = "detectCoadd"
    config: DetectCoaddConfig

    def run(self, coadd: Exposure, skymap: DemoSkyMap, patch: int) -> Struct:
        """Detect on one coadd.

        Parameters
        ----------
        coadd : `Exposure`
            With a zero-point.
        skymap : `DemoSkyMap`
            Says which part of the patch is no neighbour's.
        patch : `int`
            Patch ID.

        Returns
        -------
        result : `lsst.pipe.base.Struct`
            ``sources``: ``ra``, ``dec`` (degrees), ``x``, ``y`` (pixels), ``band``, ``mag``, ``mag_err``,
            ``significance``,
            ``inner`` (in no other patch) and ``flagged`` (next to missing pixels).
        """
        sigma = float(coadd.header["PSFSIGMA"])
        missing = coadd.flagged(MaskPlane.NO_DATA)
        noise = np.sqrt(coadd.variance)
        # Depth differs from place to place: detect on the image in units of its noise.
        quotient = np.where(missing, 0, coadd.image / noise)
        x, y, significance = find_sources(quotient, sigma, self.config.threshold, missing)
        image = np.where(missing, 0, coadd.image)
        x, y, _ = adaptive_moments(image, x, y, sigma)
        variance = np.where(missing, 0, coadd.variance)
        flux, error = aperture_flux(image, x, y, self.config.aperture * sigma, variance)
        flux = np.maximum(flux, 1e-3)
        ra, dec = coadd.wcs.all_pix2world(x, y, 0)
        sources = Table({"ra": ra * u.deg, "dec": dec * u.deg, "x": x, "y": y})
        sources["mag"] = float(coadd.header["ZEROPT"]) - 2.5 * np.log10(flux)
        sources["band"] = np.full(len(x), str(coadd.header["BAND"]), dtype="U8")
        sources["mag_err"] = 2.5 / np.log(10) * error / flux
        sources["significance"] = significance
        sources["inner"] = skymap.patch(patch).is_inner(x, y)
        sources["flagged"] = any_flag_near(missing, x, y, 3)
        self.metadata["n_sources"] = len(sources)
        return Struct(sources=sources)
