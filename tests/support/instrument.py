"""The instrument of the small test repository: its name, records and config overrides."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lsst.daf.butler import Registry
from lsst.daf.butler.formatters.json import JsonFormatter
from lsst.pipe.base import Instrument


class SmallCam(Instrument):
    """Three detectors; ``configs/detect.py`` overrides a default of the detect task."""

    configPaths = (str(Path(__file__).parent / "configs"),)  # noqa: N815  # upstream's name

    @classmethod
    def getName(cls) -> str:  # noqa: N802  # upstream's name
        return "SmallCam"

    def register(self, registry: Registry, *, update: bool = False) -> None:
        registry.syncDimensionData(
            "instrument",
            {
                "name": self.getName(),
                "class_name": "tests.support.instrument.SmallCam",
                "visit_max": 1000,
                "exposure_max": 1000,
                "detector_max": 100,
                "visit_system": 0,
            },
            update=update,
        )

    def getRawFormatter(self, dataId: Any) -> type:  # noqa: N802, N803  # upstream's names
        return JsonFormatter
