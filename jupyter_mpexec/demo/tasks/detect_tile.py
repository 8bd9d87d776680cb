"""Background and detection on a tile of the Hubble picture."""

from __future__ import annotations

__all__ = ["DetectTileConfig", "DetectTileConnections", "DetectTileTask"]

from typing import Any

import astropy.units as u
import lsst.pipe.base.connectionTypes as ct
import numpy as np
from astropy.stats import SigmaClip
from astropy.table import Table
from lsst.pex.config import RangeField
from lsst.pipe.base import (
    InputQuantizedConnection,
    OutputQuantizedConnection,
    PipelineTask,
    PipelineTaskConfig,
    PipelineTaskConnections,
    QuantumContext,
    Struct,
)
from photutils.background import Background2D, MedianBackground
from photutils.segmentation import SourceCatalog, deblend_sources, detect_sources
from scipy import ndimage

from ..measure import mad_sigma
from ..skymap import DemoSkyMap
from ..storage import Exposure, MaskPlane


class DetectTileConnections(PipelineTaskConnections, dimensions=("skymap", "tract", "patch")):
    """A tile gives its sources."""

    tile = ct.Input(
        doc="A tile.", name="tile", storageClass="DemoExposure", dimensions=("skymap", "tract", "patch")
    )
    skymap = ct.Input(doc="Sky map.", name="skyMap", storageClass="DemoSkyMap", dimensions=("skymap",))
    sources = ct.Output(
        doc="Sources of the tile, those of the border included.",
        name="tile_sources",
        storageClass="ArrowAstropy",
        dimensions=("skymap", "tract", "patch"),
    )


class DetectTileConfig(PipelineTaskConfig, pipelineConnections=DetectTileConnections):
    """Configuration of `DetectTileTask`."""

    box_size = RangeField[int]("Side of the boxes that the background is measured in, pixels.", default=43, min=8)
    smoothing = RangeField[float]("Sigma of the Gaussian that detection filters with, pixels.", default=1.5, min=0.0)
    threshold = RangeField[float]("Detection threshold, sigma of the filtered image.", default=4.0, min=1.0)
    min_pixels = RangeField[int]("Fewest connected pixels of a source.", default=8, min=1)
    contrast = RangeField[float](
        "Least part of the light that a peak must have to be a source of its own.", default=0.01, min=0.0
    )


class DetectTileTask(PipelineTask):
    """Subtract the background, find connected pixels above a threshold, split blends, measure."""

    ConfigClass = DetectTileConfig
    _DefaultName = "detectTile"
    config: DetectTileConfig

    def runQuantum(
        self,
        butlerQC: QuantumContext,
        inputRefs: InputQuantizedConnection,
        outputRefs: OutputQuantizedConnection,
    ) -> None:
        inputs: dict[str, Any] = butlerQC.get(inputRefs)
        assert butlerQC.quantum.dataId is not None
        butlerQC.put(self.run(patch=int(butlerQC.quantum.dataId["patch"]), **inputs), outputRefs)

    def run(self, tile: Exposure, skymap: DemoSkyMap, patch: int) -> Struct:
        """Detect on one tile.

        Parameters
        ----------
        tile : `Exposure`
            Cut-out with border.
        skymap : `DemoSkyMap`
            Says which part of the tile is no neighbour's.
        patch : `int`
            Patch ID of the tile.

        Returns
        -------
        result : `lsst.pipe.base.Struct`
            ``sources``: ``ra``, ``dec`` (nominal degrees), ``x``, ``y`` (pixels of the whole picture), ``flux`` (counts),
            ``area`` (square pixels), ``radius`` (semi-major axis, pixels) and ``inner`` (in no other tile).
        """
        missing = tile.flagged(MaskPlane.NO_DATA)
        image = np.where(missing, 0, tile.image)
        background = Background2D(
            image,
            self.config.box_size,
            coverage_mask=missing,
            fill_value=0.0,
            filter_size=3,
            exclude_percentile=90,
            sigma_clip=SigmaClip(3.0, maxiters=5),
            bkg_estimator=MedianBackground(),
        )
        image = np.where(missing, 0, image - background.background)
        filtered = ndimage.gaussian_filter(image, self.config.smoothing)
        threshold = self.config.threshold * mad_sigma(filtered[~missing])
        found = detect_sources(filtered, threshold, self.config.min_pixels, mask=missing)
        if found is None:
            return Struct(sources=self._table(tile, skymap, patch, np.zeros((0, 5))))
        found = deblend_sources(
            filtered, found, self.config.min_pixels, contrast=self.config.contrast, progress_bar=False
        )
        catalog = SourceCatalog(image, found, convolved_data=filtered)
        columns = np.column_stack(
            [
                catalog.x_centroid,
                catalog.y_centroid,
                catalog.segment_flux,
                catalog.segment_area.value,
                catalog.semimajor_axis.value,
            ]
        )
        self.metadata["n_sources"] = len(columns)
        return Struct(sources=self._table(tile, skymap, patch, columns[np.isfinite(columns).all(axis=1)]))

    @staticmethod
    def _table(tile: Exposure, skymap: DemoSkyMap, patch: int, columns: np.ndarray) -> Table:
        x, y, flux, area, radius = columns.T
        ra, dec = tile.wcs.all_pix2world(x, y, 0) if len(x) else (x, y)
        table = Table({"ra": ra * u.deg, "dec": dec * u.deg})
        table["x"], table["y"] = x + float(tile.header["X0"]), y + float(tile.header["Y0"])
        table["flux"], table["area"], table["radius"] = flux, area, radius
        table["inner"] = skymap.patch(patch).is_inner(x, y)
        return table
