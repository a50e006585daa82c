"""Which building hangs on which cabin: by given areas, by given points, or by gathering."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from zonnekaart.errors import VectorError
from zonnekaart.geo.cabin_areas import gathered, outlines
from zonnekaart.geo.crs import require_same
from zonnekaart.geo.policyzones import zone_of
from zonnekaart.io.vector import read_layer

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zonnekaart.config import CabinsInput, Project
    from zonnekaart.energy.hosting import CabinAssumptions

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]
    BoolArray = NDArray[np.bool_]

LEAST_KVA, MOST_KVA = 10.0, 5000.0
"""Rated power of distribution transformers: 25 to 2 500 kVA are sold; the margin is ours. [kVA]"""
REACH_M = 1000.0
"""Longest way from a building to its cabin. Own choice: a long rural feeder. [m]"""
GIVEN, VORONOI, GENERATED = "given", "voronoi", "generated"
"""Origin of an area: the operator's, all nearest to the operator's cabin, or our guess."""


@dataclass(frozen=True)
class CabinSet:
    """
    Cabins and the buildings on them.

    Parameters
    ----------
    frame : GeoDataFrame
        ``cabin_id``, ``origin``, ``given_kva`` and ``given_headroom_kw`` (NaN when not given),
        geometry of the area.
    member : ndarray of int64, shape (buildings,)
        Position of each building's cabin.
    left_out : int
        Given cabins that no building is nearest to.
    """

    frame: gpd.GeoDataFrame
    member: IntArray
    left_out: int = 0


def cabin_set(
    project: Project,
    buildings: gpd.GeoDataFrame,
    connections: FloatArray,
    zones: NDArray[np.object_],
    assumed: CabinAssumptions,
) -> CabinSet:
    """
    Say which cabin serves each building.

    Parameters
    ----------
    project : Project
        Names areas or cabins, if any; areas win.
    buildings : GeoDataFrame
        Footprints.
    connections : ndarray of float64, shape (buildings,)
        That a cabin of the neighbourhood serves. [count]
    zones : ndarray of polygons
        Drawn areas do not reach beyond these.
    assumed : CabinAssumptions
        Connections that one cabin serves.

    Returns
    -------
    CabinSet
        Buildings that no given area or cabin reaches are gathered into generated areas.

    Raises
    ------
    VectorError, CrsError, MissingInputError
        If a given layer lacks a column, repeats an id, holds powers that are none of a cabin, or
        lies in another CRS.
    """
    middle = shapely.point_on_surface(buildings.geometry.to_numpy())
    points = np.column_stack([shapely.get_x(middle), shapely.get_y(middle)])
    frame, member, left_out = _given(project, buildings, points)
    rest = np.flatnonzero(member < 0)
    groups = gathered(
        points[rest],
        connections[rest],
        float(assumed.connections_min),
        float(assumed.connections_max),
    )
    member[rest] = groups + len(frame)
    count = int(groups.max(initial=-1)) + 1
    made = pd.DataFrame({"cabin_id": [f"generated-{n + 1:04d}" for n in range(count)]})
    made = made.assign(origin=GENERATED, given_kva=np.nan, given_headroom_kw=np.nan, geometry=None)
    whole = pd.concat([f for f in (frame, made) if len(f)] or [made], ignore_index=True)
    shapes = _outlines(whole, points, member, zones)
    areas = gpd.GeoDataFrame(whole.drop(columns="geometry"), geometry=shapes, crs=buildings.crs)
    return CabinSet(areas, member, left_out)


def _given(
    project: Project, buildings: gpd.GeoDataFrame, points: FloatArray
) -> tuple[pd.DataFrame, IntArray, int]:
    """Return the given cabins, the cabin of each building (-1: none), and how many have none."""
    areas, cabins = project.inputs.cabin_areas, project.inputs.cabins
    nobody = np.full(len(buildings), -1, dtype=np.int64)
    if areas is not None:
        frame = read_cabins(project, areas, "inputs.cabin_areas").assign(origin=GIVEN)
        if cabins is not None:
            _fill_from_points(frame, read_cabins(project, cabins, "inputs.cabins"))
        found = zone_of(buildings.geometry.to_numpy(), frame["geometry"].to_numpy())
        return frame, found, 0
    if cabins is None:
        return pd.DataFrame(), nobody, 0
    frame = read_cabins(project, cabins, "inputs.cabins").assign(origin=VORONOI)
    centre = shapely.get_coordinates(shapely.centroid(frame["geometry"].to_numpy()))
    distance, nearest = cKDTree(centre).query(points)
    served = np.unique(nearest[distance <= REACH_M])
    position = np.full(len(frame), -1, dtype=np.int64)
    position[served] = np.arange(len(served))
    member = np.where(distance <= REACH_M, position[nearest], nobody)
    kept = frame.iloc[served].reset_index(drop=True).assign(geometry=None)
    return kept, member, len(frame) - len(served)


def _fill_from_points(areas: pd.DataFrame, cabins: pd.DataFrame) -> None:
    """Take what areas do not tell from the cabins of the same id, in place."""
    by_id = cabins.set_index("cabin_id")
    for name in ("given_kva", "given_headroom_kw"):
        areas[name] = areas[name].fillna(areas["cabin_id"].map(by_id[name]))


def read_cabins(project: Project, table: CabinsInput, name: str) -> pd.DataFrame:
    """
    Read a layer of cabins or of their areas.

    Parameters
    ----------
    project : Project
        Its CRS.
    table : CabinsInput
        Path and columns.
    name : str
        Of the table in the project file.

    Returns
    -------
    DataFrame
        ``cabin_id, given_kva, given_headroom_kw, geometry``.
    """
    path = project.resolve(table.path)
    layer = read_layer(path, table.layer)
    require_same(layer.crs, project.project.crs, str(path))
    columns = {"id_column": table.id_column, "rated_kva_column": table.rated_kva_column}
    columns["headroom_kw_column"] = table.headroom_kw_column
    for key, column in columns.items():
        if column is not None and column not in layer:
            raise VectorError(
                str(path),
                f"no column {column}",
                f"one of: {', '.join(str(c) for c in layer.columns)}",
                f"correct {key} in [{name}]",
            )
    ids = layer[table.id_column].astype(str)
    if ids.duplicated().any():
        raise VectorError(
            f"{path}: {table.id_column}",
            f"{ids[ids.duplicated()].iloc[0]} more than once",
            "one row per cabin",
            "remove the copies, or sum transformers that stand in one cabin",
        )
    kva = _numbers(layer, table.rated_kva_column)
    room = _numbers(layer, table.headroom_kw_column)
    _require_kva(kva, f"{path}: {table.rated_kva_column}")
    if (room < 0).any():
        raise VectorError(
            f"{path}: {table.headroom_kw_column}",
            f"{room[room < 0].min():g} in {int((room < 0).sum())} of {len(layer)} cabins",
            "headroom in kW, 0 or more",
            "write 0 where a cabin is full; the operator may count offers, which makes it negative",
        )
    return pd.DataFrame(
        {
            "cabin_id": ids.to_numpy(),
            "given_kva": kva,
            "given_headroom_kw": room,
            "geometry": layer.geometry.to_numpy(),
        }
    )


def _numbers(layer: gpd.GeoDataFrame, column: str | None) -> FloatArray:
    if column is None:
        return np.full(len(layer), np.nan)
    found: FloatArray = pd.to_numeric(layer[column], errors="coerce").to_numpy(
        np.float64, na_value=np.nan
    )
    return found


def _require_kva(kva: FloatArray, subject: str) -> None:
    wrong = (kva < LEAST_KVA) | (kva > MOST_KVA)
    if wrong.any():
        raise VectorError(
            subject,
            f"{kva[wrong][0]:g} in {int(wrong.sum())} of {len(kva)} cabins",
            f"a rating in kVA from {LEAST_KVA:g} to {MOST_KVA:g}",
            "0.4 would be MVA: multiply by 1000",
        )


def _outlines(
    frame: pd.DataFrame, points: FloatArray, member: IntArray, zones: NDArray[np.object_]
) -> NDArray[np.object_]:
    """Return given areas as they are, and the others around their buildings, beside those."""
    given = (frame["origin"] == GIVEN).to_numpy(dtype=np.bool_)
    shapes = frame["geometry"].to_numpy(dtype=object)
    if given.all():
        return shapes
    drawn = outlines(points, np.where(given[member], -1, member), len(frame), zones)
    if given.any():
        drawn = shapely.difference(drawn, shapely.union_all(shapes[given]))
    return np.where(given, shapes, drawn)
