"""Astrometric and photometric calibration against the reference catalogue."""

from __future__ import annotations

__all__ = ["CalibrateConfig", "CalibrateConnections", "CalibrateTask", "MatchError"]

from collections.abc import Sequence
from dataclasses import replace

import astropy.units as u
import numpy as np
from astropy.table import Table, vstack
from lsst.daf.butler import DeferredDatasetHandle
from lsst.pex.config import RangeField
from lsst.pipe.base import (
    AlgorithmError,
    PipelineTask,
    PipelineTaskConfig,
    PipelineTaskConnections,
    Struct,
)
from lsst.pipe.base.connectionTypes import Input, Output, PrerequisiteInput
from numpy.typing import NDArray
from scipy.spatial import KDTree

from jupyter_mpexec.demo.measure import mad_sigma
from jupyter_mpexec.demo.storage import Exposure
from jupyter_mpexec.demo.wcs import correct_wcs, gnomonic


class MatchError(AlgorithmError):
    """Too few sources match the reference catalogue."""

    def __init__(self, found: int, needed: int):
        self.found, self.needed = found, needed
        super().__init__(
            f"Only {found} sources match the reference catalogue, {needed} are needed: "
            "check the pointing, or raise 'search_radius'."
        )

    @property
    def metadata(self) -> dict[str, int]:
        """What the executor records about the failure (`dict`)."""
        return {"found": self.found, "needed": self.needed}


class CalibrateConnections(PipelineTaskConnections, dimensions=("instrument", "visit", "detector")):
    """Image, background, sources and reference stars give a calibrated exposure."""

    exposure = Input(
        doc="Image in electrons.",
        name="post_isr",
        storageClass="DemoExposure",
        dimensions=("instrument", "exposure", "detector"),
    )
    background = Input(
        doc="Sky level (electrons per pixel).",
        name="background",
        storageClass="DemoImage",
        dimensions=("instrument", "visit", "detector"),
    )
    sources = Input(
        doc="Sources in pixels and electrons.",
        name="raw_sources",
        storageClass="ArrowAstropy",
        dimensions=("instrument", "visit", "detector"),
    )
    references = PrerequisiteInput(
        doc="Reference stars.",
        name="demo_refcat",
        storageClass="ArrowAstropy",
        dimensions=("skypix",),
        multiple=True,
        deferLoad=True,
    )
    calexp = Output(
        doc="Sky-subtracted exposure with a fitted WCS and zero-point.",
        name="calexp",
        storageClass="DemoExposure",
        dimensions=("instrument", "visit", "detector"),
    )
    calibrated = Output(
        doc="Sources with sky positions and magnitudes.",
        name="sources",
        storageClass="ArrowAstropy",
        dimensions=("instrument", "visit", "detector"),
    )


class CalibrateConfig(PipelineTaskConfig, pipelineConnections=CalibrateConnections):
    """Configuration of `CalibrateTask`."""

    search_radius = RangeField(
        "Largest pointing error to look for, arcseconds.", dtype=float, default=10.0, min=1.0
    )
    match_radius = RangeField(
        "Largest distance of matched stars, arcseconds.", dtype=float, default=2.0, min=0.1
    )
    min_matches = RangeField("Fewest matches that are accepted.", dtype=int, default=6, min=3)
    min_significance = RangeField(
        "Sources fainter than this are not matched, sigma.", dtype=float, default=15.0, min=1.0
    )


class CalibrateTask(PipelineTask):
    """Match sources with reference stars; fit shift, turn and scale of the WCS, and the zero-point."""

    ConfigClass = CalibrateConfig
    _DefaultName = "calibrate"
    config: CalibrateConfig

    def run(
        self,
        exposure: Exposure,
        background: NDArray[np.float32],
        sources: Table,
        references: Sequence[DeferredDatasetHandle],
    ) -> Struct:
        """Calibrate one image.

        Parameters
        ----------
        exposure : `Exposure`
            Electrons, sky included.
        background : `numpy.ndarray`
            Sky, electrons.
        sources : `astropy.table.Table`
            Output of `DetectTask`.
        references : sequence of `lsst.daf.butler.DeferredDatasetHandle`
            Handles of tables with ``ra``, ``dec`` (degrees), ``mag_r``, ``mag_i``.

        Returns
        -------
        result : `lsst.pipe.base.Struct`
            ``calexp`` (`Exposure`) and ``calibrated`` (table with ``ra``, ``dec``, ``mag``, ``mag_err``).

        Raises
        ------
        MatchError
            Raised if there are too few matches.
        """
        band = str(exposure.header["BAND"])
        usable = ~np.asarray(sources["saturated"]) & ~np.asarray(sources["edge"])
        usable &= (np.asarray(sources["significance"]) > self.config.min_significance) & np.isfinite(
            sources["sigma"]
        )
        stars = sources[usable]
        center = (float(exposure.wcs.wcs.crval[0]), float(exposure.wcs.wcs.crval[1]))
        ra, dec = exposure.wcs.all_pix2world(np.asarray(stars["x"]), np.asarray(stars["y"]), 0)
        measured = 3600 * np.column_stack(gnomonic(ra, dec, center))
        known = vstack([handle.get() for handle in references], metadata_conflicts="silent")
        catalog = 3600 * np.column_stack(gnomonic(known["ra"], known["dec"], center))
        near = np.all(np.abs(catalog) < 600, axis=1)
        catalog, reference_mag = catalog[near], np.asarray(known[f"mag_{band}"])[near]
        design, matched, residual = self._fit(measured, catalog)
        matrix, offset = design[1:].T, design[0] / 3600
        wcs = correct_wcs(exposure.wcs, matrix, offset)

        instrumental = -2.5 * np.log10(np.maximum(np.asarray(stars["flux"])[matched[:, 0]], 1e-3))
        difference = reference_mag[matched[:, 1]] - instrumental
        keep = np.abs(difference - np.median(difference)) < max(0.03, 3 * mad_sigma(difference))
        zero_point = float(np.median(difference[keep]))
        zero_point_error = mad_sigma(difference[keep]) * 1.25 / np.sqrt(keep.sum())

        ny, nx = exposure.image.shape
        middle = wcs.all_pix2world([[(nx - 1) / 2, (ny - 1) / 2]], 0)[0]
        calexp = replace(exposure, image=exposure.image - background, wcs=wcs).with_header(
            ZEROPT=zero_point,
            ZPERR=zero_point_error,
            PSFSIGMA=float(sources["psf_sigma"][0]),
            SKYLEVEL=float(np.median(background)),
            ASTRMS=residual,
            NMATCH=len(matched),
            RACEN=float(middle[0]),
            DECCEN=float(middle[1]),
        )
        self.metadata["zero_point"] = zero_point
        self.metadata["n_matches"] = len(matched)
        return Struct(calexp=calexp, calibrated=self._to_sky(sources, calexp))

    def _fit(
        self, measured: NDArray[np.float64], catalog: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.int64], float]:
        """Fit an affine map from measured to catalogue positions (arcseconds)."""
        offset = self._find_offset(measured, catalog)
        design = np.vstack([offset, np.eye(2)])
        tree = KDTree(catalog) if len(catalog) else None
        columns = np.column_stack([np.ones(len(measured)), measured])
        matched, residual = np.zeros((0, 2), int), np.inf
        for radius in np.array([2.0, 1.0, 0.5, 0.5]) * self.config.match_radius:
            if tree is None or len(measured) == 0:
                break
            distance, index = tree.query(columns @ design, distance_upper_bound=float(radius))
            good = np.isfinite(distance)
            _, first = np.unique(index[good], return_index=True)
            matched = np.column_stack([np.nonzero(good)[0][first], index[good][first]])
            if len(matched) < self.config.min_matches:
                break
            design, *_ = np.linalg.lstsq(columns[matched[:, 0]], catalog[matched[:, 1]], rcond=None)
            left = columns[matched[:, 0]] @ design - catalog[matched[:, 1]]
            residual = float(np.median(np.hypot(*left.T)))
        if len(matched) < self.config.min_matches:
            raise MatchError(len(matched), self.config.min_matches)
        return design, matched, residual

    def _find_offset(
        self, measured: NDArray[np.float64], catalog: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Find the shift that most pairs agree on: the peak of a two-dimensional histogram."""
        radius = self.config.search_radius
        edges = np.arange(-radius, radius + 1.0)
        pairs = (catalog[None, :, :] - measured[:, None, :]).reshape(-1, 2)
        pairs = pairs[np.all(np.abs(pairs) < radius, axis=1)]
        counts, _, _ = np.histogram2d(pairs[:, 0], pairs[:, 1], bins=(edges, edges))
        # Four cells together, so that a peak on an edge of cells is not lost.
        counts = counts[1:, 1:] + counts[:-1, 1:] + counts[1:, :-1] + counts[:-1, :-1]
        i, j = map(int, np.unravel_index(int(np.argmax(counts)), counts.shape))
        return np.array([edges[i + 1], edges[j + 1]])

    def _to_sky(self, sources: Table, calexp: Exposure) -> Table:
        table = sources.copy()
        ra, dec = calexp.wcs.all_pix2world(np.asarray(sources["x"]), np.asarray(sources["y"]), 0)
        flux = np.maximum(np.asarray(sources["flux"]), 1e-3)
        table["ra"], table["dec"] = ra * u.deg, dec * u.deg
        table["mag"] = float(calexp.header["ZEROPT"]) - 2.5 * np.log10(flux)
        table["mag_err"] = 2.5 / np.log(10) * np.asarray(sources["flux_err"]) / flux
        return table
