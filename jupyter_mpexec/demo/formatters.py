"""Files of the demo repository: FITS for pixels, JSON for the sky map."""

from __future__ import annotations

__all__ = ["ExposureFormatter", "ImageFormatter", "RawFormatter", "SkyMapFormatter"]

import json
from typing import Any

import numpy as np
from astropy.io import fits
from astropy.wcs import WCS
from lsst.daf.butler import FormatterV2
from lsst.resources import ResourcePath

from .skymap import DemoSkyMap
from .storage import Exposure, HeaderValue, RawImage

_PLANES = ("image", "mask", "variance")
_WCS_KEYS = frozenset({"WCSAXES", "LONPOLE", "LATPOLE", "RADESYS", "MJDREF", "A_ORDER", "B_ORDER", "A_1_1", "B_1_1"})
_WCS_STARTS = ("CTYPE", "CUNIT", "CRVAL", "CRPIX", "CDELT", "PC1_", "PC2_", "CD1_", "CD2_")
_STRUCTURE = frozenset({"SIMPLE", "BITPIX", "EXTEND", "COMMENT", "HISTORY", "BZERO", "BSCALE", "CHECKSUM", "DATASUM"})


def _header_with(wcs: WCS, values: dict[str, HeaderValue]) -> fits.Header:
    header = wcs.to_header(relax=True)
    header.update(values)
    return header


def _own_values(header: fits.Header) -> dict[str, HeaderValue]:
    """Drop the keywords that FITS or the WCS put there."""
    return {
        key: value
        for key, value in header.items()
        if not (key in _STRUCTURE or key in _WCS_KEYS or key.startswith(("NAXIS", *_WCS_STARTS)))
    }


class RawFormatter(FormatterV2):
    """FITS file of a `RawImage`: one HDU of 16-bit integers."""

    default_extension = ".fits"
    can_read_from_local_file = True

    def write_local_file(self, in_memory_dataset: Any, uri: ResourcePath) -> None:
        write_raw(in_memory_dataset, uri.ospath)

    def read_from_local_file(self, path: str, component: str | None = None, expected_size: int = -1) -> Any:
        with fits.open(path, memmap=False) as hdus:
            header = hdus[0].header
            return RawImage(hdus[0].data, WCS(header), _own_values(header))


def write_raw(raw: RawImage, path: str) -> None:
    """Write a raw file as the camera would."""
    fits.PrimaryHDU(raw.data, _header_with(raw.wcs, raw.header)).writeto(path)


class ExposureFormatter(FormatterV2):
    """FITS file of an `Exposure`: three image HDUs (image, mask, variance), which can be read one by one as components."""

    default_extension = ".fits"
    can_read_from_local_file = True

    def write_local_file(self, in_memory_dataset: Any, uri: ResourcePath) -> None:
        header = _header_with(in_memory_dataset.wcs, in_memory_dataset.header)
        hdus = [fits.PrimaryHDU(in_memory_dataset.image, header)]
        hdus += [fits.ImageHDU(getattr(in_memory_dataset, name), name=name.upper()) for name in _PLANES[1:]]
        fits.HDUList(hdus).writeto(uri.ospath)

    def read_from_local_file(self, path: str, component: str | None = None, expected_size: int = -1) -> Any:
        with fits.open(path, memmap=False, lazy_load_hdus=True) as hdus:
            if component in _PLANES:
                return _native(hdus[_PLANES.index(component)].data)
            header = hdus[0].header
            if component == "wcs":
                return WCS(header)
            if component == "header":
                return _own_values(header)
            planes = [_native(hdus[number].data) for number in range(len(_PLANES))]
            return Exposure(*planes, WCS(header), _own_values(header))


class ImageFormatter(FormatterV2):
    """FITS file of a plain two-dimensional array (bias, flat, background)."""

    default_extension = ".fits"
    can_read_from_local_file = True

    def write_local_file(self, in_memory_dataset: Any, uri: ResourcePath) -> None:
        fits.PrimaryHDU(in_memory_dataset).writeto(uri.ospath)

    def read_from_local_file(self, path: str, component: str | None = None, expected_size: int = -1) -> Any:
        return _native(fits.getdata(path, memmap=False))


class SkyMapFormatter(FormatterV2):
    """JSON file of a `DemoSkyMap`."""

    default_extension = ".json"
    can_read_from_local_file = True

    def to_bytes(self, in_memory_dataset: Any) -> bytes:
        return json.dumps(in_memory_dataset.to_dict(), indent=1).encode()

    def read_from_local_file(self, path: str, component: str | None = None, expected_size: int = -1) -> Any:
        with open(path, "rb") as stream:
            return DemoSkyMap(**json.load(stream))


def _native(data: Any) -> Any:
    """FITS is big-endian; numerical code wants the machine's byte order."""
    return np.ascontiguousarray(data, dtype=data.dtype.newbyteorder("="))
