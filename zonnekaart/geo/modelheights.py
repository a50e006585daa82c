"""Faces of a city model to heights on a lattice, and to footprints."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.interpolate import LinearNDInterpolator, NearestNDInterpolator

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy.typing as npt

    from zonnekaart.geo.geobox import GeoBox

    Corners = npt.NDArray[np.float64]
    """Shape (corners, 3): x, y, height. [m]"""

_UPRIGHT = 1e-3
"""Least vertical part of a unit normal for a face that is seen from above. [-]"""
_LEAST_AREA_M2 = 0.01


@dataclass(frozen=True)
class FlatFace:
    """
    A face as seen from above.

    Parameters
    ----------
    polygon : shapely.Polygon
        Its plan.
    slope : tuple of float
        ``(a, b, c)`` of height = a·x + b·y + c, x and y from the first corner. [-, -, m]
    origin : tuple of float
        x and y of the first corner. [m]
    """

    polygon: shapely.Polygon
    slope: tuple[float, float, float]
    origin: tuple[float, float]

    def height_at(self, x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> Corners:
        """Return the heights of the plane through the face. [m]."""
        a, b, c = self.slope
        return a * (x - self.origin[0]) + b * (y - self.origin[1]) + c


def flat_face(outer: Corners, holes: Sequence[Corners] = ()) -> FlatFace | None:
    """
    Return a face as seen from above; None for walls and slivers.

    Parameters
    ----------
    outer : ndarray of float64, shape (corners, 3)
        Its rim, in order.
    holes : sequence of ndarray of float64, shape (corners, 3)
        Openings in it.

    Notes
    -----
    The plane goes through the middle of the corners with the normal of Newell's method, so that
    corners a little off the plane do not tilt it.

    Examples
    --------
    >>> face = flat_face(np.array([[0, 0, 1], [2, 0, 1], [2, 2, 3], [0, 2, 3.0]]))
    >>> face.slope
    (0.0, 1.0, 1.0)
    """
    local = outer - outer[0]
    following = np.roll(local, -1, axis=0)
    normal = np.cross(local, following).sum(axis=0)
    length = float(np.linalg.norm(normal))
    if length == 0.0 or abs(normal[2]) < _UPRIGHT * length:
        return None
    polygon = shapely.make_valid(shapely.Polygon(outer[:, :2], [hole[:, :2] for hole in holes]))
    plan = _largest(polygon)
    if plan is None or plan.area < _LEAST_AREA_M2:
        return None
    a, b = float(-normal[0] / normal[2]) + 0.0, float(-normal[1] / normal[2]) + 0.0
    middle = local.mean(axis=0)
    c = float(outer[0, 2] + middle[2] - a * middle[0] - b * middle[1])
    return FlatFace(plan, (a, b, c), (float(outer[0, 0]), float(outer[0, 1])))


def _largest(shape: shapely.Geometry) -> shapely.Polygon | None:
    parts = [p for p in shapely.get_parts(shape) if isinstance(p, shapely.Polygon)]
    return max(parts, key=lambda p: p.area, default=None)


def raise_roofs(height: npt.NDArray[np.float32], box: GeoBox, faces: Iterable[FlatFace]) -> int:
    """
    Lift the heights to the roofs above them, in place; the highest face over a cell wins.

    Parameters
    ----------
    height : ndarray of float32, shape (rows, cols)
        Ground heights; NaN is lifted too. [m]
    box : GeoBox
        Where the cells lie.
    faces : iterable of FlatFace
        Roofs in the same system.

    Returns
    -------
    int
        Cells whose middle lies under a roof.
    """
    lifted = np.zeros(height.shape, dtype=np.bool_)
    for face in faces:
        west, south, east, north = face.polygon.bounds
        left = max(int((west - box.west) / box.cell_m), 0)
        right = min(int((east - box.west) / box.cell_m) + 1, box.cols)
        top = max(int((box.north - north) / box.cell_m), 0)
        bottom = min(int((box.north - south) / box.cell_m) + 1, box.rows)
        if left >= right or top >= bottom:
            continue
        x, y = np.meshgrid(
            box.west + (np.arange(left, right) + 0.5) * box.cell_m,
            box.north - (np.arange(top, bottom) + 0.5) * box.cell_m,
        )
        inside = shapely.contains_xy(face.polygon, x, y)
        part = height[top:bottom, left:right]
        roof = face.height_at(x, y).astype(np.float32)
        part[inside] = np.fmax(part[inside], roof[inside])
        lifted[top:bottom, left:right] |= inside
    return int(lifted.sum())


def ground_between(points: Corners, box: GeoBox) -> npt.NDArray[np.float32]:
    """
    Return ground heights between points where they are known, straight lines in triangles.

    Parameters
    ----------
    points : ndarray of float64, shape (points, 3)
        x, y and ground height. [m]
    box : GeoBox
        The cells to fill.

    Returns
    -------
    ndarray of float32, shape (rows, cols)
        Known everywhere: outside the triangles the nearest point counts. [m]
    """
    own, first = np.unique(points[:, :2], axis=0, return_index=True)
    known = points[first, 2]
    centre = own.mean(axis=0)
    x, y = np.meshgrid(
        box.west + (np.arange(box.cols) + 0.5) * box.cell_m - centre[0],
        box.north - (np.arange(box.rows) + 0.5) * box.cell_m - centre[1],
    )
    nearest = NearestNDInterpolator(own - centre, known)
    if len(own) < 4:
        return np.asarray(nearest(x, y), dtype=np.float32)
    out = LinearNDInterpolator(own - centre, known)(x, y)
    missing = np.isnan(out)
    out[missing] = nearest(x[missing], y[missing])
    return np.asarray(out, dtype=np.float32)


def footprint(faces: Iterable[FlatFace]) -> shapely.Geometry:
    """Return the plan of faces together: one valid polygon or several. [m]."""
    merged = shapely.union_all([face.polygon for face in faces], grid_size=0.001)
    return shapely.make_valid(merged)
