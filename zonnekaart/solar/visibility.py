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
from zonnekaart.solar.sweep import GAP_M

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.int64]

LIFT_M = 0.25
"""Targets float this far above their plane: panels and their rails, and noise of heights. [m]"""
GRAZING_DEG = 1.0
"""A plane seen more edge-on than this shows nothing, and fitted planes are no truer. [degree]"""
_BUCKET_CELLS = 32.0
_STEPS_PER_CELL = 2.0
_GRAZING = float(np.sin(np.radians(GRAZING_DEG)))


@dataclass(frozen=True)
class Eyes:
    """
    Points that look around, all arrays of shape (eyes,).

    Parameters
    ----------
    row, col : ndarray of float64
        Place; whole numbers are centres of cells. [cells]
    height_m : ndarray of float64
        Of the eye above the datum; NaN sees nothing, nor does an eye outside the raster. [m]
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


@dataclass(frozen=True)
class Views:
    """
    What is seen of cells, all arrays of shape (cells,); NaN where the height is not known.

    Parameters
    ----------
    nearest_m : ndarray of float64
        Distance in plan of the nearest eye that sees the cell; infinite where none does. [m]
    eyes : ndarray of float64
        Number of eyes that see it. [count]
    """

    nearest_m: FloatArray
    eyes: FloatArray


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


def cell_views(
    height: npt.NDArray[np.float32],
    cell_m: float,
    eyes: Eyes,
    cells: RoofCells,
    max_distance_m: float,
    workers: int = 1,
) -> Views:
    """
    Return how many eyes see each roof cell, and how near the nearest stands.

    An eye sees a cell when the plane faces it by more than `GRAZING_DEG` and the straight line to
    a point `LIFT_M` above the plane stays above the surface.

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
    Views
        In the order of the cells.

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
    views = Views(np.full(len(cells.row), np.inf), np.zeros(len(cells.row)))
    if not len(cells.row):
        return views
    normal = np.stack(np.broadcast_arrays(*plane_normal(cells.tilt_deg, cells.azimuth_deg)), axis=1)
    # One row and column more, so that no sample needs to ask whether it is inside.
    filled = np.pad(np.where(np.isnan(height), GAP_M, height), (0, 1), constant_values=GAP_M)
    roof_m = plane_heights(height, cell_m, cells)
    targets = np.stack([cells.row.astype(np.float64), cells.col.astype(np.float64), roof_m], axis=1)
    seeing, first, shape = _buckets(eyes, height.shape)
    edge = np.searchsorted(cells.plane, np.arange(len(normal) + 1))
    # Shares of equal numbers of cells, cut between planes.
    cuts = np.searchsorted(edge, np.linspace(0, len(cells.row), max(workers, 1) * 4 + 1)[1:-1])
    ends = np.unique([0, *cuts, len(normal)])

    def look(part: tuple[int, int]) -> None:
        sizes, buckets = (cell_m, max_distance_m), (seeing, first, shape)
        roofs = (targets, normal, edge)
        _look(filled, sizes, buckets, roofs, part, (views.nearest_m, views.eyes))

    with ThreadPoolExecutor(max(workers, 1)) as threads:
        list(threads.map(look, zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True)))
    views.nearest_m[np.isnan(roof_m)] = np.nan
    views.eyes[np.isnan(roof_m)] = np.nan
    return views


def _buckets(eyes: Eyes, shape: tuple[int, ...]) -> tuple[FloatArray, IntArray, tuple[int, int]]:
    """Sort eyes into squares; return them, where each square begins, and how many there are."""
    known = ~np.isnan(eyes.height_m) & (eyes.row >= 0.0) & (eyes.col >= 0.0)
    known &= (eyes.row <= shape[0] - 1.0) & (eyes.col <= shape[1] - 1.0)
    seeing = np.stack([eyes.row[known], eyes.col[known], eyes.height_m[known]], axis=1)
    place = np.floor(seeing[:, :2] / _BUCKET_CELLS).astype(np.int64)
    rows, cols = (place.max(axis=0) + 1).tolist() if len(place) else (0, 0)
    number = place[:, 0] * cols + place[:, 1]
    order = np.argsort(number, kind="stable")
    first = np.searchsorted(number[order], np.arange(rows * cols + 1))
    return np.ascontiguousarray(seeing[order]), first.astype(np.int64), (rows, cols)


@njit(nogil=True, cache=True, error_model="numpy")
def _clear(
    filled: npt.NDArray[np.float32],
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
        row, col = roof[0] + step * d_row, roof[1] + step * d_col
        r, c = int(row), int(col)
        w_r, w_c = row - r, col - c
        near = filled[r, c] + w_c * (filled[r, c + 1] - filled[r, c])
        far = filled[r + 1, c] + w_c * (filled[r + 1, c + 1] - filled[r + 1, c])
        if near + w_r * (far - near) > roof[2] + step * d_up:
            return False
    return True


@njit(nogil=True, cache=True, error_model="numpy")
def _gathered(
    middle: tuple[float, float],
    reach: float,
    buckets: tuple[npt.NDArray[np.float64], npt.NDArray[np.int64], tuple[int, int]],
) -> npt.NDArray[np.int64]:
    """Return the eyes within reach of a place."""
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
    count = 0
    for r in range(low_r, high_r):
        if high_c <= low_c:
            break
        for k in range(first[r * cols + low_c], first[r * cols + high_c]):
            if np.hypot(seeing[k, 0] - middle[0], seeing[k, 1] - middle[1]) <= reach:
                found[count] = k
                count += 1
    return found[:count]


@njit(nogil=True, cache=True, error_model="numpy")
def _look(
    filled: npt.NDArray[np.float32],
    sizes: tuple[float, float],
    buckets: tuple[npt.NDArray[np.float64], npt.NDArray[np.int64], tuple[int, int]],
    roofs: tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.int64]],
    part: tuple[int, int],
    out: tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]],
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
        found = _gathered(middle, farthest + reach, buckets)
        for k in range(start, stop):
            row, col, z = targets[k, 0], targets[k, 1], targets[k, 2]
            for e in found:
                eye = seeing[e]
                distance = np.hypot(eye[0] - row, eye[1] - col)
                if distance > farthest:
                    continue
                east, north = (eye[1] - col) * cell_m, (row - eye[0]) * cell_m
                up = eye[2] - z
                facing = normal[p, 0] * east + normal[p, 1] * north + normal[p, 2] * up
                if facing <= _GRAZING * np.sqrt(east * east + north * north + up * up):
                    continue
                if _clear(filled, (row, col, z + LIFT_M), (eye[0], eye[1], eye[2])):
                    out[0][k] = min(out[0][k], distance * cell_m)
                    out[1][k] += 1.0


@dataclass(frozen=True)
class PlaneViews:
    """
    What is seen of planes, all arrays of shape (planes,).

    Parameters
    ----------
    visible_share : ndarray of float64
        Seen cells over cells of known height; NaN without any. [-]
    street_views : ndarray of float64
        Eyes that see a cell, on average over all cells of known height; NaN without any. [count]
    nearest_view_m : ndarray of float64
        NaN where nothing is seen, or nothing known. [m]
    """

    visible_share: FloatArray
    street_views: FloatArray
    nearest_view_m: FloatArray


def plane_views(views: Views, plane: IntArray, planes: int) -> PlaneViews:
    """
    Gather views of cells by plane.

    Parameters
    ----------
    views : Views
        From `cell_views`.
    plane : ndarray of int64, shape (cells,)
        Position of the plane of each cell.
    planes : int
        Number of planes.

    Examples
    --------
    >>> views = Views(np.array([8.0, np.inf, np.nan]), np.array([3.0, 0.0, np.nan]))
    >>> found = plane_views(views, np.array([0, 0, 1]), 2)
    >>> found.visible_share.tolist(), found.street_views.tolist(), found.nearest_view_m.tolist()
    ([0.5, nan], [1.5, nan], [8.0, nan])
    """
    known = ~np.isnan(views.eyes)
    seen = known & (views.eyes > 0.0)
    cells = np.bincount(plane[known], minlength=planes)
    share, eyes = np.full(planes, np.nan), np.full(planes, np.nan)
    np.divide(np.bincount(plane[seen], minlength=planes), cells, out=share, where=cells > 0)
    total = np.bincount(plane[known], weights=views.eyes[known], minlength=planes)
    np.divide(total, cells, out=eyes, where=cells > 0)
    nearest = np.full(planes, np.inf)
    np.minimum.at(nearest, plane[seen], views.nearest_m[seen])
    return PlaneViews(share, eyes, np.where(np.isinf(nearest), np.nan, nearest))
