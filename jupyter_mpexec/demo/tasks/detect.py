"""Background and detection on single images."""

from __future__ import annotations

__all__ = ["DetectConfig", "DetectConnections", "DetectTask"]

import numpy as np
from astropy.stats import SigmaClip
from astropy.table import Table
from lsst.pex.config import RangeField
from lsst.pipe.base import PipelineTask, PipelineTaskConfig, PipelineTaskConnections, Struct
from lsst.pipe.base.connectionTypes import Input, Output
from photutils.background import Background2D, MedianBackground

from jupyter_mpexec.demo.measure import adaptive_moments, any_flag_near, aperture_flux, find_sources
from jupyter_mpexec.demo.storage import Exposure, MaskPlane, dilate

START_SIGMA = 1.2  # pixels: good enough a guess to find the brightest stars with


class DetectConnections(PipelineTaskConnections, dimensions=("instrument", "visit", "detector")):
    """An image without the camera's signature gives its background and its sources."""

    exposure = Input(
        doc="Image in electrons.",
        name="post_isr",
        storageClass="DemoExposure",
        dimensions=("instrument", "exposure", "detector"),
    )
    background = Output(
        doc="Sky level (electrons per pixel).",
        name="background",
        storageClass="DemoImage",
        dimensions=("instrument", "visit", "detector"),
    )
    sources = Output(
        doc="Sources with positions in pixels and fluxes in electrons.",
        name="raw_sources",
        storageClass="ArrowAstropy",
        dimensions=("instrument", "visit", "detector"),
    )


class DetectConfig(PipelineTaskConfig, pipelineConnections=DetectConnections):
    """Configuration of `DetectTask`."""

    box_size = RangeField(
        "Side of the boxes that the sky is measured in, pixels.", dtype=int, default=32, min=8
    )
    threshold = RangeField(
        "Detection threshold, sigma of the filtered image.", dtype=float, default=6.0, min=2.0
    )
    aperture = RangeField(
        "Radius of the photometric aperture, in units of the point-spread function's sigma.",
        dtype=float,
        default=4.0,
        min=1.0,
    )


class DetectTask(PipelineTask):
    """Measure sky and point-spread function, find sources, measure positions and aperture fluxes."""

    ConfigClass = DetectConfig
    _DefaultName = "detect"
    config: DetectConfig

    def run(self, exposure: Exposure) -> Struct:
        """Process one image.

        Parameters
        ----------
        exposure : `Exposure`
            Electrons, sky included.

        Returns
        -------
        result : `lsst.pipe.base.Struct`
            ``background`` (array) and ``sources``, a table with ``x``, ``y``, ``sigma`` (pixels), ``flux``,
            ``flux_err`` (electrons), ``significance``, ``saturated``, ``edge`` and
            ``psf_sigma``, the width of point sources in the whole image (pixels).
        """
        saturated = exposure.flagged(MaskPlane.SATURATED, grow=2)
        first = self._background(exposure, saturated)
        x, y, _ = find_sources(exposure.image - first, START_SIGMA, 5.0, saturated)
        covered = saturated.copy()
        covered[y.astype(int), x.astype(int)] = True
        background = self._background(exposure, dilate(covered, 4))
        image = exposure.image - background
        x, y, significance = find_sources(image, START_SIGMA, self.config.threshold, saturated)
        x, y, sigma = adaptive_moments(image, x, y, START_SIGMA)
        near_saturation = any_flag_near(exposure.flagged(MaskPlane.SATURATED), x, y, 4)
        steady = np.isfinite(sigma) & ~near_saturation & (significance > 30)
        psf_sigma = float(np.median(sigma[steady])) if steady.any() else START_SIGMA
        flux, error = aperture_flux(image, x, y, self.config.aperture * psf_sigma, exposure.variance)
        sources = Table(
            {
                "x": x,
                "y": y,
                "sigma": sigma,
                "flux": flux,
                "flux_err": error,
                "significance": significance,
                "saturated": near_saturation,
                "edge": any_flag_near(np.zeros(image.shape, bool), x, y, 6),
            }
        )
        sources["psf_sigma"] = np.full(len(x), psf_sigma)
        self.metadata["n_sources"] = len(sources)
        self.metadata["psf_sigma"] = psf_sigma
        return Struct(background=background, sources=sources)

    def _background(self, exposure: Exposure, covered: np.ndarray) -> np.ndarray:
        measured = Background2D(
            exposure.image,
            self.config.box_size,
            coverage_mask=None,
            mask=covered,
            filter_size=3,
            exclude_percentile=80,
            sigma_clip=SigmaClip(3.0, maxiters=5),
            bkg_estimator=MedianBackground(),
        )
        return np.asarray(measured.background, np.float32)
