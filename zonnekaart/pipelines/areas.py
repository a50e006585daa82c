"""The areas a project's consumption figures speak of, and the policy zones of its map."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from zonnekaart.geo.buildings import connections
from zonnekaart.geo.policyzones import Connections, zone_of
from zonnekaart.pipelines.extent import supply_extent
from zonnekaart.pipelines.zone_units import named_layer, require_filled_holes, zones_of_unit

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
    return named_layer(project, table, "areas")


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

    Raises
    ------
    ConfigError
        If the unit needs a layer that the project does not give.
    VectorError, CrsError
        If a layer cannot be used, zones overlap, or a hole between them holds buildings.
    """
    areas = read_areas(project)
    shapes = buildings.geometry.to_numpy()
    inner = shapely.point_on_surface(shapes)
    homes = buildings["dwellings"].to_numpy(dtype=np.float64, na_value=np.nan)
    count = connections(buildings["use"].to_numpy(dtype=object), homes)
    where = Connections(shapely.get_x(inner), shapely.get_y(inner), count)
    zones = zones_of_unit(project, areas, extent, where)
    out = buildings.copy()
    for name, frame in (("zone_id", zones), ("area_id", areas)):
        found = zone_of(shapes, frame.geometry.to_numpy())
        ids = [*frame[name].astype(str), None]
        out[name] = [ids[k] for k in found]
    first = ["building_id", "zone_id", "area_id"]
    require_filled_holes(zones, out, str(project.path))
    return zones, out[[*first, *(c for c in out.columns if c not in first)]]
