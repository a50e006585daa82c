"""Heights around sites: what of them is free, and the horizon where panels would stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from zonnekaart.io.burning import cell_owners
from zonnekaart.pipelines.rooftops import GROUND_SEARCH_M, Heights, lowest_around
from zonnekaart.solar.horizon import horizon_profile

if TYPE_CHECKING:
    import numpy.typing as npt
    from shapely.geometry.base import BaseGeometry

    from zonnekaart.geo.geobox import GeoBox
    from zonnekaart.geo.sites import WallFaces

    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.int64]
    BoolArray = npt.NDArray[np.bool_]
    Cells = npt.NDArray[np.float32]

POINTS_PER_SITE = 64
"""About so many cells per site stand for its light; a lattice over the free cells. """
POINT_STEP_M = 5.0
"""Distance between the points along a wall. [m]"""
IN_FRONT_M = 1.5
"""Walls are looked at from this far in front, so that they do not hide themselves. [m]"""


@dataclass(frozen=True)
class Stand:
    """
    Where panels stand above the ground.

    Parameters
    ----------
    height_m : float
        Panels above the ground. [m]
    obstructed_above_m : float
        What stands higher takes the place of panels. [m]
    """

    height_m: float
    obstructed_above_m: float


@dataclass(frozen=True)
class Outlook:
    """
    What the heights say of one site.

    Parameters
    ----------
    horizons : ndarray of float32, shape (points, directions)
        Seen from the panels; none where no height is known. [degrees]
    obstructed_share : float
        Part of the site that stands higher than panels would; NaN when not known. [-]
    known_share : float
        Part of its cells with a height. [-]
    """

    horizons: Cells
    obstructed_share: float
    known_share: float


def _nothing(directions: int) -> Outlook:
    return Outlook(np.empty((0, directions), dtype=np.float32), np.nan, 0.0)


def polygon_outlook(shape: BaseGeometry, heights: Heights, stand: Stand) -> Outlook:
    """
    Look around from a level field of panels above the ground of a polygon.

    Parameters
    ----------
    shape : polygon
        In the CRS of the heights.
    heights : Heights
        Surface and, when given, terrain.
    stand : Stand
        Height of the panels, and what is in their way.

    Notes
    -----
    Panels float above the terrain at the given height: cars below them hide nothing, trees and
    masts above them do, from their own cells. Where the surface is unknown (water gives no laser
    echo) the terrain decides; where that is unknown too, the middle ground height of the site.
    """
    found = _window(shape, heights)
    if found is None:
        return _nothing(heights.directions)
    surface, ground, box = found
    own = cell_owners([shape], box) == 0
    count = int(own.sum())
    known = own & ~np.isnan(surface)
    ground_known = own & ~np.isnan(ground)
    if count == 0 or not ground_known.any():
        return _nothing(heights.directions)
    level = np.where(np.isnan(ground), np.float32(np.median(ground[ground_known])), ground)
    blocked = known & (surface - level > stand.obstructed_above_m)
    free = own & ~blocked
    rows, cols = _lattice(free)
    raised = surface.copy()
    raised[rows, cols] = level[rows, cols] + np.float32(stand.height_m)
    horizons = _profile(raised, box, (rows, cols), heights)
    # Over the whole outline, so that what lies beyond the heights counts as unknown.
    seen = float(known.sum()) * box.cell_m**2 / shape.area
    return Outlook(horizons, float(blocked.sum()) / count, min(seen, 1.0))


def wall_outlooks(faces: WallFaces, heights: Heights, stands: list[Stand]) -> list[Outlook]:
    """
    Look around from the faces of walls.

    Parameters
    ----------
    faces : WallFaces
        Straight pieces.
    heights : Heights
        Surface and, when given, terrain.
    stands : list of Stand
        Middle of the panels of each face above the ground, and what is in the way.
    """
    return [_wall_outlook(faces, number, heights, stand) for number, stand in enumerate(stands)]


def _wall_outlook(faces: WallFaces, number: int, heights: Heights, stand: Stand) -> Outlook:
    found = _window(faces.geometry[number], heights)
    if found is None:
        return _nothing(heights.directions)
    surface, ground, box = found
    length = faces.length_m[number]
    steps = max(int(length // POINT_STEP_M), 1)
    along = (np.arange(steps) + 0.5) / steps
    point = faces.start[number] + along[:, None] * (faces.end[number] - faces.start[number])
    turn = np.radians(faces.azimuth_deg[number])
    front = max(IN_FRONT_M, 2.0 * box.cell_m)
    point = point + front * np.array([np.sin(turn), np.cos(turn)])
    rows = np.floor((box.north - point[:, 1]) / box.cell_m).astype(np.int64)
    cols = np.floor((point[:, 0] - box.west) / box.cell_m).astype(np.int64)
    inside = (rows >= 0) & (rows < box.rows) & (cols >= 0) & (cols < box.cols)
    rows, cols = rows[inside], cols[inside]
    low = ground[rows, cols]
    rows, cols, low = rows[~np.isnan(low)], cols[~np.isnan(low)], low[~np.isnan(low)]
    if len(rows) == 0:
        return _nothing(heights.directions)
    seen = surface[rows, cols]
    blocked = ~np.isnan(seen) & (seen - low > stand.obstructed_above_m)
    raised = surface.copy()
    free = ~blocked
    raised[rows[free], cols[free]] = low[free] + np.float32(stand.height_m)
    horizons = _profile(raised, box, (rows[free], cols[free]), heights)
    return Outlook(
        horizons, float(blocked.mean()), float((~np.isnan(seen)).sum()) / max(len(along), 1)
    )


def _window(shape: BaseGeometry, heights: Heights) -> tuple[Cells, Cells, GeoBox] | None:
    """Return surface, ground and cells around a shape as far as shade reaches; None outside."""
    geobox = heights.dsm.geobox
    if shape.is_empty or not shapely.box(*geobox.bounds).intersects(shape):
        return None
    west, south, east, north = shape.bounds
    halo = heights.radius_m + GROUND_SEARCH_M
    top = max(int((geobox.north - north - halo) / geobox.cell_m), 0)
    left = max(int((west - halo - geobox.west) / geobox.cell_m), 0)
    bottom = min(int(np.ceil((geobox.north - south + halo) / geobox.cell_m)), geobox.rows)
    right = min(int(np.ceil((east + halo - geobox.west) / geobox.cell_m)), geobox.cols)
    window = (top, left, bottom - top, right - left)
    box = geobox.crop(*window)
    surface = heights.dsm.read(*window)
    ground = (
        lowest_around(surface, box.cell_m) if heights.dtm is None else heights.dtm.read(*window)
    )
    return surface, ground, box


def _lattice(free: BoolArray) -> tuple[IntArray, IntArray]:
    """Return about `POINTS_PER_SITE` of the free cells, evenly over the plane."""
    rows, cols = np.nonzero(free)
    step = max(int(np.sqrt(len(rows) / POINTS_PER_SITE)), 1)
    chosen = (rows % step == 0) & (cols % step == 0)
    if not chosen.any():
        chosen = np.zeros(len(rows), dtype=bool)
        chosen[:: max(len(rows) // POINTS_PER_SITE, 1)] = True
    return rows[chosen].astype(np.int64), cols[chosen].astype(np.int64)


def _profile(
    surface: Cells, box: GeoBox, points: tuple[IntArray, IntArray], heights: Heights
) -> Cells:
    rows, cols = points
    if len(rows) == 0:
        return np.empty((0, heights.directions), dtype=np.float32)
    return horizon_profile(surface, box.cell_m, rows, cols, heights.directions, heights.radius_m)
