"""Capacity left on medium voltage, as an operator publishes it: never added up, never to LV."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from zonnekaart.errors import TableError, VectorError
from zonnekaart.geo.crs import require_same
from zonnekaart.io.sources.consumption import numbers, read_text_table
from zonnekaart.io.vector import read_layer

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from zonnekaart.config import MvCapacityInput, Project

    FloatArray = NDArray[np.float64]
    Shapes = NDArray[np.object_]

TO_KW = {"kw": 1.0, "kva": 1.0, "mw": 1000.0, "mva": 1000.0}
"""Kilowatts in one unit; inverters feed in at a power factor near 1."""
MOST_KW = 1e6
"""A substation from high voltage carries some hundreds of megawatts at most. [kW]"""
LEAST_KW = 100.0
"""A whole layer below this is not one of medium voltage. Own choice: one roof of a firm. [kW]"""
LEAST_ROWS = 3
FAR_M = 20_000.0
"""Beyond this a substation serves others. Own choice: a long medium-voltage feeder. [m]"""
_TOUCHING = 0.01
"""Share of an area that a polygon must hold to speak of it: less is a drawing inaccuracy. [-]"""


def mv_headroom(project: Project, areas: Shapes) -> FloatArray:
    """
    Return the capacity on medium voltage that binds each area first.

    Parameters
    ----------
    project : Project
        With ``[[inputs.mv_capacity]]``.
    areas : ndarray of polygons, shape (areas,)
        Zones or areas of cabins, in the project CRS.

    Returns
    -------
    ndarray of float64, shape (areas,)
        Of polygons the smallest that the area lies in, of points the nearest; over several
        layers the smallest. Everybody in a polygon draws on the same capacity, so it is never
        added up. NaN where no layer speaks. [kW]

    Raises
    ------
    MissingInputError, VectorError, TableError, CrsError
        If a layer cannot be read, or its capacity is negative or in another unit than stated.
    """
    found = np.full(len(areas), np.nan)
    for table in project.inputs.mv_capacity:
        shapes, capacity_kw = read_mv_capacity(project, table)
        found = np.fmin(found, _applicable(shapes, capacity_kw, areas))
    return found


def read_mv_capacity(project: Project, table: MvCapacityInput) -> tuple[Shapes, FloatArray]:
    """
    Read one layer of capacities.

    Parameters
    ----------
    project : Project
        Its CRS, and the folder paths start at.
    table : MvCapacityInput
        Path, columns, unit.

    Returns
    -------
    shapes : ndarray of polygons or points, shape (rows,)
        In the project CRS; rows of a CSV whose area is not in the polygons are left out.
    capacity_kw : ndarray of float64, shape (rows,)
        NaN is not known. [kW]
    """
    path = project.resolve(table.path)
    if table.x_column is not None or table.areas is not None:
        return _from_csv(project, table, path)
    layer = read_layer(path, table.layer)
    require_same(layer.crs, project.project.crs, str(path))
    named = [c for c in (table.capacity_column, table.unit_column) if c is not None]
    absent = [c for c in named if c not in layer]
    if absent:
        raise VectorError(
            str(path),
            f"no column {', '.join(absent)}",
            f"one of: {', '.join(str(c) for c in layer.columns)}",
            "correct the names in [[inputs.mv_capacity]]",
        )
    shapes = shapely.make_valid(layer.geometry.to_numpy())
    values = pd.to_numeric(layer[table.capacity_column], errors="coerce")
    units = layer[table.unit_column] if table.unit_column else None
    return shapes, _in_kw(values.to_numpy(np.float64, na_value=np.nan), units, table, path)


def _from_csv(project: Project, table: MvCapacityInput, path: Path) -> tuple[Shapes, FloatArray]:
    place = (table.x_column, table.y_column, table.id_column)
    named = [c for c in (table.capacity_column, table.unit_column, *place) if c is not None]
    text = read_text_table(path, named)
    values = numbers(text[table.capacity_column], path, table.capacity_column)
    units = text[table.unit_column] if table.unit_column else None
    kw = _in_kw(np.asarray(values, dtype=np.float64), units, table, path)
    if table.areas is None:
        x, y = (numbers(text[str(c)], path, str(c)).to_numpy(np.float64) for c in place[:2])
        return np.asarray(shapely.points(x, y), dtype=object), kw
    layer = read_layer(project.resolve(table.areas.path), table.areas.layer)
    require_same(layer.crs, project.project.crs, str(table.areas.path))
    shapes = pd.Series(
        shapely.make_valid(layer.geometry.to_numpy()), layer[table.areas.id_column].astype(str)
    )
    ids = text[str(table.id_column)].str.strip()
    known = ids.isin(shapes.index).to_numpy(dtype=np.bool_)
    if not known.any():
        raise TableError(
            f"{path}: {table.id_column}",
            f"{ids.iloc[0] if len(ids) else 'no rows'}, which no area has",
            f"ids as in {table.areas.path}",
            "correct id_column, or name the right areas",
        )
    return shapes.reindex(ids[known]).to_numpy(dtype=object), kw[known]


def _in_kw(
    values: FloatArray, units: pd.Series[str] | None, table: MvCapacityInput, path: Path
) -> FloatArray:
    """Return capacities in kW, after a look whether they can be in the unit stated."""
    subject = f"{path}: {table.capacity_column}"
    if (values < 0).any():
        _refuse_negative(f"{np.nanmin(values):g}", table, path)
    unit = table.unit if units is None else _one_unit(units, f"{path}: {table.unit_column}")
    kw = values * TO_KW[str(unit).lower()]
    known = kw[~np.isnan(kw)]
    most = float(known.max(initial=0.0))
    if most > MOST_KW:
        raise TableError(
            subject,
            f"up to {most / 1000:g} MW, read as {unit}",
            f"at most {MOST_KW / 1000:g} MW",
            "the numbers look like W, or like kW while the unit says MW: correct unit",
        )
    if len(known) >= LEAST_ROWS and 0.0 < most < LEAST_KW:
        raise TableError(
            subject,
            f"at most {most:g} kW in {len(known)} rows, read as {unit}",
            f"some above {LEAST_KW:g} kW",
            "the numbers look like MW or MVA: correct unit",
        )
    return kw


def _refuse_negative(value: str, table: MvCapacityInput, path: Path) -> None:
    raise TableError(
        f"{path}: {table.capacity_column}",
        f"{value}, a negative capacity",
        "0 or more",
        "write 0 where nothing is left; an empty cell is not known",
    )


def _one_unit(units: pd.Series[str], subject: str) -> str:
    """Return the unit of all rows; kW beside kVA passes, thousands beside ones does not."""
    found = sorted({str(u).strip() for u in units.dropna()} - {""})
    strange = [u for u in found if u.lower() not in TO_KW]
    if strange or len({TO_KW[u.lower()] for u in found if u.lower() in TO_KW}) != 1:
        raise TableError(
            subject,
            f"the units {', '.join(found) or 'of no row'}",
            "one of kW, kVA, MW, MVA for the whole table",
            "convert all rows to one unit; 1 MVA = 1000 kVA",
        )
    return found[0]


def _applicable(shapes: Shapes, capacity_kw: FloatArray, areas: Shapes) -> FloatArray:
    found = np.full(len(areas), np.nan)
    known = ~np.isnan(capacity_kw) & ~shapely.is_empty(shapes)
    shapes, capacity_kw = shapes[known], capacity_kw[known]
    if not len(shapes) or not len(areas):
        return found
    if (shapely.get_dimensions(shapes) < 2).all():
        middle = shapely.get_coordinates(shapely.centroid(areas))
        points = shapely.get_coordinates(shapely.centroid(shapes))
        distance, nearest = cKDTree(points).query(middle)
        return np.where(distance <= FAR_M, capacity_kw[nearest], np.nan)
    area, shape = shapely.STRtree(shapes).query(areas, predicate="intersects")
    shared = shapely.area(shapely.intersection(areas[area], shapes[shape]))
    holds = shared > _TOUCHING * shapely.area(areas)[area]
    np.fmin.at(found, area[holds], capacity_kw[shape[holds]])
    return found


def mv_paths(project: Project) -> list[Path]:
    """Return the files that `mv_headroom` reads, as the project names them."""
    tables = project.inputs.mv_capacity
    areas = [t.areas.path for t in tables if t.areas is not None]
    return [*(t.path for t in tables), *areas]


def mv_columns(project: Project) -> list[dict[str, Any]]:
    """Return what decides how the files are read, for the manifest."""
    left_out = {"path", "source", "areas"}
    return [
        t.model_dump(mode="json", exclude=left_out)
        | {"areas": None if t.areas is None else [t.areas.layer, t.areas.id_column]}
        for t in project.inputs.mv_capacity
    ]
