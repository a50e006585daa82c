"""Slope of each cell's own surface, from the heights around it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    import numpy.typing as npt

ROUGHNESS_M = 0.15
"""Residual up to which heights count as one plane: noise of airborne lidar. [m]"""
FLAT_TILT_DEG = 0.5
"""Below this slope an azimuth means nothing. [degree]"""

_BAND_ROWS = 64

# Parts of the 3 x 3 neighbourhood, each with the middle cell: four halves, then four corners, as
# first and last row and column.
_PARTS = np.array(
    [
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
def _fit_all(height: npt.NDArray[np.float32], row: int, col: int) -> tuple[float, float, float]:
    """`_fit` over the whole 3 x 3 cells, written out: most cells need no other."""
    base = height[row, col]
    a, b, c = height[row - 1, col - 1] - base, height[row - 1, col] - base, height[row - 1, col + 1]
    d, f = height[row, col - 1] - base, height[row, col + 1] - base
    g, h, i = height[row + 1, col - 1] - base, height[row + 1, col] - base, height[row + 1, col + 1]
    c -= base
    i -= base
    total = a + b + c + d + f + g + h + i
    by_row = g + h + i - a - b - c
    by_col = c + f + i - a - d - g
    squares = a * a + b * b + c * c + d * d + f * f + g * g + h * h + i * i
    rest = squares - total * total / 9.0 - (by_row * by_row + by_col * by_col) / 6.0
    return by_row / 6.0, by_col / 6.0, np.sqrt(max(rest, 0.0) / 9.0)


@njit(nogil=True, cache=True, error_model="numpy")
def _least_steep(
    height: npt.NDArray[np.float32],
    row: int,
    col: int,
    parts: npt.NDArray[np.int64],
    roughness_m: float,
) -> tuple[float, float, bool]:
    """Return the least steep plane among some parts, and whether there is one."""
    best_r = 0.0
    best_c = 0.0
    least = np.inf
    for k in range(parts.shape[0]):
        g_r, g_c, rest = _fit(height, row, col, parts[k])
        steep = g_r * g_r + g_c * g_c
        # A gap makes both NaN, and a comparison with NaN is false.
        if rest <= roughness_m and steep < least:
            least = steep
            best_r = g_r
            best_c = g_c
    return best_r, best_c, least < np.inf


@njit(nogil=True, cache=True, error_model="numpy")
def _gradient(
    height: npt.NDArray[np.float32],
    cell_m: float,
    roughness_m: float,
    parts: npt.NDArray[np.int64],
    rises: npt.NDArray[np.float32],
) -> None:
    """Fill `rises` (east, north) with the rise per metre; the height array has a margin of 1."""
    _, rows, cols = rises.shape
    for r in range(rows):
        for c in range(cols):
            if np.isnan(height[r + 1, c + 1]):
                rises[0, r, c] = np.nan
                rises[1, r, c] = np.nan
                continue
            g_r, g_c, rest = _fit_all(height, r + 1, c + 1)
            if not rest <= roughness_m:
                g_r, g_c, found = _least_steep(height, r + 1, c + 1, parts[:4], roughness_m)
                if not found:
                    g_r, g_c, found = _least_steep(height, r + 1, c + 1, parts[4:], np.inf)
            rises[0, r, c] = g_c / cell_m
            rises[1, r, c] = -g_r / cell_m


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
    height: npt.NDArray[np.float32],
    cell_m: float,
    roughness_m: float = ROUGHNESS_M,
    workers: int = 1,
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
    workers : int
        Threads; the result does not depend on it.

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
    rises = np.empty((2, *height.shape), dtype=np.float32)

    def band(row: int) -> None:
        part = padded[row : row + _BAND_ROWS + 2]
        _gradient(part, cell_m, roughness_m, _PARTS, rises[:, row : row + _BAND_ROWS])

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(band, range(0, height.shape[0], _BAND_ROWS)))
    return rises[0], rises[1]


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
