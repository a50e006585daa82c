"""The street plan of the embedded town: smooth streets, and lots along them.

The plan itself is data (``data/town/plan.toml``); this module turns it into geometry.
All coordinates are metres from the south-west corner of the frame, x east and y north.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely import LineString, Point, Polygon
from shapely.ops import polygonize

from zonnekaart.config import share_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from shapely.geometry.base import BaseGeometry


FloatArray = npt.NDArray[np.float64]

_SMOOTH_STEPS = 12
_ROUND_DIGITS = 3


@dataclass(frozen=True)
class Frame:
    """
    A local system: `u` along the front, `v` away from the street, in town metres.

    Parameters
    ----------
    x, y : float
        Origin. [m]
    angle_deg : float
        Direction of `u`, counter-clockwise from east. [deg]
    """

    x: float
    y: float
    angle_deg: float

    def place(self, points: FloatArray) -> FloatArray:
        """
        Return local points in town coordinates; a third column (height) passes through.

        Parameters
        ----------
        points : ndarray of float64, shape (points, 2 or 3)
            Columns u, v and possibly z. [m]
        """
        angle = np.deg2rad(self.angle_deg)
        cosine, sine = np.cos(angle), np.sin(angle)
        placed = points.copy()
        placed[:, 0] = self.x + points[:, 0] * cosine - points[:, 1] * sine
        placed[:, 1] = self.y + points[:, 0] * sine + points[:, 1] * cosine
        return placed

    def box(self, u0: float, u1: float, v0: float, v1: float) -> Polygon:
        """Return the rectangle between two values of `u` and two of `v`. [m]."""
        corners = np.array([[u0, v0], [u1, v0], [u1, v1], [u0, v1]])
        return Polygon(self.place(corners))

    def shifted(self, u: float, v: float) -> Frame:
        """Return the frame with its origin moved by (`u`, `v`). [m]."""
        x, y = self.place(np.array([[u, v]]))[0]
        return Frame(float(x), float(y), self.angle_deg)


@dataclass(frozen=True)
class Street:
    """A street: its smooth centre line and the width of its paved surface. [m]."""

    street_id: str
    name: str
    width_m: float
    line: LineString

    @property
    def surface(self) -> Polygon:
        """Paved surface, butt ends."""
        return self.line.buffer(self.width_m / 2.0, cap_style="flat")

    def frontage(self, start_m: float, stop_m: float, side: str) -> Frame:
        """
        Return a frame on the edge of the street, at the middle of a chord along it.

        Parameters
        ----------
        start_m, stop_m : float
            Where the chord begins and ends along the centre line. [m]
        side : {"left", "right"}
            Side of the street, seen along its points; `v` points away from the street.
        """
        first = np.array(self.line.interpolate(start_m).coords[0])
        last = np.array(self.line.interpolate(stop_m).coords[0])
        along = (last - first) / np.hypot(*(last - first))
        if side == "right":
            along = -along
        away = np.array([-along[1], along[0]])
        middle = (first + last) / 2.0 + away * self.width_m / 2.0
        angle = float(np.rad2deg(np.arctan2(along[1], along[0])))
        return Frame(float(middle[0]), float(middle[1]), angle)


@dataclass(frozen=True)
class Sector:
    """A statistical sector of the town."""

    area_id: str
    name: str
    polygon: BaseGeometry


@dataclass(frozen=True)
class Plan:
    """
    Everything that is fixed about the town before the dice are thrown.

    `sites`, `frontages`, `tree_rows`, `woods` and `cabins` are the plan file's tables as they are.
    """

    name: str
    frame_m: float
    streets: dict[str, Street]
    square: Polygon
    water: dict[str, tuple[str, BaseGeometry]]
    sectors: tuple[Sector, ...]
    sites: tuple[dict[str, Any], ...] = field(default=())
    frontages: tuple[dict[str, Any], ...] = field(default=())
    tree_rows: tuple[dict[str, Any], ...] = field(default=())
    woods: tuple[dict[str, Any], ...] = field(default=())
    cabins: tuple[dict[str, Any], ...] = field(default=())

    @property
    def extent(self) -> Polygon:
        """The frame as a polygon."""
        return shapely.box(0.0, 0.0, self.frame_m, self.frame_m)


def smooth_line(points: FloatArray) -> LineString:
    """
    Return a Catmull-Rom curve through `points`.

    Parameters
    ----------
    points : ndarray of float64, shape (points, 2)
        Places the line passes, in order. [m]
    """
    first, last = 2 * points[0] - points[1], 2 * points[-1] - points[-2]
    padded = np.vstack([first, points, last])
    share = np.arange(_SMOOTH_STEPS)[:, None] / _SMOOTH_STEPS
    pieces = []
    for before, start, stop, after in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        pieces.append(
            0.5
            * (
                2 * start
                + (stop - before) * share
                + (2 * before - 5 * start + 4 * stop - after) * share**2
                + (3 * start - before - 3 * stop + after) * share**3
            )
        )
    curve = np.vstack([*pieces, points[-1:]])
    return LineString(np.round(curve, _ROUND_DIGITS))


def read_plan(path: Path | None = None) -> Plan:
    """
    Read a street plan; the embedded one when no path is given.

    Parameters
    ----------
    path : Path, optional
        A file laid out as ``data/town/plan.toml``.
    """
    source = path or share_folder("data") / "town" / "plan.toml"
    raw = tomllib.loads(source.read_text(encoding="utf-8"))
    extent = shapely.box(0.0, 0.0, raw["frame_m"], raw["frame_m"])
    streets = {
        row["id"]: Street(
            row["id"], row["name"], row["width_m"], smooth_line(np.array(row["points"], float))
        )
        for row in raw["street"]
    }
    water = {row["id"]: (row["name"], _water_surface(row, extent)) for row in raw["water"]}
    return Plan(
        name=raw["name"],
        frame_m=raw["frame_m"],
        streets=streets,
        square=Polygon(raw["square"]["polygon"]),
        water=water,
        sectors=_sectors(raw["sectors"], extent),
        sites=tuple(raw["site"]),
        frontages=tuple(raw["frontage"]),
        tree_rows=tuple(raw["tree_row"]),
        woods=tuple(raw["wood"]),
        cabins=tuple(raw["cabin"]),
    )


def _water_surface(row: dict[str, Any], extent: Polygon) -> BaseGeometry:
    if "polygon" in row:
        ring = np.array([*row["polygon"], row["polygon"][0]], float)
        return Polygon(smooth_line(ring).coords).buffer(0.0)
    line = smooth_line(np.array(row["points"], float))
    return line.buffer(row["width_m"] / 2.0, cap_style="flat").intersection(extent)


def _sectors(raw: dict[str, Any], extent: Polygon) -> tuple[Sector, ...]:
    """Cut the frame by the lines; every piece goes to the sector with the nearest point."""
    lines = [smooth_line(np.array(cut, float)) for cut in raw["cuts"]]
    pieces = list(polygonize(shapely.unary_union([extent.boundary, *lines])))
    owned: dict[str, list[Polygon]] = {row["id"]: [] for row in raw["area"]}
    for piece in pieces:
        if not extent.covers(piece.representative_point()):
            continue
        nearest = min(
            raw["area"], key=lambda row: min(piece.distance(Point(p)) for p in row["points"])
        )
        owned[nearest["id"]].append(piece)
    return tuple(
        Sector(row["id"], row["name"], shapely.unary_union(owned[row["id"]])) for row in raw["area"]
    )


def lots(length_m: float, widths: Iterator[float], gap_m: float = 0.0) -> list[tuple[float, float]]:
    """
    Cut a length into lots until it is full.

    Parameters
    ----------
    length_m : float
        What there is to cut. [m]
    widths : iterator of float
        Widths of the lots to come. [m]
    gap_m : float
        Left open between lots. [m]

    Returns
    -------
    list of (float, float)
        Start and width of each lot that fits. [m]
    """
    cut: list[tuple[float, float]] = []
    start = 0.0
    for width in widths:
        if start + width > length_m:
            break
        cut.append((start, width))
        start += width + gap_m
    return cut
