"""The areas a project's consumption figures speak of, or one area when it names none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import shapely

from zonnekaart.errors import VectorError
from zonnekaart.geo.crs import require_same
from zonnekaart.io.raster import HeightReader
from zonnekaart.io.vector import read_layer

if TYPE_CHECKING:
    from zonnekaart.config import Project


def read_areas(project: Project) -> gpd.GeoDataFrame:
    """
    Return the statistical areas of a project.

    Parameters
    ----------
    project : Project
        Its ``[inputs.areas]``; when that is absent, the extent of the surface model is the one
        area, with the project's name.

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
        dsm = project.inputs.dsm
        with HeightReader(project.resolve(dsm.path), dsm.corrections) as reader:
            extent = shapely.box(*reader.geobox.bounds)
        return gpd.GeoDataFrame(
            {"area_id": [project.slug], "name": [project.project.name]},
            geometry=[extent],
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
