"""The instrument class that the repository's ``instrument`` record names."""

from __future__ import annotations

__all__ = ["DemoCam"]

from typing import ClassVar

from lsst.daf.butler import DataId, FormatterV2
from lsst.daf.butler.registry import Registry
from lsst.pipe.base import Instrument

from .formatters import RawFormatter


class DemoCam(Instrument):
    """A small camera that looks where Hyper Suprime-Cam looked.

    Parameters
    ----------
    collection_prefix : `str`, optional
        Start of collection names.

    Notes
    -----
    The dimension name stays ``HSC``, that of the shipped records; collections start with ``DemoCam``.
    """

    filters: ClassVar[dict[str, str]] = {"HSC-R": "r", "HSC-I": "i"}
    policyName = "democam"  # noqa: N815  # upstream's name
    raw_definition = ("raw", ("instrument", "physical_filter", "exposure", "detector"), "DemoRaw")

    def __init__(self, collection_prefix: str | None = None):
        super().__init__(collection_prefix or "DemoCam")

    @classmethod
    def getName(cls) -> str:  # noqa: N802  # upstream's name
        """Return the value of the ``instrument`` dimension (`str`)."""
        return "HSC"

    def register(self, registry: Registry, *, update: bool = False) -> None:
        """Write the instrument and its filters to a registry; what is there already is left alone."""
        record = {
            "name": self.getName(),
            "class_name": f"{type(self).__module__}.{type(self).__qualname__}",
            "visit_max": 21474800,
            "exposure_max": 21474800,
            "detector_max": 200,
            "visit_system": 0,
        }
        filters = [
            {"instrument": self.getName(), "name": name, "band": band} for name, band in self.filters.items()
        ]
        with registry.transaction():
            registry.syncDimensionData("instrument", record, update=update)
            for row in filters:
                registry.syncDimensionData("physical_filter", row, update=update)

    def getRawFormatter(self, dataId: DataId) -> type[FormatterV2]:  # noqa: N802, N803  # upstream's names
        """Return the class that reads raw files, the same for all."""
        return RawFormatter
