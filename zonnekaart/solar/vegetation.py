"""Trees taken apart from solid surfaces: what hides the sky always, and what only partly."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import ndimage

from zonnekaart.errors import ShapeMismatchError

if TYPE_CHECKING:
    import numpy.typing as npt

    F32 = npt.NDArray[np.float32]
    Mask = npt.NDArray[np.bool_]

MIN_HEIGHT_M = 2.5
"""Lower plants stay in the surface: they shade no roof. [m]"""
ROOF_ABOVE_M = 1.0
"""A roof that stands more than this above a crown's top is seen, whatever the canopy says. [m]"""
ROOF_SEARCH_M = 5.0
"""How far a roof's height is looked for to stand in under a crown. [m]"""
EDGE_M = 2.0
"""Outlines are this uncertain: what stands so near a footprint is no derived tree. [m]"""


class CanopyLayers(NamedTuple):
    """
    Heights with trees, without trees, and as they are seen; shape (rows, cols) each.

    Parameters
    ----------
    opaque : ndarray of float32
        Surface raised to the tops of crowns; NaN = unknown. [m]
    solid : ndarray of float32
        What would remain without trees; NaN = unknown, which hides nothing. [m]
    seen : ndarray of float32
        Surface where no crown hides it; NaN under crowns. [m]
    """

    opaque: F32
    solid: F32
    seen: F32

    @property
    def covered(self) -> Mask:
        """Cells under a crown."""
        return np.isnan(self.seen) & ~np.isnan(self.opaque)


def halo_cells(cell_m: float) -> int:
    """Return how far around a cell `canopy_layers` and `derived_tops` look. [cells]."""
    return math.ceil(max(ROOF_SEARCH_M, EDGE_M) / cell_m)


def canopy_layers(
    surface: F32,
    ground: F32,
    tops: F32,
    roofs: Mask | None,
    cell_m: float,
    min_height_m: float = MIN_HEIGHT_M,
) -> CanopyLayers:
    """
    Take trees and solid surfaces apart.

    Parameters
    ----------
    surface : ndarray of float32, shape (rows, cols)
        Surface heights, with or without trees in them; NaN = unknown. [m]
    ground : ndarray of float32, shape (rows, cols)
        Terrain; where it is unknown, nothing stands under crowns. [m]
    tops : ndarray of float32, shape (rows, cols)
        Heights of crown tops above the datum; NaN = no tree. [m]
    roofs : ndarray of bool, shape (rows, cols), or None
        True inside footprints; None when they are not known.
    cell_m : float
        Cell size. [m]
    min_height_m : float
        Crowns lower than this above the ground stay in the surface. [m]

    Returns
    -------
    CanopyLayers
        The three heights.

    Raises
    ------
    ShapeMismatchError
        If the arrays differ in shape.

    Notes
    -----
    Under a crown the solid surface is the terrain; inside a footprint the lowest roof that is seen
    within `ROOF_SEARCH_M`, so that a branch makes no hole in a building. Every cell depends on
    those within `halo_cells` only.
    """
    for name, other in (("ground", ground), ("tops", tops), ("roofs", roofs)):
        if other is not None and other.shape != surface.shape:
            raise ShapeMismatchError(name, other.shape, surface.shape)
    covered = ~np.isnan(tops) & ~(tops - ground < min_height_m)
    if roofs is not None:
        covered &= ~(roofs & (surface > tops + np.float32(ROOF_ABOVE_M)))
    opaque = np.where(covered, np.fmax(surface, tops), surface)
    seen = np.where(covered, np.float32(np.nan), surface)
    floor = ground
    if roofs is not None and (covered & roofs).any():
        floor = np.where(roofs, _lowest_roof(seen, roofs, cell_m, floor), floor)
    solid = np.where(covered, np.where(floor > opaque, opaque, floor), surface)
    return CanopyLayers(*(part.astype(np.float32, copy=False) for part in (opaque, solid, seen)))


def derived_tops(
    surface: F32, ground: F32, roofs: Mask, cell_m: float, min_height_m: float = MIN_HEIGHT_M
) -> F32:
    """
    Guess crown tops from what stands outside footprints.

    Parameters
    ----------
    surface, ground : ndarray of float32, shape (rows, cols)
        Surface and terrain. [m]
    roofs : ndarray of bool, shape (rows, cols)
        True inside footprints.
    cell_m : float
        Cell size. [m]
    min_height_m : float
        What stands lower is no tree. [m]

    Returns
    -------
    ndarray of float32, shape (rows, cols)
        Heights of crown tops above the datum; NaN = no tree. [m]

    Notes
    -----
    An estimate: sheds, masts and buildings without a footprint count as trees, trees over roofs
    and within `EDGE_M` of them do not.
    """
    if ground.shape != surface.shape or roofs.shape != surface.shape:
        raise ShapeMismatchError("ground, roofs", (ground.shape, roofs.shape), surface.shape)
    size = 2 * math.ceil(EDGE_M / cell_m) + 1
    near = ndimage.maximum_filter(roofs, size=size, mode="constant", cval=False)
    tree = ~near & (surface - ground >= np.float32(min_height_m))
    return np.where(tree, surface, np.float32(np.nan))


def _lowest_roof(seen: F32, roofs: Mask, cell_m: float, floor: F32) -> F32:
    """Return the lowest roof seen near each cell, or the floor where there is none."""
    size = 2 * math.ceil(ROOF_SEARCH_M / cell_m) + 1
    known = np.where(roofs & ~np.isnan(seen), seen, np.float32(np.inf))
    lowest = ndimage.minimum_filter(known, size=size, mode="constant", cval=np.inf)
    return np.where(np.isinf(lowest), floor, lowest).astype(np.float32)
