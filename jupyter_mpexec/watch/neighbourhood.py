"""The quanta around one quantum: what it needs and what needs it, some steps far."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .catalogue import QuantumCatalogue

__all__ = ["Neighbourhood", "neighbourhood"]


@dataclass(frozen=True, kw_only=True)
class Neighbourhood:
    """A part of the quantum graph.

    Parameters
    ----------
    centre
        Position of the quantum in the middle.
    distances
        Steps from the centre by position: negative for prerequisites, positive for dependents.
    links
        Pairs of positions: a prerequisite, and what needs it.
    left_out
        Number of neighbours that there was no room for.
    """

    centre: int
    distances: dict[int, int]
    links: tuple[tuple[int, int], ...]
    left_out: int = 0


def neighbourhood(
    catalogue: QuantumCatalogue, centre: int, *, hops: int = 1, limit: int = 60
) -> Neighbourhood:
    """Collect the quanta around one.

    Parameters
    ----------
    catalogue
        All quanta.
    centre
        Position of the quantum in the middle.
    hops
        How many steps to go in both directions.
    limit
        Number of quanta at most; the nearest are kept.
    """
    distances = {centre: 0}
    left_out = 0
    directions: tuple[tuple[int, Callable[[int], Sequence[int]]], ...] = (
        (-1, catalogue.prerequisites),
        (1, catalogue.dependents),
    )
    edges = {sign: [centre] for sign, _ in directions}
    for hop in range(1, hops + 1):
        for sign, neighbours in directions:
            new: list[int] = []
            for found in sorted({n for position in edges[sign] for n in neighbours(position)}):
                if found in distances:
                    continue
                if len(distances) >= limit:
                    left_out += 1
                    continue
                distances[found] = sign * hop
                new.append(found)
            edges[sign] = new
    links = [(before, after) for after in distances for before in catalogue.prerequisites(after)]
    inside = tuple(sorted((b, a) for b, a in links if b in distances))
    return Neighbourhood(centre=centre, distances=distances, links=inside, left_out=left_out)
