"""Growth of roof planes from the best-fitting windows of one building (numba)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from zonnekaart.solar.planefits import (
    MOMENTS,
    NEIGHBOURS,
    OBSTRUCTION,
    Roof,
    add_point,
    cosine,
    place_m,
    residual_m,
    solve_plane,
)

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.int64]
    LabelArray = npt.NDArray[np.int32]


class Limits(NamedTuple):
    """Tolerances that follow the building's noise."""

    min_cells: float
    tolerance: float
    cosine: float


@njit(nogil=True, cache=True, error_model="numpy")
def grow_all(
    roof: Roof, fits: FloatArray, best: FloatArray, label: LabelArray, limits: Limits
) -> FloatArray:
    """Grow planes from the best-fitting windows on; label is filled, planes are returned."""
    rows, cols = label.shape
    order = np.argsort(fits[:, :, 3].copy().reshape(-1))
    planes = np.zeros((max(rows * cols // 4, 1), 5))
    stack = np.empty(rows * cols, dtype=np.int64)
    count = 0
    for k in range(order.size):
        r, c = order[k] // cols, order[k] % cols
        if math.isnan(fits[r, c, 3]):
            break
        if label[r, c] != OBSTRUCTION or count == planes.shape[0]:
            continue
        # The seed's cell comes first; every growth starts from it.
        stack[0] = order[k]
        planes[count] = fits[r, c]
        grown = _grow(roof, best, label, (planes[count], count), stack, limits)
        if grown >= limits.min_cells:
            count += 1
        else:
            _relabel(label, stack, grown, OBSTRUCTION)
    return planes[:count].copy()


@njit(nogil=True, cache=True, error_model="numpy")
def _relabel(label: LabelArray, stack: IntArray, n: int, value: int) -> None:
    """Give the first `n` cells of the stack a label."""
    cols = label.shape[1]
    for k in range(n):
        label[stack[k] // cols, stack[k] % cols] = value


@njit(nogil=True, cache=True, error_model="numpy")
def _grow(
    roof: Roof,
    best: FloatArray,
    label: LabelArray,
    target: tuple[FloatArray, int],
    stack: IntArray,
    limits: Limits,
) -> int:
    """Grow one plane up to four times, each time from the plane fitted to the last growth."""
    plane, number = target
    cols = label.shape[1]
    moments = np.zeros(MOMENTS)
    before, n = -1, 0
    for _ in range(4):
        _relabel(label, stack, n, OBSTRUCTION)
        n = _flood(roof, best, label, (plane, number), stack, limits)
        if n == before or n < 3:
            break
        before = n
        moments[:] = 0.0
        for k in range(n):
            r, c = stack[k] // cols, stack[k] % cols
            x, y = place_m(r, c, label.shape, roof.cell)
            add_point(moments, x, y, roof.height[r, c], 1.0)
        if not solve_plane(moments, plane):
            break
    return n


@njit(nogil=True, cache=True, error_model="numpy")
def _flood(
    roof: Roof,
    best: FloatArray,
    label: LabelArray,
    target: tuple[FloatArray, int],
    stack: IntArray,
    limits: Limits,
) -> int:
    """Label the cells about the first of the stack that lie on the plane and face its way."""
    plane, number = target
    cols = label.shape[1]
    label[stack[0] // cols, stack[0] % cols] = number
    n, k = 1, 0
    while k < n:
        r, c = stack[k] // cols, stack[k] % cols
        k += 1
        for m in range(8):
            i, j = r + NEIGHBOURS[m, 0], c + NEIGHBOURS[m, 1]
            if not roof.valid[i, j] or label[i, j] != OBSTRUCTION:
                continue
            if abs(residual_m(roof, plane, i, j)) > limits.tolerance:
                continue
            if cosine(best[i, j, 0], best[i, j, 1], plane[0], plane[1]) < limits.cosine:
                continue
            label[i, j] = number
            stack[n] = i * cols + j
            n += 1
    return n
