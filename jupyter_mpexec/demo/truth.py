"""Comparison of what the pipeline found with what the simulation put there."""

from __future__ import annotations

__all__ = ["SurveyReport", "Tolerances", "check_survey"]

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from astropy.table import Table, vstack
from lsst.daf.butler import Butler

from .associate import match_positions
from .repository import TRUTH_RUN
from .sky import transient_magnitudes

STAR_LIMIT = 20.0
"""Faintest r magnitude of stars that the comparison of coadds uses."""

TRANSIENT_LIMIT = 20.5
"""Faintest magnitude, in the best exposure, of flares that must be found."""


@dataclass(frozen=True)
class Tolerances:
    """How well the truth must be recovered.

    Parameters
    ----------
    zero_point : `float`
        Largest error of an image's zero-point under a clear sky, magnitudes.
    cloudy_zero_point : `float`
        The same through clouds, where fewer stars are left.
    astrometry : `float`
        Largest error of an image's median star position, arcseconds (a pixel is 1.6).
    coadd_photometry : `float`
        Largest median error of star magnitudes on coadds.
    coadd_astrometry : `float`
        Largest median distance of bright objects from their stars, arcseconds.
    star_completeness : `float`
        Least part of the bright stars, in the area of the coadds, that are objects.
    transient_completeness : `float`
        Least part of the bright flares that are found.
    transient_purity : `float`
        Least part of variable objects that are flares.
    transient_astrometry : `float`
        Largest median distance of flares from where they are, arcseconds.
    transient_flux : `float`
        Largest median error of fluxes in light curves, as a fraction.
    """

    zero_point: float = 0.03
    cloudy_zero_point: float = 0.15
    astrometry: float = 0.15
    coadd_photometry: float = 0.02
    coadd_astrometry: float = 0.08
    star_completeness: float = 0.9
    transient_completeness: float = 0.9
    transient_purity: float = 0.8
    transient_astrometry: float = 0.15
    transient_flux: float = 0.08


@dataclass(frozen=True)
class SurveyReport:
    """What came out of the comparison.

    Parameters
    ----------
    images : `int`
        Number of calibrated images.
    zero_point, cloudy_zero_point, astrometry, coadd_photometry, coadd_astrometry, star_completeness, \
    transient_completeness, transient_purity, transient_astrometry, transient_flux : `float`
        Measured values of what `Tolerances` limits; NaN where there was nothing to measure.
    bad_visits, true_bad_visits : `tuple` [`int`, ...]
        Visits that the pipeline found to be bad, and those that were cloudy.
    transients, found_transients, variable_objects : `int`
        Numbers of bright flares, of those that were found, and of objects in the pipeline's table.
    """

    images: int
    zero_point: float
    cloudy_zero_point: float
    astrometry: float
    coadd_photometry: float
    coadd_astrometry: float
    star_completeness: float
    transient_completeness: float
    transient_purity: float
    transient_astrometry: float
    transient_flux: float
    bad_visits: tuple[int, ...]
    true_bad_visits: tuple[int, ...]
    transients: int
    found_transients: int
    variable_objects: int

    def to_dict(self) -> dict[str, Any]:
        """Return all values by name (`dict`)."""
        return asdict(self)

    def problems(self, tolerances: Tolerances | None = None) -> list[str]:
        """List what is outside of its tolerance.

        Parameters
        ----------
        tolerances : `Tolerances`, optional
            Limits to use instead of the stated ones.

        Returns
        -------
        problems : `list` [`str`]
            One sentence each; empty if all is well. Values that could not be measured are no problem.
        """
        limits = asdict(tolerances or Tolerances())
        found = []
        for name, limit in limits.items():
            value, least = getattr(self, name), name.endswith(("completeness", "purity"))
            if value < limit if least else value > limit:
                found.append(
                    f"{name} is {value:.4g}, but must be {'at least' if least else 'at most'} {limit:g}."
                )
        if self.bad_visits != self.true_bad_visits:
            found.append(f"Visits {self.bad_visits} were called bad, but {self.true_bad_visits} are.")
        return found

    def __str__(self) -> str:
        limits = asdict(Tolerances())
        lines = [f"{'quantity':<24}{'measured':>10}{'tolerance':>12}"]
        for name, limit in limits.items():
            sign = ">=" if name.endswith(("completeness", "purity")) else "<="
            lines.append(f"{name.replace('_', ' '):<24}{getattr(self, name):>10.4f}{sign:>6}{limit:>6g}")
        lines.append(
            f"{self.found_transients} of {self.transients} flares found, {self.variable_objects} objects."
        )
        lines.append(f"{self.images} images; bad visits: {', '.join(map(str, self.bad_visits)) or 'none'}.")
        return "\n".join(lines)


def check_survey(butler: Butler, collections: str | list[str]) -> SurveyReport:
    """Compare the outputs of the survey pipeline with the truth.

    Parameters
    ----------
    butler : `lsst.daf.butler.Butler`
        Demo repository.
    collections : `str` or `list` [`str`]
        Output of the pipeline.

    Returns
    -------
    report : `SurveyReport`
        Measured errors; ``report.problems()`` judges them.
    """
    stars, transients, images = (
        butler.get(f"truth_{name}", collections=TRUTH_RUN) for name in ("stars", "transients", "images")
    )
    calibration = _check_images(butler, collections, stars, images)
    coadds = _check_objects(butler, collections, stars)
    flares = _check_transients(butler, collections, transients, images)
    summaries = butler.query_datasets("visit_summary", collections=collections, explain=False)
    bad = sorted(int(ref.dataId["visit"]) for ref in summaries if not butler.get(ref).meta["good"])
    processed = {int(ref.dataId["visit"]) for ref in summaries}
    cloudy = sorted({int(row["visit"]) for row in images if row["clouds"] > 0} & processed)
    return SurveyReport(
        **calibration, **coadds, **flares, bad_visits=tuple(bad), true_bad_visits=tuple(cloudy)
    )


def _largest(values: list[float]) -> float:
    return max(values, default=float("nan"))


def _median(values: Any) -> float:
    return float(np.median(values)) if len(values) else float("nan")


def _check_images(
    butler: Butler, collections: str | list[str], stars: Table, images: Table
) -> dict[str, Any]:
    true = {(int(row["visit"]), int(row["detector"])): row for row in images}
    clear: list[float] = []
    cloudy: list[float] = []
    offsets: list[float] = []
    refs = butler.query_datasets("calexp", collections=collections, explain=False)
    for ref in refs:
        row = true[int(ref.dataId["visit"]), int(ref.dataId["detector"])]
        header = butler.get(ref.makeComponentRef("header"))
        error = abs(float(header["ZEROPT"]) - float(row["zero_point"]))
        (cloudy if row["clouds"] > 0 else clear).append(error)
        sources = butler.get("sources", ref.dataId, collections=collections)
        good = (sources["significance"] > 50) & ~sources["saturated"] & ~sources["edge"]
        _, distance = match_positions(
            sources["ra"][good], sources["dec"][good], stars["ra"], stars["dec"], 1.6
        )
        offsets.append(_median(distance[np.isfinite(distance)]))
    return {
        "images": len(refs),
        "zero_point": _largest(clear),
        "cloudy_zero_point": _largest(cloudy),
        "astrometry": _largest(offsets),
    }


def _check_objects(butler: Butler, collections: str | list[str], stars: Table) -> dict[str, Any]:
    objects = vstack(
        [
            butler.get(ref)
            for ref in butler.query_datasets("object_table", collections=collections, explain=False)
        ],
        metadata_conflicts="silent",
    )
    index, distance = match_positions(objects["ra"], objects["dec"], stars["ra"], stars["dec"], 1.0)
    errors = []
    any_bright = np.zeros(len(objects), bool)
    for band in ("r", "i"):
        if f"mag_{band}" in objects.colnames:
            bright = (index >= 0) & (objects[f"mag_{band}"] < STAR_LIMIT)
            any_bright |= bright
            errors.append(abs(_median(objects[f"mag_{band}"][bright] - stars[f"mag_{band}"][index[bright]])))
    return {
        "coadd_photometry": _largest(errors),
        "coadd_astrometry": _median(distance[any_bright]),
        "star_completeness": _star_completeness(butler, collections, stars, objects),
    }


def _star_completeness(butler: Butler, collections: str | list[str], stars: Table, objects: Table) -> float:
    """Part of the stars on good coadd pixels, neither saturated nor blended nor faint, that are objects."""
    _, nearest = match_positions(stars["ra"], stars["dec"], objects["ra"], objects["dec"], 1.6)
    index, _ = _second_nearest(stars)
    alone = index > 10
    chosen = np.zeros(len(stars), bool)
    for ref in butler.query_datasets("coadd", collections=collections, explain=False):
        mask = butler.get(ref.makeComponentRef("mask"))
        wcs = butler.get(ref.makeComponentRef("wcs"))
        x, y = wcs.all_world2pix(np.asarray(stars["ra"]), np.asarray(stars["dec"]), 0)
        inside = (x > 12) & (x < mask.shape[1] - 13) & (y > 12) & (y < mask.shape[0] - 13)
        rows, columns = np.rint(y[inside]).astype(int), np.rint(x[inside]).astype(int)
        offsets = np.arange(-5, 6)
        around = mask[rows[:, None, None] + offsets[:, None], columns[:, None, None] + offsets]
        chosen[np.nonzero(inside)[0]] |= ~np.any(around & 1, axis=(1, 2))
    wanted = chosen & alone & (stars["mag_r"] < STAR_LIMIT)
    return float(np.isfinite(nearest[wanted]).mean()) if wanted.any() else float("nan")


def _second_nearest(stars: Table) -> tuple[np.ndarray, np.ndarray]:
    """Distance (arcseconds) of each star to its nearest neighbour, and which that is."""
    from scipy.spatial import KDTree

    scale = np.cos(np.radians(np.mean(stars["dec"])))
    distance, index = KDTree(np.column_stack([stars["ra"] * scale, stars["dec"]])).query(
        np.column_stack([stars["ra"] * scale, stars["dec"]]), k=2
    )
    return distance[:, 1] * 3600, index[:, 1]


def _check_transients(
    butler: Butler, collections: str | list[str], transients: Table, images: Table
) -> dict[str, Any]:
    visits = {int(row["visit"]): row for row in images if row["clouds"] == 0}
    best = np.full(len(transients), np.inf)
    for row in visits.values():
        best = np.minimum(best, transient_magnitudes(transients, str(row["band"]), float(row["mjd"])))
    bright = best < TRANSIENT_LIMIT
    objects = vstack(
        [
            butler.get(ref)
            for ref in butler.query_datasets("dia_objects", collections=collections, explain=False)
        ],
        metadata_conflicts="silent",
    )
    curves = vstack(
        [
            butler.get(ref)
            for ref in butler.query_datasets("light_curves", collections=collections, explain=False)
        ],
        metadata_conflicts="silent",
    )
    index, distance = match_positions(transients["ra"], transients["dec"], objects["ra"], objects["dec"], 1.6)
    is_flare = np.isin(np.arange(len(objects)), index[index >= 0])
    errors = []
    for number in np.nonzero(index >= 0)[0]:
        curve = curves[(curves["object_id"] == objects["object_id"][index[number]]) & ~curves["flagged"]]
        for point in curve:
            magnitude = transient_magnitudes(
                transients[number : number + 1], str(point["band"]), float(point["mjd"])
            )[0]
            if magnitude < TRANSIENT_LIMIT:
                errors.append(abs(point["flux"] / 10 ** (-0.4 * (magnitude - 31.4)) - 1))
    found = int((bright & (index >= 0)).sum())
    return {
        "transients": int(bright.sum()),
        "found_transients": found,
        "variable_objects": len(objects),
        "transient_completeness": found / bright.sum() if bright.any() else float("nan"),
        "transient_purity": float(is_flare.mean()) if len(objects) else float("nan"),
        "transient_astrometry": _median(distance[index >= 0]),
        "transient_flux": _median(errors),
    }
