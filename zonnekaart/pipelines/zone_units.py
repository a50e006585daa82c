"""The policy units that a project chooses: from its areas, streets, cabins or own polygons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import geopandas as gpd
import numpy as np
import shapely

from zonnekaart.errors import ConfigError, VectorError
from zonnekaart.geo.crs import require_same
from zonnekaart.geo.land import holes
from zonnekaart.geo.policyzones import area_zones, cell_zones
from zonnekaart.geo.streets import SegmentLimits
from zonnekaart.geo.zoneunits import block_zones, cabin_zones, segment_zones
from zonnekaart.io.vector import read_layer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pandas as pd
    from shapely.geometry.base import BaseGeometry

    from zonnekaart.config import CabinsInput, Project, ZonesInput
    from zonnekaart.geo.policyzones import Connections

    Maker = Callable[[Project, gpd.GeoDataFrame, BaseGeometry, Connections], gpd.GeoDataFrame]

_TOLD = 5


def zones_of_unit(
    project: Project, areas: gpd.GeoDataFrame, extent: BaseGeometry, connections: Connections
) -> gpd.GeoDataFrame:
    """
    Return the zones of a project's ``[zones] unit``.

    Parameters
    ----------
    project : Project
        Its unit and the layers the unit needs.
    areas : GeoDataFrame
        Statistical areas.
    extent : Polygon
        Where roofs are known.
    connections : Connections
        Where the connections are.

    Raises
    ------
    ConfigError
        If the unit needs a layer that the project does not give.
    VectorError, CrsError
        If a layer cannot be used, or zones overlap.
    """
    return _MAKERS[project.zones.unit](project, areas, extent, connections)


def _areas(
    _: Project, areas: gpd.GeoDataFrame, extent: BaseGeometry, connections: Connections
) -> gpd.GeoDataFrame:
    return area_zones(areas, extent, connections)


def _cells(
    project: Project, areas: gpd.GeoDataFrame, extent: BaseGeometry, connections: Connections
) -> gpd.GeoDataFrame:
    table = project.zones
    return cell_zones(areas, extent, connections, table.cell_m, table.min_connections)


def _segments(
    project: Project, areas: gpd.GeoDataFrame, extent: BaseGeometry, connections: Connections
) -> gpd.GeoDataFrame:
    limits = SegmentLimits(project.zones.segment_max_m, project.zones.segment_min_users)
    return segment_zones(_roads(project), areas, extent, connections, limits)


def _blocks(
    project: Project, areas: gpd.GeoDataFrame, extent: BaseGeometry, connections: Connections
) -> gpd.GeoDataFrame:
    return block_zones(_roads(project), areas, extent, connections)


def _cabin_areas(
    project: Project, areas: gpd.GeoDataFrame, extent: BaseGeometry, connections: Connections
) -> gpd.GeoDataFrame:
    """Take polygons where they are given, else what lies nearest to each cabin."""
    require_unit(project)
    given = given_zones(project)
    if given is not None:
        return area_zones(
            named_layer(project, given[1], given[0]), extent, connections, "cabin_area"
        )
    cabins = named_layer(project, cast("CabinsInput", project.inputs.cabins), "cabins")
    return cabin_zones(cabins, areas, extent, connections)


def _own(
    project: Project, _: gpd.GeoDataFrame, extent: BaseGeometry, connections: Connections
) -> gpd.GeoDataFrame:
    require_unit(project)
    table = cast("ZonesInput", project.inputs.zones)
    return area_zones(named_layer(project, table, "zones"), extent, connections, "own_zone")


_MAKERS: dict[str, Maker] = {
    "areas": _areas,
    "cells": _cells,
    "street_segments": _segments,
    "blocks": _blocks,
    "cabin_areas": _cabin_areas,
    "own": _own,
}


def _roads(project: Project) -> gpd.GeoDataFrame:
    """Return the roads with ``name``; one without a name is a street by itself."""
    require_unit(project)
    roads = named_layer(project, cast("ZonesInput", project.inputs.roads), "roads")
    unnamed = roads["name"].isin(["", "None", "nan", "<NA>"])
    return roads.assign(name=roads["name"].where(~unnamed, roads["area_id"]))


_NEEDS = {
    "street_segments": ("roads", "a layer of streets, lines or polygons"),
    "blocks": ("roads", "a layer of streets, lines or polygons"),
    "cabin_areas": ("cabins", "cabins as points, or their areas in [inputs.sharing_areas]"),
    "own": ("zones", "a polygon layer"),
}
"""Table of ``[inputs]`` that a unit cannot do without, and what it holds."""


def require_unit(project: Project) -> None:
    """
    Refuse a unit whose layer the project does not give.

    Raises
    ------
    ConfigError
        With the table that is missing.
    """
    unit = project.zones.unit
    if unit not in _NEEDS or _unit_tables(project):
        return
    key, expected = _NEEDS[unit]
    raise ConfigError(
        f"{project.path}: inputs.{key}",
        f'none, while [zones] unit = "{unit}"',
        expected,
        f"add [inputs.{key}], or choose another unit in [zones]",
    )


def given_zones(project: Project) -> tuple[str, ZonesInput] | None:
    """Return the polygons that are the zones themselves: table of ``[inputs]`` and its content."""
    inputs, unit = project.inputs, project.zones.unit
    if unit == "own" and inputs.zones is not None:
        return "zones", inputs.zones
    if unit == "cabin_areas" and inputs.sharing_areas is not None:
        return "sharing_areas", inputs.sharing_areas
    return None


def named_layer(project: Project, table: ZonesInput | CabinsInput, key: str) -> gpd.GeoDataFrame:
    """
    Return a layer of a project with our names for its id and name.

    Parameters
    ----------
    project : Project
        Its CRS and folder.
    table : ZonesInput or CabinsInput
        File and columns.
    key : str
        Table of ``[inputs]``, for errors.

    Returns
    -------
    GeoDataFrame
        ``area_id`` and ``name`` as text, ``geometry``; row order of the file.

    Raises
    ------
    VectorError, CrsError
        If the layer lacks the columns the project names, or is in another CRS.
    """
    path = project.resolve(table.path)
    layer = read_layer(path, table.layer)
    require_same(layer.crs, project.project.crs, str(path))
    name_column = getattr(table, "name_column", None) or table.id_column
    absent = [name for name in (table.id_column, name_column) if name not in layer]
    if absent:
        raise VectorError(
            str(path),
            f"no column {', '.join(absent)}",
            f"one of: {', '.join(str(name) for name in layer.columns)}",
            f"correct id_column or name_column in [inputs.{key}]",
        )
    return gpd.GeoDataFrame(
        {"area_id": layer[table.id_column].astype(str), "name": layer[name_column].astype(str)},
        geometry=layer.geometry,
        crs=layer.crs,
    )


def require_filled_holes(zones: gpd.GeoDataFrame, buildings: pd.DataFrame, subject: str) -> None:
    """
    Refuse zones with a hole in which buildings stand: they would be in no figure.

    Parameters
    ----------
    zones : GeoDataFrame
        Policy zones.
    buildings : GeoDataFrame
        ``building_id`` and ``zone_id``, null outside all zones.
    subject : str
        What the error speaks of.

    Raises
    ------
    VectorError
        With the area of the hole and the ids of the buildings. Buildings beyond the outer border
        of the zones are no fault: a map has an edge.
    """
    outside = buildings[buildings["zone_id"].isna()]
    found = holes(zones.geometry.to_numpy()) if len(outside) else np.empty(0, dtype=object)
    if len(found) == 0:
        return
    points = shapely.point_on_surface(outside.geometry.to_numpy())
    which, hole = shapely.STRtree(found).query(points, predicate="intersects")
    if len(which) == 0:
        return
    first = int(hole.min())
    ids = outside["building_id"].astype(str).to_numpy()[which[hole == first]]
    more = f" and {len(ids) - _TOLD} more" if len(ids) > _TOLD else ""
    raise VectorError(
        f"{subject}: zones",
        f"a hole of {shapely.area(found[first]):.0f} m2 between zones with "
        f"{len(ids)} buildings: {', '.join(ids[:_TOLD])}{more}",
        "zones without holes where buildings stand",
        "draw the hole as a zone, or leave these buildings out of the footprints",
    )


def unit_files(project: Project) -> list[Path]:
    """Return the files that a project's unit reads besides areas and buildings."""
    return [project.resolve(table.path) for table in _unit_tables(project)]


def unit_parameters(project: Project) -> list[dict[str, Any]]:
    """Return the columns that a project's unit reads."""
    return [table.model_dump(exclude={"path", "source"}) for table in _unit_tables(project)]


def _unit_tables(project: Project) -> list[ZonesInput | CabinsInput]:
    inputs = project.inputs
    tables: dict[str, ZonesInput | CabinsInput | None] = {
        "street_segments": inputs.roads,
        "blocks": inputs.roads,
        "cabin_areas": inputs.sharing_areas or inputs.cabins,
        "own": inputs.zones,
    }
    table = tables.get(project.zones.unit)
    return [] if table is None else [table]
