"""Horizon of every cell, or of chosen cells, in all directions."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from zonnekaart.errors import ConfigError, RasterError, ShapeMismatchError
from zonnekaart.solar import sweep
from zonnekaart.solar.angles import plane_normal, sector_centres, unit_vectors
from zonnekaart.solar.surface import height_between, surface_gradient
from zonnekaart.solar.transposition import isotropic_sums

if TYPE_CHECKING:
    import numpy.typing as npt


HALO_MARGIN = sweep.MARGIN + 2
"""Cells beyond the radius that can decide a cell's value: neighbours of the farthest samples."""


@dataclass(frozen=True)
class Frame:
    """
    The part of a height array that is evaluated, and where the array lies on the lattice.

    Parameters
    ----------
    row, col : int
        First evaluated cell.
    rows, cols : int
        Number of evaluated cells.
    lattice_row, lattice_col : int
        Position of the array's cell (0, 0) on the lattice of the CRS; the lines of the sweep are
        laid from there, so that a crop and the whole use the same lines.
    workers : int
        Threads; the result does not depend on it.
    """

    row: int
    col: int
    rows: int
    cols: int
    lattice_row: int = 0
    lattice_col: int = 0
    workers: int = 1


def whole(height: npt.NDArray[np.float32], workers: int = 1) -> Frame:
    """Return the frame that evaluates all of `height`."""
    if height.ndim != 2:
        raise ShapeMismatchError("height", height.shape, ("rows", "cols"))
    return Frame(0, 0, height.shape[0], height.shape[1], workers=workers)


class Scene:
    """
    Heights, slopes and mask, laid out for sweeping in both frames.

    Parameters
    ----------
    height : ndarray of float32, shape (rows, cols)
        Surface heights; NaN = unknown: no obstacle, and no result. [m]
    cell_m : float
        Cell size. [m]
    frame : Frame
        Which cells are evaluated.
    mask : ndarray of bool, shape (frame.rows, frame.cols), optional
        True = evaluate; all when None.
    own_slope : bool
        Whether a cell's own plane hides the sky behind it.
    surface : ndarray of float32, shape (rows, cols), optional
        Heights that the cells' own planes are taken from, where those differ from what hides the
        sky; `height` when None. [m]

    Raises
    ------
    ShapeMismatchError, RasterError
        If the arrays do not fit together or the cell size is impossible.
    """

    def __init__(
        self,
        height: npt.NDArray[np.float32],
        cell_m: float,
        frame: Frame,
        mask: npt.NDArray[np.bool_] | None = None,
        *,
        own_slope: bool = True,
        surface: npt.NDArray[np.float32] | None = None,
    ) -> None:
        check_heights(height, cell_m)
        _check_frame(height, frame, mask)
        part = np.s_[frame.row : frame.row + frame.rows, frame.col : frame.col + frame.cols]
        known = ~np.isnan(height[part])
        self.cell_m = cell_m
        self.frame = frame
        self.wanted = known if mask is None else known & mask
        east, north = _slopes(height if surface is None else surface, cell_m, frame)
        self.rise_east, self.rise_north = east, north
        if not own_slope:
            east, north = np.zeros_like(east), np.zeros_like(north)
        filled = np.where(np.isnan(height), sweep.GAP_M, height).astype(np.float32)
        padded = np.pad(filled, sweep.MARGIN, constant_values=sweep.GAP_M)
        row, col = frame.row + sweep.MARGIN, frame.col + sweep.MARGIN
        self._steep = sweep.Ground(padded, east, north, self.wanted, row, col)
        self._flat = sweep.Ground(
            np.ascontiguousarray(padded.T),
            np.ascontiguousarray(east.T),
            np.ascontiguousarray(north.T),
            np.ascontiguousarray(self.wanted.T),
            col,
            row,
        )

    def horizon_tangents(
        self, azimuth_deg: float, radius_m: float, outs: npt.NDArray[np.float32]
    ) -> None:
        """
        Fill ``outs[0]`` with the tangent of each wanted cell's horizon; negative where not wanted.

        ``outs[1]``, if there is one, is filled for the opposite direction, at little extra cost.
        """
        east, north = (float(v) for v in unit_vectors(azimuth_deg))
        steep = abs(north) >= abs(east)
        ground = self._steep if steep else self._flat
        along, across = (-north, east) if steep else (east, -north)
        course = self._course(along, across, steep=steep)
        seen = outs if steep else np.empty((len(outs), *ground.wanted.shape), dtype=np.float32)
        for number, sign in enumerate((1.0, -1.0)[: outs.shape[0]]):
            samples = sweep.near_samples(
                sign * along, sign * across, self.cell_m, (sign * east, sign * north)
            )
            sweep.near_field(ground, samples, seen[number])
        steps_per_m = abs(along) / self.cell_m
        reach = math.floor(radius_m * steps_per_m + 1e-9)
        if reach > sweep.NEAR_STEPS:
            windows = sweep.far_windows(reach, steps_per_m)
            sweep.far_field(ground, course, windows, 1 if along > 0.0 else -1, seen)
        if not steep:
            for number in range(outs.shape[0]):
                sweep.transpose(seen[number], outs[number])

    def _course(self, along: float, across: float, *, steep: bool) -> sweep.Course:
        """Lay lines over a frame; they pass through the lattice origin whatever the crop."""
        height = (self._steep if steep else self._flat).height
        origin = self.frame.lattice_row if steep else self.frame.lattice_col
        rows = np.arange(height.shape[0]) + (origin - sweep.MARGIN)
        place = rows * (across / along)
        nearest = np.floor(place + 0.5)
        return sweep.Course(
            shift=(nearest - nearest[0]).astype(np.int64),
            offset=(place - nearest).astype(np.float32),
            across=(self.cell_m, 0.0) if steep else (0.0, -self.cell_m),
        )


def _slopes(
    height: npt.NDArray[np.float32], cell_m: float, frame: Frame
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Slopes of the evaluated cells, seeing one cell around them."""
    top, left = max(frame.row - 1, 0), max(frame.col - 1, 0)
    bottom = min(frame.row + frame.rows + 1, height.shape[0])
    right = min(frame.col + frame.cols + 1, height.shape[1])
    east, north = surface_gradient(height[top:bottom, left:right], cell_m, workers=frame.workers)
    part = np.s_[
        frame.row - top : frame.row - top + frame.rows,
        frame.col - left : frame.col - left + frame.cols,
    ]
    return np.ascontiguousarray(east[part]), np.ascontiguousarray(north[part])


def check_heights(height: npt.NDArray[np.float32], cell_m: float) -> None:
    """
    Raise unless `height` is a matrix of plausible metres.

    Raises
    ------
    ShapeMismatchError
        If it is not two-dimensional.
    RasterError
        If the cell size is not positive or a height is infinite or beyond +-9 000 m.
    """
    if height.ndim != 2:
        raise ShapeMismatchError("height", height.shape, ("rows", "cols"))
    if not cell_m > 0.0:
        raise RasterError("cell_m", f"{cell_m}", "a positive size in metres", "check the raster")
    if height.size and (np.abs(height) > 9000.0).any():
        worst = float(height.flat[int(np.nanargmax(np.abs(height)))])
        raise RasterError(
            "height", f"{worst:g} m", "-9000 to 9000 m", "mark nodata, or convert to metres"
        )


def _check_frame(
    height: npt.NDArray[np.float32], frame: Frame, mask: npt.NDArray[np.bool_] | None
) -> None:
    inside = (
        frame.row >= 0
        and frame.col >= 0
        and frame.row + frame.rows <= height.shape[0]
        and frame.col + frame.cols <= height.shape[1]
    )
    if not inside:
        raise ShapeMismatchError("frame", frame, height.shape)
    if mask is not None and mask.shape != (frame.rows, frame.cols):
        raise ShapeMismatchError("mask", mask.shape, (frame.rows, frame.cols))


def check_radius(radius_m: float) -> None:
    """Raise `ConfigError` unless the search radius is positive."""
    if not radius_m > 0.0:
        raise ConfigError("radius_m", str(radius_m), "a positive number of metres", "use 500")


def opposite_pairs(directions: int) -> list[tuple[int, ...]]:
    """Return the sectors in pairs that share their lines; alone when the number is odd."""
    if directions % 2:
        return [(number,) for number in range(directions)]
    return [(number, number + directions // 2) for number in range(directions // 2)]


def horizon_map(
    height: npt.NDArray[np.float32],
    cell_m: float,
    directions: int = 64,
    radius_m: float = 500.0,
    workers: int = 1,
) -> npt.NDArray[np.float32]:
    """
    Return the horizon of every cell in every sector.

    Parameters
    ----------
    height : ndarray of float32, shape (rows, cols)
        Surface heights; NaN = unknown, which hides nothing. [m]
    cell_m : float
        Cell size. [m]
    directions : int
        Number of sectors; sector k is centred on azimuth k * 360 / directions.
    radius_m : float
        Obstacles farther away are not seen. [m]
    workers : int
        Threads; the result does not depend on it.

    Returns
    -------
    ndarray of float32, shape (directions, rows, cols)
        Elevation of the horizon seen from the cell's own height, never below 0; NaN where the
        height is NaN. [degree]
    """
    check_radius(radius_m)
    scene = Scene(height, cell_m, whole(height), own_slope=False)
    out = np.empty((directions, *height.shape), dtype=np.float32)

    def one(pair: tuple[int, ...]) -> None:
        tangents = np.empty((len(pair), *height.shape), dtype=np.float32)
        scene.horizon_tangents(float(azimuths[pair[0]]), radius_m, tangents)
        out[list(pair)] = np.degrees(np.arctan(tangents))

    azimuths = sector_centres(directions)
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(one, opposite_pairs(directions)))
    out[:, np.isnan(height)] = np.nan
    return out


@njit(nogil=True, cache=True, error_model="numpy")
def _profile(
    height: npt.NDArray[np.float32],
    points: npt.NDArray[np.int64],
    direction: tuple[float, float, float, float],
    samples: int,
    out: npt.NDArray[np.float32],
) -> None:
    """Tangent of the horizon of each point in one direction, by following each ray."""
    d_row, d_col, step_m, highest = direction
    for p in range(points.shape[0]):
        eye = float(height[points[p, 0], points[p, 1]])
        best = 0.0
        for step in range(1, samples + 1):
            away = step * step_m
            if highest - eye <= best * away:
                break
            z = height_between(height, points[p, 0] + step * d_row, points[p, 1] + step * d_col)
            seen = (z - eye) / away
            if seen > best:
                best = seen
        out[p] = best


def horizon_profile(
    height: npt.NDArray[np.float32],
    cell_m: float,
    rows: npt.NDArray[np.integer],
    cols: npt.NDArray[np.integer],
    directions: int = 64,
    radius_m: float = 500.0,
) -> npt.NDArray[np.float32]:
    """
    Return the horizon of chosen cells in every sector.

    Parameters
    ----------
    height : ndarray of float32, shape (rows, cols)
        Surface heights; NaN = unknown, which hides nothing. [m]
    cell_m : float
        Cell size. [m]
    rows, cols : ndarray of int, shape (points,)
        The cells.
    directions : int
        Number of sectors; sector k is centred on azimuth k * 360 / directions.
    radius_m : float
        Obstacles farther away are not seen. [m]

    Returns
    -------
    ndarray of float32, shape (points, directions)
        Elevation of the horizon seen from the cell's own height, never below 0; NaN for a cell
        without height. [degree]

    Notes
    -----
    Each ray is followed from the cell itself, so this has no line-sampling error; `horizon_map`
    is faster for whole rasters.
    """
    check_heights(height, cell_m)
    check_radius(radius_m)
    points = np.stack([np.asarray(rows), np.asarray(cols)], axis=1).astype(np.int64)
    if points.size and not _inside(points, height.shape):
        raise ShapeMismatchError("rows, cols", points.max(axis=0).tolist(), height.shape)
    highest = float(np.nanmax(height)) if np.isfinite(height).any() else 0.0
    out = np.empty((len(points), directions), dtype=np.float32)
    east, north = unit_vectors(sector_centres(directions))
    for k in range(directions):
        # Every second sample lies on a column or row of the lattice, where the surface has edges.
        half = 0.5 / max(abs(east[k]), abs(north[k]))
        direction = (-north[k] * half, east[k] * half, cell_m * half, highest)
        _profile(height, points, direction, math.floor(radius_m / direction[2] + 1e-9), out[:, k])
    out = np.degrees(np.arctan(out))
    out[np.isnan(height[points[:, 0], points[:, 1]])] = np.nan
    return out


def _inside(points: npt.NDArray[np.int64], shape: tuple[int, ...]) -> bool:
    return bool((points >= 0).all() and (points < np.array(shape)).all())


def sky_view_factor(
    horizon_deg: npt.NDArray[np.floating],
    tilt_deg: npt.ArrayLike = 0.0,
    azimuth_deg: npt.ArrayLike = np.nan,
) -> npt.NDArray[np.float64]:
    """
    Return the share of an even sky's light that a plane receives.

    Parameters
    ----------
    horizon_deg : ndarray, shape (..., directions)
        Horizon per sector. [degree]
    tilt_deg, azimuth_deg : array_like of float, shape (...)
        Of the plane; NaN azimuth = flat. [degree]

    Returns
    -------
    ndarray of float64, shape (...)
        0 to 1; 1 for a flat plane under an open sky, NaN where the horizon is NaN. [-]
    """
    horizon = np.asarray(horizon_deg, dtype=np.float64)
    directions = horizon.shape[-1]
    east, north, up = plane_normal(tilt_deg, azimuth_deg)
    a_east, a_north = unit_vectors(sector_centres(directions))
    outward = np.multiply.outer(east, a_east) + np.multiply.outer(north, a_north)
    own_deg = np.degrees(np.arctan2(-outward, up[..., None]))
    up_sum, out_sum = isotropic_sums(np.maximum(np.maximum(horizon, 0.0), own_deg), directions)
    return np.asarray(np.clip((up[..., None] * up_sum + outward * out_sum).sum(axis=-1), 0.0, 1.0))
