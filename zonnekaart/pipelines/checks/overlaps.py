"""Polygons that lie over each other: pairs, areas and how wide the overlap is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    import numpy.typing as npt


@dataclass(frozen=True)
class Overlaps:
    """
    Pairs of polygons that share area.

    Parameters
    ----------
    first, second : ndarray of int, shape (pairs,)
        Positions in the array that was searched; ``first < second``.
    area_m2 : ndarray of float, shape (pairs,)
        Area of the shared part. [m2]
    share : ndarray of float, shape (pairs,)
        Shared area over the area of the smaller polygon, 0 to 1. [-]
    union_share : ndarray of float, shape (pairs,)
        Shared area over the area of the larger polygon, 0 to 1. [-]
    width_m : ndarray of float, shape (pairs,)
        Mean width of the shared part: twice its area over its perimeter. [m]
    """

    first: npt.NDArray[np.intp]
    second: npt.NDArray[np.intp]
    area_m2: npt.NDArray[np.float64]
    share: npt.NDArray[np.float64]
    union_share: npt.NDArray[np.float64]
    width_m: npt.NDArray[np.float64]


def overlaps(polygons: npt.NDArray[np.object_], least_m2: float) -> Overlaps:
    """
    Return the pairs of polygons that share at least some area.

    Parameters
    ----------
    polygons : ndarray of shapely geometries, shape (features,)
        Valid polygons; others are left out.
    least_m2 : float
        Pairs that share less are left out. [m2]

    Returns
    -------
    Overlaps
        Largest shared area first.

    Examples
    --------
    >>> pairs = overlaps(np.array([shapely.box(0, 0, 4, 4), shapely.box(3, 0, 7, 4)]), 1.0)
    >>> float(pairs.area_m2[0]), float(pairs.share[0])
    (4.0, 0.25)
    """
    usable = np.flatnonzero(shapely.is_valid(polygons) & ~shapely.is_empty(polygons))
    shapes = polygons[usable]
    tree = shapely.STRtree(shapes)
    left, right = tree.query(shapes)
    pairs = left < right
    left, right = left[pairs], right[pairs]
    boxes = shapely.bounds(shapes)
    wide = np.minimum(boxes[left, 2], boxes[right, 2]) - np.maximum(boxes[left, 0], boxes[right, 0])
    high = np.minimum(boxes[left, 3], boxes[right, 3]) - np.maximum(boxes[left, 1], boxes[right, 1])
    possible = wide * high >= least_m2
    left, right = left[possible], right[possible]
    common = shapely.intersection(shapes[left], shapes[right])
    area = shapely.area(common)
    order = np.flatnonzero(area >= least_m2)
    order = order[np.argsort(-area[order], kind="stable")]
    left, right, common, area = left[order], right[order], common[order], area[order]
    areas = shapely.area(shapes)
    return Overlaps(
        usable[left],
        usable[right],
        area,
        area / np.minimum(areas[left], areas[right]),
        area / np.maximum(areas[left], areas[right]),
        2.0 * area / shapely.length(common),
    )
