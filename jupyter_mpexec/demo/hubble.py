"""A repository with one real picture: the Hubble Deep Field that ships inside scikit-image."""

from __future__ import annotations

__all__ = ["HUBBLE_SKYMAP", "HubbleRepository", "make_hubble_repository"]

from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import numpy as np
from lsst.daf.butler import Butler, DatasetType
from numpy.typing import NDArray

from .butler_config import make_butler_config
from .skymap import DemoSkyMap
from .storage import Exposure
from .wcs import pixel_corners_region

HUBBLE_SKYMAP = DemoSkyMap(
    name="hubble",
    ra=189.2058,
    dec=62.2161,
    scale=0.15,
    nx=4,
    ny=4,
    patch_width=250,
    patch_height=218,
    border=20,
)
"""Sky map of the picture: 4 x 4 tiles.

The picture comes without coordinates, so the centre is that of the Hubble Deep Field (Williams et al. 1996),
the scale (arcseconds per pixel) is nominal and north is simply up.
"""


@dataclass(frozen=True)
class HubbleRepository:
    """A repository on disk that holds the Hubble Deep Field.

    Parameters
    ----------
    root : `pathlib.Path`
        Folder of the Butler repository.
    inputs : `str`
        Collection to give to the pipeline.
    pipeline : `pathlib.Path`
        File of the pipeline.
    """

    root: Path
    inputs: str
    pipeline: Path

    def butler(self, writeable: bool = False) -> Butler:
        """Open the repository (`lsst.daf.butler.Butler`)."""
        return Butler.from_config(str(self.root), writeable=writeable)


def make_hubble_repository(path: str | Path) -> HubbleRepository:
    """Make a Butler repository with the Hubble Deep Field.

    Parameters
    ----------
    path : `str` or `pathlib.Path`
        Folder to make; it must be empty or not exist.

    Returns
    -------
    repository : `HubbleRepository`
        What was made: ``picture`` (brightness, for measurement), ``color_picture`` (for display) and
        ``skyMap`` in the RUN ``hubble/raw``.

    Raises
    ------
    FileExistsError
        Raised if there is a repository already.
    """
    root = Path(path).absolute()
    Butler.makeRepo(str(root), config=make_butler_config())
    butler = Butler.from_config(str(root), writeable=True)
    run = "hubble/raw"
    butler.collections.register(run)
    _register_dimensions(butler)
    color = read_picture()
    tract = ("skymap", "tract")
    data_id = {"skymap": HUBBLE_SKYMAP.name, "tract": 0}
    for name, dimensions, storage_class, dataset in (
        ("skyMap", ("skymap",), "DemoSkyMap", HUBBLE_SKYMAP),
        ("picture", tract, "DemoExposure", _brightness(color)),
        ("color_picture", tract, "DemoImage", np.ascontiguousarray(np.moveaxis(color, 2, 0))),
    ):
        butler.registry.registerDatasetType(
            DatasetType(name, dimensions, storage_class, universe=butler.dimensions)
        )
        butler.put(dataset, name, {key: data_id[key] for key in dimensions}, run=run)
    pipeline = Path(str(resources.files("jupyter_mpexec.demo"))) / "pipelines" / "hubble.yaml"
    return HubbleRepository(root, run, pipeline)


def read_picture() -> NDArray[np.uint8]:
    """Return the picture with its first row at the bottom, as FITS has it; shape (872, 1000, 3)."""
    from skimage.data import hubble_deep_field

    return np.ascontiguousarray(hubble_deep_field()[::-1])


def _brightness(color: NDArray[np.uint8]) -> Exposure:
    """Average the colours, and estimate the noise from differences of neighbours."""
    image = color.mean(axis=2, dtype=np.float32)
    difference = np.diff(image, axis=1)
    sigma = 1.4826 * float(np.median(np.abs(difference))) / np.sqrt(2)
    variance = np.full_like(image, max(sigma, 0.1) ** 2)
    return Exposure(
        image, np.zeros(image.shape, np.uint16), variance, HUBBLE_SKYMAP.tract_wcs(), {"SOURCE": "HDF"}
    )


def _register_dimensions(butler: Butler) -> None:
    skymap = HUBBLE_SKYMAP
    registry = butler.registry
    width, height = skymap.nx * skymap.patch_width, skymap.ny * skymap.patch_height
    with registry.transaction():
        registry.insertDimensionData(
            "skymap",
            {
                "name": skymap.name,
                "hash": skymap.name.encode(),
                "tract_max": 1,
                "patch_nx_max": skymap.nx,
                "patch_ny_max": skymap.ny,
            },
        )
        registry.insertDimensionData(
            "tract",
            {
                "skymap": skymap.name,
                "id": 0,
                "region": pixel_corners_region(skymap.tract_wcs(), width, height),
            },
        )
        registry.insertDimensionData(
            "patch",
            *(
                {
                    "skymap": skymap.name,
                    "tract": 0,
                    "id": index,
                    "cell_x": index % skymap.nx,
                    "cell_y": index // skymap.nx,
                    "region": skymap.patch_region(index),
                }
                for index in range(skymap.nx * skymap.ny)
            ),
        )
