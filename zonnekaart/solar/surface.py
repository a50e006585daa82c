"""Slope of each cell's own surface, from the heights around it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    import numpy.typing as npt

ROUGHNESS_M = 0.15
"""Residual up to which heights count as one plane: noise of airborne lidar. [m]"""
FLAT_TILT_DEG = 0.5
"""Below this slope an azimuth means nothing. [degree]"""

# Parts of the 3 x 3 neighbourhood, each with the middle cell: all of it, four halves, four corners.
_PARTS = np.array(
    [
        [-1, 1, -1, 1],
        [-1, 0, -1, 1],
        [0, 1, -1, 1],
        [-1, 1, -1, 0],
        [-1, 1, 0, 1],
        [-1, 0, -1, 0],
        [-1, 0, 0, 1],
        [0, 1, -1, 0],
        [0, 1, 0, 1],
    ]
)


@njit(nogil=True, cache=True, error_model="numpy")
def _fit(
    height: npt.NDArray[np.float32], row: int, col: int, part: npt.NDArray[np.int64]
) -> tuple[float, float, float]:
    """Least-squares plane over one part: rise per row, rise per column, residual; NaN if a gap."""
    rows = part[1] - part[0] + 1
    cols = part[3] - part[2] + 1
    mid_r = (part[0] + part[1]) * 0.5
    mid_c = (part[2] + part[3]) * 0.5
    total = 0.0
    by_row = 0.0
    by_col = 0.0
    squares = 0.0
    base = height[row, col]
    for r in range(part[0], part[1] + 1):
        for c in range(part[2], part[3] + 1):
            z = height[row + r, col + c] - base
            total += z
            by_row += z * (r - mid_r)
            by_col += z * (c - mid_c)
            squares += z * z
    count = rows * cols
    spread_r = cols * rows * (rows * rows - 1) / 12.0
    spread_c = rows * cols * (cols * cols - 1) / 12.0
    rest = squares - total * total / count - by_row * by_row / spread_r - by_col * by_col / spread_c
    return by_row / spread_r, by_col / spread_c, np.sqrt(max(rest, 0.0) / count)


@njit(nogil=True, cache=True, error_model="numpy")
def _gradient(
    height: npt.NDArray[np.float32],
    cell_m: float,
    roughness_m: float,
    parts: npt.NDArray[np.int64],
    east: npt.NDArray[np.float32],
    north: npt.NDArray[np.float32],
) -> None:
    """Fill `east` and `north` with the rise per metre; the height array has a margin of 1."""
    rows, cols = east.shape
    for r in range(rows):
        for c in range(cols):
            if np.isnan(height[r + 1, c + 1]):
                east[r, c] = np.nan
                north[r, c] = np.nan
                continue
            best_r = 0.0
            best_c = 0.0
            found = False
            for first, last, limit in ((0, 1, True), (1, 5, True), (5, 9, False)):
                least = np.inf
                for k in range(first, last):
                    g_r, g_c, rest = _fit(height, r + 1, c + 1, parts[k])
                    steep = g_r * g_r + g_c * g_c
                    if np.isnan(steep) or (limit and rest > roughness_m):
                        continue
                    if steep < least:
                        least = steep
                        best_r = g_r
                        best_c = g_c
                        found = True
                if found:
                    break
            east[r, c] = best_c / cell_m
            north[r, c] = -best_r / cell_m


@njit(nogil=True, cache=True, error_model="numpy")
def height_between(height: npt.NDArray[np.float32], r: float, c: float) -> float:
    """Bilinear height at a place between cell centres; NaN outside, or where a gap takes part."""
    low_r = int(np.floor(r + 1e-9))
    low_c = int(np.floor(c + 1e-9))
    rows, cols = height.shape
    if low_r < 0 or low_c < 0 or low_r >= rows or low_c >= cols:
        return np.nan
    w_r = max(r - low_r, 0.0)
    w_c = max(c - low_c, 0.0)
    high_r = low_r + 1 if w_r > 1e-9 else low_r
    high_c = low_c + 1 if w_c > 1e-9 else low_c
    if high_r >= rows or high_c >= cols:
        return np.nan
    near = (1.0 - w_c) * height[low_r, low_c] + w_c * height[low_r, high_c]
    far = (1.0 - w_c) * height[high_r, low_c] + w_c * height[high_r, high_c]
    return float((1.0 - w_r) * near + w_r * far)


def surface_gradient(
    height: npt.NDArray[np.float32], cell_m: float, roughness_m: float = ROUGHNESS_M
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """
    Return the slope of each cell's own plane; steps to another surface are left out.

    Parameters
    ----------
    height : ndarray of float32, shape (rows, cols)
        Surface heights; NaN = unknown. [m]
    cell_m : float
        Cell size. [m]
    roughness_m : float
        Residual up to which neighbours count as the same plane. [m]

    Returns
    -------
    rise_east, rise_north : ndarray of float32, shape (rows, cols)
        Rise per metre towards east and north; NaN where the height is NaN. [-]

    Notes
    -----
    A plane is fitted to the 3 x 3 cells; where they are no plane (eaves, ridges, walls) the
    least steep half, then quarter, that holds the cell is taken. A cell without neighbours is flat.

    Examples
    --------
    >>> heights = np.tile(np.arange(4, dtype=np.float32), (4, 1))
    >>> east, north = surface_gradient(heights, 1.0)
    >>> bool((east == 1.0).all()), bool((north == 0.0).all())
    (True, True)
    """
    padded = np.pad(np.asarray(height, dtype=np.float32), 1, constant_values=np.nan)
    east = np.empty(height.shape, dtype=np.float32)
    north = np.empty(height.shape, dtype=np.float32)
    _gradient(padded, cell_m, roughness_m, _PARTS, east, north)
    return east, north


def surface_tilt(
    rise_east: npt.NDArray[np.float32], rise_north: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    """Return the slope of a surface, 0 = flat; NaN stays NaN. [degree]."""
    return np.degrees(np.arctan(np.hypot(rise_east, rise_north))).astype(np.float32)


def surface_azimuth(
    rise_east: npt.NDArray[np.float32], rise_north: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    """Return the direction a surface faces, 0 = north, clockwise; NaN = flat. [degree]."""
    facing = np.mod(np.degrees(np.arctan2(-rise_east, -rise_north)), 360.0)
    flat = ~(surface_tilt(rise_east, rise_north) > FLAT_TILT_DEG)
    return np.where(flat, np.nan, facing).astype(np.float32)
