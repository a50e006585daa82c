"""Buildings near each other: groups around a middle, and partners worth a look."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely
from scipy.spatial import cKDTree

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

_LOOKED_AT = 256
_ROWS = 4096


def neighbourhoods(
    points: FloatArray,
    produced: FloatArray,
    takes_part: BoolArray,
    radius_m: float,
) -> IntArray:
    """
    Gather buildings around the largest producers.

    Parameters
    ----------
    points : ndarray of float64, shape (buildings, 2)
        x and y in the project CRS. [m]
    produced : ndarray of float64, shape (buildings,)
        Annual yield. [kWh]
    takes_part : ndarray of bool, shape (buildings,)
        Buildings that may be in a group.
    radius_m : float
        Largest distance to the producer in the middle. [m]

    Returns
    -------
    ndarray of int64, shape (buildings,)
        Number of the group, -1 for none; the largest producer that is still free takes all free
        buildings within the radius, so groups do not overlap.
    """
    tree = shapely.STRtree([shapely.Point(x, y) for x, y in points])
    unit = np.full(len(points), -1, dtype=np.int64)
    number = 0
    for seed in np.argsort(-produced, kind="stable"):
        if unit[seed] >= 0 or not takes_part[seed]:
            continue
        near = tree.query(shapely.Point(points[seed]), predicate="dwithin", distance=radius_m)
        free = near[(unit[near] < 0) & takes_part[near]]
        unit[free] = number
        number += 1
    return unit


def partners(
    points: FloatArray,
    areas: tuple[IntArray, BoolArray],
    need_kwh: FloatArray,
    limit_m: float,
    count: int,
) -> tuple[IntArray, IntArray]:
    """
    List the partners of each building: the nearest, and of the further ones those that need most.

    Parameters
    ----------
    points : ndarray of float64, shape (buildings, 2)
        x and y. [m]
    areas : tuple of ndarray
        Area of each building, -1 for none, and which areas are linked.
    need_kwh : ndarray of float64, shape (buildings,)
        What a building still needs in a year. [kWh]
    limit_m : float
        Largest distance. [m]
    count : int
        Partners per building at most.

    Returns
    -------
    first, near : ndarray of int64
        Partners of building b are ``near[first[b]:first[b + 1]]``.
    """
    area, linked = areas
    lists: list[IntArray] = [np.empty(0, dtype=np.int64)] * len(area)
    for k in range(len(linked)):
        mine = np.flatnonzero(area == k)
        pool = np.flatnonzero((area >= 0) & linked[k][area])
        if len(mine) == 0 or len(pool) < 2:
            continue
        tree = cKDTree(points[pool])
        most = min(_LOOKED_AT, len(pool))
        for start in range(0, len(mine), _ROWS):
            rows = mine[start : start + _ROWS]
            _, found = tree.query(points[rows], k=most, distance_upper_bound=limit_m)
            for b, line in zip(rows, found, strict=True):
                near = pool[line[line < len(pool)]]
                lists[b] = _chosen(near[near != b], need_kwh, count)
    first = np.concatenate([[0], np.cumsum([len(x) for x in lists])]).astype(np.int64)
    return first, np.concatenate([np.empty(0, dtype=np.int64), *lists]).astype(np.int64)


def _chosen(near: IntArray, need_kwh: FloatArray, count: int) -> IntArray:
    """Half the partners are the nearest, half those that need most, all by distance."""
    if len(near) <= count:
        return near
    close, far = near[: count - count // 2], near[count - count // 2 :]
    most = np.sort(np.argsort(-need_kwh[far], kind="stable")[: count // 2])
    return np.concatenate([close, far[most]])
