"""Cutting of the Hubble picture into tiles."""

from __future__ import annotations

__all__ = ["SplitTileConfig", "SplitTileConnections", "SplitTileTask"]


import numpy as np
from lsst.pipe.base import (
    PipelineTaskConfig,
    PipelineTaskConnections,
    Struct,
)
from lsst.pipe.base.connectionTypes import Input, Output

from jupyter_mpexec.demo.skymap import DemoSkyMap
from jupyter_mpexec.demo.storage import Exposure, MaskPlane
from jupyter_mpexec.demo.tasks.patch_task import PatchTask


class SplitTileConnections(PipelineTaskConnections, dimensions=("skymap", "tract", "patch")):
    """A picture gives a tile."""

    picture = Input(
        doc="The whole picture.", name="picture", storageClass="DemoExposure", dimensions=("skymap", "tract")
    )
    skymap = Input(doc="Sky map.", name="skyMap", storageClass="DemoSkyMap", dimensions=("skymap",))
    tile = Output(
        doc="A tile with a border that it shares with its neighbours.",
        name="tile",
        storageClass="DemoExposure",
        dimensions=("skymap", "tract", "patch"),
    )


class SplitTileConfig(PipelineTaskConfig, pipelineConnections=SplitTileConnections):
    """Configuration of `SplitTileTask`."""


class SplitTileTask(PatchTask):
    """Cut one tile out of the picture; what lies outside of it is flagged as missing."""

    ConfigClass = SplitTileConfig
    _DefaultName = "splitTile"
    config: SplitTileConfig

    def run(self, picture: Exposure, skymap: DemoSkyMap, patch: int) -> Struct:
        """Cut out one tile.

        Parameters
        ----------
        picture : `Exposure`
            The whole picture.
        skymap : `DemoSkyMap`
            Its grid of tiles.
        patch : `int`
            Patch ID of the tile.

        Returns
        -------
        result : `lsst.pipe.base.Struct`
            ``tile``, an `Exposure`.
        """
        place = skymap.patch(patch)
        x0, y0 = max(place.x0, 0), max(place.y0, 0)
        x1 = min(place.x0 + place.shape[1], picture.image.shape[1])
        y1 = min(place.y0 + place.shape[0], picture.image.shape[0])
        source = (slice(y0, y1), slice(x0, x1))
        target = (slice(y0 - place.y0, y1 - place.y0), slice(x0 - place.x0, x1 - place.x0))
        image = np.full(place.shape, np.nan, np.float32)
        variance = image.copy()
        mask = np.full(place.shape, np.uint16(MaskPlane.NO_DATA))
        image[target] = picture.image[source]
        variance[target] = picture.variance[source]
        mask[target] = picture.mask[source]
        header = picture.header | {"X0": place.x0, "Y0": place.y0}
        return Struct(tile=Exposure(image, mask, variance, skymap.patch_wcs(patch), header))
