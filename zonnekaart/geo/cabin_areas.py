"""Areas of cabins where nobody gives them: neighbours gathered to the size of one cabin."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import shapely

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

REACH_M = 60.0
"""How far an area reaches beyond the middle of its buildings. Own choice: a deep plot. [m]"""
_EVEN_SHARE = 1.0 / 3.0
"""Least share of the smaller side of a cut, where the sizes allow it. Own choice. [-]"""
_ACROSS = 0.5
"""Weight of gaps along the short side, so that areas stay compact. Own choice. [-]"""
_TIE = 1e-9
"""What a gap of nothing counts, so that a cut that is allowed is found. [m]"""


def gathered(points: FloatArray, connections: FloatArray, least: float, most: float) -> IntArray:
    """
    Gather buildings into groups of neighbours, each of the size that one cabin serves.

    Parameters
    ----------
    points : ndarray of float64, shape (buildings, 2)
        x and y in the project CRS. [m]
    connections : ndarray of float64, shape (buildings,)
        Per building, >= 0. [count]
    least, most : float
        Connections of a group: fewer only where all buildings together have fewer; more only
        where no cut leaves `least` on both sides. [count]

    Returns
    -------
    ndarray of int64, shape (buildings,)
        Number of the group, from 0; the same whatever the order of the buildings.

    Notes
    -----
    Too large a group is cut at the widest gap among the cuts that leave both sides a third or
    more, mostly across its longest direction: at a street, railway or park rather than in a row
    of houses. No cable is known, so an area may cross a river that no cable crosses.

    Examples
    --------
    >>> row = np.column_stack([[0.0, 10.0, 50.0, 60.0], np.zeros(4)])
    >>> gathered(row, np.full(4, 40.0), 50.0, 100.0)
    array([0, 0, 1, 1])
    """
    group = np.empty(len(points), dtype=np.int64)
    waiting = [np.arange(len(points))] if len(points) else []
    number = 0
    while waiting:
        members = waiting.pop()
        sides = _cut(points[members], connections[members], least, most)
        if sides is None:
            group[members] = number
            number += 1
        else:
            waiting += [members[sides[1]], members[sides[0]]]
    return group


def _cut(
    points: FloatArray, connections: FloatArray, least: float, most: float
) -> tuple[IntArray, IntArray] | None:
    """Return both sides of the best cut; None where the group stays whole."""
    total = connections.sum()
    if total <= most or len(points) < 2:
        return None
    for floor in (max(least, _EVEN_SHARE * total), least):
        best, sides = 0.0, None
        for axis, weight in zip(_axes(points), (1.0, _ACROSS), strict=True):
            along = (points - points.mean(axis=0)) @ axis
            order = np.lexsort((points[:, 1], points[:, 0], np.round(along, 6)))
            left = np.cumsum(connections[order])[:-1]
            allowed = np.minimum(left, total - left) >= floor
            gap = np.where(allowed, weight * np.diff(along[order]) + _TIE, 0.0)
            at = int(np.argmax(gap))
            if gap[at] > best:
                best, sides = float(gap[at]), (order[: at + 1], order[at + 1 :])
        if sides is not None:
            return sides
    return None


def _axes(points: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the unit vector along which points spread most, turned to the east, and across."""
    _, vectors = np.linalg.eigh(np.cov(points.T))
    axis: FloatArray = vectors[:, 1]
    lead = axis[0] if abs(axis[0]) > 1e-9 else axis[1]
    long = axis if lead > 0 else -axis
    return long, np.array([-long[1], long[0]])


def outlines(
    points: FloatArray, group: IntArray, groups: int, within: npt.NDArray[np.object_]
) -> npt.NDArray[np.object_]:
    """
    Draw the area of each group: all that is nearer to its buildings than to others.

    Parameters
    ----------
    points : ndarray of float64, shape (buildings, 2)
        x and y in the project CRS. [m]
    group : ndarray of int64, shape (buildings,)
        Number of the group; negative for none, which still holds its place against others.
    groups : int
        Number of groups.
    within : ndarray of polygons
        Areas do not reach beyond these, nor beyond `REACH_M` from a building.

    Returns
    -------
    ndarray of polygons, shape (groups,)
        They touch and do not overlap; empty for a group without buildings.
    """
    shapes = np.full(groups, shapely.Polygon(), dtype=object)
    if not len(points):
        return shapes
    places, first = np.unique(points, axis=0, return_index=True)
    owner = group[first]
    seen = shapely.buffer(shapely.MultiPoint(places), REACH_M)
    limit: BaseGeometry = seen.intersection(shapely.union_all(within))
    cells = _cells(places, limit)
    for number in range(groups):
        parts = shapely.get_parts(shapely.intersection(cells[owner == number], limit))
        shapes[number] = shapely.union_all(parts[shapely.area(parts) > 0.0])
    return shapes


def _cells(places: FloatArray, limit: BaseGeometry) -> npt.NDArray[np.object_]:
    """Return the Voronoi cell of each place."""
    if len(places) == 1:
        return np.array([limit], dtype=object)
    found = shapely.voronoi_polygons(
        shapely.multipoints(places), extend_to=shapely.envelope(limit), ordered=True
    )
    cells: npt.NDArray[np.object_] = shapely.get_parts(found)
    return cells
