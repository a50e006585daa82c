"""Roof planes as polygons: from cells to outlines that share their ridges, clipped to footprints.

Each building's planes form one coverage: neighbours are simplified together, so that a ridge stays
one line. Labels first grow one cell outward, so that the footprint's own edge, and not the
staircase of cells, bounds the roof.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numba import njit

from zonnekaart.solar.planefits import OUTSIDE

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    from shapely.geometry.base import BaseGeometry

    from zonnekaart.geo.geobox import GeoBox
    from zonnekaart.solar.roofplanes import RoofPlanes

    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.int64]
    LabelArray = npt.NDArray[np.int32]

SMOOTHING_CELLS = 2.0
"""Triangles up to this many cells wide are smoothed away: the stairs of a slanting ridge. [-]"""

GOLDEN = (5.0**0.5 - 1.0) / 2.0

# Steps along the lattice with the plane on the right: east, south, west, north.
_STEP_COL = np.array([1, 0, -1, 0], dtype=np.int64)
_STEP_ROW = np.array([0, 1, 0, -1], dtype=np.int64)


@dataclass(frozen=True)
class Rings:
    """Closed outlines on the lattice: points (x, y), ring of each point, plane of each ring."""

    points: FloatArray
    ring: IntArray
    plane: IntArray


def plane_polygons(
    planes: RoofPlanes, footprints: Sequence[BaseGeometry], geobox: GeoBox
) -> npt.NDArray[np.object_]:
    """
    Return the outline of each plane in plan.

    Parameters
    ----------
    planes : RoofPlanes
        Found on the cells of `geobox`.
    footprints : sequence of polygons
        One per building, in the CRS of `geobox`; planes are clipped to them.
    geobox : GeoBox
        The cells.

    Returns
    -------
    ndarray of object, shape (planes,)
        Polygons or MultiPolygons, empty when a plane lies outside its footprint. Planes of one
        building do not overlap.
    """
    count = len(planes.building)
    if count == 0:
        return np.empty(0, dtype=object)
    rows_cols = planes.windows[:, 2:]
    grown = _grown(planes.labels, planes.offsets, rows_cols)
    points, ring, plane = _traced(grown, planes.offsets, planes.windows)
    rings = Rings(
        np.column_stack(
            [
                geobox.west + points[:, 1] * geobox.cell_m,
                geobox.north - points[:, 0] * geobox.cell_m,
            ]
        ),
        ring,
        plane,
    )
    outlines = _assembled(rings, count)
    first = np.searchsorted(planes.building, np.arange(len(footprints)))
    last = np.searchsorted(planes.building, np.arange(len(footprints)), side="right")
    tolerance = SMOOTHING_CELLS * geobox.cell_m
    for start, stop in zip(first, last, strict=True):
        if stop - start > 1:
            outlines[start:stop] = shapely.coverage_simplify(
                outlines[start:stop], tolerance, simplify_boundary=False
            )
    own = np.asarray(list(footprints), dtype=object)[planes.building]
    return polygonal(shapely.intersection(outlines, own))


def polygonal(shapes: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Keep the areas of mixed results of an overlay; points and lines have none."""
    mixed = shapely.get_type_id(shapes) == shapely.GeometryType.GEOMETRYCOLLECTION
    for k in np.flatnonzero(mixed):
        parts = shapely.get_parts(shapes[k])
        shapes[k] = shapely.union_all(parts[shapely.area(parts) > 0.0])
    lines = shapely.get_dimensions(shapes) < 2
    shapes[lines] = shapely.from_wkt("POLYGON EMPTY")
    return shapes


def shifted(
    shapes: npt.NDArray[np.object_], shift_m: tuple[float, float]
) -> npt.NDArray[np.object_]:
    """
    Return geometries moved by a vector.

    Parameters
    ----------
    shapes : ndarray of geometries, shape (features,)
        Any kind, in a CRS in metres.
    shift_m : tuple of float
        East and north. [m]

    Examples
    --------
    >>> shifted(np.array([shapely.Point(1.0, 2.0)]), (0.5, -1.0)).tolist()
    [<POINT (1.5 1)>]
    """
    if shift_m == (0.0, 0.0):
        return shapes
    moved: npt.NDArray[np.object_] = shapely.transform(shapes, lambda xy: xy + np.array(shift_m))
    return moved


def sloped_area_m2(plan_area_m2: FloatArray, tilt_deg: FloatArray) -> FloatArray:
    """
    Return the roof surface over an area in plan.

    Parameters
    ----------
    plan_area_m2 : ndarray of float64
        Horizontal projection. [m2]
    tilt_deg : ndarray of float64
        From the horizontal, below 90. [degrees]

    Examples
    --------
    >>> sloped_area_m2(np.array([10.0]), np.array([60.0])).round(6)
    array([20.])
    """
    return np.asarray(plan_area_m2 / np.cos(np.radians(tilt_deg)))


def inner_area_m2(outlines: npt.NDArray[np.object_], edge_m: FloatArray) -> FloatArray:
    """
    Return the area in plan that is left inside a strip along every edge.

    Parameters
    ----------
    outlines : ndarray of polygons, shape (planes,)
        Planes in plan; holes are edges too.
    edge_m : ndarray of float64, shape (planes,)
        Width of the strip in plan. [m]
    """
    inner = shapely.buffer(outlines, -edge_m, quad_segs=1, join_style="mitre")
    return np.asarray(shapely.area(inner))


def spread_cells(
    planes: RoofPlanes, cell_m: float, cell_area_m2: float = 6.0, least: int = 4, most: int = 24
) -> tuple[IntArray, IntArray, IntArray]:
    """
    Choose cells that stand for each plane.

    Parameters
    ----------
    planes : RoofPlanes
        As found.
    cell_m : float
        Cell size. [m]
    cell_area_m2 : float
        One cell is chosen for about this area in plan. [m2]
    least, most : int
        Fewest and largest number of cells for one plane.

    Returns
    -------
    plane, rows, cols : ndarray of int64, shape (points,)
        Plane of each cell and where it lies: one from each of equal stretches in reading order,
        at places that do not repeat, so that they do not line up in columns.
    """
    member = np.flatnonzero(planes.labels >= 0)
    order = member[np.argsort(planes.labels[member], kind="stable")]
    sizes = planes.cells.astype(np.int64)
    start = np.concatenate([[0], np.cumsum(sizes)])[:-1]
    wanted = np.clip(np.ceil(sizes * cell_m**2 / cell_area_m2), least, most).astype(np.int64)
    wanted = np.minimum(wanted, sizes)
    plane = np.repeat(np.arange(len(sizes)), wanted)
    rank = np.arange(len(plane)) - np.repeat(np.cumsum(wanted) - wanted, wanted)
    within = (rank + (0.5 + rank * GOLDEN) % 1.0) * sizes[plane] / wanted[plane]
    pick = start[plane] + within.astype(np.int64)
    flat = order[pick]
    building = planes.building[plane]
    place = flat - planes.offsets[building]
    width = planes.windows[building, 3]
    rows = planes.windows[building, 0] + place // width
    cols = planes.windows[building, 1] + place % width
    return plane, rows, cols


def _assembled(rings: Rings, count: int) -> npt.NDArray[np.object_]:
    """Put holes into outlines and parts together."""
    lines = np.asarray(shapely.linearrings(rings.points, indices=rings.ring), dtype=object)
    filled = np.asarray(shapely.polygons(lines), dtype=object)
    outer = ~np.asarray(shapely.is_ccw(lines), dtype=bool)
    out = np.full(count, shapely.from_wkt("POLYGON EMPTY"), dtype=object)
    outers = np.bincount(rings.plane[outer], minlength=count)
    holes = np.bincount(rings.plane[~outer], minlength=count)
    plain = (outers == 1) & (holes == 0)
    single = outer & plain[rings.plane]
    out[rings.plane[single]] = filled[single]
    start = np.searchsorted(rings.plane, np.arange(count))
    stop = np.searchsorted(rings.plane, np.arange(count), side="right")
    for p in np.flatnonzero(~plain & (outers > 0)):
        part = slice(start[p], stop[p])
        out[p] = _nested(lines[part], filled[part], outer[part])
    return out


def _nested(
    lines: npt.NDArray[np.object_],
    filled: npt.NDArray[np.object_],
    outer: npt.NDArray[np.bool_],
) -> BaseGeometry:
    """Return one shape of several outer rings and holes; a hole goes to the ring around it."""
    inside = shapely.point_on_surface(filled[~outer])
    parts = []
    for shell, area in zip(lines[outer], filled[outer], strict=True):
        own = lines[~outer][shapely.contains(area, inside)]
        parts.append(shapely.polygons(shell, holes=own) if len(own) else area)
    joined: BaseGeometry = parts[0] if len(parts) == 1 else shapely.multipolygons(parts)
    return joined


@njit(nogil=True, cache=True)
def _grown(labels: LabelArray, offsets: IntArray, sizes: IntArray) -> LabelArray:
    """Give cells just outside a building the label of a neighbouring plane."""
    out = labels.copy()
    for b in range(sizes.shape[0]):
        rows, cols = sizes[b, 0], sizes[b, 1]
        for r in range(rows):
            for c in range(cols):
                here = offsets[b] + r * cols + c
                if labels[here] == OUTSIDE:
                    out[here] = _neighbour(labels, offsets[b], r, c, (rows, cols))
    return out


@njit(nogil=True, cache=True)
def _neighbour(labels: LabelArray, offset: int, row: int, col: int, size: tuple[int, int]) -> int:
    """Return the plane of the first neighbour that has one, sides before corners."""
    found = OUTSIDE
    for i in range(max(0, row - 1), min(size[0], row + 2)):
        for j in range(max(0, col - 1), min(size[1], col + 2)):
            other = labels[offset + i * size[1] + j]
            if other < 0:
                continue
            if i == row or j == col:
                return int(other)
            found = other
    return int(found)


@njit(nogil=True, cache=True)
def _traced(
    labels: LabelArray, offsets: IntArray, windows: IntArray
) -> tuple[IntArray, IntArray, IntArray]:
    """
    Follow the outlines of all planes; every lattice point on the way is kept.

    Returns points (row, col of the raster's lattice), the ring of each point, and the plane of
    each ring. Outer rings run clockwise on the map, holes the other way; parts that touch at a
    corner only are separate rings.
    """
    edges = _edges(labels, offsets, windows)
    total = int(edges.sum())
    points = np.zeros((total, 2), dtype=np.int64)
    ring = np.zeros(total, dtype=np.int64)
    plane = np.zeros(total, dtype=np.int64)
    used = np.zeros((labels.size, 4), dtype=np.bool_)
    n, rings = 0, 0
    for b in range(windows.shape[0]):
        for here in range(offsets[b], offsets[b + 1]):
            for side in range(4):
                if edges[here, side] and not used[here, side]:
                    start = n
                    n = _follow(edges, used, (offsets[b], here, side), windows[b], points, n)
                    ring[start:n] = rings
                    plane[rings] = labels[here]
                    rings += 1
    order = np.argsort(plane[:rings], kind="mergesort")
    place = np.empty(rings, dtype=np.int64)
    place[order] = np.arange(rings)
    ring = place[ring[:n]]
    by_ring = np.argsort(ring, kind="mergesort")
    return points[:n][by_ring], ring[by_ring], plane[:rings][order]


@njit(nogil=True, cache=True)
def _edges(labels: LabelArray, offsets: IntArray, windows: IntArray) -> npt.NDArray[np.bool_]:
    """Return for each cell which of its sides (north, east, south, west) bound its plane."""
    out = np.zeros((labels.size, 4), dtype=np.bool_)
    for b in range(windows.shape[0]):
        rows, cols = windows[b, 2], windows[b, 3]
        for r in range(rows):
            for c in range(cols):
                here = offsets[b] + r * cols + c
                own = labels[here]
                if own < 0:
                    continue
                out[here, 0] = r == 0 or labels[here - cols] != own
                out[here, 1] = c == cols - 1 or labels[here + 1] != own
                out[here, 2] = r == rows - 1 or labels[here + cols] != own
                out[here, 3] = c == 0 or labels[here - 1] != own
    return out


@njit(nogil=True, cache=True)
def _follow(
    edges: npt.NDArray[np.bool_],
    used: npt.NDArray[np.bool_],
    begin: tuple[int, int, int],
    window: IntArray,
    points: IntArray,
    n: int,
) -> int:
    """Follow one ring from a cell's side, the plane on the right, until it closes."""
    offset, here, side = begin
    cols = window[3]
    while not used[here, side]:
        used[here, side] = True
        row, col = (here - offset) // cols, (here - offset) % cols
        # The side begins at its corner: north-west, north-east, south-east, south-west.
        points[n, 0] = window[0] + row + (side >= 2)
        points[n, 1] = window[1] + col + (side == 1 or side == 2)
        n += 1
        right = (side + 1) % 4
        if edges[here, right]:
            side = right
            continue
        ahead = here + _STEP_ROW[side] * cols + _STEP_COL[side]
        if edges[ahead, side]:
            here = ahead
            continue
        left = (side + 3) % 4
        here = ahead + _STEP_ROW[left] * cols + _STEP_COL[left]
        side = left
    return n
