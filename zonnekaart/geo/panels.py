"""Panels as shapes: the plane's own coordinates, its usable part, and rectangles back in plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from zonnekaart.energy.panels import Boundaries

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.int64]
    ShapeArray = npt.NDArray[np.object_]

WALL_STEPS_M = 1.0
"""Bends of a footprint up to this wide do not turn its walls: stairs of cells, bays. [m]"""


@dataclass(frozen=True)
class Margins:
    """
    What stays free of panels.

    Parameters
    ----------
    edge_m, hole_m : float
        Strip inside the outer edge of a plane, and round its holes, on the slope. [m]
    field_m : float
        Largest side of a field; 0 for fields without end. [m]
    path_m : float
        Width of the paths between fields. [m]
    """

    edge_m: float
    hole_m: float
    field_m: float = 0.0
    path_m: float = 0.0


@dataclass(frozen=True)
class Frames:
    """
    Coordinates of planes, shape (planes,): u along the contour, v up the slope.

    Parameters
    ----------
    x, y : ndarray of float64
        Origin in the CRS. [m]
    facing_deg : ndarray of float64
        Direction in which v falls; 0 = north, clockwise. [degrees]
    stretch : ndarray of float64
        Length on the slope per length in plan, along v. [-]
    """

    x: FloatArray
    y: FloatArray
    facing_deg: FloatArray
    stretch: FloatArray

    def to_plane(self, points: FloatArray, plane: IntArray) -> FloatArray:
        """Turn x, y of shape (points, 2) into u, v of the plane of each point. [m]."""
        east, north = points[:, 0] - self.x[plane], points[:, 1] - self.y[plane]
        sine, cosine = _turn(self.facing_deg[plane])
        return np.column_stack(
            [
                -cosine * east + sine * north,
                -(sine * east + cosine * north) * self.stretch[plane],
            ]
        )

    def to_plan(self, points: FloatArray, plane: IntArray) -> FloatArray:
        """Turn u, v of shape (points, 2) into x, y. [m]."""
        along, up = points[:, 0], points[:, 1] / self.stretch[plane]
        sine, cosine = _turn(self.facing_deg[plane])
        return np.column_stack(
            [
                self.x[plane] - cosine * along - sine * up,
                self.y[plane] + sine * along - cosine * up,
            ]
        )


def _turn(angle_deg: FloatArray) -> tuple[FloatArray, FloatArray]:
    radians = np.radians(angle_deg)
    return np.sin(radians), np.cos(radians)


def wall_direction_deg(footprints: ShapeArray) -> FloatArray:
    """
    Return the main direction of the walls of buildings.

    Parameters
    ----------
    footprints : ndarray of polygons, shape (buildings,)
        In a CRS in metres.

    Returns
    -------
    ndarray of float64, shape (buildings,)
        Azimuth from 0 to 90; the other walls stand at right angles. Mean over the walls of four
        times their direction, weighted by the square of their length, as long walls lead the eye.
        0 for an empty shape. [degrees]

    Examples
    --------
    >>> shape = shapely.Polygon([(0, 0), (4, 4), (2, 6), (-2, 2)])
    >>> wall_direction_deg(np.array([shape])).round(6)
    array([45.])
    """
    plain = shapely.simplify(footprints, WALL_STEPS_M)
    points, index = shapely.get_coordinates(shapely.boundary(plain), return_index=True)
    step = points[1:] - points[:-1]
    same = index[1:] == index[:-1]
    angle = np.arctan2(step[:, 0], step[:, 1])
    weight = np.where(same, np.sum(step**2, axis=1), 0.0)
    count = len(footprints)
    sine = np.bincount(index[1:], weight * np.sin(4.0 * angle), minlength=count)
    cosine = np.bincount(index[1:], weight * np.cos(4.0 * angle), minlength=count)
    return np.asarray(np.degrees(np.arctan2(sine, cosine)) / 4.0 % 90.0)


def nearest_wall_deg(wall_deg: FloatArray, wanted_deg: FloatArray | float) -> FloatArray:
    """
    Return the wall direction, or one at right angles to it, that is nearest to a wanted one.

    Examples
    --------
    >>> nearest_wall_deg(np.array([30.0, 80.0]), 180.0)
    array([210., 170.])
    """
    return np.asarray((wall_deg + 90.0 * np.round((wanted_deg - wall_deg) / 90.0)) % 360.0)


def frames_of(outlines: ShapeArray, facing_deg: FloatArray, tilt_deg: FloatArray) -> Frames:
    """
    Return the coordinates of planes.

    Parameters
    ----------
    outlines : ndarray of polygons, shape (planes,)
        In plan.
    facing_deg : ndarray of float64, shape (planes,)
        Direction in which v falls. [degrees]
    tilt_deg : ndarray of float64, shape (planes,)
        Of the surface that panels lie on; 0 for racks, which stand level. [degrees]
    """
    bounds = shapely.bounds(outlines)
    middle = np.nan_to_num((bounds[:, :2] + bounds[:, 2:]) / 2.0)
    return Frames(middle[:, 0], middle[:, 1], facing_deg, 1.0 / np.cos(np.radians(tilt_deg)))


def usable_parts(outlines: ShapeArray, frames: Frames, margins: Margins) -> ShapeArray:
    """
    Return what is left of planes for panels, in their own coordinates.

    Parameters
    ----------
    outlines : ndarray of polygons, shape (planes,)
        In plan.
    frames : Frames
        Of the planes.
    margins : Margins
        What stays free.
    """
    owner = np.repeat(np.arange(len(outlines)), shapely.get_num_coordinates(outlines))
    flat = shapely.transform(outlines, lambda points: frames.to_plane(points, owner))
    inner = _widened(flat, -margins.edge_m)
    parts, whose = shapely.get_parts(flat, return_index=True)
    for k in np.unique(whose[shapely.get_num_interior_rings(parts) > 0]):
        own = parts[np.searchsorted(whose, k) : np.searchsorted(whose, k, side="right")]
        inner[k] = shapely.union_all([_round_holes(part, margins) for part in own])
    if margins.field_m > 0.0:
        bounds = shapely.bounds(inner)
        wide = np.nan_to_num(np.maximum(bounds[:, 2] - bounds[:, 0], bounds[:, 3] - bounds[:, 1]))
        for k in np.flatnonzero(wide > margins.field_m):
            inner[k] = shapely.difference(inner[k], _paths(bounds[k], margins))
    return inner


def _round_holes(part: shapely.Polygon, margins: Margins) -> shapely.Geometry:
    """Return a polygon inside its outer strip and outside the strips round its holes."""
    shell = shapely.polygons(shapely.get_exterior_ring(part))
    holes = shapely.polygons(shapely.get_rings(part)[1:])
    wider = _widened(np.asarray(holes), margins.hole_m)
    inner = shapely.union_all(_widened(np.asarray([shell]), -margins.edge_m))
    return shapely.difference(inner, shapely.union_all(wider))


def _widened(shapes: ShapeArray, by_m: float) -> ShapeArray:
    """Return shapes with square corners, wider or narrower; what crosses itself is mended."""
    made = np.asarray(shapely.buffer(shapes, by_m, quad_segs=1, join_style="mitre"))
    # GEOS does not keep mitred strips of ragged outlines from crossing themselves.
    broken = ~shapely.is_valid(made)
    if broken.any():
        made[broken] = shapely.make_valid(made[broken], method="structure", keep_collapsed=False)
    return made


def _paths(bounds: FloatArray, margins: Margins) -> shapely.Geometry:
    """Return paths both ways that cut a rectangle into equal fields."""
    west, south, east, north = bounds
    strips = []
    for start, stop, across in ((west, east, True), (south, north, False)):
        fields = int(np.ceil((stop - start) / margins.field_m))
        for middle in start + (stop - start) * np.arange(1, fields) / fields:
            low, high = middle - margins.path_m / 2.0, middle + margins.path_m / 2.0
            box = (low, south, high, north) if across else (west, low, east, high)
            strips.append(shapely.box(*box))
    return shapely.union_all(strips)


def boundaries(shapes: ShapeArray) -> Boundaries:
    """Return the boundaries of polygons as segments; an empty shape has none."""
    parts, shape = shapely.get_parts(shapes, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    owner = shape[part]
    points, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    segments = np.column_stack([points[:-1], points[1:]])[same]
    plane = owner[ring[1:]][same]
    first = np.searchsorted(plane, np.arange(len(shapes) + 1)).astype(np.int64)
    return Boundaries(np.ascontiguousarray(segments), first)


def rectangles(
    frames: Frames, plane: IntArray, corner: FloatArray, size_m: tuple[FloatArray, FloatArray]
) -> ShapeArray:
    """
    Return rectangles of a plane's own coordinates as polygons in plan.

    Parameters
    ----------
    frames : Frames
        Of the planes.
    plane : ndarray of int64, shape (rectangles,)
        Whose coordinates.
    corner : ndarray of float64, shape (rectangles, 2)
        Least u and v. [m]
    size_m : tuple of ndarray of float64, shape (rectangles,)
        Width along u and depth along v. [m]
    """
    width, depth = size_m
    turns = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], dtype=np.float64)
    points = corner[:, None, :] + turns[None] * np.column_stack([width, depth])[:, None, :]
    plan = frames.to_plan(points.reshape(-1, 2), np.repeat(plane, 4)).reshape(-1, 4, 2)
    return np.asarray(shapely.polygons(plan), dtype=object)
