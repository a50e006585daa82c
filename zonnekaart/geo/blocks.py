"""Building blocks: the land that streets enclose."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from zonnekaart.geo.centrelines import JOIN_M

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    from shapely.geometry.base import BaseGeometry

_TOUCHING_M = 1e-6


def enclosed_blocks(
    lines: Sequence[shapely.LineString], land: BaseGeometry
) -> npt.NDArray[np.object_]:
    """
    Cut land along streets.

    Parameters
    ----------
    lines : sequence of LineString
        Streets in a CRS in metres. An end that stops up to `JOIN_M` before another street or the
        border of the land is taken on to it; other dead ends enclose nothing.
    land : Polygon or MultiPolygon
        What is cut; its border closes the blocks at the edge.

    Returns
    -------
    ndarray of Polygon, shape (blocks,)
        They cover the land without overlap; from the north-west on.

    Examples
    --------
    >>> cross = [shapely.LineString([(50, 0), (50, 100)]), shapely.LineString([(0, 50), (100, 50)])]
    >>> [float(b.area) for b in enclosed_blocks(cross, shapely.box(0, 0, 100, 100))]
    [2500.0, 2500.0, 2500.0, 2500.0]
    """
    border = shapely.boundary(land)
    inside = [shapely.intersection(line, land) for line in lines]
    drawn = shapely.union_all([border, *inside, *_joints(lines, border)])
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(shapely.node(drawn))))
    shapely.prepare(land)
    kept = faces[shapely.intersects(land, shapely.point_on_surface(faces))]
    points = shapely.point_on_surface(kept)
    return np.asarray(kept[np.lexsort((shapely.get_x(points), -shapely.get_y(points)))])


def _joints(lines: Sequence[shapely.LineString], border: BaseGeometry) -> list[shapely.LineString]:
    """Return short lines from loose ends to the street or border they nearly reach."""
    everything = np.array([*lines, border], dtype=object)
    tree = shapely.STRtree(everything)
    joints = []
    for k, line in enumerate(lines):
        for end in (shapely.get_point(line, 0), shapely.get_point(line, -1)):
            near = tree.query(end, predicate="dwithin", distance=JOIN_M)
            others = near[near != k]
            if len(others) == 0:
                continue
            gaps = shapely.distance(end, everything[others])
            nearest = int(np.argmin(gaps))
            if gaps[nearest] > _TOUCHING_M:
                joints.append(shapely.shortest_line(end, everything[others[nearest]]))
    return [_beyond(joint) for joint in joints]


def _beyond(joint: shapely.LineString) -> shapely.LineString:
    """Return a joint that reaches a little past its goal, so that rounding leaves no gap."""
    (x, y), (to_x, to_y) = shapely.get_coordinates(joint)
    past = 1.0 + 0.01 / joint.length
    return shapely.LineString([(x, y), (x + (to_x - x) * past, y + (to_y - y) * past)])
