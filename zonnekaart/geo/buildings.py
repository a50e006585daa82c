"""What a building is used for when nobody says: an estimate from its size, labelled as such."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

USES = (
    "residential",
    "apartments",
    "commercial",
    "industry",
    "school",
    "public",
    "church",
    "annex",
    "unknown",
)
HERITAGE = (
    "world_heritage",
    "protected",
    "conservation_area",
    "inventory",
    "none",
    "unknown",
)
"""Status of a building, strongest first; where several hold, the first of these wins."""
OWNERS = ("private", "company", "public", "social_housing", "association", "unknown")
"""Classes of owners; an association is one of co-owners (VME), a church council and the like."""

STOREY_M = 3.1
"""Height of a storey with its floor; own assumption for Flemish housing. [m]"""
ANNEX_BELOW_M2, ANNEX_BELOW_M = 35.0, 2.8
"""Smaller or lower buildings are sheds and garages; own assumption. [m2], [m]"""
HALL_FROM_M2, SHOP_FROM_M2, FLAT_SHARE = 1000.0, 400.0, 0.7
"""Footprints from here on are halls, or flat-roofed shops; own assumption. [m2], [m2], [-]"""
APARTMENT_STOREYS = 4
"""Storeys from which dwellings are stacked; own assumption."""
LEAST_SHARED_M2 = 0.01
"""Footprints that share less merely touch. [m2]"""
DWELLING_M2, FLAT_M2 = 180.0, 95.0
"""Gross floor area of a house and of a flat; own assumption. [m2]"""


def storeys(height_m: FloatArray) -> FloatArray:
    """
    Return the number of storeys that a height suggests, at least 1; NaN when unknown.

    Examples
    --------
    >>> storeys(np.array([2.5, 6.4, np.nan]))
    array([ 1.,  2., nan])
    """
    return np.asarray(np.maximum(np.round(height_m / STOREY_M), 1.0))


def estimated_use(
    footprint_area_m2: FloatArray, height_m: FloatArray, flat_share: FloatArray
) -> npt.NDArray[np.object_]:
    """
    Guess the use of buildings.

    Parameters
    ----------
    footprint_area_m2 : ndarray of float64, shape (buildings,)
        In plan. [m2]
    height_m : ndarray of float64, shape (buildings,)
        Of the roof above the ground; NaN is unknown. [m]
    flat_share : ndarray of float64, shape (buildings,)
        Part of the roof that is flat; NaN is unknown. [-]

    Returns
    -------
    ndarray of str, shape (buildings,)
        One of `USES`; "unknown" where the height is unknown and the footprint is no shed.
    """
    use = np.full(len(height_m), "residential", dtype=object)
    use[storeys(height_m) >= APARTMENT_STOREYS] = "apartments"
    use[(footprint_area_m2 >= SHOP_FROM_M2) & (flat_share >= FLAT_SHARE)] = "commercial"
    use[footprint_area_m2 >= HALL_FROM_M2] = "industry"
    use[np.isnan(height_m)] = "unknown"
    use[(footprint_area_m2 < ANNEX_BELOW_M2) | (height_m < ANNEX_BELOW_M)] = "annex"
    return use


def estimated_dwellings(use: npt.NDArray[np.object_], floor_area_m2: FloatArray) -> FloatArray:
    """
    Guess the number of dwellings from use and floor area.

    Returns
    -------
    ndarray of float64, shape (buildings,)
        0 for other uses than dwelling; NaN where the floor area or the use is unknown.
    """
    per_dwelling = np.where(use == "apartments", FLAT_M2, DWELLING_M2)
    homes = np.isin(use, ("residential", "apartments"))
    count = np.maximum(np.round(floor_area_m2 / per_dwelling), 1.0)
    return np.where(use == "unknown", np.nan, np.where(homes, count, 0.0))


def connections(use: npt.NDArray[np.object_], dwellings: FloatArray) -> FloatArray:
    """
    Return how many grid connections a building stands for.

    Returns
    -------
    ndarray of float64, shape (buildings,)
        Its dwellings; one for a building of another or unknown use; 0 for an annex.

    Examples
    --------
    >>> connections(np.array(["residential", "school", "annex"]), np.array([2.0, 0.0, 0.0]))
    array([2., 1., 0.])
    """
    other = np.where(use == "annex", 0.0, 1.0)
    return np.where(np.nan_to_num(dwellings) > 0.0, np.nan_to_num(dwellings), other)


def exclusive_footprints(footprints: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """
    Return footprints that share no ground: what two have in common stays with the earlier one.

    Parameters
    ----------
    footprints : ndarray of polygons, shape (buildings,)
        Valid polygons.

    Returns
    -------
    ndarray of polygons, shape (buildings,)
        An entry may become empty when it lies wholly in earlier ones.
    """
    out = footprints.copy()
    left, right = shapely.STRtree(footprints).query(footprints, predicate="intersects")
    later = left > right
    left, right = left[later], right[later]
    shared = (
        shapely.area(shapely.intersection(footprints[left], footprints[right])) > LEAST_SHARED_M2
    )
    for i, j in zip(left[shared], right[shared], strict=True):
        out[i] = shapely.difference(out[i], footprints[j])
    return out
