"""Shapes of buildings: roof planes as exact polygons with a height equation.

A building is a set of volumes; each volume brings roof planes. Where volumes overlap (a dormer on
a roof, a tower in a nave), the highest one is what the sky sees: `visible_planes` cuts the others.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import shapely
from shapely import MultiPolygon, Polygon

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from zonnekaart.pipelines.town.plan import Frame

FloatArray = npt.NDArray[np.float64]

FLAT_BELOW_DEG = 0.5
_SLIVER_M2 = 0.02
_THIN_M = 0.005
"""Half the width below which a strip of roof is rounding, not roof. [m]"""

_SAME_HEIGHT_M = 1e-6


@dataclass(frozen=True)
class Box:
    """A rectangle in a building's own frame: `u` along the front, `v` to the back. [m]."""

    u0: float
    u1: float
    v0: float
    v1: float

    @property
    def length(self) -> float:
        """Size along the front. [m]."""
        return self.u1 - self.u0

    @property
    def depth(self) -> float:
        """Size from front to back. [m]."""
        return self.v1 - self.v0


@dataclass(frozen=True)
class Plane:
    """
    One roof plane: ``z = a x + b y + c`` over a polygon in town coordinates.

    Parameters
    ----------
    part : str
        What it belongs to: "main", "extension", "dormer", "tower", "chimney", "annex".
    volume : int
        Planes of one volume never overlap; those of two volumes may.
    polygon : Polygon
        In plan, town coordinates. [m]
    a, b, c : float
        Height above the building's own ground level. [-, -, m]
    """

    part: str
    volume: int
    polygon: Polygon
    a: float
    b: float
    c: float

    @property
    def tilt_deg(self) -> float:
        """Angle between the plane and the horizontal. [deg]."""
        return float(np.rad2deg(np.arctan(np.hypot(self.a, self.b))))

    @property
    def azimuth_deg(self) -> float:
        """Direction the plane faces, 0 = north, clockwise; NaN when flat. [deg]."""
        if self.tilt_deg < FLAT_BELOW_DEG:
            return float("nan")
        return float(np.rad2deg(np.arctan2(-self.a, -self.b)) % 360.0)

    @property
    def area_m2(self) -> float:
        """Sloped area. [m2]."""
        return float(self.polygon.area * np.sqrt(1.0 + self.a**2 + self.b**2))

    def height(self, x: FloatArray, y: FloatArray) -> FloatArray:
        """Return the height above the building's ground at points, same shape. [m]."""
        return self.a * x + self.b * y + self.c


class Shape:
    """
    Collects volumes of one building in its own frame.

    Parameters
    ----------
    frame : Frame
        Where the building stands.
    """

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.planes: list[Plane] = []
        self._volumes = 0

    def flat(self, box: Box, height_m: float, part: str = "main") -> None:
        """Add a flat roof."""
        self._add(part, [_ring(box, [height_m] * 4)])

    def lean_to(self, box: Box, low_m: float, high_m: float, part: str = "extension") -> None:
        """Add one plane that falls from `high_m` at the front to `low_m` at the back."""
        self._add(part, [_ring(box, [high_m, high_m, low_m, low_m])])

    def gable(
        self, box: Box, eaves_m: float, pitch_deg: float, ridge: str = "u", part: str = "main"
    ) -> float:
        """Add two planes with the ridge along `u` or `v`; return the ridge's height. [m]."""
        slope = np.tan(np.deg2rad(pitch_deg))
        if ridge == "u":
            top = eaves_m + slope * box.depth / 2.0
            middle = (box.v0 + box.v1) / 2.0
            front = _ring(replace(box, v1=middle), [eaves_m, eaves_m, top, top])
            back = _ring(replace(box, v0=middle), [top, top, eaves_m, eaves_m])
            self._add(part, [front, back])
        else:
            top = eaves_m + slope * box.length / 2.0
            middle = (box.u0 + box.u1) / 2.0
            left = _ring(replace(box, u1=middle), [eaves_m, top, top, eaves_m])
            right = _ring(replace(box, u0=middle), [top, eaves_m, eaves_m, top])
            self._add(part, [left, right])
        return float(top)

    def hip(self, box: Box, eaves_m: float, pitch_deg: float, part: str = "main") -> float:
        """Add four planes of one pitch; a pyramid when the box is square. Return the top. [m]."""
        half = min(box.length, box.depth) / 2.0
        top = eaves_m + half * float(np.tan(np.deg2rad(pitch_deg)))
        corners = [
            (box.u0, box.v0, eaves_m),
            (box.u1, box.v0, eaves_m),
            (box.u1, box.v1, eaves_m),
            (box.u0, box.v1, eaves_m),
        ]
        if box.length >= box.depth:
            middle = (box.v0 + box.v1) / 2.0
            start, stop = (box.u0 + half, middle, top), (box.u1 - half, middle, top)
            ends = [start, stop, stop, start]
        else:
            middle = (box.u0 + box.u1) / 2.0
            start, stop = (middle, box.v0 + half, top), (middle, box.v1 - half, top)
            ends = [start, start, stop, stop]
        faces = []
        for side in range(4):
            after = (side + 1) % 4
            face = [corners[side], corners[after], ends[after], ends[side]]
            faces.append(np.array(list(dict.fromkeys(face))))
        self._add(part, faces)
        return top

    def sawtooth(self, box: Box, low_m: float, pitch_deg: float, teeth: int) -> float:
        """Add `teeth` planes that all fall to the front, with glass behind; return the top. [m]."""
        depth = box.depth / teeth
        high = low_m + depth * float(np.tan(np.deg2rad(pitch_deg)))
        rings = [
            _ring(
                replace(box, v0=box.v0 + i * depth, v1=box.v0 + (i + 1) * depth),
                [low_m, low_m, high, high],
            )
            for i in range(teeth)
        ]
        self._add("main", rings)
        return high

    def _add(self, part: str, faces: list[FloatArray]) -> None:
        for face in faces:
            placed = self.frame.place(face)
            a, b, c = _equation(placed)
            self.planes.append(Plane(part, self._volumes, Polygon(placed[:, :2]), a, b, c))
        self._volumes += 1

    def take(self, other: Shape) -> None:
        """Take over the volumes that were drawn in another frame."""
        moved = [replace(p, volume=p.volume + self._volumes) for p in other.planes]
        self.planes.extend(moved)
        self._volumes += other._volumes

    def footprint(self) -> Polygon:
        """Return the outline of all volumes in plan; the largest piece when they part. [m]."""
        whole = shapely.unary_union([plane.polygon.buffer(0.01) for plane in self.planes])
        outline = whole.buffer(-0.01, join_style="mitre")
        return max(_polygons(outline), key=lambda piece: piece.area)


def _ring(box: Box, heights: list[float]) -> FloatArray:
    """Return the four corners of a box, counter-clockwise from (u0, v0), with heights."""
    return np.array(
        [
            [box.u0, box.v0, heights[0]],
            [box.u1, box.v0, heights[1]],
            [box.u1, box.v1, heights[2]],
            [box.u0, box.v1, heights[3]],
        ]
    )


def _equation(corners: FloatArray) -> tuple[float, float, float]:
    """Return a, b, c of the plane through the corners (they lie in one plane)."""
    origin = corners[0]
    first, second = corners[1] - origin, corners[-1] - origin
    normal = np.cross(first, second)
    a, b = -normal[0] / normal[2], -normal[1] / normal[2]
    return float(a), float(b), float(origin[2] - a * origin[0] - b * origin[1])


def visible_planes(planes: list[Plane]) -> list[Plane]:
    """
    Cut away what lies under another volume; the parts of one plane stay separate planes.

    Parameters
    ----------
    planes : list of Plane
        All planes of one building, as the volumes brought them.

    Returns
    -------
    list of Plane
        Planes that together cover the footprint once; each polygon valid and not empty.
    """
    seen: list[Plane] = []
    for number, plane in enumerate(planes):
        left: BaseGeometry = plane.polygon
        for other_number, other in enumerate(planes):
            if other.volume == plane.volume or not left.intersects(other.polygon):
                continue
            higher = _where_higher(other, plane, include_equal=other_number < number)
            left = left.difference(higher)
        opened = left.buffer(-_THIN_M, join_style="mitre").buffer(_THIN_M, join_style="mitre")
        seen.extend(
            replace(plane, polygon=piece) for piece in _polygons(opened) if piece.area > _SLIVER_M2
        )
    return seen


def _polygons(geometry: BaseGeometry) -> list[Polygon]:
    if isinstance(geometry, Polygon):
        return [] if geometry.is_empty else [geometry]
    if isinstance(geometry, MultiPolygon) or hasattr(geometry, "geoms"):
        return [piece for piece in geometry.geoms if isinstance(piece, Polygon)]
    return []


def _where_higher(top: Plane, under: Plane, *, include_equal: bool) -> BaseGeometry:
    """Return the part of both polygons where `top` is above `under`."""
    common = top.polygon.intersection(under.polygon)
    if common.area <= 0.0:
        return Polygon()
    a, b, c = top.a - under.a, top.b - under.b, top.c - under.c
    if abs(a) + abs(b) < _SAME_HEIGHT_M:
        above = c > _SAME_HEIGHT_M or (include_equal and abs(c) <= _SAME_HEIGHT_M)
        return common if above else Polygon()
    west, south, east, north = common.bounds
    corners = np.array([[west, south], [east, south], [east, north], [west, north]])
    return common.intersection(_positive_part(corners, (a, b, c)))


def _positive_part(corners: FloatArray, equation: tuple[float, float, float]) -> Polygon:
    """Clip a convex ring to where ``a x + b y + c`` is positive (Sutherland-Hodgman)."""
    a, b, c = equation
    kept: list[FloatArray] = []
    values = corners @ np.array([a, b]) + c
    for index in range(len(corners)):
        after = (index + 1) % len(corners)
        here, there = values[index], values[after]
        if here >= 0.0:
            kept.append(corners[index])
        if (here >= 0.0) != (there >= 0.0):
            share = here / (here - there)
            kept.append(corners[index] + share * (corners[after] - corners[index]))
    return Polygon(kept) if len(kept) > 2 else Polygon()
