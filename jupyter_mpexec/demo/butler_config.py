"""What a demo repository adds to the butler's configuration: storage classes and their formatters."""

from __future__ import annotations

__all__ = ["make_butler_config"]

from lsst.daf.butler import Config

_HERE = "jupyter_mpexec.demo"

_STORAGE_CLASSES = {
    "DemoImage": {"pytype": "numpy.ndarray"},
    "DemoHeader": {"pytype": "dict"},
    "DemoWcs": {"pytype": "astropy.wcs.WCS"},
    "DemoRaw": {"pytype": f"{_HERE}.storage.RawImage"},
    "DemoSkyMap": {"pytype": f"{_HERE}.skymap.DemoSkyMap"},
    "DemoExposure": {
        "pytype": f"{_HERE}.storage.Exposure",
        "delegate": f"{_HERE}.storage.ExposureDelegate",
        "derivedComponents": {
            "image": "DemoImage",
            "mask": "DemoImage",
            "variance": "DemoImage",
            "wcs": "DemoWcs",
            "header": "DemoHeader",
        },
    },
}

_FORMATTERS = {
    "DemoImage": f"{_HERE}.formatters.ImageFormatter",
    "DemoRaw": f"{_HERE}.formatters.RawFormatter",
    "DemoSkyMap": f"{_HERE}.formatters.SkyMapFormatter",
    "DemoExposure": f"{_HERE}.formatters.ExposureFormatter",
}


def make_butler_config() -> Config:
    """Return the configuration to give to `lsst.daf.butler.Butler.makeRepo` (`lsst.daf.butler.Config`)."""
    return Config({"storageClasses": _STORAGE_CLASSES, "datastore": {"formatters": _FORMATTERS}})
