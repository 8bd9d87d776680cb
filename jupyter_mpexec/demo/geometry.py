"""Where the survey looks: the real HSC observations that ship inside ``lsst-daf-butler``.

The butler's own test data hold eleven visits of Subaru's Hyper Suprime-Cam (the ``ci_hsc`` subset), the
regions of their visits and of 33 visit-detector pairs on 16 detectors, and the tract that covers them. All
of that is taken as it is. One visit is ours: the shipped i-band sequence 904010, (904012), 904014 skips
one pointing, so a twelfth
visit repeats the pointing of r-band visit 903344 there, taken through clouds. Its detector 100, which no
other visit has at this pointing, reaches patches that nothing else covers.
"""

from __future__ import annotations

__all__ = ["CLOUDY_VISIT", "SurveyRecords", "read_shipped_records", "select_records"]

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

import astropy.units as u
from astropy.time import Time, TimeDelta
from lsst.daf.butler import Butler, DimensionRecord, Timespan
from lsst.daf.butler.transfers import YamlRepoImportBackend
from lsst.sphgeom import ConvexPolygon, LonLat, UnitVector3d

CLOUDY_VISIT = 904012
"""The visit that this survey adds to the shipped ones, and spoils with clouds."""

_POINTING_OF = 903344
_CLOUDY_DETECTORS = (0, 5, 11)
_FAR_DETECTOR, _FAR_DETECTOR_FROM = 100, 903342
_DITHER = 0.25  # degrees of right ascension from pointing 903342 to 903344
_NIGHT_STEP = 2000  # visit IDs of a repeated night are shifted by this


@dataclass(frozen=True)
class SurveyRecords:
    """Dimension records of a survey.

    Parameters
    ----------
    instrument, skymap, tract : `lsst.daf.butler.DimensionRecord`
        The single record of each.
    day_obs, detectors, filters, visits, visit_detectors : `tuple`
        Records of each element; ``visits`` and ``visit_detectors`` carry regions.
    """

    instrument: DimensionRecord
    skymap: DimensionRecord
    tract: DimensionRecord
    day_obs: tuple[DimensionRecord, ...]
    detectors: tuple[DimensionRecord, ...]
    filters: tuple[DimensionRecord, ...]
    visits: tuple[DimensionRecord, ...]
    visit_detectors: tuple[DimensionRecord, ...]

    @property
    def pairs(self) -> tuple[tuple[int, int], ...]:
        """Visit and detector IDs that have an image (`tuple`)."""
        return tuple((record.visit, record.detector) for record in self.visit_detectors)

    def band(self, visit: int) -> str:
        """Return the band of a visit (`str`)."""
        name = next(record.physical_filter for record in self.visits if record.id == visit)
        return str(next(record.band for record in self.filters if record.name == name))

    def region(self, visit: int, detector: int) -> ConvexPolygon:
        """Return the region of one detector in one visit (`lsst.sphgeom.ConvexPolygon`)."""
        record = next(r for r in self.visit_detectors if (r.visit, r.detector) == (visit, detector))
        region: ConvexPolygon = record.region
        return region


def read_shipped_records(butler: Butler) -> SurveyRecords:
    """Read the shipped HSC records and add the cloudy visit.

    Parameters
    ----------
    butler : `lsst.daf.butler.Butler`
        Gives the dimension universe; nothing is written to it.

    Returns
    -------
    records : `SurveyRecords`
        12 visits, 37 visit-detector pairs, one tract.
    """
    by_element: dict[str, list[DimensionRecord]] = {}
    folder = resources.files("lsst.daf.butler.tests") / "registry_data"
    for name in ("ci_hsc-subset.yaml", "ci_hsc-subset-skymap.yaml"):
        with (folder / name).open() as stream:
            backend = YamlRepoImportBackend(stream, butler)
        for element, records in backend.dimensions.items():
            by_element.setdefault(element.name, []).extend(records)
    visits = [*by_element["visit"], _cloudy_visit(by_element["visit"])]
    pairs = [*by_element["visit_detector_region"], *_cloudy_pairs(by_element["visit_detector_region"])]
    return SurveyRecords(
        instrument=by_element["instrument"][0],
        skymap=by_element["skymap"][0],
        tract=by_element["tract"][0],
        day_obs=tuple(by_element["day_obs"]),
        detectors=tuple(by_element["detector"]),
        filters=tuple(by_element["physical_filter"]),
        visits=tuple(sorted(visits, key=lambda record: record.id)),
        visit_detectors=tuple(sorted(pairs, key=lambda record: (record.visit, record.detector))),
    )


def select_records(
    records: SurveyRecords, pairs: Iterable[tuple[int, int]] | None = None, nights: int = 1
) -> SurveyRecords:
    """Cut a survey down to some images, or repeat its nights.

    Parameters
    ----------
    records : `SurveyRecords`
        The whole survey.
    pairs : iterable of `tuple` [`int`, `int`], optional
        Visit and detector IDs to keep; all by default.
    nights : `int`, optional
        How many nights in a row the same observations are made.

    Returns
    -------
    selected : `SurveyRecords`
        Only elements that are still used.
    """
    keep = set(records.pairs if pairs is None else pairs)
    visit_detectors = [r for r in records.visit_detectors if (r.visit, r.detector) in keep]
    visits = [r for r in records.visits if r.id in {visit for visit, _ in keep}]
    days = [r for r in records.day_obs if r.id in {v.day_obs for v in visits}]
    repeated: dict[str, list[DimensionRecord]] = {"visit": [], "pair": [], "day": []}
    for night in range(nights):
        shift = TimeDelta(night * u.day)
        repeated["visit"] += [_later(r, night, shift, id=r.id + night * _NIGHT_STEP) for r in visits]
        repeated["pair"] += [_replace(r, visit=r.visit + night * _NIGHT_STEP) for r in visit_detectors]
        repeated["day"] += [_later(r, night, shift) for r in days]
    return SurveyRecords(
        instrument=records.instrument,
        skymap=records.skymap,
        tract=records.tract,
        day_obs=tuple(repeated["day"]),
        detectors=tuple(r for r in records.detectors if r.id in {detector for _, detector in keep}),
        filters=tuple(r for r in records.filters if r.name in {v.physical_filter for v in visits}),
        visits=tuple(repeated["visit"]),
        visit_detectors=tuple(repeated["pair"]),
    )


def _replace(record: DimensionRecord, **changes: Any) -> DimensionRecord:
    values: Mapping[str, Any] = record.toDict() | changes
    return type(record)(**values)


def _later(record: DimensionRecord, night: int, shift: TimeDelta, **changes: Any) -> DimensionRecord:
    """Move a visit or day_obs record by whole days."""
    if night == 0:
        return record
    times = Timespan(begin=record.timespan.begin + shift, end=record.timespan.end + shift)
    if "day_obs" in record.toDict():
        changes |= {
            "day_obs": record.day_obs + night,
            "name": f"{record.name}N{night}",
            "seq_num": changes["id"],
        }
    else:
        changes |= {"id": record.id + night}
    return _replace(record, timespan=times, **changes)


def _cloudy_visit(visits: Iterable[DimensionRecord]) -> DimensionRecord:
    by_id = {record.id: record for record in visits}
    before = by_id[904010]
    begin = Time("2013-11-02T06:02:37.5", scale="tai")
    return _replace(
        by_id[_POINTING_OF],
        id=CLOUDY_VISIT,
        name=f"HSCA{CLOUDY_VISIT}00",
        seq_num=CLOUDY_VISIT,
        physical_filter=before.physical_filter,
        day_obs=before.day_obs,
        azimuth=before.azimuth,
        zenith_angle=before.zenith_angle,
        timespan=Timespan(begin=begin, end=begin + TimeDelta(32.0 * u.s)),
    )


def _cloudy_pairs(pairs: Iterable[DimensionRecord]) -> list[DimensionRecord]:
    by_id = {(record.visit, record.detector): record for record in pairs}
    copies = [_replace(by_id[_POINTING_OF, d], visit=CLOUDY_VISIT) for d in _CLOUDY_DETECTORS]
    far = by_id[_FAR_DETECTOR_FROM, _FAR_DETECTOR]
    moved = ConvexPolygon([_shift_east(vertex) for vertex in far.region.getVertices()])
    return [*copies, _replace(far, visit=CLOUDY_VISIT, region=moved)]


def _shift_east(vertex: UnitVector3d) -> UnitVector3d:
    place = LonLat(vertex)
    return UnitVector3d(LonLat.fromDegrees(place.getLon().asDegrees() + _DITHER, place.getLat().asDegrees()))
