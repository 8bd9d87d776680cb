"""Light curves: objects from difference sources, and forced photometry of each on every difference."""

from __future__ import annotations

__all__ = ["LightCurvesConfig", "LightCurvesConnections", "LightCurvesTask"]

from collections.abc import Sequence

import astropy.units as u
import numpy as np
from astropy.table import Table, vstack
from lsst.daf.butler import DeferredDatasetHandle
from lsst.pex.config import RangeField
from lsst.pipe.base import PipelineTask, PipelineTaskConfig, PipelineTaskConnections, Struct
from lsst.pipe.base.connectionTypes import Input, Output

from jupyter_mpexec.demo.associate import group_positions
from jupyter_mpexec.demo.measure import any_flag_near, aperture_flux
from jupyter_mpexec.demo.storage import Exposure, MaskPlane
from jupyter_mpexec.demo.tasks.difference import ENCLOSED

_COLUMNS = {
    "object_id": int,
    "visit": int,
    "detector": int,
    "band": "U8",
    "mjd": float,
    "flux": float,
    "flux_err": float,
    "flagged": bool,
}


class LightCurvesConnections(PipelineTaskConnections, dimensions=("skymap", "tract")):
    """All differences in a tract and their sources give its light curves."""

    sources = Input(
        doc="Sources of the differences.",
        name="dia_sources",
        storageClass="ArrowAstropy",
        dimensions=("instrument", "visit", "detector"),
        multiple=True,
    )
    differences = Input(
        doc="Difference exposures.",
        name="difference",
        storageClass="DemoExposure",
        dimensions=("instrument", "visit", "detector"),
        multiple=True,
        deferLoad=True,
    )
    objects = Output(
        doc="One row for each variable object.",
        name="dia_objects",
        storageClass="ArrowAstropy",
        dimensions=("skymap", "tract"),
    )
    light_curves = Output(
        doc="Forced photometry: one row for each object and difference.",
        name="light_curves",
        storageClass="ArrowAstropy",
        dimensions=("skymap", "tract"),
    )


class LightCurvesConfig(PipelineTaskConfig, pipelineConnections=LightCurvesConnections):
    """Configuration of `LightCurvesTask`."""

    radius = RangeField(
        "Sources closer than this are one object, arcseconds.", dtype=float, default=2.0, min=0.1
    )


class LightCurvesTask(PipelineTask):
    """Make objects of difference sources, then measure each on all differences."""

    ConfigClass = LightCurvesConfig
    _DefaultName = "lightCurves"
    config: LightCurvesConfig

    def run(self, sources: Sequence[Table], differences: Sequence[DeferredDatasetHandle]) -> Struct:
        """Make the light curves of a tract.

        Parameters
        ----------
        sources : sequence of `astropy.table.Table`
            Output of `DifferenceTask`.
        differences : sequence of `lsst.daf.butler.DeferredDatasetHandle`
            Handles of difference exposures.

        Returns
        -------
        result : `lsst.pipe.base.Struct`
            ``objects``: ``object_id``, ``ra``, ``dec`` (degrees), ``n_sources``, ``band``, ``mjd`` and
            ``mag`` of the
            brightest source. ``light_curves``: ``object_id``, ``visit``, ``detector``, ``band``, ``mjd``
            (TAI), ``flux``, ``flux_err`` (nanojansky) and ``flagged`` (unreliable or missing pixels in the aperture).
        """
        objects = self._objects(vstack(list(sources), metadata_conflicts="silent"))
        rows = []
        for handle in sorted(
            differences, key=lambda handle: (handle.dataId["visit"], handle.dataId["detector"])
        ):
            rows += self._measure(handle.get(), objects)
        light_curves = Table(rows=rows or None, names=tuple(_COLUMNS), dtype=tuple(_COLUMNS.values()))
        light_curves["flux"].unit = light_curves["flux_err"].unit = u.nJy
        self.metadata["n_objects"] = len(objects)
        return Struct(objects=objects, light_curves=light_curves)

    def _objects(self, sources: Table) -> Table:
        label, count = group_positions(sources["ra"], sources["dec"], self.config.radius)
        weight = np.asarray(sources["flux"] / sources["flux_err"], float) ** 2
        total = np.bincount(label, weight, count)
        objects = Table({"object_id": np.arange(count)})
        for name in ("ra", "dec"):
            objects[name] = np.bincount(label, weight * np.asarray(sources[name]), count) / total * u.deg
        objects["n_sources"] = np.bincount(label, minlength=count)
        order = np.argsort(np.asarray(sources["mag"]), kind="stable")[::-1]
        brightest = np.zeros(count, int)
        brightest[label[order]] = order  # the brightest comes last and stays
        for name in ("band", "mjd", "mag"):
            objects[name] = np.asarray(sources[name])[brightest]
        return objects

    def _measure(self, difference: Exposure, objects: Table) -> list[tuple[object, ...]]:
        """Measure all objects that fall on one difference."""
        if len(objects) == 0:
            return []
        x, y = difference.wcs.all_world2pix(
            np.asarray(objects["ra"]), np.asarray(objects["dec"]), 0, quiet=True
        )
        ny, nx = difference.image.shape
        inside = (x > 5) & (x < nx - 6) & (y > 5) & (y < ny - 6)
        inside[inside] &= ~any_flag_near(difference.flagged(MaskPlane.NO_DATA), x[inside], y[inside], 1)
        if not inside.any():
            return []
        index, x, y = np.nonzero(inside)[0], x[inside], y[inside]
        radius = 3 * float(difference.header["PSFSIGMA"])
        flux, error = aperture_flux(difference.image, x, y, radius, difference.variance)
        unreliable = MaskPlane.COSMIC_RAY | MaskPlane.SATURATED | MaskPlane.NO_DATA
        flagged = any_flag_near(difference.flagged(unreliable), x, y, int(radius))
        nanojansky = 10 ** (0.4 * (31.4 - float(difference.header["ZEROPT"]))) / ENCLOSED
        header = difference.header
        return [
            (
                int(objects["object_id"][i]),
                int(header["EXPID"]),
                int(header["DETECTOR"]),
                str(header["BAND"]),
                float(header["MJD"]),
                float(f * nanojansky),
                float(e * nanojansky),
                bool(bad),
            )
            for i, f, e, bad in zip(index, flux, error, flagged, strict=True)
        ]
