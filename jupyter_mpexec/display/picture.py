"""A picture inside a page that also survives where pages are cleaned.

JupyterLab removes inline SVG and style sheets from notebooks that are not trusted, but leaves the words that were in
the SVG. So the inline picture carries the attribute ``hidden``, which our style sheet overrules, and beside it stands
the same picture as an image, which our style sheet hides: one of the two shows, whatever is removed.
"""

from __future__ import annotations

import base64

from .html import Html, figure, join, tag
from .svg import standalone

__all__ = ["picture_figure"]

LARGEST_STILL = 25_000
"""Bytes of a picture beyond which it is not stored twice; untrusted notebooks then say so instead."""


def picture_figure(picture: Html, *, label: str) -> Html:
    """Frame a picture.

    Parameters
    ----------
    picture
        What `svg.draw` gave.
    label
        What it is, for people who do not see it.
    """
    return join(
        (tag("div", figure(picture, label=label), class_="jmpx-live", hidden=True), _still(picture, label))
    )


def _still(picture: Html, label: str) -> Html:
    if len(picture.encode()) > LARGEST_STILL:
        return tag("p", "The picture shows when this notebook is trusted.", class_="jmpx-still")
    data = base64.b64encode(standalone(picture).encode()).decode()
    return tag("img", class_="jmpx-still", alt=label, src=f"data:image/svg+xml;base64,{data}")
