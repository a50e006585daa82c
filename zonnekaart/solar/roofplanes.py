"""Roof planes from heights: robust region growing inside each building, in numba.

A building's cells are those whose centre lies in its footprint (`owner`). Normals come from small
windows, the best-fitting one that holds the cell, so that ridges and steps stay sharp. Planes grow
from the flattest windows, exchange cells along their borders, merge when one plane explains both,
and are fitted without the building's edge cells, whose heights are mixtures of roof and street.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from zonnekaart.errors import InputError, ShapeMismatchError
from zonnekaart.solar.planefits import OUTSIDE
from zonnekaart.solar.planestages import Found, Numbers, Space, segment_all

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]
    HeightArray = npt.NDArray[np.float32]
    BoolArray = npt.NDArray[np.bool_]
    IntArray = npt.NDArray[np.int64]
    LabelArray = npt.NDArray[np.int32]

FLAT_BELOW_DEG = 5.0
"""Below this tilt the azimuth of a fitted plane says more about noise than about the roof."""


@dataclass(frozen=True)
class PlaneSettings:
    """
    What counts as one plane.

    Parameters
    ----------
    window_m : float
        Width of the window that gives a cell its normal. [m]
    min_area_m2 : float
        Smallest plane in plan; smaller ones are superstructures. [m2]
    min_tolerance_m, max_tolerance_m : float
        Bounds of the height tolerance, which is `tolerance_sigmas` times the building's noise. [m]
    tolerance_sigmas : float
        Height tolerance in standard deviations of the building's own noise.
    normal_tolerance_deg : float
        Largest angle between a cell's normal and its plane, before noise is added. [degrees]
    merge_angle_deg : float
        Neighbouring planes closer than this, and explained by one plane, become one. [degrees]
    plane_cost : float
        What a further plane must gain in fit: half the squares of residuals over the noise,
        divided by the cells over which the noise is correlated. [-]
    """

    window_m: float = 2.5
    min_area_m2: float = 3.0
    min_tolerance_m: float = 0.08
    max_tolerance_m: float = 0.45
    tolerance_sigmas: float = 3.0
    normal_tolerance_deg: float = 14.0
    merge_angle_deg: float = 15.0
    plane_cost: float = 15.0


@dataclass(frozen=True)
class RoofPlanes:
    """
    Planes of many buildings and the cells that belong to them.

    Parameters
    ----------
    building : ndarray of int32, shape (planes,)
        Index of the building, as in `owner`.
    tilt_deg, azimuth_deg : ndarray of float64, shape (planes,)
        From the horizontal; direction the plane faces (0 = north, clockwise), NaN when the
        tilt is below `FLAT_BELOW_DEG`. [degrees]
    facing_deg : ndarray of float64, shape (planes,)
        The azimuth of nearly flat planes too; never NaN, and uncertain when flat. [degrees]
    gradient : ndarray of float64, shape (planes, 2)
        Rise per metre to the east and to the north. [-]
    height_m : ndarray of float64, shape (planes,)
        Height of the plane at the centre of its building's window. [m]
    cells : ndarray of int32, shape (planes,)
        Cells of the plane.
    rms_m : ndarray of float64, shape (planes,)
        Spread of the heights about the plane, edge cells left out. [m]
    windows : ndarray of int64, shape (buildings, 4)
        First row, first column, rows, columns of each building's window.
    offsets : ndarray of int64, shape (buildings + 1,)
        Where each building's window starts in `labels`.
    labels : ndarray of int32, shape (cells of all windows,)
        Index of the plane (into the arrays above), `OBSTRUCTION`, or `OUTSIDE`.
    noise_m : ndarray of float64, shape (buildings,)
        Estimated noise of the heights; NaN without heights. [m]
    """

    building: LabelArray
    tilt_deg: FloatArray
    azimuth_deg: FloatArray
    facing_deg: FloatArray
    gradient: FloatArray
    height_m: FloatArray
    cells: LabelArray
    rms_m: FloatArray
    windows: IntArray
    offsets: IntArray
    labels: LabelArray
    noise_m: FloatArray

    def window_labels(self, building: int) -> LabelArray:
        """Return the labels of one building's window, shape (rows, cols)."""
        rows, cols = self.windows[building, 2:]
        part = self.labels[self.offsets[building] : self.offsets[building + 1]]
        return part.reshape(int(rows), int(cols))


def roof_planes(
    height: HeightArray,
    owner: LabelArray,
    cell_m: float,
    buildings: int,
    settings: PlaneSettings | None = None,
) -> RoofPlanes:
    """
    Find the roof planes of every building.

    Parameters
    ----------
    height : ndarray of float32, shape (rows, cols)
        Surface heights, row 0 in the north; NaN is unknown. [m]
    owner : ndarray of int32, shape (rows, cols)
        Index of the building whose footprint holds the cell's centre; -1 outside all.
    cell_m : float
        Cell size. [m]
    buildings : int
        Number of buildings; `owner` is below it.
    settings : PlaneSettings, optional
        What counts as one plane.

    Returns
    -------
    RoofPlanes
        A building without known heights, or without a plane of the smallest size, has none.

    Raises
    ------
    ShapeMismatchError
        If `height` and `owner` differ in shape.
    InputError
        If `owner` names a building that does not exist.

    Notes
    -----
    Every cell belongs to at most one plane, and that plane to the cell's own building. The noise
    of a building is the spread within its best windows; tolerances follow it, so ideal heights
    and laser scans of 0.1-0.2 m noise take the same path.
    """
    if height.shape != owner.shape:
        raise ShapeMismatchError("owner", owner.shape, height.shape)
    if owner.size and int(owner.max()) >= buildings:
        raise InputError(
            "owner", f"building {int(owner.max())}", f"indices below {buildings}", "count buildings"
        )
    chosen = settings or PlaneSettings()
    windows = _windows(owner, buildings)
    sizes = windows[:, 2] * windows[:, 3]
    space = Space(
        windows=windows,
        label_offsets=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        plane_offsets=np.concatenate([[0], np.cumsum(np.maximum(sizes // 4, 1))]).astype(np.int64),
    )
    found = Found(
        labels=np.full(int(space.label_offsets[-1]), OUTSIDE, dtype=np.int32),
        planes=np.zeros((int(space.plane_offsets[-1]), 5)),
        counts=np.zeros(buildings, dtype=np.int64),
        noise_m=np.full(buildings, np.nan),
    )
    numbers = Numbers(
        half=max(1, int(chosen.window_m / cell_m) // 2),
        cell_m=float(cell_m),
        min_cells=max(chosen.min_area_m2 / cell_m**2, 3.0),
        min_tolerance_m=float(chosen.min_tolerance_m),
        max_tolerance_m=float(chosen.max_tolerance_m),
        tolerance_sigmas=float(chosen.tolerance_sigmas),
        normal_tolerance_deg=float(chosen.normal_tolerance_deg),
        merge_angle_deg=float(chosen.merge_angle_deg),
        plane_cost=float(chosen.plane_cost),
    )
    segment_all(height, owner, numbers, space, found)
    return _gathered(space, found)


def _gathered(space: Space, found: Found) -> RoofPlanes:
    """Close the gaps between buildings' planes and number them through."""
    counts, labels = found.counts, found.labels
    building = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
    first = np.concatenate([[0], np.cumsum(counts)])
    within = np.arange(len(building)) - first[building]
    planes = found.planes[space.plane_offsets[building] + within]
    shift = np.repeat(first[:-1], np.diff(space.label_offsets))
    labels = np.where(labels >= 0, labels + shift, labels).astype(np.int32)
    tilt = np.degrees(np.arctan(np.hypot(planes[:, 0], planes[:, 1])))
    azimuth = np.degrees(np.arctan2(-planes[:, 0], -planes[:, 1])) % 360.0
    return RoofPlanes(
        building=building,
        tilt_deg=tilt,
        azimuth_deg=np.where(tilt < FLAT_BELOW_DEG, np.nan, azimuth),
        facing_deg=azimuth,
        gradient=planes[:, :2].copy(),
        height_m=planes[:, 2].copy(),
        cells=np.bincount(labels[labels >= 0], minlength=len(building)).astype(np.int32),
        rms_m=planes[:, 3].copy(),
        windows=space.windows,
        offsets=space.label_offsets,
        labels=labels,
        noise_m=found.noise_m,
    )


@njit(nogil=True, cache=True, error_model="numpy")
def _windows(owner: LabelArray, buildings: int) -> IntArray:
    """Return the smallest window of each building, with one cell around it."""
    rows, cols = owner.shape
    low = np.full((buildings, 2), max(rows, cols), dtype=np.int64)
    high = np.full((buildings, 2), -1, dtype=np.int64)
    for r in range(rows):
        for c in range(cols):
            b = owner[r, c]
            if b >= 0:
                low[b, 0] = min(low[b, 0], r)
                high[b, 0] = max(high[b, 0], r)
                low[b, 1] = min(low[b, 1], c)
                high[b, 1] = max(high[b, 1], c)
    out = np.zeros((buildings, 4), dtype=np.int64)
    for b in range(buildings):
        if high[b, 0] >= 0:
            out[b, 0] = low[b, 0] - 1
            out[b, 1] = low[b, 1] - 1
            out[b, 2] = high[b, 0] - low[b, 0] + 3
            out[b, 3] = high[b, 1] - low[b, 1] + 3
    return out


def fitted_heights(
    height: npt.NDArray[np.float32], planes: RoofPlanes, cell_m: float
) -> npt.NDArray[np.float32]:
    """
    Return the heights with each plane's own height on its cells; other cells as they were.

    Parameters
    ----------
    height : ndarray of float32, shape (rows, cols)
        The heights that `planes` were found in. [m]
    planes : RoofPlanes
        As found.
    cell_m : float
        Cell size. [m]

    Notes
    -----
    For horizons: a neighbouring cell that noise lifts by 0.1 m would stand 6 degrees high.
    """
    out = height.copy()
    _paint(
        out,
        planes.labels,
        planes.offsets,
        planes.windows,
        np.column_stack([planes.gradient, planes.height_m]),
        cell_m,
    )
    return out


@njit(nogil=True, cache=True, error_model="numpy")
def _paint(
    out: HeightArray,
    labels: LabelArray,
    offsets: IntArray,
    windows: IntArray,
    planes: FloatArray,
    cell_m: float,
) -> None:
    """Write the planes' heights."""
    for b in range(windows.shape[0]):
        rows, cols = windows[b, 2], windows[b, 3]
        for r in range(rows):
            for c in range(cols):
                p = labels[offsets[b] + r * cols + c]
                if p >= 0:
                    x = (c - (cols - 1) * 0.5) * cell_m
                    y = ((rows - 1) * 0.5 - r) * cell_m
                    z = planes[p, 0] * x + planes[p, 1] * y + planes[p, 2]
                    out[windows[b, 0] + r, windows[b, 1] + c] = z
