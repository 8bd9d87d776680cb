"""Pictures for the notebook; they are made without pyplot, so that nothing is left open."""

from __future__ import annotations

__all__ = ["draw_coadd", "draw_hubble", "draw_light_curves"]

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.collections import EllipseCollection
from matplotlib.figure import Figure
from numpy.typing import NDArray

if TYPE_CHECKING:
    from astropy.table import Table

    from .storage import Exposure

_BAND_COLORS = {"r": "#c4432b", "i": "#7a4fa3"}


def draw_coadd(coadd: Exposure, sources: Table | None = None, transients: Table | None = None) -> Figure:
    """Draw a coadd with what was found on it.

    Parameters
    ----------
    coadd : `Exposure`
        Image with a WCS.
    sources : `astropy.table.Table`, optional
        Detections with ``x`` and ``y`` (pixels), drawn as circles.
    transients : `astropy.table.Table`, optional
        Objects with ``ra`` and ``dec`` (degrees), drawn as crosses.

    Returns
    -------
    figure : `matplotlib.figure.Figure`
        One panel with sky coordinates.
    """
    figure = Figure(figsize=(7, 6.5), layout="constrained")
    axes = figure.add_subplot(projection=coadd.wcs)
    sky = coadd.image[np.isfinite(coadd.image)]
    noise = 1.4826 * float(np.median(np.abs(sky - np.median(sky)))) if sky.size else 1.0
    axes.imshow(np.arcsinh(coadd.image / (3 * noise)), cmap="gray_r", vmin=-1, vmax=4, origin="lower")
    if sources is not None:
        axes.scatter(
            sources["x"],
            sources["y"],
            s=40,
            facecolors="none",
            edgecolors="#1f77b4",
            lw=0.8,
            label="detected",
        )
    if transients is not None and len(transients):
        x, y = coadd.wcs.all_world2pix(np.asarray(transients["ra"]), np.asarray(transients["dec"]), 0)
        inside = (x > 0) & (x < coadd.image.shape[1]) & (y > 0) & (y < coadd.image.shape[0])
        axes.scatter(x[inside], y[inside], s=90, marker="+", color="#d62728", label="flare")
    axes.set_xlabel("right ascension")
    axes.set_ylabel("declination")
    axes.set_title(f"coadd, {coadd.header.get('BAND', '')} band, {coadd.header.get('NVISIT', '?')} visits")
    if sources is not None or transients is not None:
        axes.legend(loc="upper right")
    return figure


def draw_light_curves(light_curves: Table, objects: Table, limit: int = 12) -> Figure:
    """Draw forced photometry of the brightest variable objects.

    Parameters
    ----------
    light_curves : `astropy.table.Table`
        Output of `LightCurvesTask`.
    objects : `astropy.table.Table`
        Its objects.
    limit : `int`, optional
        Largest number of panels.

    Returns
    -------
    figure : `matplotlib.figure.Figure`
        One panel for each object: flux (microjansky) in the night of its maximum, against minutes;
        open circles are flagged.
    """
    chosen = objects[np.argsort(np.asarray(objects["mag"]))][:limit]
    columns = min(4, max(1, len(chosen)))
    rows = max(1, -(-len(chosen) // columns))
    figure = Figure(figsize=(3 * columns, 2.2 * rows), layout="constrained")
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    for panel in panels[len(chosen) :]:
        panel.set_axis_off()
    for panel, row in zip(panels, chosen, strict=False):
        near = np.abs(np.asarray(light_curves["mjd"]) - row["mjd"]) < 0.5
        points = light_curves[(light_curves["object_id"] == row["object_id"]) & near]
        minutes = (np.asarray(points["mjd"]) - row["mjd"]) * 1440
        flux, error = np.asarray(points["flux"]) / 1000, np.asarray(points["flux_err"]) / 1000
        color = _BAND_COLORS.get(str(row["band"]), "#333333")
        for chosen_points, face in ((~points["flagged"], color), (points["flagged"], "white")):
            panel.errorbar(
                minutes[chosen_points],
                flux[chosen_points],
                error[chosen_points],
                fmt="o",
                ms=4,
                color=color,
                markerfacecolor=face,
            )
        panel.axhline(0, color="#999999", lw=0.6)
        panel.set_title(f"object {row['object_id']}, {row['band']} = {row['mag']:.1f}", fontsize=9)
    figure.supxlabel("minutes from maximum")
    figure.supylabel("flux (µJy)")
    return figure


def draw_hubble(color: NDArray[np.uint8], catalog: Table) -> Figure:
    """Draw the Hubble Deep Field with a circle around each source.

    Parameters
    ----------
    color : `numpy.ndarray`
        The picture, shape (3, rows, columns).
    catalog : `astropy.table.Table`
        Sources with ``x``, ``y`` and ``radius``, pixels.

    Returns
    -------
    figure : `matplotlib.figure.Figure`
        One panel.
    """
    rows, columns = color.shape[1:]
    figure = Figure(figsize=(9, 9 * rows / columns), dpi=100)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.imshow(np.moveaxis(color, 0, 2), origin="lower")
    size = 2 * np.clip(3 * np.asarray(catalog["radius"]), 5, 60)
    circles = EllipseCollection(
        size,
        size,
        np.zeros(len(catalog)),
        units="x",
        offsets=np.column_stack([catalog["x"], catalog["y"]]),
        transOffset=axes.transData,
        facecolors="none",
        edgecolors="#7fe0ff",
        linewidths=0.7,
    )
    axes.add_collection(circles)
    axes.set_xlim(-0.5, columns - 0.5)
    axes.set_ylim(-0.5, rows - 0.5)
    axes.set_axis_off()
    return figure
