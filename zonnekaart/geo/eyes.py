"""Points where people stand: along streets, on squares, on open ground."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]


def lattice_points(
    bounds: tuple[float, float, float, float], spacing_m: float
) -> npt.NDArray[np.object_]:
    """
    Return points on a square lattice through the origin of the CRS.

    Parameters
    ----------
    bounds : tuple of float
        ``(west, south, east, north)``; its edges are part of it. [m]
    spacing_m : float
        Between two neighbours. [m]

    Examples
    --------
    >>> [point.wkt for point in lattice_points((1.0, 1.0, 9.0, 5.0), 5.0)]
    ['POINT (5 5)']
    """
    west, south, east, north = (value / spacing_m for value in bounds)
    x = np.arange(np.ceil(west), np.floor(east) + 1.0) * spacing_m
    y = np.arange(np.ceil(south), np.floor(north) + 1.0) * spacing_m
    at_x, at_y = np.meshgrid(x, y)
    return np.asarray(shapely.points(at_x.ravel(), at_y.ravel()))


def street_points(shapes: npt.NDArray[np.object_], spacing_m: float) -> npt.NDArray[np.object_]:
    """
    Return points on streets and squares.

    Parameters
    ----------
    shapes : ndarray of geometries, shape (features,)
        Lines, polygons, points, or several of them in one, in metres; empty ones have no point.
    spacing_m : float
        Along lines and along the edges of polygons; inside polygons, of a lattice. [m]

    Returns
    -------
    ndarray of points
        On every line both ends, and in every polygon at least one point; each place once.

    Examples
    --------
    >>> [point.wkt for point in street_points(shapely.from_wkt(["LINESTRING (0 0, 8 0)"]), 5.0)]
    ['POINT (0 0)', 'POINT (4 0)', 'POINT (8 0)']
    """
    parts = shapely.get_parts(shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))])
    # Collections may hold collections.
    while (shapely.get_type_id(parts) > 3).any():
        parts = shapely.get_parts(parts)
    dimension = shapely.get_dimensions(parts)
    surfaces = parts[dimension == 2]
    lines = np.concatenate([parts[dimension == 1], shapely.get_parts(shapely.boundary(surfaces))])
    found = [parts[dimension == 0], shapely.point_on_surface(surfaces)]
    found += [_along(lines, spacing_m), _inside(surfaces, spacing_m)]
    points = np.concatenate(found)
    # Streets share their ends and edges; a point that stands there twice would count twice.
    place = np.stack([shapely.get_x(points), shapely.get_y(points)], axis=1).round(2)
    return points[np.sort(np.unique(place, axis=0, return_index=True)[1])]


def _along(lines: npt.NDArray[np.object_], spacing_m: float) -> npt.NDArray[np.object_]:
    """Return points along lines, evenly, from one end to the other."""
    length = shapely.length(lines)
    steps = np.maximum(np.ceil(length / spacing_m - 1e-9).astype(np.int64), 1)
    line = np.repeat(np.arange(len(lines)), steps + 1)
    number = np.arange(len(line)) - np.repeat(np.cumsum(steps + 1) - steps - 1, steps + 1)
    away = number * (length / steps)[line]
    return np.asarray(shapely.line_interpolate_point(lines[line], away))


def _inside(surfaces: npt.NDArray[np.object_], spacing_m: float) -> npt.NDArray[np.object_]:
    """Return the points of a lattice that lie in surfaces, each once."""
    if not len(surfaces):
        return np.empty(0, dtype=object)
    tree = shapely.STRtree(surfaces)
    west, south, east, north = shapely.total_bounds(surfaces).tolist()
    found = []
    # Strips, so that the lattice of a whole municipality is never in memory.
    for low in np.arange(south, north + spacing_m, _STRIP_M):
        points = lattice_points((west, low, east, min(low + _STRIP_M, north)), spacing_m)
        found.append(points[np.unique(tree.query(points, predicate="intersects")[0])])
    return np.concatenate(found)


_STRIP_M = 200.0


def away_from(
    points: npt.NDArray[np.object_], buildings: npt.NDArray[np.object_], distance_m: float
) -> npt.NDArray[np.object_]:
    """
    Return the points that no building is near.

    Parameters
    ----------
    points : ndarray of points
        In metres.
    buildings : ndarray of polygons
        In the same CRS.
    distance_m : float
        Points nearer than this, or as near, are left out. [m]
    """
    near = shapely.STRtree(buildings).query(points, predicate="dwithin", distance=distance_m)[0]
    free = np.ones(len(points), dtype=bool)
    free[near] = False
    return points[free]
