"""Slow and plain irradiation of single cells: a ray towards every sun position.

Made to be obviously right, not fast. Tests and ``docs/validation/irradiation.md`` compare the fast
path with it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from zonnekaart.solar.angles import sector_centres, unit_vectors
from zonnekaart.solar.horizon import check_heights, check_radius
from zonnekaart.solar.sky import MONTHS
from zonnekaart.solar.surface import height_between, surface_gradient
from zonnekaart.solar.transposition import ring_share

if TYPE_CHECKING:
    import numpy.typing as npt

    from zonnekaart.solar.transposition import SunSeries

    F64 = npt.NDArray[np.float64]

RAY_STEP_CELLS = 0.25
"""Distance between samples of a ray. [cells]"""
_AZIMUTHS = 360
_ELEVATION_STEP_DEG = 0.5


@njit(nogil=True, cache=True, error_model="numpy")
def _ray(
    height: npt.NDArray[np.float32],
    cell: tuple[int, int],
    toward: tuple[float, float],
    reach_cells: float,
    ceiling: tuple[float, float],
) -> float:
    """
    Return the largest rise per cell that a ray meets.

    `toward` is a unit vector (rows, columns). `ceiling` is the highest height of the raster and a
    rise beyond which the caller does not care.
    """
    eye = float(height[cell[0], cell[1]])
    best = 0.0
    steps = int(reach_cells / RAY_STEP_CELLS + 1e-9)
    for i in range(1, steps + 1):
        away = i * RAY_STEP_CELLS
        if best > ceiling[1] or ceiling[0] - eye <= best * away:
            break
        z = height_between(height, cell[0] + away * toward[0], cell[1] + away * toward[1])
        rise = (z - eye) / away
        if rise > best:
            best = rise
    return best


@njit(nogil=True, cache=True, error_model="numpy")
def _beam(
    height: npt.NDArray[np.float32],
    points: npt.NDArray[np.int64],
    normals: F64,
    sun: F64,
    scene: tuple[float, float, float],
    out: F64,
) -> None:
    """
    Add every sun position that reaches each point to its month in `out`, shape (points, 12).

    `sun` has columns east, north, up, energy [kWh/m2], month; `scene` is reach [cells], cell size
    [m] and the highest height [m].
    """
    reach, cell_m, highest = scene
    for p in range(points.shape[0]):
        for s in range(sun.shape[0]):
            cosine = (
                normals[p, 0] * sun[s, 0] + normals[p, 1] * sun[s, 1] + normals[p, 2] * sun[s, 2]
            )
            if cosine <= 0.0:
                continue
            flat = math.sqrt(sun[s, 0] ** 2 + sun[s, 1] ** 2)
            limit = sun[s, 2] / flat * cell_m
            toward = (-sun[s, 1] / flat, sun[s, 0] / flat)
            met = _ray(height, (points[p, 0], points[p, 1]), toward, reach, (highest, limit))
            if met < limit:
                out[p, int(sun[s, 4]) - 1] += cosine * sun[s, 3]


def reference_irradiation(
    height: npt.NDArray[np.float32],
    cell_m: float,
    points: npt.NDArray[np.int64],
    sun: SunSeries,
    radius_m: float,
) -> F64:
    """
    Return the irradiation of chosen cells by following a ray to every sun position.

    Parameters
    ----------
    height : ndarray of float32, shape (rows, cols)
        Surface heights; NaN = unknown, which hides nothing. [m]
    cell_m : float
        Cell size. [m]
    points : ndarray of int64, shape (points, 2)
        Row and column of each cell; their heights must be known.
    sun : SunSeries
        From `sun_series`, in the time step wanted.
    radius_m : float
        Obstacles farther away are not seen. [m]

    Returns
    -------
    ndarray of float64, shape (points, 13)
        Year, then January to December, per m2 of sloped surface. [kWh/m2]

    Notes
    -----
    Rays sample bilinear heights every quarter cell. Even and horizon light come from 360 rays and
    sky patches of 1 by 0.5 degree. The plane of a cell is that of `surface_gradient`.
    """
    check_heights(height, cell_m)
    check_radius(radius_m)
    rise_east, rise_north = surface_gradient(height, cell_m)
    p = rise_east[points[:, 0], points[:, 1]].astype(np.float64)
    q = rise_north[points[:, 0], points[:, 1]].astype(np.float64)
    up = 1.0 / np.sqrt(1.0 + p * p + q * q)
    normals = np.stack([-p * up, -q * up, up], axis=1)
    hours = sun.step_hours / 1000.0
    lit = sun.beam_w_m2 > 0.0
    table = np.stack(
        [*(v[lit] for v in sun.vectors()), sun.beam_w_m2[lit] * hours, sun.month[lit]], axis=1
    )
    months = np.zeros((len(points), MONTHS))
    reach, highest = radius_m / cell_m, float(np.nanmax(height))
    _beam(height, points, normals, table, (reach, cell_m, highest), months)
    even, ring = _diffuse_factors(height, points, normals, (reach, cell_m, highest))
    for factor, power in (
        (even, sun.isotropic_w_m2),
        (ring, sun.ring_w_m2),
        ((1.0 - up) / 2.0, sun.ground_w_m2),
    ):
        sums = np.bincount(sun.month - 1, weights=power, minlength=MONTHS) * hours
        months += factor[:, None] * sums
    return np.concatenate([months.sum(axis=1, keepdims=True), months], axis=1)


def _diffuse_factors(
    height: npt.NDArray[np.float32],
    points: npt.NDArray[np.int64],
    normals: F64,
    scene: tuple[float, float, float],
) -> tuple[F64, F64]:
    """Sum sky patches above each point's horizon: for an even sky and for the horizon band."""
    reach, cell_m, highest = scene
    east, north = unit_vectors(sector_centres(_AZIMUTHS))
    middles = np.arange(_ELEVATION_STEP_DEG / 2.0, 90.0, _ELEVATION_STEP_DEG)
    sine, cosine = np.sin(np.radians(middles)), np.cos(np.radians(middles))
    patch = cosine * np.radians(_ELEVATION_STEP_DEG) * (2.0 * np.pi / _AZIMUTHS) / np.pi
    even, ring = np.zeros(len(points)), np.zeros(len(points))
    for number, (row, col) in enumerate(points):
        for k in range(_AZIMUTHS):
            rise = _ray(height, (row, col), (-north[k], east[k]), reach, (highest, np.inf))
            horizon = math.degrees(math.atan(rise / cell_m))
            outward = normals[number, 0] * east[k] + normals[number, 1] * north[k]
            facing = np.maximum(outward * cosine + normals[number, 2] * sine, 0.0)
            even[number] += (facing * patch)[middles > horizon].sum()
            seen = float(ring_share(np.array([horizon]))[0])
            ring[number] += max(outward, 0.0) * seen * np.pi / _AZIMUTHS
    return even, ring
