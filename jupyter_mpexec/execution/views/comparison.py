"""A comparison as a plain record, with its pictures drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from jupyter_mpexec.display import comparison_page
from jupyter_mpexec.display.comparison_page import ComparisonView, PartView

from .image_png import png

if TYPE_CHECKING:
    from jupyter_mpexec.execution.workbench.comparison import Comparison
    from jupyter_mpexec.execution.workbench.value_difference import ValueDifference

__all__ = ["comparison_bundle", "comparison_view"]


def comparison_bundle(comparison: Comparison) -> dict[str, str]:
    """Show a comparison."""
    return comparison_page.comparison_bundle(comparison_view(comparison))


def comparison_view(comparison: Comparison) -> ComparisonView:
    """Describe a comparison."""
    return ComparisonView(
        name=comparison.name,
        before=comparison.before,
        after=comparison.after,
        parts=[_part(part, comparison) for part in comparison.outputs],
        missing=comparison.missing,
        metadata=comparison.metadata,
        duration=comparison.duration,
        errors=comparison.errors,
    )


def _part(part: ValueDifference, comparison: Comparison) -> PartView:
    pictures: list[tuple[str, bytes]] = []
    if part.before is not None and part.after is not None:
        before, after = _numbers(part.before), _numbers(part.after)
        with np.errstate(invalid="ignore"):
            difference = after - before
        pictures = [
            (comparison.before, png(before)),
            (comparison.after, png(after)),
            ("difference", png(difference, "min-max")),
        ]
    return PartView(name=part.name, same=part.same, summary=part.summary, facts=part.facts, pictures=pictures)


def _numbers(array: NDArray[Any]) -> NDArray[Any]:
    return np.asarray(array, dtype=float)
