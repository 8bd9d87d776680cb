"""From pixels to a PNG that a browser shows: stretch, size, bytes."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

__all__ = ["STRETCHES", "as_image", "png"]

STRETCHES = ("zscale", "asinh", "percentile", "min-max")
"""How pixel values become shades."""

_PLACES: tuple[tuple[str, ...], ...] = (
    (),
    ("image", "array"),
    ("image",),
    ("array",),
    ("data",),
    ("image", "data"),
)
"""Where the pixels are, attribute by attribute: of arrays, exposures and images of several packages."""

LARGEST = 720
"""Pixels of the longer side, at most."""


def as_image(obj: Any) -> np.ndarray[Any, Any] | None:
    """Find the pixels in an object: an array, or an image or exposure that has one; None if there are none.

    Returns
    -------
    pixels
        Shape (height, width), or (height, width, 3) for colours.
    """
    import numpy as np

    for path in _PLACES:
        found = obj
        for name in path:
            found = getattr(found, name, None)
        if isinstance(found, np.ndarray) and found.dtype.kind in "biuf" and min(found.shape, default=0) > 1:
            if found.ndim == 2:
                return found
            if found.ndim == 3 and found.shape[2] in (3, 4):
                return found[:, :, :3]
    return None


def png(image: np.ndarray[Any, Any], stretch: str = STRETCHES[0]) -> bytes:
    """Draw pixels, the first row at the bottom as astronomers have it.

    Parameters
    ----------
    image
        Pixels, as `as_image` gives them; those that are masked or not finite are drawn as the background.
    stretch
        One of `STRETCHES`; colours are shown as they are.
    """
    import numpy as np

    step = -(-max(image.shape[:2]) // LARGEST)
    small = _shrunk(np.ma.asarray(image, dtype=float), step).filled(np.nan)
    if small.ndim == 3:
        top = 255.0 if (small > 1).any() else 1.0
        shades = np.nan_to_num(np.clip(small / top, 0, 1))
    else:
        shades = _stretched(small, stretch)[::-1]
    return _encode(np.round(shades * 255).astype(np.uint8))


def _shrunk(image: np.ma.MaskedArray[Any, Any], step: int) -> np.ma.MaskedArray[Any, Any]:
    """Average blocks of pixels, so that faint things do not fall between the ones that are kept."""
    import numpy as np

    if step == 1:
        return image
    height, width = (size // step * step for size in image.shape[:2])
    blocks = image[:height, :width].reshape(height // step, step, width // step, step, *image.shape[2:])
    with np.errstate(invalid="ignore"):
        return np.ma.asarray(blocks.mean(axis=(1, 3)))


def _stretched(image: np.ndarray[Any, Any], stretch: str) -> np.ndarray[Any, Any]:
    import numpy as np
    from astropy.visualization import AsinhStretch, MinMaxInterval, PercentileInterval, ZScaleInterval

    finite = image[np.isfinite(image)]
    if not finite.size:
        return np.zeros(image.shape)
    filled = np.where(np.isfinite(image), image, np.median(finite))
    interval: Any = {
        "zscale": ZScaleInterval(),
        "asinh": PercentileInterval(99.5),
        "percentile": PercentileInterval(99),
    }.get(stretch, MinMaxInterval())
    low, high = interval.get_limits(finite)
    scaled = np.clip((filled - low) / ((high - low) or 1.0), 0, 1)
    return np.asarray(AsinhStretch(0.05)(scaled) if stretch == "asinh" else scaled)


def _encode(shades: np.ndarray[Any, Any]) -> bytes:
    """Write a PNG with 8 bits a channel (ISO/IEC 15948), every row unfiltered."""
    height, width = shades.shape[:2]
    colour = 2 if shades.ndim == 3 else 0
    rows = b"".join(b"\x00" + shades[row].tobytes() for row in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 6)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
