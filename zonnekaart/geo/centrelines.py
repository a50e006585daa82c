"""Roads as lines: lines as they are, areas of road by the line along their middle."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.spatial import Voronoi

if TYPE_CHECKING:
    import numpy.typing as npt
    from shapely.geometry.base import BaseGeometry

    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.int64]

JOIN_M = 12.0
"""
A road that ends this near to another one meets it: the middle line of a road of usual width stops
about half a width short. [m]
"""
_STEP_M = 2.0
"""Distance between the points of a border whose middle is sought. [m]"""
_ROUND_THE_END = 2.0
"""Two sides are opposite when the way round is this many times the way across. [-]"""


def centrelines(shape: BaseGeometry) -> list[shapely.LineString]:
    """
    Return the lines along one road.

    Parameters
    ----------
    shape : LineString, Polygon or a collection of them
        In a CRS in metres.

    Returns
    -------
    list of LineString
        Lines as they are; of a polygon the lines along its middle, which stop about half a width
        before its ends. Parts without length are left out.

    Notes
    -----
    The middle of a polygon is where the nearest border points lie on opposite sides: edges of the
    Voronoi diagram of its border whose two points are much farther apart along the border than
    across. Edges into corners fail that test.

    Examples
    --------
    >>> line = centrelines(shapely.box(0, 0, 100, 8))[0]
    >>> bool(80 < line.length < 96), {round(float(y), 1) for _, y in line.coords}
    (True, {4.0})
    """
    parts = list(shapely.get_parts(shape))
    areas = [p for p in parts if p.geom_type == "Polygon" and not p.is_empty]
    lines = [p for p in parts if p.geom_type == "LineString" and p.length > 0.0]
    for area in areas:
        lines += _middle(area)
    return lines


def _middle(area: shapely.Polygon) -> list[shapely.LineString]:
    points, ring, along, length = _border(area)
    if len(points) < 4:
        return []
    diagram = Voronoi(points)
    edges = np.asarray(diagram.ridge_vertices, dtype=np.int64)
    pairs = np.asarray(diagram.ridge_points, dtype=np.int64)
    finite = (edges >= 0).all(axis=1)
    edges, pairs = edges[finite], pairs[finite]
    one, other = pairs[:, 0], pairs[:, 1]
    across = np.hypot(*(points[one] - points[other]).T)
    round_ = np.abs(along[one] - along[other])
    round_ = np.minimum(round_, length[ring[one]] - round_)
    opposite = (ring[one] != ring[other]) | (round_ > _ROUND_THE_END * across)
    ends = diagram.vertices[edges[opposite]]
    shapely.prepare(area)
    inside = shapely.contains_xy(area, ends[..., 0], ends[..., 1]).all(axis=1)
    kept = shapely.linestrings(ends[inside])
    if len(kept) == 0:
        return []
    merged = shapely.line_merge(shapely.union_all(kept))
    return [p for p in shapely.get_parts(merged) if p.length > 0.0]


def _border(area: shapely.Polygon) -> tuple[FloatArray, IntArray, FloatArray, FloatArray]:
    """Return points of the border, their ring, how far along it they lie, and the rings' length."""
    rings = [area.exterior, *area.interiors]
    points, number, along = [], [], []
    for k, ring in enumerate(rings):
        here = shapely.get_coordinates(shapely.segmentize(ring, _STEP_M))[:-1]
        steps = np.hypot(*np.diff(here, axis=0).T)
        points.append(here)
        number.append(np.full(len(here), k, dtype=np.int64))
        along.append(np.concatenate([[0.0], np.cumsum(steps)]))
    return (
        np.concatenate(points),
        np.concatenate(number),
        np.concatenate(along),
        np.array([ring.length for ring in rings]),
    )
