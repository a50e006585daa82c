"""How much of each building lies under the polygons of another layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    import numpy.typing as npt

    IntArray = npt.NDArray[np.int64]
    FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Cover:
    """
    Pairs of a building and an item that lies over it; arrays of shape (pairs,).

    Parameters
    ----------
    building, item : ndarray of int64
        Positions.
    share : ndarray of float64
        Part of the building under the item, above 0. [-]
    """

    building: IntArray
    item: IntArray
    share: FloatArray


def cover(buildings: npt.NDArray[np.object_], items: npt.NDArray[np.object_]) -> Cover:
    """
    Lay polygons over buildings.

    Parameters
    ----------
    buildings : ndarray of polygons, shape (buildings,)
        Footprints with an area above 0.
    items : ndarray of polygons, shape (items,)
        Valid; they may overlap one another.

    Returns
    -------
    Cover
        Pairs that share an area, by building and item. What merely touches is left out.

    Examples
    --------
    >>> found = cover(np.array([shapely.box(0, 0, 2, 1)]), np.array([shapely.box(1, 0, 3, 1)]))
    >>> found.share
    array([0.5])
    """
    item, building = shapely.STRtree(buildings).query(items, predicate="intersects")
    shared = shapely.area(shapely.intersection(buildings[building], items[item]))
    share = np.minimum(shared / shapely.area(buildings[building]), 1.0)
    kept = np.flatnonzero(share > 0.0)
    order = kept[np.lexsort((item[kept], building[kept]))]
    return Cover(
        building[order].astype(np.int64),
        item[order].astype(np.int64),
        share[order].astype(np.float64),
    )


def strongest(pairs: Cover, rank: IntArray, least_share: FloatArray, buildings: int) -> IntArray:
    """
    Choose one item per building: the lowest rank, then the largest share, then the first.

    Parameters
    ----------
    pairs : Cover
        From `cover`.
    rank : ndarray of int64, shape (items,)
        Lower is stronger.
    least_share : ndarray of float64, shape (items,)
        Share of a building that an item must cover to count. [-]
    buildings : int
        Number of buildings.

    Returns
    -------
    ndarray of int64, shape (pairs chosen per building,) of length `buildings`
        Position of the pair in `pairs`; -1 where no item counts.
    """
    chosen = np.full(buildings, -1, dtype=np.int64)
    counts = np.flatnonzero(pairs.share >= least_share[pairs.item])
    order = counts[np.lexsort((pairs.item[counts], -pairs.share[counts], rank[pairs.item[counts]]))]
    # Written from weakest to strongest, so that the strongest stays.
    for k in order[::-1]:
        chosen[pairs.building[k]] = k
    return chosen
