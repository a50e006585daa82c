"""Places for panels that are no roofs: what of them is free, and the faces of walls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    import numpy.typing as npt
    from shapely.geometry.base import BaseGeometry

    FloatArray = npt.NDArray[np.float64]

SMOOTHED_M = 0.5
"""A wall is followed within this; a drawn curve becomes a few straight faces. [m]"""
WALL_WIDTH_M = 1.0
"""Width of the strip that stands for a wall on the map. [m]"""
LEAST_FACE_M = 1.0


@dataclass(frozen=True)
class FreeSites:
    """
    Polygons without what is taken; all arrays have shape (sites,).

    Parameters
    ----------
    geometry : ndarray of polygons
        May be empty.
    building_share, site_share : ndarray of float64
        Part that lay under a building, and of the rest what an earlier site has. [-]
    """

    geometry: npt.NDArray[np.object_]
    building_share: FloatArray
    site_share: FloatArray


def free_sites(polygons: npt.NDArray[np.object_], buildings: npt.NDArray[np.object_]) -> FreeSites:
    """
    Take buildings and earlier sites out of sites.

    Parameters
    ----------
    polygons : ndarray of polygons, shape (sites,)
        Valid; where two overlap, the earlier one keeps the ground.
    buildings : ndarray of polygons
        Footprints.
    """
    whole = shapely.area(polygons)
    free = _without(polygons, buildings)
    left = shapely.area(free)
    out = free.copy()
    first, second = shapely.STRtree(free).query(free, predicate="intersects")
    for i in range(len(free)):
        earlier = second[(first == i) & (second < i)]
        if len(earlier):
            out[i] = shapely.difference(free[i], shapely.union_all(free[earlier]))
    out = np.array([_areal(shape) for shape in out], dtype=object)
    return FreeSites(out, _lost(whole, left), _lost(left, shapely.area(out)))


def _without(
    polygons: npt.NDArray[np.object_], others: npt.NDArray[np.object_]
) -> npt.NDArray[np.object_]:
    out = polygons.copy()
    which, other = shapely.STRtree(others).query(polygons, predicate="intersects")
    for i in np.unique(which):
        out[i] = _areal(
            shapely.difference(polygons[i], shapely.union_all(others[other[which == i]]))
        )
    return out


def _areal(shape: BaseGeometry) -> BaseGeometry:
    """Return the polygons of a geometry; lines and points that a difference leaves go."""
    parts = shapely.get_parts(shape)
    polygons = parts[shapely.get_dimensions(parts) == 2]
    return polygons[0] if len(polygons) == 1 else shapely.union_all(polygons)


def _lost(before: FloatArray, after: FloatArray) -> FloatArray:
    share = np.divide(after, before, out=np.ones_like(before), where=before > 0.0)
    return np.asarray(np.clip(1.0 - share, 0.0, 1.0))


@dataclass(frozen=True)
class WallFaces:
    """
    Straight pieces of walls; all arrays have one entry per face.

    Parameters
    ----------
    line : ndarray of int64
        Position of the wall.
    start, end : ndarray of float64, shape (faces, 2)
        x and y. [m]
    length_m : ndarray of float64
        [m]
    azimuth_deg : ndarray of float64
        Direction of the side towards the equator, 0 = north, clockwise. [degrees]
    geometry : ndarray of polygons
        A strip along the wall.
    """

    line: npt.NDArray[np.int64]
    start: FloatArray
    end: FloatArray
    length_m: FloatArray
    azimuth_deg: FloatArray
    geometry: npt.NDArray[np.object_]


def wall_faces(lines: npt.NDArray[np.object_], latitude_deg: float) -> WallFaces:
    """
    Cut walls into straight faces that look towards the equator.

    Parameters
    ----------
    lines : ndarray of lines, shape (walls,)
        LineStrings or MultiLineStrings in a CRS in metres.
    latitude_deg : float
        North positive: tells where the equator is. [degrees]

    Notes
    -----
    Of a wall that runs exactly north and south the east side counts. Pieces under `LEAST_FACE_M`
    are left out.

    Examples
    --------
    >>> faces = wall_faces(np.array([shapely.LineString([(0, 0), (10, 0), (10, 20)])]), 51.0)
    >>> faces.azimuth_deg.tolist(), faces.length_m.tolist()
    ([180.0, 90.0], [10.0, 20.0])
    """
    parts, owner = shapely.get_parts(lines, return_index=True)
    whose, starts, ends = [], [np.empty((0, 2))], [np.empty((0, 2))]
    for part, line in zip(shapely.simplify(parts, SMOOTHED_M), owner, strict=True):
        points = shapely.get_coordinates(part)
        starts.append(points[:-1])
        ends.append(points[1:])
        whose += [line] * (len(points) - 1)
    start, end = np.concatenate(starts), np.concatenate(ends)
    step = end - start
    length = np.hypot(step[:, 0], step[:, 1])
    long = length >= LEAST_FACE_M
    start, end, step, length = start[long], end[long], step[long], length[long]
    bearing = np.degrees(np.arctan2(step[:, 0], step[:, 1]))
    sides = np.stack([(bearing + 90.0) % 360.0, (bearing - 90.0) % 360.0])
    equator = 180.0 if latitude_deg >= 0.0 else 0.0
    # The eastern side is a hair nearer, so that a wall due north does not hang on rounding.
    away = np.abs((sides - equator + 180.0) % 360.0 - 180.0) + 1e-6 * (sides > 180.0)
    azimuth = np.where(away[0] <= away[1], sides[0], sides[1])
    faces = shapely.linestrings(np.stack([start, end], axis=1))
    strip = shapely.buffer(faces, WALL_WIDTH_M / 2.0, cap_style="flat")
    number = np.array(whose, dtype=np.int64)[long]
    return WallFaces(
        number, start, end, length, np.asarray(azimuth), np.asarray(strip, dtype=object)
    )
