"""Registration of dimension records: instrument, exposures, visits with regions, sky map."""

from __future__ import annotations

__all__ = ["choose_patches", "make_skymap", "register_dimensions"]

from collections.abc import Iterable
from typing import Any

from lsst.daf.butler import Butler, DimensionRecord

from .geometry import SurveyRecords
from .instrument import DemoCam
from .skymap import DemoSkyMap
from .wcs import region_vertices

PATCH_SIZE = 420
PATCH_BORDER = 10


def make_skymap(records: SurveyRecords) -> DemoSkyMap:
    """Cut the shipped tract into as many patches as the shipped sky map says, 16 x 16."""
    return DemoSkyMap.from_region(
        records.skymap.name,
        records.tract.region,
        n=records.skymap.patch_nx_max,
        patch_size=PATCH_SIZE,
        border=PATCH_BORDER,
    )


def choose_patches(records: SurveyRecords, skymap: DemoSkyMap) -> tuple[int, ...]:
    """Return the IDs of all patches that some image touches (`tuple`)."""
    regions = [record.region for record in records.visit_detectors]
    found = []
    for index in range(skymap.nx * skymap.ny):
        patch = skymap.patch_region(index)
        if any(patch.overlaps(region) is not False for region in regions):
            found.append(index)
    return tuple(found)


def register_dimensions(
    butler: Butler, instrument: DemoCam, records: SurveyRecords, skymap: DemoSkyMap, patches: Iterable[int]
) -> None:
    """Write all dimension records of a survey.

    Parameters
    ----------
    butler : `lsst.daf.butler.Butler`
        Writeable.
    instrument : `DemoCam`
        Its class is what the instrument record names.
    records : `SurveyRecords`
        The observations: each visit is one exposure.
    skymap : `DemoSkyMap`
        Gives the regions of patches.
    patches : iterable of `int`
        Patch IDs to register.
    """
    instrument.register(butler.registry)
    name = instrument.getName()
    registry = butler.registry
    with registry.transaction():
        for element, rows in (
            ("detector", records.detectors),
            ("day_obs", records.day_obs),
            ("skymap", (records.skymap,)),
            ("tract", (records.tract,)),
        ):
            registry.insertDimensionData(element, *rows)
        registry.insertDimensionData("visit_system", {"instrument": name, "id": 0, "name": "one-to-one"})
        registry.insertDimensionData(
            "group", *({"instrument": name, "name": visit.name} for visit in records.visits)
        )
        registry.insertDimensionData("exposure", *(_exposure(visit) for visit in records.visits))
        registry.insertDimensionData("visit", *records.visits)
        links = [{"instrument": name, "visit": visit.id} for visit in records.visits]
        registry.insertDimensionData(
            "visit_definition", *(link | {"exposure": link["visit"]} for link in links)
        )
        registry.insertDimensionData(
            "visit_system_membership", *(link | {"visit_system": 0} for link in links)
        )
        registry.insertDimensionData("visit_detector_region", *records.visit_detectors)
        registry.insertDimensionData(
            "patch",
            *(
                {
                    "skymap": skymap.name,
                    "tract": records.tract.id,
                    "id": index,
                    "cell_x": index % skymap.nx,
                    "cell_y": index // skymap.nx,
                    "region": skymap.patch_region(index),
                }
                for index in patches
            ),
        )


def _exposure(visit: DimensionRecord) -> dict[str, Any]:
    """Describe the only exposure of a visit."""
    vertices = region_vertices(visit.region)
    copied = (
        "instrument day_obs physical_filter exposure_time observation_reason seq_num target_name "
        "science_program azimuth zenith_angle timespan"
    )
    return {name: getattr(visit, name) for name in copied.split()} | {
        "id": visit.id,
        "obs_id": visit.name,
        "group": visit.name,
        "dark_time": visit.exposure_time,
        "observation_type": "science",
        "seq_start": visit.seq_num,
        "seq_end": visit.seq_num,
        "tracking_ra": float(vertices[:, 0].mean()),
        "tracking_dec": float(vertices[:, 1].mean()),
        "sky_angle": 0.0,
        "has_simulated": True,
        "can_see_sky": True,
    }
