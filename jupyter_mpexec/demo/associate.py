"""Joining of positions that belong together."""

from __future__ import annotations

__all__ = ["group_positions", "match_positions"]

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import KDTree


def _unit_vectors(ra: ArrayLike, dec: ArrayLike) -> NDArray[np.float64]:
    a, d = np.radians(np.asarray(ra, float)), np.radians(np.asarray(dec, float))
    return np.column_stack([np.cos(d) * np.cos(a), np.cos(d) * np.sin(a), np.sin(d)])


def group_positions(ra: ArrayLike, dec: ArrayLike, radius: float) -> tuple[NDArray[np.int64], int]:
    """Group positions by friends of friends.

    Parameters
    ----------
    ra, dec : array-like
        Positions, degrees.
    radius : `float`
        Positions closer than this are in one group, arcseconds.

    Returns
    -------
    label : `numpy.ndarray`
        Group of each position.
    count : `int`
        Number of groups.
    """
    points = _unit_vectors(ra, dec)
    if len(points) == 0:
        return np.zeros(0, int), 0
    pairs = KDTree(points).query_pairs(np.radians(radius / 3600), output_type="ndarray")
    links = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(points), len(points)))
    count, label = connected_components(links, directed=False)
    return label.astype(int), int(count)


def match_positions(
    ra: ArrayLike, dec: ArrayLike, other_ra: ArrayLike, other_dec: ArrayLike, radius: float
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Find the nearest of some other positions.

    Parameters
    ----------
    ra, dec : array-like
        Positions, degrees.
    other_ra, other_dec : array-like
        Positions to choose from, degrees.
    radius : `float`
        Largest distance, arcseconds.

    Returns
    -------
    index : `numpy.ndarray`
        Of the nearest other position, -1 where there is none.
    distance : `numpy.ndarray`
        Arcseconds, infinite where there is none.
    """
    points, others = _unit_vectors(ra, dec), _unit_vectors(other_ra, other_dec)
    if len(points) == 0 or len(others) == 0:
        return np.full(len(points), -1), np.full(len(points), np.inf)
    chord, index = KDTree(others).query(points)
    distance = np.degrees(2 * np.arcsin(chord / 2)) * 3600
    far = distance > radius
    return np.where(far, -1, index), np.where(far, np.inf, distance)
