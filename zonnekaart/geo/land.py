"""How zones lie beside each other: cells around points, holes, shared borders, unions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from zonnekaart.errors import VectorError

if TYPE_CHECKING:
    import numpy.typing as npt
    from shapely.geometry.base import BaseGeometry

    ShapeArray = npt.NDArray[np.object_]
    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.int64]

LEAST_OVERLAP_SHARE = 0.01
"""Areas that share less than this part of the smaller one are cut; more is an error. [-]"""
LEAST_HOLE_M2 = 1.0
"""Smaller gaps between zones are inaccuracies of drawing. [m2]"""
LEAST_BORDER_M = 1.0
"""Zones that share less border touch in a point: nobody walks from one into the other. [m]"""
_GRID_M = 0.01
"""Borders are compared on a lattice of a centimetre, so that rounding parts no neighbours. [m]"""


def nearest_land(
    points: ShapeArray, group: IntArray, land: BaseGeometry, reach_m: float = np.inf
) -> ShapeArray:
    """
    Return the land nearest to each group of points.

    Parameters
    ----------
    points : ndarray of Point, shape (points,)
        At least one.
    group : ndarray of int64, shape (points,)
        Group of each point, from 0 without gaps.
    land : Polygon or MultiPolygon
        What is divided.
    reach_m : float
        Land farther from every point belongs to none. [m]

    Returns
    -------
    ndarray of geometries, shape (groups,)
        They do not overlap.
    """
    groups = int(group.max()) + 1
    if groups == 1:
        cells = np.array([shapely.envelope(shapely.union_all([land, *points]))], dtype=object)
        owner = np.zeros(1, dtype=np.int64)
    else:
        whole = shapely.envelope(shapely.union_all([land, *points]))
        made = shapely.voronoi_polygons(shapely.multipoints(points), extend_to=whole)
        cells = shapely.get_parts(made)
        point, cell = shapely.STRtree(cells).query(points, predicate="intersects")
        owner = np.zeros(len(cells), dtype=np.int64)
        owner[cell] = group[point]
    shapes = [shapely.union_all(cells[owner == g], grid_size=_GRID_M) for g in range(groups)]
    if np.isfinite(reach_m):
        around = [
            shapely.union_all(shapely.buffer(points[group == g], reach_m)) for g in range(groups)
        ]
        shapes = [shapely.intersection(s, a) for s, a in zip(shapes, around, strict=True)]
    return np.array([shapely.intersection(s, land) for s in shapes], dtype=object)


def holes(shapes: ShapeArray) -> ShapeArray:
    """
    Return the gaps that zones enclose.

    Parameters
    ----------
    shapes : ndarray of polygons, shape (zones,)
        Zones of one map.

    Returns
    -------
    ndarray of Polygon, shape (holes,)
        Largest first; gaps below `LEAST_HOLE_M2` are left out.

    Examples
    --------
    >>> ring = shapely.box(0, 0, 9, 9).difference(shapely.box(3, 3, 5, 6))
    >>> [float(h.area) for h in holes(np.array([ring]))]
    [6.0]
    """
    whole = shapely.union_all(shapes, grid_size=_GRID_M)
    rings = [ring for part in shapely.get_parts(whole) for ring in part.interiors]
    found = shapely.polygons(rings) if rings else np.empty(0, dtype=object)
    # A zone inside the hole of another fills it, and then it is none of the union's.
    found = found[shapely.area(found) >= LEAST_HOLE_M2]
    return np.asarray(found[np.argsort(-shapely.area(found), kind="stable")])


@dataclass(frozen=True)
class Borders:
    """
    Zones that lie side by side.

    Parameters
    ----------
    first, second : ndarray of int64, shape (pairs,)
        Positions of the two zones; ``first < second``.
    length_m : ndarray of float64, shape (pairs,)
        Border they share. [m]
    """

    first: IntArray
    second: IntArray
    length_m: FloatArray


def shared_borders(shapes: ShapeArray) -> Borders:
    """
    Return which zones share a border, and how much of it.

    Parameters
    ----------
    shapes : ndarray of polygons, shape (zones,)
        Zones that do not overlap, in a CRS in metres.

    Returns
    -------
    Borders
        Pairs that share at least `LEAST_BORDER_M`; zones that meet in a point are none.

    Examples
    --------
    >>> row = np.array([shapely.box(0, 0, 4, 4), shapely.box(4, 0, 8, 4), shapely.box(8, 4, 9, 5)])
    >>> pairs = shared_borders(row)
    >>> pairs.first.tolist(), pairs.second.tolist(), pairs.length_m.round().tolist()
    ([0], [1], [4.0])
    """
    tree = shapely.STRtree(shapes)
    one, other = tree.query(shapes, predicate="dwithin", distance=_GRID_M)
    pair = one < other
    one, other = one[pair], other[pair]
    # A vertex that only one of two neighbours has bends its border by less than the lattice, so
    # the border is looked for in a band rather than on a line.
    band = shapely.buffer(shapes[other], 2.0 * _GRID_M)
    length = shapely.length(shapely.intersection(shapely.boundary(shapes[one]), band))
    long = length >= LEAST_BORDER_M
    order = np.lexsort((other[long], one[long]))
    return Borders(
        one[long][order].astype(np.int64),
        other[long][order].astype(np.int64),
        np.asarray(length[long][order]),
    )


def joined(shapes: ShapeArray) -> BaseGeometry:
    """Return one shape of neighbouring zones, without seams where borders differ by little."""
    return shapely.union_all(shapes, grid_size=_GRID_M)


def without_overlaps(areas: gpd.GeoDataFrame, noun: str = "area") -> gpd.GeoDataFrame:
    """
    Return areas that share no ground; slivers go to the earlier one.

    Parameters
    ----------
    areas : GeoDataFrame
        ``area_id``, polygons in a CRS in metres.
    noun : str
        What they are called in errors.

    Raises
    ------
    VectorError
        If a polygon is invalid, or two areas overlap by more than slivers.
    """
    shapes = areas.geometry.to_numpy().copy()
    invalid = ~shapely.is_valid(shapes)
    if invalid.any():
        first = int(np.flatnonzero(invalid)[0])
        raise VectorError(
            f"{noun} {areas['area_id'].iloc[first]}",
            shapely.is_valid_reason(shapes[first]),
            "a valid polygon",
            "repair it in QGIS: Fix geometries",
        )
    tree = shapely.STRtree(shapes)
    left, right = tree.query(shapes, predicate="intersects")
    for i, j in sorted((int(a), int(b)) for a, b in zip(left, right, strict=True) if a < b):
        shared = shapely.area(shapely.intersection(shapes[i], shapes[j]))
        if shared <= 0.0:
            continue
        smaller = min(shapely.area(shapes[i]), shapely.area(shapes[j]))
        if shared > LEAST_OVERLAP_SHARE * smaller:
            raise VectorError(
                f"{noun}s {areas['area_id'].iloc[i]} and {areas['area_id'].iloc[j]}",
                f"{shared:.0f} m2 in both",
                f"{noun}s that do not overlap",
                f"cut one of them: every building belongs to one {noun}",
            )
        shapes[j] = areal(shapely.difference(shapes[j], shapes[i]))
    return areas.set_geometry(gpd.GeoSeries(shapes, index=areas.index, crs=areas.crs))


def areal(shape: BaseGeometry) -> BaseGeometry:
    """Return the polygons of an overlay's result."""
    parts = [p for p in shapely.get_parts(shape) if shapely.area(p) > 0.0]
    return shapely.union_all(parts)
