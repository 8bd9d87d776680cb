"""How big a demo survey is."""

from __future__ import annotations

__all__ = ["SIZES", "SurveySize"]

from dataclasses import dataclass


@dataclass(frozen=True)
class SurveySize:
    """Choice of observations and patches.

    Parameters
    ----------
    name : `str`
        Value of ``--size``.
    pairs : `tuple` [`tuple` [`int`, `int`], ...] or `None`
        Visit and detector IDs that are observed; `None` for all.
    patches : `tuple` [`int`, ...] or `None`
        Patch IDs that are registered; `None` for all that any image touches.
    nights : `int`
        How many nights in a row everything is observed.
    transients : `int`
        How many flares there are in each night.
    """

    name: str
    pairs: tuple[tuple[int, int], ...] | None
    patches: tuple[int, ...] | None
    nights: int
    transients: int


SIZES = {
    "small": SurveySize(
        "small",
        pairs=(
            (903334, 23),
            (903336, 24),
            (903338, 25),
            (903342, 4),
            (903344, 5),
            (903346, 6),
            (903986, 23),
            (904012, 100),
        ),
        patches=(69, 67 + 16),
        nights=1,
        transients=4,
    ),
    "default": SurveySize("default", pairs=None, patches=None, nights=1, transients=12),
    "large": SurveySize("large", pairs=None, patches=None, nights=5, transients=12),
}
"""The sizes by name: 8, 37 and 185 images."""
