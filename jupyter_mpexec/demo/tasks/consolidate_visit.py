"""Visit-level gather: one summary of all detectors, and a verdict on the visit."""

from __future__ import annotations

__all__ = ["ConsolidateVisitConfig", "ConsolidateVisitConnections", "ConsolidateVisitTask"]

from collections.abc import Sequence

import numpy as np
from astropy.table import Table
from lsst.pex.config import DictField, RangeField
from lsst.pipe.base import PipelineTask, PipelineTaskConfig, PipelineTaskConnections, Struct
from lsst.pipe.base.connectionTypes import Input, Output

from jupyter_mpexec.demo.storage import HeaderValue


class ConsolidateVisitConnections(PipelineTaskConnections, dimensions=("instrument", "visit")):
    """The headers of a visit's exposures give its summary."""

    headers = Input(
        doc="Header of each calibrated exposure.",
        name="calexp.header",
        storageClass="DemoHeader",
        dimensions=("instrument", "visit", "detector"),
        multiple=True,
    )
    summary = Output(
        doc="One row for each detector; whether the visit is good is in the table's meta.",
        name="visit_summary",
        storageClass="AstropyTable",
        dimensions=("instrument", "visit"),
    )


class ConsolidateVisitConfig(PipelineTaskConfig, pipelineConnections=ConsolidateVisitConnections):
    """Configuration of `ConsolidateVisitTask`."""

    nominal_zero_point: DictField[str, float] = DictField(
        "Zero-point (AB magnitudes) of each band under a clear sky.",
        keytype=str,
        itemtype=float,
        default={"r": 29.8, "i": 29.5},
    )
    max_extinction = RangeField(
        "Most light that a good visit may lose, magnitudes.", dtype=float, default=0.5, min=0.0
    )
    max_psf_sigma = RangeField(
        "Widest point-spread function of a good visit, pixels.", dtype=float, default=1.45, min=0.5
    )


class ConsolidateVisitTask(PipelineTask):
    """Gather the calibration of a visit's detectors and decide whether the visit is good."""

    ConfigClass = ConsolidateVisitConfig
    _DefaultName = "consolidateVisit"
    config: ConsolidateVisitConfig

    def run(self, headers: Sequence[dict[str, HeaderValue]]) -> Struct:
        """Summarise one visit.

        Parameters
        ----------
        headers : sequence of `dict`
            Headers of the calibrated exposures.

        Returns
        -------
        result : `lsst.pipe.base.Struct`
            ``summary``, an `astropy.table.Table`; its meta has ``visit``, ``band``, ``mjd`` (TAI),
            ``zero_point``,
            ``extinction`` (magnitudes), ``psf_sigma`` (pixels) and ``good``.
        """
        columns = {
            "detector": "DETECTOR",
            "ra": "RACEN",
            "dec": "DECCEN",
            "zero_point": "ZEROPT",
            "zero_point_err": "ZPERR",
            "psf_sigma": "PSFSIGMA",
            "sky": "SKYLEVEL",
            "astrometry_rms": "ASTRMS",
            "n_matches": "NMATCH",
        }
        ordered = sorted(headers, key=lambda header: int(header["DETECTOR"]))
        summary = Table({name: [header[key] for header in ordered] for name, key in columns.items()})
        band = str(ordered[0]["BAND"])
        zero_point = float(np.median(summary["zero_point"]))
        psf_sigma = float(np.median(summary["psf_sigma"]))
        extinction = self.config.nominal_zero_point[band] - zero_point
        good = extinction <= self.config.max_extinction and psf_sigma <= self.config.max_psf_sigma
        summary.meta = {
            "visit": int(ordered[0]["EXPID"]),
            "band": band,
            "mjd": float(ordered[0]["MJD"]),
            "zero_point": zero_point,
            "extinction": extinction,
            "psf_sigma": psf_sigma,
            "good": bool(good),
        }
        if not good:
            self.log.warning(
                "Visit %d is bad: it lost %.2f mag, PSF sigma %.2f px.",
                summary.meta["visit"],
                extinction,
                psf_sigma,
            )
        self.metadata["good"] = bool(good)
        return Struct(summary=summary)
