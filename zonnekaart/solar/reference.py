"""Slow and plain irradiation of single cells: a ray towards every sun position.

Made to be obviously right, not fast. Tests and ``docs/validation/irradiation.md`` compare the fast
path with it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numba import njit
from scipy import ndimage

from zonnekaart.solar.angles import sector_centres, unit_vectors
from zonnekaart.solar.horizon import check_heights, check_radius
from zonnekaart.solar.sky import MONTHS
from zonnekaart.solar.surface import height_between, surface_gradient
from zonnekaart.solar.transposition import ring_share

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from zonnekaart.solar.transposition import SunSeries
    from zonnekaart.solar.vegetation import CanopyLayers

    F64 = npt.NDArray[np.float64]
    F32Stack = npt.NDArray[np.float32]

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


@dataclass(frozen=True)
class Crowns:
    """
    Trees for the ray march.

    Parameters
    ----------
    layers : CanopyLayers
        Heights with trees, without them, and as they are seen.
    transmissivity : sequence of float, shape (12,)
        Share of light that passes, January to December. [-]
    base_share : float
        Where crowns begin, over the height of their tops above the solid surface; 0 = they reach
        down to it, as the fast path takes them. [-]
    """

    layers: CanopyLayers
    transmissivity: Sequence[float]
    base_share: float = 0.0

    def scene(self) -> F32Stack:
        """Return solid surface, tops and undersides of crowns, shape (3, rows, cols). [m]."""
        opaque, solid, _ = self.layers
        under = solid + self.base_share * (opaque - solid)
        base = np.where(self.layers.covered, under, -np.inf)
        # Between a crown and what stands beside it heights are interpolated: the crown's underside
        # counts there too.
        base = ndimage.maximum_filter(base, size=3, mode="nearest")
        return np.ascontiguousarray(np.stack([solid, opaque, base]).astype(np.float32))


@njit(nogil=True, cache=True, error_model="numpy")
def _passage(
    scene: F32Stack,
    cell: tuple[int, int],
    toward: tuple[float, float],
    rise: float,
    limits: tuple[float, float],
) -> int:
    """
    Return what a ray meets: 0 = a solid surface, 1 = crowns only, 2 = nothing.

    `rise` is that of the ray per cell; `limits` is reach [cells] and highest height [m]. The
    underside of a crown is that of the nearest cell.
    """
    reach, highest = limits
    rows, cols = scene.shape[1], scene.shape[2]
    eye = float(scene[0, cell[0], cell[1]])
    found = 2
    steps = int(reach / RAY_STEP_CELLS + 1e-9)
    for i in range(1, steps + 1):
        away = i * RAY_STEP_CELLS
        z = eye + rise * away
        if z > highest:
            break
        row, col = cell[0] + away * toward[0], cell[1] + away * toward[1]
        if height_between(scene[0], row, col) >= z:
            return 0
        if found == 2 and height_between(scene[1], row, col) >= z:
            r, c = math.floor(row + 0.5), math.floor(col + 0.5)
            if 0 <= r < rows and 0 <= c < cols and z >= scene[2, r, c]:
                found = 1
    return found


@njit(nogil=True, cache=True, error_model="numpy")
def _add_rays(
    scene: F32Stack,
    points: npt.NDArray[np.int64],
    normals: F64,
    rays: F64,
    limits: tuple[float, float],
    out: F64,
) -> None:
    """
    Add the light of every ray to `out`, shape (points, 2, columns): past crowns, and through them.

    `rays` has columns east, north, up, energy, column; `limits` is reach [cells] and highest
    height [m], with rises per cell.
    """
    for p in range(points.shape[0]):
        for s in range(rays.shape[0]):
            cosine = (
                normals[p, 0] * rays[s, 0] + normals[p, 1] * rays[s, 1] + normals[p, 2] * rays[s, 2]
            )
            if cosine <= 0.0:
                continue
            flat = math.sqrt(rays[s, 0] ** 2 + rays[s, 1] ** 2)
            toward = (-rays[s, 1] / flat, rays[s, 0] / flat)
            met = _passage(scene, (points[p, 0], points[p, 1]), toward, rays[s, 2] / flat, limits)
            if met > 0:
                out[p, 2 - met, int(rays[s, 4])] += cosine * rays[s, 3]


def reference_among_crowns(
    crowns: Crowns, cell_m: float, points: npt.NDArray[np.int64], sun: SunSeries, radius_m: float
) -> F64:
    """
    Return the irradiation of chosen cells among trees, by a ray to every sun and sky patch.

    Parameters
    ----------
    crowns : Crowns
        Heights and transmissivity.
    cell_m : float
        Cell size. [m]
    points : ndarray of int64, shape (points, 2)
        Row and column of each cell, not under a crown.
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
    A ray that meets crowns keeps the month's share whatever its path in them. With a `base_share`
    rays also pass under crowns, which horizons cannot tell; the horizon band does not.
    """
    check_radius(radius_m)
    rise_east, rise_north = surface_gradient(crowns.layers.seen, cell_m)
    p = rise_east[points[:, 0], points[:, 1]].astype(np.float64)
    q = rise_north[points[:, 0], points[:, 1]].astype(np.float64)
    up = 1.0 / np.sqrt(1.0 + p * p + q * q)
    normals = np.stack([-p * up, -q * up, up], axis=1)
    # Heights in cells, so that a ray's rise is the tangent of its elevation.
    scene = np.ascontiguousarray(crowns.scene() / np.float32(cell_m))
    limits = (radius_m / cell_m, float(np.nanmax(scene)))
    hours = sun.step_hours / 1000.0
    lit = sun.beam_w_m2 > 0.0
    beam = np.stack(
        [*(v[lit] for v in sun.vectors()), sun.beam_w_m2[lit] * hours, sun.month[lit] - 1.0], axis=1
    )
    months = np.zeros((len(points), 2, MONTHS))
    _add_rays(scene, points, normals, np.ascontiguousarray(beam), limits, months)
    patches = np.zeros((len(points), 2, 1))
    _add_rays(scene, points, normals, _even_rays(), limits, patches)
    even = np.bincount(sun.month - 1, weights=sun.isotropic_w_m2, minlength=MONTHS) * hours
    ground = np.bincount(sun.month - 1, weights=sun.ground_w_m2, minlength=MONTHS) * hours
    months += patches * even
    past, below = (
        _diffuse_factors(height, points, normals, (limits[0], cell_m, float(np.nanmax(height))))[1]
        for height in crowns.layers[:2]
    )
    ring = np.bincount(sun.month - 1, weights=sun.ring_w_m2, minlength=MONTHS) * hours
    months += np.stack([past, below - past], axis=1)[:, :, None] * ring
    share = np.asarray(crowns.transmissivity)
    total = months[:, 0] + share * months[:, 1] + np.outer((1.0 - up) / 2.0, ground)
    return np.concatenate([total.sum(axis=1, keepdims=True), total], axis=1)


def _even_rays() -> F64:
    """Return a ray per patch of an even sky, shape (patches, 5), as `_add_rays` takes them."""
    east, north = unit_vectors(sector_centres(_AZIMUTHS // 2))
    middles = np.radians(np.arange(0.5, 90.0, 1.0))
    sine, cosine = np.sin(middles), np.cos(middles)
    solid = cosine * np.radians(1.0) * (4.0 * np.pi / _AZIMUTHS) / np.pi
    rays = [
        np.stack([e * cosine, n * cosine, sine, solid, np.zeros_like(sine)], axis=1)
        for e, n in zip(east, north, strict=True)
    ]
    return np.concatenate(rays)


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
