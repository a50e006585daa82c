"""Policy zones made from streets and cabins: street segments, building blocks, areas of cabins."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from zonnekaart.geo.blocks import enclosed_blocks
from zonnekaart.geo.centrelines import centrelines
from zonnekaart.geo.land import nearest_land
from zonnekaart.geo.policyzones import PART_OF, Connections, points_in
from zonnekaart.geo.streets import SegmentLimits, street_segments

if TYPE_CHECKING:
    import numpy.typing as npt
    from shapely.geometry.base import BaseGeometry

SEGMENT_REACH_M = 75.0
"""Land farther than this from every building of a segment belongs to none. [m]"""


def land_of(areas: gpd.GeoDataFrame, extent: BaseGeometry) -> BaseGeometry:
    """Return the part of the areas inside the extent."""
    return shapely.intersection(shapely.union_all(areas.geometry.to_numpy()), extent)


def street_lines(roads: gpd.GeoDataFrame) -> dict[str, list[shapely.LineString]]:
    """
    Return the lines of each street.

    Parameters
    ----------
    roads : GeoDataFrame
        ``name``, lines or polygons; rows of one name are one street.
    """
    streets: dict[str, list[shapely.LineString]] = {}
    for name, shape in zip(roads["name"], roads.geometry, strict=True):
        lines = centrelines(shape)
        if lines:
            streets.setdefault(str(name), []).extend(lines)
    return streets


def segment_zones(
    roads: gpd.GeoDataFrame,
    areas: gpd.GeoDataFrame,
    extent: BaseGeometry,
    connections: Connections,
    limits: SegmentLimits,
) -> gpd.GeoDataFrame:
    """
    Return street segments as zones: the land nearest to the buildings along them.

    Parameters
    ----------
    roads : GeoDataFrame
        ``name``, lines or polygons.
    areas, extent, connections
        As in `area_zones`.
    limits : SegmentLimits
        How long and how thin a segment may be.

    Returns
    -------
    GeoDataFrame
        As `area_zones`. An id is the street and where along it the segment begins, in metres.
    """
    land = land_of(areas, extent)
    points = np.asarray(shapely.points(connections.x, connections.y))
    inside = np.flatnonzero(shapely.intersects(land, points))
    if len(inside) == 0:
        return _frame([], [], "street_segment", areas, connections)
    found = street_segments(street_lines(roads), points[inside], connections.count[inside], limits)
    shapes = nearest_land(points[inside], found.building, land, SEGMENT_REACH_M)
    several = {street for street, n in zip(found.street, found.number, strict=True) if n > 1}
    slugs = _slugs(found.street)
    labels = [
        (
            f"{slugs[street]}-{begin:04.0f}m",
            f"{street}{PART_OF}deel {number}" if street in several else street,
        )
        for street, begin, number in zip(found.street, found.from_m, found.number, strict=True)
    ]
    return _frame(labels, list(shapes), "street_segment", areas, connections)


def block_zones(
    roads: gpd.GeoDataFrame,
    areas: gpd.GeoDataFrame,
    extent: BaseGeometry,
    connections: Connections,
) -> gpd.GeoDataFrame:
    """
    Return building blocks as zones: land that streets and the edge of the areas enclose.

    Parameters
    ----------
    roads : GeoDataFrame
        ``name``, lines or polygons.
    areas, extent, connections
        As in `area_zones`.

    Returns
    -------
    GeoDataFrame
        As `area_zones`; blocks without buildings are dropped. An id holds a point of the block.
    """
    lines = [line for street in street_lines(roads).values() for line in street]
    found = enclosed_blocks(lines, land_of(areas, extent))
    held = np.unique(points_in(connections, found))
    shapes = [found[k] for k in held if k >= 0]
    points = [shapely.point_on_surface(shape) for shape in shapes]
    area = _area_of(points, areas)
    names = areas["name"].astype(str).tolist()
    counts: dict[int, int] = {}
    labels = []
    for point, k in zip(points, area, strict=True):
        counts[k] = counts.get(k, 0) + 1
        within = f"{names[k]}{PART_OF}" if k >= 0 else ""
        labels.append((f"blok-{point.x:.0f}-{point.y:.0f}", f"{within}blok {counts[k]}"))
    return _frame(labels, shapes, "block", areas, connections)


def cabin_zones(
    cabins: gpd.GeoDataFrame,
    areas: gpd.GeoDataFrame,
    extent: BaseGeometry,
    connections: Connections,
) -> gpd.GeoDataFrame:
    """
    Return the land nearest to each cabin as zones.

    Parameters
    ----------
    cabins : GeoDataFrame
        ``area_id``, ``name``, points.
    areas, extent, connections
        As in `area_zones`.

    Returns
    -------
    GeoDataFrame
        As `area_zones`; cabins whose land lies outside are dropped.
    """
    points = shapely.point_on_surface(cabins.geometry.to_numpy())
    shapes = nearest_land(points, np.arange(len(points)), land_of(areas, extent))
    labels = list(zip(cabins["area_id"].astype(str), cabins["name"].astype(str), strict=True))
    kept = [k for k, shape in enumerate(shapes) if shapely.area(shape) > 0.0]
    return _frame(
        [labels[k] for k in kept], [shapes[k] for k in kept], "cabin_area", areas, connections
    )


def _frame(
    labels: list[tuple[str, str]],
    shapes: list[BaseGeometry],
    kind: str,
    areas: gpd.GeoDataFrame,
    connections: Connections,
) -> gpd.GeoDataFrame:
    """Return zones inside the extent with their counts and the area that holds them."""
    where = points_in(connections, np.array(shapes, dtype=object))
    known = where >= 0
    area_ids = [*areas["area_id"].astype(str), None]
    points = [shapely.point_on_surface(shape) for shape in shapes]
    return gpd.GeoDataFrame(
        {
            "zone_id": [label for label, _ in labels],
            "name": [name for _, name in labels],
            "kind": kind,
            "area_id": [area_ids[k] for k in _area_of(points, areas)],
            "covered_share": 1.0,
            "connections": np.bincount(
                where[known], weights=connections.count[known], minlength=len(shapes)
            ),
            "buildings": np.bincount(where[known], minlength=len(shapes)),
        },
        geometry=shapes,
        crs=areas.crs,
    )


def _area_of(points: list[shapely.Point], areas: gpd.GeoDataFrame) -> npt.NDArray[np.int64]:
    """Return the area that holds each point, -1 for none."""
    x, y = shapely.get_x(points), shapely.get_y(points)
    here = Connections(x, y, np.ones(len(points)))
    return points_in(here, areas.geometry.to_numpy())


def _slugs(names: list[str]) -> dict[str, str]:
    """Return a name usable in ids per street; where two would have the same, a number."""
    slugs: dict[str, str] = {}
    taken: set[str] = set()
    for name in sorted(set(names)):
        plain = re.sub(r"[\W_]+", "-", name.lower()).strip("-") or "straat"
        slug, number = plain, 2
        while slug in taken:
            slug, number = f"{plain}-{number}", number + 1
        taken.add(slug)
        slugs[name] = slug
    return slugs
