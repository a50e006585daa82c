"""Policy zones: the areas as given, or lattice cells merged until enough connections share one.

Cells lie on a lattice anchored to the CRS origin, so that a larger map or another raster gives the
same cells the same ids. A cell never crosses the border of an area.
"""

from __future__ import annotations

import heapq
import math
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from zonnekaart.geo.land import areal, without_overlaps

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt
    from shapely.geometry.base import BaseGeometry

    Key = tuple[int, int]

LEAST_EDGE_M = 0.01
"""Cells that touch along less than this do not count as neighbours. [m]"""
PART_OF = " · "
"""Stands between the name of an area or street and that of a zone in it."""
_SIDES = ((1, 0), (0, -1), (0, 1), (-1, 0))


@dataclass(frozen=True)
class Connections:
    """
    Where the connections are.

    Parameters
    ----------
    x, y : ndarray of float64, shape (buildings,)
        A point inside each building. [m]
    count : ndarray of float64, shape (buildings,)
        Dwellings, or one for a building of another use; 0 for annexes.
    """

    x: npt.NDArray[np.float64]
    y: npt.NDArray[np.float64]
    count: npt.NDArray[np.float64]


def area_zones(
    areas: gpd.GeoDataFrame,
    extent: BaseGeometry,
    connections: Connections,
    kind: str = "area",
) -> gpd.GeoDataFrame:
    """
    Return the areas as zones.

    Parameters
    ----------
    areas : GeoDataFrame
        ``area_id``, ``name``, polygons in a CRS in metres.
    extent : Polygon
        Extent of the heights; areas wholly outside are left out.
    connections : Connections
        Where the connections are.
    kind : str
        What kind of zone they are, in one word; also said in errors.

    Returns
    -------
    GeoDataFrame
        ``zone_id, name, kind, area_id, covered_share, connections, buildings, geometry``;
        `covered_share` is the part of the area inside the extent.

    Raises
    ------
    VectorError
        If two areas overlap, or a polygon is invalid.
    """
    areas = without_overlaps(areas, kind.replace("_", " "))
    covered = _covered(areas, extent)
    where = points_in(connections, areas.geometry.to_numpy())
    count, buildings = _totals(where, connections, len(areas))
    frame = gpd.GeoDataFrame(
        {
            "zone_id": areas["area_id"].to_numpy(),
            "name": areas["name"].to_numpy(),
            "kind": kind,
            "area_id": areas["area_id"].to_numpy(),
            "covered_share": covered,
            "connections": count,
            "buildings": buildings,
        },
        geometry=areas.geometry.to_numpy(),
        crs=areas.crs,
    )
    return frame[covered > 0.0].reset_index(drop=True)


def cell_zones(
    areas: gpd.GeoDataFrame,
    extent: BaseGeometry,
    connections: Connections,
    cell_m: float,
    min_connections: int,
) -> gpd.GeoDataFrame:
    """
    Return lattice cells, merged within their area until each has enough connections.

    Parameters
    ----------
    areas, extent, connections
        As in `area_zones`.
    cell_m : float
        Side of a cell. [m]
    min_connections : int
        Fewest connections of a zone; an area with fewer in all becomes one zone that has fewer.

    Returns
    -------
    GeoDataFrame
        As `area_zones`. Cells without buildings are dropped, unless they join two others.

    Notes
    -----
    The zone with the fewest connections goes first, to the nearest other zone counted in cells
    between them; of several the one with the fewest connections. The empty cells on the way come
    along, so that zones hang together.
    """
    areas = without_overlaps(areas)
    covered = _covered(areas, extent)
    where = points_in(connections, areas.geometry.to_numpy())
    column = np.floor(connections.x / cell_m).astype(np.int64)
    row = np.floor(connections.y / cell_m).astype(np.int64)
    parts = []
    for k in range(len(areas)):
        if covered[k] <= 0.0:
            continue
        inside = np.flatnonzero(where == k)
        load: dict[Key, list[float]] = {}
        for i in inside:
            entry = load.setdefault((int(row[i]), int(column[i])), [0.0, 0.0])
            entry[0] += float(connections.count[i])
            entry[1] += 1.0
        shape = shapely.intersection(areas.geometry.iloc[k], extent)
        zones = _merged_cells(_pieces(shape, cell_m), load, min_connections)
        if zones:
            parts.append(_zone_frame(zones, areas.iloc[k], covered[k], areas.crs))
    if not parts:
        return area_zones(areas.iloc[:0], extent, Connections(*(np.empty(0),) * 3))
    return gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=areas.crs)


@dataclass(frozen=True)
class _Zone:
    """One merged zone: its cells, connections, buildings and shape."""

    keys: list[Key]
    connections: float
    buildings: int
    shape: BaseGeometry


def _zone_frame(
    zones: list[_Zone], area: pd.Series, covered: float, crs: object
) -> gpd.GeoDataFrame:
    """Name the zones of one area, numbered as one reads: from the north-west on."""
    zones = sorted(zones, key=lambda z: (-max(z.keys)[0], min(k[1] for k in z.keys)))
    anchors = [min(zone.keys) for zone in zones]
    return gpd.GeoDataFrame(
        {
            "zone_id": [f"{area['area_id']}-r{r}-c{c}" for r, c in anchors],
            "name": [f"{area['name']}{PART_OF}vak {n}" for n in range(1, len(zones) + 1)],
            "kind": "cell",
            "area_id": area["area_id"],
            "covered_share": covered,
            "connections": [zone.connections for zone in zones],
            "buildings": [zone.buildings for zone in zones],
        },
        geometry=[zone.shape for zone in zones],
        crs=crs,
    )


def points_in(connections: Connections, shapes: npt.NDArray[np.object_]) -> npt.NDArray[np.int64]:
    """Return the first shape that holds each point, -1 for none."""
    out = np.full(len(connections.x), -1, dtype=np.int64)
    if len(shapes) == 0:
        return out
    points = shapely.points(connections.x, connections.y)
    which, shape = shapely.STRtree(shapes).query(points, predicate="intersects")
    order = np.argsort(-shape, kind="stable")
    out[which[order]] = shape[order]
    return out


def zone_of(
    shapes: npt.NDArray[np.object_], zones: npt.NDArray[np.object_]
) -> npt.NDArray[np.int64]:
    """
    Return the zone of each building: the one that holds its inner point, else the largest overlap.

    Parameters
    ----------
    shapes : ndarray of polygons, shape (buildings,)
        Footprints.
    zones : ndarray of polygons, shape (zones,)
        Zones in the same CRS.

    Returns
    -------
    ndarray of int64, shape (buildings,)
        Position of the zone; -1 for a building that touches none.
    """
    inner = shapely.point_on_surface(shapes)
    out = points_in(
        Connections(shapely.get_x(inner), shapely.get_y(inner), np.ones(len(shapes))), zones
    )
    rest = np.flatnonzero(out < 0)
    if len(rest) == 0 or len(zones) == 0:
        return out
    which, zone = shapely.STRtree(zones).query(shapes[rest], predicate="intersects")
    shared = shapely.area(shapely.intersection(shapes[rest][which], zones[zone]))
    for k in np.argsort(shared, kind="stable"):
        if shared[k] > 0.0:
            out[rest[which[k]]] = zone[k]
    return out


def _covered(areas: gpd.GeoDataFrame, extent: BaseGeometry) -> npt.NDArray[np.float64]:
    """Return the share of each area inside the extent."""
    shapes = areas.geometry.to_numpy()
    area = shapely.area(shapes)
    inside = shapely.area(shapely.intersection(shapes, extent))
    return np.asarray(np.divide(inside, area, out=np.zeros(len(area)), where=area > 0.0))


def _totals(
    where: npt.NDArray[np.int64], connections: Connections, zones: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    known = where >= 0
    count = np.bincount(where[known], weights=connections.count[known], minlength=zones)
    return count.astype(np.float64), np.bincount(where[known], minlength=zones).astype(np.int64)


def _pieces(shape: BaseGeometry, cell_m: float) -> dict[Key, BaseGeometry]:
    """Return the part of an area in each lattice cell, by (row, column) counted from the origin."""
    if shape.is_empty:
        return {}
    west, south, east, north = shapely.bounds(shape)
    rows = range(math.floor(south / cell_m), math.ceil(north / cell_m))
    cols = range(math.floor(west / cell_m), math.ceil(east / cell_m))
    keys = [(r, c) for r in rows for c in cols]
    index = np.array(keys, dtype=np.float64).reshape(-1, 2) * cell_m
    boxes = shapely.box(index[:, 1], index[:, 0], index[:, 1] + cell_m, index[:, 0] + cell_m)
    shapely.prepare(shape)
    hit = np.flatnonzero(shapely.intersects(shape, boxes))
    cut = shapely.intersection(boxes[hit], shape)
    return {
        keys[k]: areal(piece)
        for k, piece in zip(hit, cut, strict=True)
        if shapely.area(piece) > 0.0
    }


def _neighbours(pieces: dict[Key, BaseGeometry]) -> dict[Key, list[Key]]:
    """Return for each cell the cells of the same area that share an edge with it."""
    out: dict[Key, list[Key]] = {key: [] for key in pieces}
    for key, piece in pieces.items():
        for step in _SIDES[:2]:
            other = (key[0] + step[0], key[1] + step[1])
            if other not in pieces:
                continue
            if shapely.length(shapely.intersection(piece, pieces[other])) > LEAST_EDGE_M:
                out[key].append(other)
                out[other].append(key)
    return {key: sorted(others) for key, others in out.items()}


def _merged_cells(
    pieces: dict[Key, BaseGeometry], load: dict[Key, list[float]], least: int
) -> list[_Zone]:
    """Merge the occupied cells of one area until each zone has the least connections."""
    near = _neighbours(pieces)
    owner = {key: key for key in load if key in pieces}
    members = {key: [key] for key in owner}
    count = {key: load[key][0] for key in owner}
    queue = [(count[key], key) for key in owner if count[key] < least]
    heapq.heapify(queue)
    while queue:
        size, zone = heapq.heappop(queue)
        if zone not in members or size != count[zone] or size >= least:
            continue
        path = _way_to_another(members[zone], near, owner, count)
        if path is None:
            continue
        other = owner[path[-1]]
        joined = [*members.pop(zone), *path[:-1]]
        for key in joined:
            owner[key] = other
        members[other].extend(joined)
        count[other] += count.pop(zone)
        if count[other] < least:
            heapq.heappush(queue, (count[other], other))
    return [
        _Zone(
            keys=keys,
            connections=count[zone],
            buildings=int(sum(load[key][1] for key in keys if key in load)),
            shape=shapely.union_all([pieces[key] for key in keys]),
        )
        for zone, keys in members.items()
    ]


def _way_to_another(
    start: Iterable[Key],
    near: dict[Key, list[Key]],
    owner: dict[Key, Key],
    count: dict[Key, float],
) -> list[Key] | None:
    """Return the cells from a zone to the nearest other one, its cell last; None if there is none.

    Breadth first over empty cells; among zones at the same distance the one with the fewest
    connections.
    """
    before: dict[Key, Key | None] = dict.fromkeys(start)
    level = deque(sorted(before))
    own = owner[level[0]]
    while level:
        found = {
            other: key
            for key in level
            for other in near[key]
            if other not in before and owner.get(other, own) != own
        }
        if found:
            last = min(found, key=lambda key: (count[owner[key]], key))
            path = [last]
            step: Key | None = found[last]
            while step is not None and step not in owner:
                path.append(step)
                step = before[step]
            return path[::-1]
        following: deque[Key] = deque()
        for key in level:
            for other in near[key]:
                if other not in before:
                    before[other] = key
                    following.append(other)
        level = following
    return None
