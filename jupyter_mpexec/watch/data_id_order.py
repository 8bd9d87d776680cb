"""The order in which dimensions tell the quanta of a task apart."""

from __future__ import annotations

from .catalogue import QuantumCatalogue

__all__ = ["distinguishing_order"]

SAMPLE = 2000
"""Quanta that are looked at, at most."""


def distinguishing_order(catalogue: QuantumCatalogue, label: str) -> tuple[int, ...]:
    """Put the dimensions of a task in the order of how much they say.

    Parameters
    ----------
    catalogue
        All quanta.
    label
        Label of the task.

    Returns
    -------
    places
        Places of the dimensions: first as few as tell the quanta apart, then the others that vary, then those that
        all quanta have in common; each in the order of the data ID.

    Examples
    --------
    >>> catalogue = QuantumCatalogue(
    ...     {"isr": ("instrument", "band", "visit")}, {"isr": [("a", ("Cam", "r", 1)), ("b", ("Cam", "i", 2))]}
    ... )
    >>> distinguishing_order(catalogue, "isr")
    (2, 1, 0)
    """
    task = catalogue.by_label[label]
    step = max(1, len(task.positions) // SAMPLE)
    rows = [catalogue.values[position] for position in task.positions[::step]]
    distinct = [len(set(column)) for column in zip(*rows, strict=True)]
    varying = [place for place, number in enumerate(distinct) if number > 1]
    # Of those with as many values the last: what comes later in a data ID is narrower.
    candidates = sorted(varying, key=lambda place: (distinct[place], place), reverse=True)
    chosen: list[int] = []
    apart = 1
    for place in candidates:
        number = len({tuple(row[p] for p in (*chosen, place)) for row in rows})
        if number > apart:
            chosen.append(place)
            apart = number
    first = sorted(chosen)
    others = [place for place in varying if place not in chosen]
    common = [place for place in range(len(task.dimensions)) if place not in varying]
    return (*first, *others, *common)
