"""Merge of coadd sources: all patches and bands of a tract in one table."""

from __future__ import annotations

__all__ = ["MergeObjectsConfig", "MergeObjectsConnections", "MergeObjectsTask"]

from collections.abc import Sequence

import astropy.units as u
import numpy as np
from astropy.table import Table, vstack
from lsst.pex.config import RangeField
from lsst.pipe.base import (
    PipelineTask,
    PipelineTaskConfig,
    PipelineTaskConnections,
    Struct,
)
from lsst.pipe.base.connectionTypes import Input, Output

from jupyter_mpexec.demo.associate import group_positions


class MergeObjectsConnections(PipelineTaskConnections, dimensions=("skymap", "tract")):
    """The sources of all coadds of a tract give its objects."""

    sources = Input(
        doc="Sources of each coadd.",
        name="coadd_sources",
        storageClass="ArrowAstropy",
        dimensions=("skymap", "tract", "patch", "band"),
        multiple=True,
    )
    objects = Output(
        doc="One row for each object, with a magnitude in each band.",
        name="object_table",
        storageClass="ArrowAstropy",
        dimensions=("skymap", "tract"),
    )


class MergeObjectsConfig(PipelineTaskConfig, pipelineConnections=MergeObjectsConnections):
    """Configuration of `MergeObjectsTask`."""

    radius = RangeField(
        "Sources closer than this are one object, arcseconds.", dtype=float, default=1.5, min=0.1
    )


class MergeObjectsTask(PipelineTask):
    """Join sources of patches and bands to objects."""

    ConfigClass = MergeObjectsConfig
    _DefaultName = "mergeObjects"
    config: MergeObjectsConfig

    def run(self, sources: Sequence[Table]) -> Struct:
        """Merge tables.

        Parameters
        ----------
        sources : sequence of `astropy.table.Table`
            Output of `DetectCoaddTask`.

        Returns
        -------
        result : `lsst.pipe.base.Struct`
            ``objects``: ``object_id``, ``ra``, ``dec`` (degrees) and for each band ``mag_<band>``,
            ``mag_err_<band>`` (NaN where the object was not seen).
        """
        merged = vstack(list(sources), metadata_conflicts="silent")
        merged = merged[np.asarray(merged["inner"]) & ~np.asarray(merged["flagged"])]
        label, count = group_positions(merged["ra"], merged["dec"], self.config.radius)
        weight = 1 / np.maximum(np.asarray(merged["mag_err"]), 1e-3) ** 2
        total = np.bincount(label, weight, count)
        objects = Table({"object_id": np.arange(count)})
        for name in ("ra", "dec"):
            objects[name] = np.bincount(label, weight * np.asarray(merged[name]), count) / total * u.deg
        for band in np.unique(merged["band"]):
            rows = np.nonzero(np.asarray(merged["band"]) == band)[0]
            rows = rows[np.argsort(np.asarray(merged["mag"])[rows])][::-1]  # brightest last, so that it stays
            for name in ("mag", "mag_err"):
                values = np.full(count, np.nan)
                values[label[rows]] = np.asarray(merged[name])[rows]
                objects[f"{name}_{band}"] = values
        self.metadata["n_objects"] = count
        return Struct(objects=objects)
