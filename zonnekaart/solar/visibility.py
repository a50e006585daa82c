"""Which roof cells an eye on the ground sees: straight lines over a surface of heights."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from zonnekaart.errors import ConfigError, ShapeMismatchError
from zonnekaart.solar.angles import plane_normal
from zonnekaart.solar.horizon import check_heights
from zonnekaart.solar.surface import height_between

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.int64]

LIFT_M = 0.25
"""Targets float this far above their plane: panels and their rails, and noise of heights. [m]"""
_BUCKET_CELLS = 32.0
_STEPS_PER_CELL = 2.0


@dataclass(frozen=True)
class Eyes:
    """
    Points that look around, all arrays of shape (eyes,).

    Parameters
    ----------
    row, col : ndarray of float64
        Place; whole numbers are centres of cells. [cells]
    height_m : ndarray of float64
        Of the eye above the datum; an eye of NaN height sees nothing. [m]
    """

    row: FloatArray
    col: FloatArray
    height_m: FloatArray


@dataclass(frozen=True)
class RoofCells:
    """
    Sampled cells of roof planes.

    Parameters
    ----------
    row, col : ndarray of int64, shape (cells,)
        Place, in the order of the planes. [cells]
    plane : ndarray of int64, shape (cells,)
        Position of the plane of each cell, ascending.
    tilt_deg, azimuth_deg : ndarray of float64, shape (planes,)
        Of each plane; NaN azimuth = flat. [degree]
    """

    row: IntArray
    col: IntArray
    plane: IntArray
    tilt_deg: FloatArray
    azimuth_deg: FloatArray


def plane_heights(
    height: npt.NDArray[np.float32], cell_m: float, cells: RoofCells
) -> npt.NDArray[np.float64]:
    """
    Return the height of each cell on its plane: tilt and azimuth through the median of its cells.

    Edge cells of a raster hold a mix of roof and street; their own height would hide them.

    Parameters
    ----------
    height : ndarray of float32, shape (rows, cols)
        Surface heights; NaN = unknown. [m]
    cell_m : float
        Cell size. [m]
    cells : RoofCells
        Cells of planes.

    Returns
    -------
    ndarray of float64, shape (cells,)
        NaN for planes without a single known cell, or of unknown tilt. [m]
    """
    east, north, up = plane_normal(cells.tilt_deg, cells.azimuth_deg)
    slope = (east[cells.plane] * cells.col - north[cells.plane] * cells.row) / up[cells.plane]
    fall = slope * cell_m
    level = height[cells.row, cells.col] + fall
    known = np.flatnonzero(~np.isnan(level))
    order = known[np.lexsort((level[known], cells.plane[known]))]
    planes = len(cells.tilt_deg)
    start = np.searchsorted(cells.plane[order], np.arange(planes))
    count = np.bincount(cells.plane[order], minlength=planes)
    some = np.flatnonzero(count)
    middle = np.full(planes, np.nan)
    low = order[start[some] + (count[some] - 1) // 2]
    high = order[start[some] + count[some] // 2]
    middle[some] = (level[low] + level[high]) / 2.0
    return np.asarray(middle[cells.plane] - fall)


def nearest_views(
    height: npt.NDArray[np.float32],
    cell_m: float,
    eyes: Eyes,
    cells: RoofCells,
    max_distance_m: float,
    workers: int = 1,
) -> npt.NDArray[np.float64]:
    """
    Return how far the nearest eye stands that sees each roof cell.

    An eye sees a cell when the plane faces it and the straight line to a point `LIFT_M` above the
    plane stays above the surface.

    Parameters
    ----------
    height : ndarray of float32, shape (rows, cols)
        Surface heights; NaN = unknown, which hides nothing. [m]
    cell_m : float
        Cell size. [m]
    eyes : Eyes
        Who looks.
    cells : RoofCells
        What is looked at.
    max_distance_m : float
        Eyes farther away, in plan, do not count. [m]
    workers : int
        Threads; the result does not depend on it.

    Returns
    -------
    ndarray of float64, shape (cells,)
        Distance in plan; infinite where no eye sees the cell, NaN where its height is not known.
        [m]

    Raises
    ------
    ShapeMismatchError, RasterError, ConfigError
        If arrays do not fit together, or a size or distance is not positive.

    Notes
    -----
    Lines are sampled twice per cell along their longer axis, between the heights of the four
    cells around; the curve of the earth is left out, as it is under 2 mm at 150 m.
    """
    check_heights(height, cell_m)
    if not max_distance_m > 0.0:
        raise ConfigError("max_distance_m", str(max_distance_m), "a positive number", "use 150")
    if not len(cells.row) == len(cells.col) == len(cells.plane):
        raise ShapeMismatchError("row, col, plane", len(cells.row), len(cells.plane))
    out = np.full(len(cells.row), np.inf)
    if not len(out):
        return out
    normal = np.stack(np.broadcast_arrays(*plane_normal(cells.tilt_deg, cells.azimuth_deg)), axis=1)
    roof_m = plane_heights(height, cell_m, cells)
    targets = np.stack([cells.row.astype(np.float64), cells.col.astype(np.float64), roof_m], axis=1)
    seeing, first, shape = _buckets(eyes)
    edge = np.searchsorted(cells.plane, np.arange(len(normal) + 1))
    # Shares of equal numbers of cells, cut between planes.
    cuts = np.searchsorted(edge, np.linspace(0, len(out), max(workers, 1) * 4 + 1)[1:-1])
    ends = np.unique([0, *cuts, len(normal)])

    def look(part: tuple[int, int]) -> None:
        sizes, buckets = (cell_m, max_distance_m), (seeing, first, shape)
        _look(height, sizes, buckets, (targets, normal, edge), part, out)

    with ThreadPoolExecutor(max(workers, 1)) as threads:
        list(threads.map(look, zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True)))
    out[np.isnan(roof_m)] = np.nan
    return out


def _buckets(eyes: Eyes) -> tuple[FloatArray, IntArray, tuple[int, int]]:
    """Sort eyes into squares; return them, where each square begins, and how many there are."""
    known = ~np.isnan(eyes.height_m)
    seeing = np.stack([eyes.row[known], eyes.col[known], eyes.height_m[known]], axis=1)
    # Eyes outside the raster belong to the squares along its edge.
    place = np.maximum(np.floor(seeing[:, :2] / _BUCKET_CELLS).astype(np.int64), 0)
    rows, cols = (place.max(axis=0) + 1).tolist() if len(place) else (0, 0)
    number = place[:, 0] * cols + place[:, 1]
    order = np.argsort(number, kind="stable")
    first = np.searchsorted(number[order], np.arange(rows * cols + 1))
    return np.ascontiguousarray(seeing[order]), first.astype(np.int64), (rows, cols)


@njit(nogil=True, cache=True, error_model="numpy")
def _clear(
    height: npt.NDArray[np.float32],
    roof: tuple[float, float, float],
    eye: tuple[float, float, float],
) -> bool:
    """Tell whether the line from a roof to an eye stays above the surface."""
    d_row, d_col, d_up = eye[0] - roof[0], eye[1] - roof[1], eye[2] - roof[2]
    samples = max(abs(d_row), abs(d_col)) * _STEPS_PER_CELL
    if samples == 0.0:
        return True
    d_row, d_col, d_up = d_row / samples, d_col / samples, d_up / samples
    for step in range(1, int(np.ceil(samples))):
        z = height_between(height, roof[0] + step * d_row, roof[1] + step * d_col)
        if z > roof[2] + step * d_up:
            return False
    return True


@njit(nogil=True, cache=True, error_model="numpy")
def _gathered(
    middle: tuple[float, float],
    reach: float,
    buckets: tuple[npt.NDArray[np.float64], npt.NDArray[np.int64], tuple[int, int]],
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Return the eyes within reach of a place, nearest first, and their distances in cells."""
    seeing, first, (rows, cols) = buckets
    low_r = max(int(np.floor((middle[0] - reach) / _BUCKET_CELLS)), 0)
    low_c = max(int(np.floor((middle[1] - reach) / _BUCKET_CELLS)), 0)
    high_r = min(int(np.floor((middle[0] + reach) / _BUCKET_CELLS)) + 1, rows)
    high_c = min(int(np.floor((middle[1] + reach) / _BUCKET_CELLS)) + 1, cols)
    room = 0
    for r in range(low_r, high_r):
        if high_c > low_c:
            room += first[r * cols + high_c] - first[r * cols + low_c]
    found = np.empty(room, dtype=np.int64)
    away = np.empty(room, dtype=np.float64)
    count = 0
    for r in range(low_r, high_r):
        if high_c <= low_c:
            break
        for k in range(first[r * cols + low_c], first[r * cols + high_c]):
            distance = np.hypot(seeing[k, 0] - middle[0], seeing[k, 1] - middle[1])
            if distance <= reach:
                found[count], away[count] = k, distance
                count += 1
    order = np.argsort(away[:count])
    return found[:count][order], away[:count][order]


@njit(nogil=True, cache=True, error_model="numpy")
def _look(
    height: npt.NDArray[np.float32],
    sizes: tuple[float, float],
    buckets: tuple[npt.NDArray[np.float64], npt.NDArray[np.int64], tuple[int, int]],
    roofs: tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.int64]],
    part: tuple[int, int],
    out: npt.NDArray[np.float64],
) -> None:
    """Fill `out` for the cells of some planes; each plane gathers the eyes around it once."""
    cell_m, farthest = sizes[0], sizes[1] / sizes[0]
    targets, normal, edge = roofs
    seeing = buckets[0]
    for p in range(part[0], part[1]):
        start, stop = edge[p], edge[p + 1]
        if start == stop or np.isnan(targets[start, 2]):
            continue
        middle = (targets[start:stop, 0].mean(), targets[start:stop, 1].mean())
        reach = 0.0
        for k in range(start, stop):
            off = np.hypot(targets[k, 0] - middle[0], targets[k, 1] - middle[1])
            reach = max(reach, off)
        found, away = _gathered(middle, farthest + reach, buckets)
        for k in range(start, stop):
            row, col, z = targets[k, 0], targets[k, 1], targets[k, 2]
            off = np.hypot(row - middle[0], col - middle[1])
            best = np.inf
            for e in range(len(found)):
                if away[e] - off > min(best, farthest):
                    break
                eye = seeing[found[e]]
                distance = np.hypot(eye[0] - row, eye[1] - col)
                if distance > farthest or distance >= best:
                    continue
                east, north = (eye[1] - col) * cell_m, (row - eye[0]) * cell_m
                up = eye[2] - z
                if normal[p, 0] * east + normal[p, 1] * north + normal[p, 2] * up <= 0.0:
                    continue
                if _clear(height, (row, col, z + LIFT_M), (eye[0], eye[1], eye[2])):
                    best = distance
            out[k] = best * cell_m


def plane_views(
    nearest_m: FloatArray, plane: IntArray, planes: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """
    Return the seen share of each plane and how near it is seen.

    Parameters
    ----------
    nearest_m : ndarray of float64, shape (cells,)
        From `nearest_views`. [m]
    plane : ndarray of int64, shape (cells,)
        Position of the plane of each cell.
    planes : int
        Number of planes.

    Returns
    -------
    visible_share : ndarray of float64, shape (planes,)
        Seen cells over cells of known height; NaN without any. [-]
    nearest_view_m : ndarray of float64, shape (planes,)
        NaN where nothing is seen, or nothing known. [m]

    Examples
    --------
    >>> share, nearest = plane_views(np.array([8.0, np.inf, np.nan]), np.array([0, 0, 1]), 2)
    >>> share.tolist(), nearest.tolist()
    ([0.5, nan], [8.0, nan])
    """
    known = ~np.isnan(nearest_m)
    seen = known & np.isfinite(nearest_m)
    cells = np.bincount(plane[known], minlength=planes)
    share = np.full(planes, np.nan)
    np.divide(np.bincount(plane[seen], minlength=planes), cells, out=share, where=cells > 0)
    nearest = np.full(planes, np.inf)
    np.minimum.at(nearest, plane[seen], nearest_m[seen])
    return share, np.where(np.isinf(nearest), np.nan, nearest)
