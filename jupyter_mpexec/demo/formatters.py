"""Files of the demo repository: FITS for pixels, JSON for the sky map."""

from __future__ import annotations

__all__ = ["ExposureFormatter", "ImageFormatter", "RawFormatter", "SkyMapFormatter"]

import json
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits
from astropy.wcs import WCS
from lsst.daf.butler import FormatterV2
from lsst.resources import ResourcePath

from .skymap import DemoSkyMap
from .storage import Exposure, HeaderValue, RawImage
from .wcs import wcs_from_cards, wcs_to_cards

_PLANES = ("image", "mask", "variance")
_NOT_OURS = ("SIMPLE", "XTENSION", "BITPIX", "NAXIS", "EXTEND", "BZERO", "BSCALE")


def _header_with(wcs: WCS, values: dict[str, HeaderValue]) -> fits.Header:
    header = fits.Header()
    header.update(wcs_to_cards(wcs))
    header.update(values)
    return header


def _own_values(header: fits.Header, wcs: WCS) -> dict[str, HeaderValue]:
    """Drop the keywords that FITS or the WCS put there."""
    theirs = wcs_to_cards(wcs).keys()
    return {key: header[key] for key in header if not (key in theirs or key.startswith(_NOT_OURS))}


class RawFormatter(FormatterV2):
    """FITS file of a `RawImage`: one HDU of 16-bit integers."""

    default_extension = ".fits"
    can_read_from_local_file = True

    def write_local_file(self, in_memory_dataset: Any, uri: ResourcePath) -> None:
        """Write one dataset to a new file."""
        write_raw(in_memory_dataset, uri.ospath)

    def read_from_local_file(self, path: str, component: str | None = None, expected_size: int = -1) -> Any:
        """Read a dataset, or the component that is asked for."""
        with fits.open(path, memmap=False) as hdus:
            wcs = wcs_from_cards(hdus[0].header)
            return RawImage(hdus[0].data, wcs, _own_values(hdus[0].header, wcs))


def write_raw(raw: RawImage, path: str) -> None:
    """Write a raw file as the camera would."""
    fits.PrimaryHDU(raw.data, _header_with(raw.wcs, raw.header)).writeto(path)


class ExposureFormatter(FormatterV2):
    """FITS file of an `Exposure`: one HDU each for image, mask and variance, readable one by one."""

    default_extension = ".fits"
    can_read_from_local_file = True

    def write_local_file(self, in_memory_dataset: Any, uri: ResourcePath) -> None:
        """Write one dataset to a new file."""
        header = _header_with(in_memory_dataset.wcs, in_memory_dataset.header)
        hdus = [fits.PrimaryHDU(in_memory_dataset.image, header)]
        hdus += [fits.ImageHDU(getattr(in_memory_dataset, name), name=name.upper()) for name in _PLANES[1:]]
        fits.HDUList(hdus).writeto(uri.ospath)

    def read_from_local_file(self, path: str, component: str | None = None, expected_size: int = -1) -> Any:
        """Read a dataset, or the component that is asked for."""
        with fits.open(path, memmap=False, lazy_load_hdus=True) as hdus:
            if component in _PLANES:
                return _native(hdus[_PLANES.index(component)].data)
            wcs = wcs_from_cards(hdus[0].header)
            if component == "wcs":
                return wcs
            header = _own_values(hdus[0].header, wcs)
            if component == "header":
                return header
            image, mask, variance = (_native(hdus[number].data) for number in range(len(_PLANES)))
            return Exposure(image, mask, variance, wcs, header)


class ImageFormatter(FormatterV2):
    """FITS file of a plain two-dimensional array (bias, flat, background)."""

    default_extension = ".fits"
    can_read_from_local_file = True

    def write_local_file(self, in_memory_dataset: Any, uri: ResourcePath) -> None:
        """Write one dataset to a new file."""
        fits.PrimaryHDU(in_memory_dataset).writeto(uri.ospath)

    def read_from_local_file(self, path: str, component: str | None = None, expected_size: int = -1) -> Any:
        """Read a dataset, or the component that is asked for."""
        return _native(fits.getdata(path, memmap=False))


class SkyMapFormatter(FormatterV2):
    """JSON file of a `DemoSkyMap`."""

    default_extension = ".json"
    can_read_from_local_file = True

    def to_bytes(self, in_memory_dataset: Any) -> bytes:
        """Return the content of the file."""
        return json.dumps(in_memory_dataset.to_dict(), indent=1).encode()

    def read_from_local_file(self, path: str, component: str | None = None, expected_size: int = -1) -> Any:
        """Read a dataset, or the component that is asked for."""
        with Path(path).open("rb") as stream:
            return DemoSkyMap(**json.load(stream))


def _native(data: Any) -> Any:
    """FITS is big-endian; numerical code wants the machine's byte order."""
    return np.ascontiguousarray(data, dtype=data.dtype.newbyteorder("="))
