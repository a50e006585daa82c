"""Buildings from heights alone, where no register is at hand: an estimate, labelled as such."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float32]
    BoolArray = npt.NDArray[np.bool_]

LEAST_HEIGHT_M = 2.5
"""Lower things are hedges, cars and walls. [m]"""
ROUGH_M = 0.5
"""Cells of a roof lie within this of the lines through their neighbours; crowns do not. [m]"""
AROUND_M, DENSE_SHARE = 5.0, 0.6
"""Ridges and eaves are rough too: what counts is the share of smooth cells around. [m, -]"""
SMOOTH_SHARE = 0.5
"""Least share of smooth cells in what is called a building. [-]"""
_FINE_M = 0.75


def standing_buildings(
    surface: FloatArray, ground: FloatArray, cell_m: float, least_area_m2: float
) -> npt.NDArray[np.int32]:
    """
    Return cells of buildings: high, smooth, and together at least so large.

    Parameters
    ----------
    surface, ground : ndarray of float32, shape (rows, cols)
        DSM and DTM; NaN is unknown and no building. [m]
    cell_m : float
        Cell size. [m]
    least_area_m2 : float
        Smaller groups of cells are left out. [m2]

    Returns
    -------
    ndarray of int32, shape (rows, cols)
        Number of the building from 1; 0 elsewhere. Terraces that touch are one.

    Notes
    -----
    A cell is smooth when its second differences along row and column are small: zero on any plane,
    large in crowns. The limits were chosen on Essen and Delfshaven (docs/validation/prepare.md).
    """
    high = (surface - ground) > LEAST_HEIGHT_M
    smooth = high & (roughness(surface) < ROUGH_M)
    side = 2 * round(AROUND_M / cell_m / 2) + 1
    around = ndimage.uniform_filter(high.astype(np.float32), side)
    dense = ndimage.uniform_filter(smooth.astype(np.float32), side) >= DENSE_SHARE * around
    block = np.ones((3, 3) if cell_m > _FINE_M else (5, 5), dtype=np.bool_)
    core = ndimage.binary_opening(high & dense, block)
    grown = ndimage.binary_dilation(core, np.ones((3, 3), dtype=np.bool_)) & high
    labels, count = ndimage.label(ndimage.binary_fill_holes(grown))
    numbers = np.arange(count + 1)
    cells = np.bincount(labels.ravel(), minlength=count + 1)
    share = np.bincount(labels.ravel(), smooth.ravel(), count + 1) / np.maximum(cells, 1)
    keep = (cells * cell_m**2 >= least_area_m2) & (share >= SMOOTH_SHARE) & (numbers > 0)
    renumbered = np.where(keep, np.cumsum(keep), 0)
    return np.asarray(renumbered[labels], dtype=np.int32)


def roughness(surface: FloatArray) -> FloatArray:
    """
    Return how far a cell lies from the lines through its neighbours, the larger of two. [m].

    Parameters
    ----------
    surface : ndarray of float32, shape (rows, cols)
        Heights. [m]

    Examples
    --------
    >>> plane = np.arange(5, dtype=np.float32)[None, :].repeat(5, axis=0)
    >>> float(roughness(plane)[2, 2])
    0.0
    """
    padded = np.pad(surface, 1, mode="edge")
    middle = padded[1:-1, 1:-1]
    across = np.abs(middle - (padded[1:-1, :-2] + padded[1:-1, 2:]) / 2)
    down = np.abs(middle - (padded[:-2, 1:-1] + padded[2:, 1:-1]) / 2)
    return np.asarray(np.fmax(across, down), dtype=np.float32)
