"""The truth about the sky: stars that stay, and flares that come and go within minutes."""

from __future__ import annotations

__all__ = ["Sky", "make_sky", "transient_magnitudes"]

from collections.abc import Sequence
from dataclasses import dataclass

import astropy.units as u
import numpy as np
from astropy.table import Table
from lsst.daf.butler import DimensionRecord
from lsst.sphgeom import ConvexPolygon
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import KDTree

from .geometry import SurveyRecords
from .observing import Conditions, random_for
from .wcs import region_vertices

STARS_PER_SQUARE_DEGREE = 7000
BRIGHT_LIMIT, FAINT_LIMIT, COUNT_SLOPE = 14.0, 22.5, 0.25
EDGE = 0.008  # degrees: flares keep this distance from the edges of images and patches
MIN_DEPTH = 4  # good images of a place that a flare is put in, so that a clipped coadd leaves it out


@dataclass(frozen=True)
class Sky:
    """What there is to see.

    Parameters
    ----------
    stars : `astropy.table.Table`
        ``star_id``, ``ra``, ``dec`` (degrees), ``mag_r``, ``mag_i`` (AB).
    transients : `astropy.table.Table`
        ``transient_id``, ``ra``, ``dec`` (degrees), ``band``, ``mjd`` of the start (TAI), ``peak_mag`` and
        ``decay``, the e-folding time in seconds.
    """

    stars: Table
    transients: Table


def make_sky(
    records: SurveyRecords,
    conditions: dict[int, Conditions],
    patches: Sequence[ConvexPolygon],
    seed: int,
    transients_per_night: int,
) -> Sky:
    """Draw stars and flares for a survey.

    Parameters
    ----------
    records : `SurveyRecords`
        The observations.
    conditions : `dict` [`int`, `Conditions`]
        Conditions by visit, which say when exposures were made.
    patches : sequence of `lsst.sphgeom.ConvexPolygon`
        Where there will be coadds: flares are put there and nowhere else.
    seed : `int`
        Seed of the survey.
    transients_per_night : `int`
        Number of flares in each night of the survey.

    Returns
    -------
    sky : `Sky`
        Stars and flares.
    """
    stars = _make_stars(records, seed)
    nights = max(
        1, len({c.mjd // 1 for c in conditions.values()}) // len({c.band for c in conditions.values()})
    )
    return Sky(
        stars, _make_transients(records, conditions, stars, patches, seed, transients_per_night * nights)
    )


def transient_magnitudes(transients: Table, band: str, mjd: float) -> NDArray[np.float64]:
    """Return the magnitude of each flare at a time.

    Parameters
    ----------
    transients : `astropy.table.Table`
        Flares, as in `Sky`.
    band : `str`
        Band of the observation.
    mjd : `float`
        Middle of the observation, TAI, days.

    Returns
    -------
    magnitudes : `numpy.ndarray`
        AB; infinite before the start and in the other band (flares are observed in the band of their night).
    """
    seconds = (mjd - np.asarray(transients["mjd"])) * 86400
    fading = 2.5 / np.log(10) * seconds / np.asarray(transients["decay"])
    seen = (seconds >= 0) & (np.asarray(transients["band"]) == band)
    return np.where(seen, np.asarray(transients["peak_mag"]) + fading, np.inf)


def _make_stars(records: SurveyRecords, seed: int) -> Table:
    rng = random_for(seed, "stars")
    corners = np.concatenate([region_vertices(record.region) for record in records.visit_detectors])
    low, high = corners.min(0) - 0.01, corners.max(0) + 0.01
    area = np.prod(high - low) * np.cos(np.radians(corners[:, 1].mean()))
    n = int(area * STARS_PER_SQUARE_DEGREE)
    ra = rng.uniform(low[0], high[0], n)
    dec = np.degrees(np.arcsin(rng.uniform(np.sin(np.radians(low[1])), np.sin(np.radians(high[1])), n)))
    # Number counts that grow as 10 ** (slope * magnitude), cut at both ends.
    ends = 10 ** (COUNT_SLOPE * BRIGHT_LIMIT), 10 ** (COUNT_SLOPE * FAINT_LIMIT)
    mag_r = np.log10(rng.uniform(ends[0], ends[1], n)) / COUNT_SLOPE
    color = np.clip(rng.gamma(2.0, 0.25, n), 0, 2)
    table = Table({"star_id": np.arange(n), "ra": ra, "dec": dec, "mag_r": mag_r, "mag_i": mag_r - color})
    table["ra"].unit = table["dec"].unit = u.deg
    return table


def _make_transients(
    records: SurveyRecords,
    conditions: dict[int, Conditions],
    stars: Table,
    patches: Sequence[ConvexPolygon],
    seed: int,
    n: int,
) -> Table:
    rng = random_for(seed, "transients")
    good = [r for r in records.visit_detectors if conditions[r.visit].clouds == 0]
    scale = np.cos(np.radians(np.mean(stars["dec"])))
    tree = KDTree(np.column_stack([stars["ra"] * scale, stars["dec"]]))
    outlines = [region_vertices(patch) for patch in patches]
    rows: list[tuple[float, float, str, float, float, float]] = []
    for _ in range(2000 * n):
        if len(rows) == n:
            break
        home = good[int(rng.integers(len(good)))]
        corners = region_vertices(home.region)
        ra, dec = rng.dirichlet(np.full(len(corners), 1.5)) @ corners
        moment = conditions[home.visit]
        row = (
            float(ra),
            float(dec),
            moment.band,
            moment.mjd - float(rng.uniform(5, 20)) / 86400,
            float(rng.uniform(17.3, 20.0)),
            float(rng.uniform(30, 80)),
        )
        night = [
            r
            for r in good
            if conditions[r.visit].band == moment.band and abs(conditions[r.visit].mjd - moment.mjd) < 0.5
        ]
        if (
            _depth(ra, dec, night) >= MIN_DEPTH
            and _is_lonely(ra * scale, dec, tree, stars)
            and all(np.hypot((ra - other[0]) * scale, dec - other[1]) * 3600 > 20 for other in rows)
            and _margin(ra, dec, corners) > EDGE
            and any(_margin(ra, dec, outline) > EDGE for outline in outlines)
        ):
            rows.append(row)
    names = ("ra", "dec", "band", "mjd", "peak_mag", "decay")
    table = Table(rows=rows, names=names, dtype=(float, float, "U1", float, float, float))
    table.add_column(np.arange(len(table)), index=0, name="transient_id")
    table["ra"].unit = table["dec"].unit = u.deg
    table["decay"].unit = u.s
    return table


def _depth(ra: float, dec: float, pairs: Sequence[DimensionRecord]) -> int:
    return sum(_margin(ra, dec, region_vertices(record.region)) > EDGE for record in pairs)


def _margin(ra: float, dec: float, corners: ArrayLike) -> float:
    """Distance (degrees) to the nearest edge of a quadrilateral close to the equator; negative outside."""
    a = np.asarray(corners, float)
    b = np.roll(a, -1, axis=0)
    edge = b - a
    offset = np.array([ra, dec]) - a
    return float(((edge[:, 0] * offset[:, 1] - edge[:, 1] * offset[:, 0]) / np.hypot(*edge.T)).min())


def _is_lonely(x: float, y: float, tree: KDTree, stars: Table) -> bool:
    """Tell whether no star is so near that it would hide a flare."""
    near = tree.query_ball_point([x, y], 40 / 3600)
    distance = np.hypot(tree.data[near, 0] - x, tree.data[near, 1] - y) * 3600
    brightest = np.minimum(stars["mag_r"][near], stars["mag_i"][near])
    return not np.any((distance < 12) | ((distance < 25) & (brightest < 19)) | (brightest < 16))
