"""Background and detection on a tile of the Hubble picture."""

from __future__ import annotations

__all__ = ["DetectTileConfig", "DetectTileConnections", "DetectTileTask"]


import astropy.units as u
import numpy as np
from astropy.stats import SigmaClip
from astropy.table import Table
from lsst.pex.config import RangeField
from lsst.pipe.base import (
    PipelineTaskConfig,
    PipelineTaskConnections,
    Struct,
)
from lsst.pipe.base.connectionTypes import Input, Output
from numpy.typing import NDArray
from photutils.background import Background2D, MedianBackground
from photutils.segmentation import detect_sources
from scipy import ndimage
from skimage.segmentation import watershed

from jupyter_mpexec.demo.measure import mad_sigma, segment_moments
from jupyter_mpexec.demo.skymap import DemoSkyMap
from jupyter_mpexec.demo.storage import Exposure, MaskPlane
from jupyter_mpexec.demo.tasks.patch_task import PatchTask


class DetectTileConnections(PipelineTaskConnections, dimensions=("skymap", "tract", "patch")):
    """A tile gives its sources."""

    tile = Input(
        doc="A tile.", name="tile", storageClass="DemoExposure", dimensions=("skymap", "tract", "patch")
    )
    skymap = Input(doc="Sky map.", name="skyMap", storageClass="DemoSkyMap", dimensions=("skymap",))
    sources = Output(
        doc="Sources of the tile, those of the border included.",
        name="tile_sources",
        storageClass="ArrowAstropy",
        dimensions=("skymap", "tract", "patch"),
    )


class DetectTileConfig(PipelineTaskConfig, pipelineConnections=DetectTileConnections):
    """Configuration of `DetectTileTask`."""

    box_size = RangeField(
        "Side of the boxes that the background is measured in, pixels.", dtype=int, default=43, min=8
    )
    smoothing = RangeField(
        "Sigma of the Gaussian that detection filters with, pixels.", dtype=float, default=1.5, min=0.0
    )
    threshold = RangeField(
        "Detection threshold, sigma of the filtered image.", dtype=float, default=7.0, min=1.0
    )
    min_pixels = RangeField("Fewest connected pixels of a source.", dtype=int, default=8, min=1)
    separation = RangeField(
        "Least distance of peaks that are sources of their own, pixels.", dtype=int, default=5, min=1
    )


class DetectTileTask(PatchTask):
    """Subtract the background, find connected pixels above a threshold, split blends, measure."""

    ConfigClass = DetectTileConfig
    _DefaultName = "detectTile"
    config: DetectTileConfig

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
            ``sources``: ``ra``, ``dec`` (nominal degrees), ``x``, ``y`` (pixels of the whole picture),
            ``flux`` (counts), ``area`` (square pixels), ``radius`` (semi-major axis, pixels) and ``inner``
            (in no other tile).
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
        columns = segment_moments(image, filtered, self._split(filtered, found.data))
        self.metadata["n_sources"] = len(columns)
        return Struct(sources=self._table(tile, skymap, patch, columns))

    def _split(self, filtered: NDArray[np.floating], segments: NDArray[np.int32]) -> NDArray[np.int32]:
        """Split segments with several peaks along their valleys."""
        smooth = ndimage.gaussian_filter(filtered, self.config.smoothing)
        highest = ndimage.maximum_filter(smooth, size=2 * self.config.separation + 1)
        peaks = (smooth == highest) & (segments > 0)
        # The peak of a segment may be in the shade of a brighter neighbour.
        without = np.setdiff1d(np.unique(segments), np.append(segments[peaks], 0))
        for row, column in ndimage.maximum_position(smooth, segments, without):
            peaks[row, column] = True
        markers, _ = ndimage.label(peaks, np.ones((3, 3)))
        split: NDArray[np.int32] = watershed(-smooth, markers, mask=segments > 0)
        return split

    @staticmethod
    def _table(tile: Exposure, skymap: DemoSkyMap, patch: int, columns: np.ndarray) -> Table:
        x, y, flux, area, radius = columns.T
        ra, dec = tile.wcs.all_pix2world(x, y, 0) if len(x) else (x, y)
        table = Table({"ra": ra * u.deg, "dec": dec * u.deg})
        table["x"], table["y"] = x + float(tile.header["X0"]), y + float(tile.header["Y0"])
        table["flux"], table["area"], table["radius"] = flux, area, radius
        table["inner"] = skymap.patch(patch).is_inner(x, y)
        return table
