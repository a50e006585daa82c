"""The areas a project's consumption figures speak of, and the policy zones of its map."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from zonnekaart.errors import VectorError
from zonnekaart.geo.buildings import connections
from zonnekaart.geo.crs import require_same
from zonnekaart.geo.policyzones import Connections, area_zones, cell_zones, zone_of
from zonnekaart.io.vector import read_layer
from zonnekaart.pipelines.extent import supply_extent

if TYPE_CHECKING:
    from zonnekaart.config import Project


def read_areas(project: Project) -> gpd.GeoDataFrame:
    """
    Return the statistical areas of a project.

    Parameters
    ----------
    project : Project
        Its ``[inputs.areas]``; when that is absent, the extent of the heights, or of what stands in
        for them, is the one area, with the project's name.

    Returns
    -------
    GeoDataFrame
        ``area_id`` and ``name`` as text, ``geometry``, in the project CRS; row order of the file.

    Raises
    ------
    VectorError, CrsError
        If the layer lacks the columns the project names, or is in another CRS.
    """
    table = project.inputs.areas
    if table is None:
        return gpd.GeoDataFrame(
            {"area_id": [project.slug], "name": [project.project.name]},
            geometry=[supply_extent(project)],
            crs=project.project.crs,
        )
    path = project.resolve(table.path)
    layer = read_layer(path, table.layer)
    require_same(layer.crs, project.project.crs, str(path))
    name_column = table.name_column or table.id_column
    absent = [name for name in (table.id_column, name_column) if name not in layer]
    if absent:
        raise VectorError(
            str(path),
            f"no column {', '.join(absent)}",
            f"one of: {', '.join(str(name) for name in layer.columns)}",
            "correct id_column or name_column in [inputs.areas]",
        )
    return gpd.GeoDataFrame(
        {"area_id": layer[table.id_column].astype(str), "name": layer[name_column].astype(str)},
        geometry=layer.geometry,
        crs=layer.crs,
    )


def policy_zones(
    project: Project, buildings: gpd.GeoDataFrame, extent: shapely.Polygon
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """
    Return the policy zones, and the buildings with ``zone_id`` and ``area_id``.

    Parameters
    ----------
    project : Project
        Its areas and ``[zones]``.
    buildings : GeoDataFrame
        With use and dwellings.
    extent : Polygon
        Where roofs are known.
    """
    areas = read_areas(project)
    shapes = buildings.geometry.to_numpy()
    inner = shapely.point_on_surface(shapes)
    homes = buildings["dwellings"].to_numpy(dtype=np.float64, na_value=np.nan)
    count = connections(buildings["use"].to_numpy(dtype=object), homes)
    where = Connections(shapely.get_x(inner), shapely.get_y(inner), count)
    if project.zones.unit == "cells":
        cell_m, least = project.zones.cell_m, project.zones.min_connections
        zones = cell_zones(areas, extent, where, cell_m, least)
    else:
        zones = area_zones(areas, extent, where)
    out = buildings.copy()
    for name, frame in (("zone_id", zones), ("area_id", areas)):
        found = zone_of(shapes, frame.geometry.to_numpy())
        ids = [*frame[name].astype(str), None]
        out[name] = [ids[k] for k in found]
    first = ["building_id", "zone_id", "area_id"]
    return zones, out[[*first, *(c for c in out.columns if c not in first)]]
