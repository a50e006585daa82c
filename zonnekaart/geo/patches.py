"""Patches of similar values within a building: the parts of a roof that one class fits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]
    BoolArray = npt.NDArray[np.bool_]

SMOOTHED_CELLS = 3
"""Side of the window whose median decides a cell's class: single odd cells make no patch."""


def similar_patches(
    values: FloatArray, inside: BoolArray, bounds: FloatArray, least_cells: int
) -> npt.NDArray[np.int32]:
    """
    Return the number of the patch that each cell belongs to.

    Parameters
    ----------
    values : ndarray of float64, shape (rows, cols)
        NaN is unknown. [kWh/m2]
    inside : ndarray of bool, shape (rows, cols)
        Cells of the building.
    bounds : ndarray of float64
        Rising bounds between classes. [kWh/m2]
    least_cells : int
        Smaller patches join the nearest larger one.

    Returns
    -------
    ndarray of int32, shape (rows, cols)
        From 0; -1 outside. Cells of one patch touch by a side and are of one class, except those
        that joined it. A building without any value, or without a large patch, is one patch.

    Examples
    --------
    >>> light = np.repeat([[700.0, 1100.0]], 4, axis=0).repeat(4, axis=1)
    >>> similar_patches(light, np.ones((4, 8), bool), np.array([900.0]), 4)[0]
    array([0, 0, 0, 0, 1, 1, 1, 1], dtype=int32)
    """
    whole = np.where(inside, 0, -1).astype(np.int32)
    known = inside & ~np.isnan(values)
    if not known.any():
        return whole
    nearest = ndimage.distance_transform_edt(~known, return_distances=False, return_indices=True)
    smooth = ndimage.median_filter(values[tuple(nearest)], size=SMOOTHED_CELLS, mode="nearest")
    grade = np.where(inside, np.searchsorted(bounds, smooth, side="right"), -1)
    labels = np.full(values.shape, -1, dtype=np.int32)
    count = 0
    for each in np.unique(grade[inside]):
        pieces, found = ndimage.label(grade == each)
        sizes = np.bincount(pieces.ravel(), minlength=found + 1)
        for piece in range(1, found + 1):
            if sizes[piece] >= least_cells:
                labels[pieces == piece] = count
                count += 1
    if count == 0:
        return whole
    nearest = ndimage.distance_transform_edt(
        labels < 0, return_distances=False, return_indices=True
    )
    return np.where(inside, labels[tuple(nearest)], -1).astype(np.int32)
