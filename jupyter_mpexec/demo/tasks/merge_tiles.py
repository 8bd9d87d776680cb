"""Merge of the Hubble tiles: one catalogue, and a picture of what was found."""

from __future__ import annotations

__all__ = ["MergeTilesConfig", "MergeTilesConnections", "MergeTilesTask"]

from collections.abc import Sequence

import numpy as np
from astropy.table import Table, vstack
from lsst.pex.config import Field, RangeField
from lsst.pipe.base import PipelineTask, PipelineTaskConfig, PipelineTaskConnections, Struct
from lsst.pipe.base.connectionTypes import Input, Output
from numpy.typing import NDArray

from jupyter_mpexec.demo.plots import draw_hubble


class MergeTilesConnections(PipelineTaskConnections, dimensions=("skymap", "tract")):
    """The sources of all tiles give a catalogue."""

    sources = Input(
        doc="Sources of each tile.",
        name="tile_sources",
        storageClass="ArrowAstropy",
        dimensions=("skymap", "tract", "patch"),
        multiple=True,
    )
    color = Input(
        doc="The picture in colour (three planes).",
        name="color_picture",
        storageClass="DemoImage",
        dimensions=("skymap", "tract"),
    )
    catalog = Output(
        doc="One row for each source of the picture.",
        name="hubble_catalog",
        storageClass="ArrowAstropy",
        dimensions=("skymap", "tract"),
    )
    plot = Output(
        doc="The picture with a circle around each source.",
        name="hubble_plot",
        storageClass="Plot",
        dimensions=("skymap", "tract"),
    )

    def __init__(self, *, config: MergeTilesConfig | None = None):
        if config is not None and not config.do_plot:
            del self.plot
            del self.color


class MergeTilesConfig(PipelineTaskConfig, pipelineConnections=MergeTilesConnections):
    """Configuration of `MergeTilesTask`."""

    radius = RangeField(
        "Sources of different tiles closer than this are one, pixels.", dtype=float, default=3.0, min=0.0
    )
    do_plot: Field[bool] = Field("Draw the picture with circles?", dtype=bool, default=True)


class MergeTilesTask(PipelineTask):
    """Keep each source once: from the tile that it belongs to."""

    ConfigClass = MergeTilesConfig
    _DefaultName = "mergeTiles"
    config: MergeTilesConfig

    def run(self, sources: Sequence[Table], color: NDArray[np.uint8] | None = None) -> Struct:
        """Merge tables.

        Parameters
        ----------
        sources : sequence of `astropy.table.Table`
            Output of `DetectTileTask`.
        color : `numpy.ndarray`, optional
            The picture, shape (3, rows, columns); needed for the plot.

        Returns
        -------
        result : `lsst.pipe.base.Struct`
            ``catalog``, brightest first, with ``source_id``; and ``plot``, a figure, unless that is
            switched off.
        """
        parts = [table[np.asarray(table["inner"])] for table in sources]
        merged = vstack(parts, metadata_conflicts="silent")
        merged["tile"] = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
        merged = merged[np.argsort(-np.asarray(merged["flux"]), kind="stable")]
        catalog = merged[self._first_of_each(merged)]
        catalog.remove_columns(["inner", "tile"])
        catalog.add_column(np.arange(len(catalog)), index=0, name="source_id")
        self.metadata["n_sources"] = len(catalog)
        result = Struct(catalog=catalog)
        if self.config.do_plot:
            assert color is not None
            result.mergeItems(Struct(plot=draw_hubble(color, catalog)), "plot")
        return result

    def _first_of_each(self, merged: Table) -> NDArray[np.bool_]:
        """Drop what two tiles both claim: a centroid on the common edge may fall to either side of it."""
        from scipy.spatial import KDTree

        positions = np.column_stack([merged["x"], merged["y"]])
        tile = np.asarray(merged["tile"])
        keep = np.ones(len(merged), bool)
        for brighter, fainter in sorted(KDTree(positions).query_pairs(self.config.radius)):
            if tile[brighter] != tile[fainter] and keep[brighter]:
                keep[fainter] = False
        return keep
