"""Instrument signature removal."""

from __future__ import annotations

__all__ = ["IsrConfig", "IsrConnections", "IsrTask"]

import numpy as np
from lsst.pex.config import Field, RangeField
from lsst.pipe.base import PipelineTask, PipelineTaskConfig, PipelineTaskConnections, Struct
from lsst.pipe.base.connectionTypes import Input, Output, PrerequisiteInput
from numpy.typing import NDArray

from jupyter_mpexec.demo.cosmic_rays import fill_pixels, find_cosmic_rays
from jupyter_mpexec.demo.storage import Exposure, MaskPlane, RawImage, dilate


class IsrConnections(PipelineTaskConnections, dimensions=("instrument", "exposure", "detector")):
    """A raw image and the calibrations that were valid when it was taken."""

    raw = Input(
        doc="Raw image.",
        name="raw",
        storageClass="DemoRaw",
        dimensions=("instrument", "exposure", "detector"),
    )
    bias = PrerequisiteInput(
        doc="Bias pattern above the overscan level (ADU).",
        name="bias",
        storageClass="DemoImage",
        dimensions=("instrument", "detector"),
        isCalibration=True,
    )
    flat = PrerequisiteInput(
        doc="Sensitivity of each pixel.",
        name="flat",
        storageClass="DemoImage",
        dimensions=("instrument", "detector", "physical_filter"),
        isCalibration=True,
    )
    exposure = Output(
        doc="Image in electrons, free of the camera's signature.",
        name="post_isr",
        storageClass="DemoExposure",
        dimensions=("instrument", "exposure", "detector"),
    )


class IsrConfig(PipelineTaskConfig, pipelineConnections=IsrConnections):
    """Configuration of `IsrTask`."""

    saturation_grow = RangeField("Pixels to grow saturated areas by.", dtype=int, default=1, min=0)
    do_cosmic_rays: Field[bool] = Field("Find and fill cosmic rays?", dtype=bool, default=True)
    cosmic_ray_threshold = RangeField(
        "Significance of a cosmic ray, sigma.", dtype=float, default=4.5, min=1.0
    )
    cosmic_ray_contrast = RangeField(
        "How much sharper than a star a cosmic ray must be; larger is more careful.",
        dtype=float,
        default=3.0,
        min=0.5,
    )


class IsrTask(PipelineTask):
    """Subtract overscan and bias, divide by the flat, flag saturation and cosmic rays."""

    ConfigClass = IsrConfig
    _DefaultName = "isr"
    config: IsrConfig

    def run(self, raw: RawImage, bias: NDArray[np.float32], flat: NDArray[np.float32]) -> Struct:
        """Correct one image.

        Parameters
        ----------
        raw : `RawImage`
            What the camera read out, ADU.
        bias : `numpy.ndarray`
            ADU.
        flat : `numpy.ndarray`
            Relative sensitivity.

        Returns
        -------
        result : `lsst.pipe.base.Struct`
            ``exposure`` in electrons, an `Exposure`.
        """
        width = raw.data.shape[1] - int(raw.header["OVERSCAN"])
        gain, read_noise = float(raw.header["GAIN"]), float(raw.header["RDNOISE"])
        counts = raw.data.astype(np.float32)
        level = float(np.mean(counts[:, width:]))
        saturated = dilate(raw.data[:, :width] >= float(raw.header["SATURATE"]), self.config.saturation_grow)
        electrons = (counts[:, :width] - level - bias) * gain
        variance = (np.maximum(electrons, 0) + read_noise**2) / flat**2
        image = electrons / flat
        mask = np.where(saturated, np.uint16(MaskPlane.SATURATED), np.uint16(0))
        if self.config.do_cosmic_rays:
            sky = max(float(np.median(image)), 1.0)
            noise = np.full_like(image, np.sqrt(sky + read_noise**2))
            hit = find_cosmic_rays(
                image, noise, self.config.cosmic_ray_threshold, self.config.cosmic_ray_contrast
            )
            hit &= ~saturated
            mask |= np.where(hit, np.uint16(MaskPlane.COSMIC_RAY), np.uint16(0))
            image = fill_pixels(image, hit)
            variance = np.where(hit, np.float32(sky + read_noise**2), variance)
            self.metadata["cosmic_ray_pixels"] = int(hit.sum())
        self.metadata["overscan_level"] = level
        self.metadata["saturated_pixels"] = int(saturated.sum())
        keep = ("EXPID", "DETECTOR", "FILTER", "BAND", "MJD", "EXPTIME")
        header = {key: raw.header[key] for key in keep}
        return Struct(
            exposure=Exposure(image.astype(np.float32), mask, variance.astype(np.float32), raw.wcs, header)
        )
