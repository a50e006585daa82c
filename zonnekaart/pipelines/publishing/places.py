"""The names that can be searched, and the area that each zone lies in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from zonnekaart.geo.crs import LONLAT_CRS, require_same
from zonnekaart.io.places import plain_name
from zonnekaart.io.vector import read_layer
from zonnekaart.pipelines.areas import read_areas

if TYPE_CHECKING:
    from zonnekaart.config import Project, ZonesInput

_DEGREES = 6
_KINDS = ("area", "street", "address", "building")
"""In the order in which equal matches are listed."""


def searchable_places(project: Project, buildings: gpd.GeoDataFrame) -> pd.DataFrame:
    """
    Return names with their place, for the search box.

    Parameters
    ----------
    project : Project
        Its areas, and roads and addresses when they carry a ``name_column``.
    buildings : GeoDataFrame
        Publishable buildings, found by id.

    Returns
    -------
    DataFrame
        ``kind``, ``position`` (of the kind), ``name``, ``plain``, ``lon``, ``lat`` of a point
        inside, and ``west``, ``south``, ``east``, ``north``. [deg]

    Raises
    ------
    CrsError
        If a layer is in another CRS than the project.
    """
    inputs = project.inputs
    parts = []
    if inputs.areas is not None:
        areas = read_areas(project)
        parts.append(_part("area", areas["name"], areas))
    for kind, table in (("street", inputs.roads), ("address", inputs.addresses)):
        named = None if table is None else _named(project, table)
        if named is not None:
            parts.append(_part(kind, named["name"], named))
    parts.append(_part("building", buildings["building_id"].astype(str), buildings))
    return pd.concat(parts, ignore_index=True)


def _named(project: Project, table: ZonesInput) -> gpd.GeoDataFrame | None:
    """Return one shape per name, or None when the layer has no names."""
    path = project.resolve(table.path)
    layer = read_layer(path, table.layer)
    require_same(layer.crs, project.project.crs, str(path))
    if table.name_column is None or table.name_column not in layer:
        return None
    frame = gpd.GeoDataFrame(
        {"name": layer[table.name_column].astype("string").str.strip()}, geometry=layer.geometry
    )
    whole = frame.geometry.notna() & ~frame.geometry.is_empty
    frame = frame[whole & frame["name"].fillna("").ne("")]
    # A street is many pieces; a reader looks for one.
    return frame.dissolve("name", as_index=False)


def _part(kind: str, names: pd.Series[str], shapes: gpd.GeoDataFrame) -> pd.DataFrame:
    lonlat = shapes.geometry.to_crs(LONLAT_CRS)
    inside = lonlat.representative_point()
    bounds = lonlat.bounds.round(_DEGREES)
    return pd.DataFrame(
        {
            "kind": kind,
            "position": _KINDS.index(kind),
            "name": names.astype(str).to_numpy(),
            "plain": [plain_name(str(name)) for name in names],
            "lon": inside.x.round(_DEGREES).to_numpy(),
            "lat": inside.y.round(_DEGREES).to_numpy(),
            "west": bounds["minx"].to_numpy(),
            "south": bounds["miny"].to_numpy(),
            "east": bounds["maxx"].to_numpy(),
            "north": bounds["maxy"].to_numpy(),
        }
    )


def areas_of_zones(project: Project, zones: gpd.GeoDataFrame) -> pd.Series[str]:
    """
    Return the name of the area that each zone lies in, ``""`` where it lies in none.

    Parameters
    ----------
    project : Project
        Its areas; without any, no zone lies in one.
    zones : GeoDataFrame
        In the project CRS.

    Returns
    -------
    Series of str
        On the index of `zones`; the area that holds a point inside the zone.
    """
    names = np.full(len(zones), "", dtype=object)
    if project.inputs.areas is not None:
        areas = read_areas(project)
        points = zones.geometry.representative_point().to_numpy()
        zone_at, area_at = areas.sindex.query(points, predicate="intersects")
        names[zone_at] = areas["name"].to_numpy()[area_at]
    return pd.Series(names, index=zones.index)
