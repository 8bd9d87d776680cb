"""Difference imaging: an exposure minus the coadd, and what is left over."""

from __future__ import annotations

__all__ = ["DifferenceConfig", "DifferenceConnections", "DifferenceTask"]

from collections.abc import Sequence
from typing import Any

import astropy.units as u
import numpy as np
from astropy.table import Table
from lsst.daf.butler import DeferredDatasetHandle
from lsst.pex.config import RangeField
from lsst.pipe.base import NoWorkFound, PipelineTask, PipelineTaskConfig, PipelineTaskConnections, Struct
from lsst.pipe.base.connectionTypes import Input, Output
from numpy.typing import NDArray

from jupyter_mpexec.demo.measure import (
    adaptive_moments,
    any_flag_near,
    aperture_flux,
    find_sources,
    mad_sigma,
)
from jupyter_mpexec.demo.resample import match_psf, resample
from jupyter_mpexec.demo.storage import Exposure, MaskPlane


class DifferenceConnections(PipelineTaskConnections, dimensions=("instrument", "visit", "detector")):
    """An exposure and the coadds that it overlaps give a difference and its sources."""

    calexp = Input(
        doc="Calibrated exposure.",
        name="calexp",
        storageClass="DemoExposure",
        dimensions=("instrument", "visit", "detector"),
    )
    coadds = Input(
        doc="Coadds of the same band, used as template.",
        name="coadd",
        storageClass="DemoExposure",
        dimensions=("skymap", "tract", "patch", "band"),
        multiple=True,
        deferLoad=True,
    )
    difference = Output(
        doc="Exposure minus template, with the template's zero-point and point-spread function.",
        name="difference",
        storageClass="DemoExposure",
        dimensions=("instrument", "visit", "detector"),
    )
    dia_sources = Output(
        doc="Sources of the difference.",
        name="dia_sources",
        storageClass="ArrowAstropy",
        dimensions=("instrument", "visit", "detector"),
    )


class DifferenceConfig(PipelineTaskConfig, pipelineConnections=DifferenceConnections):
    """Configuration of `DifferenceTask`."""

    threshold = RangeField(
        "Detection threshold, sigma of the filtered difference.", dtype=float, default=6.0, min=2.0
    )
    min_signal_to_noise = RangeField(
        "Fainter aperture fluxes are dropped.", dtype=float, default=7.0, min=1.0
    )
    template_error = RangeField(
        "Uncertainty of a star's subtraction, as a fraction of its flux.", dtype=float, default=0.03, min=0.0
    )
    width_tolerance = RangeField(
        "Largest deviation of a source's width from that of a point source, as a fraction.",
        dtype=float,
        default=0.3,
        min=0.0,
    )
    min_overlap = RangeField(
        "Least part of the exposure that the template must cover.", dtype=float, default=0.02, min=0.0
    )


class DifferenceTask(PipelineTask):
    """Subtract the template from an exposure blurred to the same point-spread function; detect."""

    ConfigClass = DifferenceConfig
    _DefaultName = "difference"
    config: DifferenceConfig

    def run(self, calexp: Exposure, coadds: Sequence[DeferredDatasetHandle]) -> Struct:
        """Subtract and detect.

        Parameters
        ----------
        calexp : `Exposure`
            Calibrated exposure.
        coadds : sequence of `lsst.daf.butler.DeferredDatasetHandle`
            Handles of coadds.

        Returns
        -------
        result : `lsst.pipe.base.Struct`
            ``difference`` (`Exposure`) and ``dia_sources``: ``ra``, ``dec`` (degrees), ``x``, ``y``
            (pixels), ``flux``,
            ``flux_err`` (counts at the template's zero-point), ``mag``, ``mjd`` (TAI).

        Raises
        ------
        lsst.pipe.base.NoWorkFound
            Raised if the template covers too little of the exposure.
        """
        template, zero_point, sigma = self._template(coadds, calexp)
        overlap = float(np.isfinite(template).mean())
        if overlap < self.config.min_overlap:
            raise NoWorkFound(f"The template covers only {overlap:.0%} of the exposure.")
        scale = np.float32(10 ** (0.4 * (zero_point - float(calexp.header["ZEROPT"]))))
        science = match_psf(calexp.image * scale, float(calexp.header["PSFSIGMA"]), sigma)
        missing = ~np.isfinite(template)
        bad = missing | calexp.flagged(MaskPlane.SATURATED, grow=4)
        bad |= calexp.flagged(MaskPlane.COSMIC_RAY, grow=2)
        image = np.where(missing, np.nan, science - template).astype(np.float32)
        mask = calexp.mask | np.where(missing, np.uint16(MaskPlane.NO_DATA), np.uint16(0))
        header = calexp.header | {"ZEROPT": zero_point, "PSFSIGMA": sigma}
        difference = Exposure(image, mask, calexp.variance * scale**2, calexp.wcs, header)
        sources = self._detect(difference, template, bad, sigma)
        self.metadata["overlap"] = overlap
        self.metadata["n_sources"] = len(sources)
        return Struct(difference=difference, dia_sources=sources)

    def _template(
        self, coadds: Sequence[DeferredDatasetHandle], calexp: Exposure
    ) -> tuple[NDArray[np.float32], float, float]:
        """Put the coadds together on the exposure's grid."""
        template = np.full(calexp.image.shape, np.nan, np.float32)
        zero_point, sigma = 0.0, 0.0
        for handle in sorted(coadds, key=lambda handle: int(handle.dataId["patch"])):
            coadd: Exposure = handle.get()
            zero_point, sigma = float(coadd.header["ZEROPT"]), float(coadd.header["PSFSIGMA"])
            # A mean of few visits has this exposure's own noise and flares in it.
            missing = coadd.flagged(MaskPlane.NO_DATA | MaskPlane.SHALLOW, grow=1)
            clean = np.nan_to_num(coadd.image)
            pixels, _ = resample(
                clean, np.nan_to_num(coadd.variance), missing, coadd.wcs, calexp.wcs, calexp.image.shape
            )
            empty = np.isnan(template)
            template[empty] = pixels[empty]
        return template, zero_point, sigma

    def _detect(
        self,
        difference: Exposure,
        template: NDArray[np.float32],
        bad: NDArray[np.bool_],
        sigma: float,
    ) -> Table:
        clean = np.nan_to_num(difference.image)
        x, y, significance = find_sources(clean, sigma, self.config.threshold, bad)
        x, y, width = adaptive_moments(clean, x, y, sigma)
        radius = 3 * sigma
        flux, least_error = aperture_flux(clean, x, y, radius, difference.variance)
        behind, _ = aperture_flux(np.nan_to_num(template), x, y, radius)
        noise = self._aperture_noise(clean, bad, radius)
        error = np.hypot(np.fmax(noise, least_error), self.config.template_error * np.maximum(behind, 0))
        keep = np.isfinite(width) & (flux > self.config.min_signal_to_noise * error)
        keep &= np.abs(width / sigma - 1) < self.config.width_tolerance
        keep &= ~any_flag_near(bad, x, y, 2)
        x, y, flux, error, significance = x[keep], y[keep], flux[keep], error[keep], significance[keep]
        ra, dec = difference.wcs.all_pix2world(x, y, 0) if len(x) else (np.zeros(0), np.zeros(0))
        header: dict[str, Any] = difference.header
        table = Table({"ra": ra * u.deg, "dec": dec * u.deg, "x": x, "y": y, "flux": flux, "flux_err": error})
        table["mag"] = float(header["ZEROPT"]) - 2.5 * np.log10(flux / ENCLOSED)
        table["significance"] = significance
        table["mjd"] = np.full(len(x), float(header["MJD"]))
        table["visit"] = np.full(len(x), int(header["EXPID"]))
        table["detector"] = np.full(len(x), int(header["DETECTOR"]))
        table["band"] = np.full(len(x), str(header["BAND"]), dtype="U8")
        return table

    @staticmethod
    def _aperture_noise(image: NDArray[np.float32], bad: NDArray[np.bool_], radius: float) -> float:
        """Measure the scatter of aperture sums on a lattice: blurred noise is correlated."""
        step = int(2 * radius) + 1
        y, x = np.mgrid[step : image.shape[0] - step : step, step : image.shape[1] - step : step]
        x, y = x.ravel().astype(float), y.ravel().astype(float)
        free = ~any_flag_near(bad, x, y, int(radius) + 1)
        sums, _ = aperture_flux(image, x[free], y[free], radius)
        return mad_sigma(sums)


ENCLOSED = 1 - float(np.exp(-(3.0**2) / 2))
"""Part of a Gaussian source's light within three sigma."""
