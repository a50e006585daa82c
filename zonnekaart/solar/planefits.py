"""Least squares of planes through cells of one building, and the noise of its heights (numba).

A plane is an array (a, b, c, rms, cells): height = a x + b y + c with x metres east and y metres
north of the centre of the building's window.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]
    BoolArray = npt.NDArray[np.bool_]

OUTSIDE = -2
OBSTRUCTION = -1
NEIGHBOURS = np.array(
    [(-1, 0), (0, -1), (0, 1), (1, 0), (-1, -1), (-1, 1), (1, -1), (1, 1)], dtype=np.int64
)
MOMENTS = 10
QUANTILE, QUANTILE_SCORE = 0.12, -1.175
"""Share of the windows that are taken as one plane each, and its normal score. [-]"""


class Roof(NamedTuple):
    """One building: heights, known cells, cells away from the edge, cell size."""

    height: FloatArray
    valid: BoolArray
    interior: BoolArray
    cell: float


@njit(nogil=True, cache=True, error_model="numpy")
def eroded(valid: BoolArray) -> BoolArray:
    """Return the cells whose eight neighbours are all valid."""
    out = valid.copy()
    rows, cols = valid.shape
    for r in range(1, rows - 1):
        for c in range(1, cols - 1):
            for k in range(8):
                if not valid[r + NEIGHBOURS[k, 0], c + NEIGHBOURS[k, 1]]:
                    out[r, c] = False
    return out


@njit(nogil=True, cache=True, error_model="numpy")
def add_point(moments: FloatArray, x: float, y: float, z: float, weight: float) -> None:
    """Add one point, with a weight, to the sums that a plane is fitted from."""
    moments[0] += weight
    moments[1] += weight * x
    moments[2] += weight * y
    moments[3] += weight * z
    moments[4] += weight * x * x
    moments[5] += weight * x * y
    moments[6] += weight * y * y
    moments[7] += weight * x * z
    moments[8] += weight * y * z
    moments[9] += weight * z * z


@njit(nogil=True, cache=True, error_model="numpy")
def solve_plane(moments: FloatArray, plane: FloatArray) -> bool:
    """Fit a plane by least squares into `plane`; False (and untouched) when degenerate."""
    n = moments[0]
    if n < 3:
        return False
    mx, my, mz = moments[1] / n, moments[2] / n, moments[3] / n
    cxx = moments[4] / n - mx * mx
    cxy = moments[5] / n - mx * my
    cyy = moments[6] / n - my * my
    cxz = moments[7] / n - mx * mz
    cyz = moments[8] / n - my * mz
    czz = moments[9] / n - mz * mz
    det = cxx * cyy - cxy * cxy
    if det < 1e-4 * max(cxx, cyy) ** 2 or det <= 0.0:
        return False
    a = (cxz * cyy - cyz * cxy) / det
    b = (cyz * cxx - cxz * cxy) / det
    sse = max(czz - a * cxz - b * cyz, 0.0) * n
    plane[0], plane[1], plane[2] = a, b, mz - a * mx - b * my
    plane[3] = math.sqrt(sse / max(n - 3.0, 1.0))
    plane[4] = n
    return True


@njit(nogil=True, cache=True, error_model="numpy")
def place_m(r: int, c: int, shape: tuple[int, ...], cell: float) -> tuple[float, float]:
    """Return metres east and north of the window's centre."""
    return (c - (shape[1] - 1) * 0.5) * cell, ((shape[0] - 1) * 0.5 - r) * cell


@njit(nogil=True, cache=True, error_model="numpy")
def residual_m(roof: Roof, plane: FloatArray, r: int, c: int) -> float:
    """Return the cell's height above the plane. [m]."""
    x, y = place_m(r, c, roof.height.shape, roof.cell)
    return float(roof.height[r, c] - (plane[0] * x + plane[1] * y + plane[2]))


@njit(nogil=True, cache=True, error_model="numpy")
def window_fits(roof: Roof, half: int) -> FloatArray:
    """Fit a plane to the window about each cell; rms is NaN where too few cells are known."""
    local, valid, cell = roof.height, roof.valid, roof.cell
    rows, cols = local.shape
    fits = np.full((rows, cols, 5), np.nan)
    moments = np.zeros(MOMENTS)
    plane = np.zeros(5)
    needed = max(5, (2 * half + 1) ** 2 // 2)
    for r in range(rows):
        for c in range(cols):
            if not valid[r, c]:
                continue
            moments[:] = 0.0
            base = local[r, c]
            for i in range(max(0, r - half), min(rows, r + half + 1)):
                for j in range(max(0, c - half), min(cols, c + half + 1)):
                    if valid[i, j]:
                        add_point(moments, (j - c) * cell, (r - i) * cell, local[i, j] - base, 1.0)
            if moments[0] >= needed and solve_plane(moments, plane):
                x, y = place_m(r, c, local.shape, cell)
                fits[r, c] = plane
                fits[r, c, 2] = plane[2] + base - plane[0] * x - plane[1] * y
    return fits


@njit(nogil=True, cache=True, error_model="numpy")
def square_fits(roof: Roof) -> FloatArray:
    """Fit a plane to each square of 2 x 2 known cells; it lies at the square's first cell."""
    rows, cols = roof.height.shape
    fits = np.full((rows, cols, 5), np.nan)
    moments = np.zeros(MOMENTS)
    for r in range(rows - 1):
        for c in range(cols - 1):
            if not roof.valid[r : r + 2, c : c + 2].all():
                continue
            moments[:] = 0.0
            for i in range(r, r + 2):
                for j in range(c, c + 2):
                    x, y = place_m(i, j, roof.height.shape, roof.cell)
                    add_point(moments, x, y, roof.height[i, j], 1.0)
            solve_plane(moments, fits[r, c])
    return fits


@njit(nogil=True, cache=True, error_model="numpy")
def best_windows(fits: FloatArray, valid: BoolArray, before: int, after: int) -> FloatArray:
    """
    Return for each cell the gradient of the best-fitting window that holds it.

    Windows lie at the cells from `before` cells before to `after` cells after it that hold it.
    """
    rows, cols = valid.shape
    best = np.full((rows, cols, 2), np.nan)
    for r in range(rows):
        for c in range(cols):
            if not valid[r, c]:
                continue
            least = np.inf
            for i in range(max(0, r - before), min(rows, r + after + 1)):
                for j in range(max(0, c - before), min(cols, c + after + 1)):
                    # A tie goes to the window nearer to the cell: flat noise-free roofs have many.
                    rms = fits[i, j, 3] + 1e-6 * (abs(i - r) + abs(j - c))
                    if rms < least:
                        least = rms
                        best[r, c, 0], best[r, c, 1] = fits[i, j, 0], fits[i, j, 1]
    return best


@njit(nogil=True, cache=True, error_model="numpy")
def window_noise(fits: FloatArray, valid: BoolArray) -> float:
    """
    Return the noise that the best windows have: they hold one plane, the others several.

    The best of many windows have less spread than the noise; each spread is divided by what the
    same quantile of chi-square of its degrees of freedom would have (Wilson and Hilferty).
    """
    spreads = np.empty(valid.sum())
    n = 0
    for r in range(valid.shape[0]):
        for c in range(valid.shape[1]):
            if valid[r, c] and not math.isnan(fits[r, c, 3]):
                part = 2.0 / (9.0 * (fits[r, c, 4] - 3.0))
                spreads[n] = fits[r, c, 3] / (1.0 - part + QUANTILE_SCORE * math.sqrt(part)) ** 1.5
                n += 1
    if n == 0:
        return 0.1
    return float(np.sort(spreads[:n])[int(n * QUANTILE)])


@njit(nogil=True, cache=True, error_model="numpy")
def cosine(a: float, b: float, c: float, d: float) -> float:
    """Return the cosine of the angle between planes with gradients (a, b) and (c, d)."""
    return (a * c + b * d + 1.0) / math.sqrt((a * a + b * b + 1.0) * (c * c + d * d + 1.0))
