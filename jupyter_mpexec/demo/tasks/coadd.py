"""Coadd: the clipped mean of a patch's warps from good visits."""

from __future__ import annotations

__all__ = ["CoaddConfig", "CoaddConnections", "CoaddTask"]

from collections.abc import Sequence

import numpy as np
from astropy.table import Table
from lsst.daf.butler import DeferredDatasetHandle
from lsst.pex.config import RangeField
from lsst.pipe.base import NoWorkFound, PipelineTask, PipelineTaskConfig, PipelineTaskConnections, Struct
from lsst.pipe.base.connectionTypes import Input, Output
from numpy.typing import NDArray

from jupyter_mpexec.demo.storage import Exposure, MaskPlane


class CoaddConnections(PipelineTaskConnections, dimensions=("skymap", "tract", "patch", "band")):
    """Warps and visit summaries give a coadd."""

    warps = Input(
        doc="Warps of one band.",
        name="warp",
        storageClass="DemoExposure",
        dimensions=("instrument", "visit", "skymap", "tract", "patch"),
        multiple=True,
        deferLoad=True,
    )
    summaries = Input(
        doc="Summaries of the visits, which say which are good.",
        name="visit_summary",
        storageClass="AstropyTable",
        dimensions=("instrument", "visit"),
        multiple=True,
    )
    coadd = Output(
        doc="Clipped mean.",
        name="coadd",
        storageClass="DemoExposure",
        dimensions=("skymap", "tract", "patch", "band"),
    )


class CoaddConfig(PipelineTaskConfig, pipelineConnections=CoaddConnections):
    """Configuration of `CoaddTask`."""

    clip = RangeField(
        "Values this far from the (lower) median are left out, sigma.", dtype=float, default=4.0, min=1.0
    )
    flux_tolerance = RangeField(
        "Difference from the median that is never clipped, as a fraction of it; lets bright stars be.",
        dtype=float,
        default=0.1,
        min=0.0,
    )
    min_depth = RangeField(
        "Pixels that fewer visits have seen are flagged as shallow.", dtype=int, default=3, min=1
    )


class CoaddTask(PipelineTask):
    """Average what is there always; leave out bad visits, and what one visit alone has seen."""

    ConfigClass = CoaddConfig
    _DefaultName = "coadd"
    config: CoaddConfig

    def run(self, warps: Sequence[DeferredDatasetHandle], summaries: Sequence[Table]) -> Struct:
        """Make one coadd.

        Parameters
        ----------
        warps : sequence of `lsst.daf.butler.DeferredDatasetHandle`
            Handles of `Exposure` datasets on the same grid.
        summaries : sequence of `astropy.table.Table`
            Output of `ConsolidateVisitTask`.

        Returns
        -------
        result : `lsst.pipe.base.Struct`
            ``coadd``, an `Exposure`; its header lists the visits that are in it.

        Raises
        ------
        lsst.pipe.base.NoWorkFound
            Raised if no good visit overlaps the patch.
        """
        good = {int(summary.meta["visit"]) for summary in summaries if summary.meta["good"]}
        chosen = sorted(
            (handle for handle in warps if int(handle.dataId["visit"]) in good),
            key=lambda handle: int(handle.dataId["visit"]),
        )
        self.metadata["skipped_visits"] = len(warps) - len(chosen)
        if not chosen:
            raise NoWorkFound(f"None of the {len(warps)} visits that overlap the patch is good.")
        loaded: list[Exposure] = [handle.get() for handle in chosen]
        images = np.array([warp.image for warp in loaded])
        seen = np.isfinite(images).sum(axis=0)
        image, variance, depth = self._combine(images, np.array([warp.variance for warp in loaded]))
        mask = np.where(depth > 0, np.uint16(0), np.uint16(MaskPlane.NO_DATA))
        mask |= np.where(seen < self.config.min_depth, np.uint16(MaskPlane.SHALLOW), np.uint16(0))
        first = loaded[0]
        header = {key: first.header[key] for key in ("BAND", "ZEROPT", "PSFSIGMA")}
        header |= {"NVISIT": len(loaded)}
        header |= {f"VISIT{number:03d}": int(warp.header["EXPID"]) for number, warp in enumerate(loaded)}
        self.metadata["visits"] = len(loaded)
        return Struct(coadd=Exposure(image, mask, variance, first.wcs, header))

    def _combine(
        self, images: NDArray[np.float32], variances: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.int64]]:
        """Return mean, variance and number of values of each pixel of a stack."""
        valid = np.isfinite(images)
        if len(images) > 2:
            # Sorting puts NaN last, so that ranks count what is there. Of two values in the middle the
            # lower one is taken: flares and cosmic rays add light, and may be in two visits of four.
            count = valid.sum(axis=0)
            rank = np.maximum(count - 1, 0) // 2
            median = np.take_along_axis(np.sort(images, axis=0), rank[None], 0)[0]
            tolerance = self.config.clip * np.sqrt(variances) + self.config.flux_tolerance * np.abs(median)
            with np.errstate(invalid="ignore"):
                valid &= (count < 3) | (np.abs(images - median) < tolerance)
        weight = np.where(valid, 1 / np.where(valid, variances, 1), 0)
        total = weight.sum(axis=0)
        with np.errstate(invalid="ignore", divide="ignore"):
            image = np.sum(np.where(valid, images, 0) * weight, axis=0) / total
            variance = 1 / total
        empty = total == 0
        return (
            np.where(empty, np.nan, image).astype(np.float32),
            np.where(empty, np.nan, variance).astype(np.float32),
            valid.sum(axis=0),
        )
