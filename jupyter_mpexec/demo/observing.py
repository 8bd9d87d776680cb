"""Observing conditions: what each visit of the survey was like, and the camera's constants."""

from __future__ import annotations

__all__ = ["CAMERA", "Camera", "Conditions", "make_conditions", "random_for"]

import zlib
from dataclasses import dataclass

import numpy as np

from .geometry import CLOUDY_VISIT, SurveyRecords


@dataclass(frozen=True)
class Camera:
    """Constants of the simulated camera.

    Parameters
    ----------
    nx, ny : `int`
        Size of the light-sensitive part of a detector, pixels (about 1.6 arcseconds each).
    overscan : `int`
        Dark columns on the right of a raw image.
    gain : `float`
        Electrons per count (ADU).
    read_noise : `float`
        Electrons.
    pedestal : `float`
        Mean level of an image without light, ADU.
    saturation : `float`
        Level at which pixels are full, ADU.
    """

    nx: int = 256
    ny: int = 480
    overscan: int = 16
    gain: float = 2.0
    read_noise: float = 6.0
    pedestal: float = 1000.0
    saturation: float = 60000.0


CAMERA = Camera()

_ZERO_POINT = {"r": 29.8, "i": 29.5}
_SKY = {"r": 350.0, "i": 600.0}


@dataclass(frozen=True)
class Conditions:
    """Truth about one visit.

    Parameters
    ----------
    visit : `int`
        Visit (and exposure) ID.
    band : `str`
        Band.
    mjd : `float`
        Middle of the exposure, TAI, days.
    zero_point : `float`
        AB magnitude of a source of one electron in the exposure.
    fwhm : `float`
        Seeing, pixels.
    sky : `float`
        Electrons per pixel.
    pointing_error : `tuple` [`float`, `float`]
        Error of the telescope's pointing, arcseconds, east and north.
    rotation_error : `float`
        Error of the position angle, arcseconds.
    clouds : `float`
        Extinction that is part of ``zero_point``, magnitudes.
    """

    visit: int
    band: str
    mjd: float
    zero_point: float
    fwhm: float
    sky: float
    pointing_error: tuple[float, float]
    rotation_error: float
    clouds: float


def random_for(seed: int, purpose: str, *numbers: int) -> np.random.Generator:
    """Return a random generator that depends on nothing but its arguments.

    Parameters
    ----------
    seed : `int`
        Seed of the survey.
    purpose : `str`
        What the numbers are for, so that streams do not repeat each other.
    *numbers : `int`
        Visit, detector or the like.

    Returns
    -------
    generator : `numpy.random.Generator`
        The same for the same arguments on every machine.
    """
    return np.random.default_rng([seed, zlib.crc32(purpose.encode()), *numbers])


def make_conditions(records: SurveyRecords, seed: int) -> dict[int, Conditions]:
    """Draw the conditions of every visit.

    Parameters
    ----------
    records : `SurveyRecords`
        The observations.
    seed : `int`
        Seed of the survey.

    Returns
    -------
    conditions : `dict` [`int`, `Conditions`]
        By visit ID.
    """
    conditions = {}
    for record in records.visits:
        rng = random_for(seed, "conditions", record.id)
        band = records.band(record.id)
        clouds = 1.8 if record.id % 2000 == CLOUDY_VISIT % 2000 else 0.0
        span = record.timespan
        middle = float((span.begin.tai.mjd + span.end.tai.mjd) / 2)
        conditions[record.id] = Conditions(
            visit=record.id,
            band=band,
            mjd=middle,
            zero_point=_ZERO_POINT[band] + float(rng.normal(0, 0.03)) - clouds,
            fwhm=float(rng.uniform(2.5, 3.1)) + 0.2 * (clouds > 0),
            sky=_SKY[band] * float(rng.uniform(0.8, 1.3)) * (1 + clouds / 2),
            pointing_error=(float(rng.normal(0, 1.5)), float(rng.normal(0, 1.5))),
            rotation_error=float(rng.normal(0, 60)),
            clouds=clouds,
        )
    return conditions
