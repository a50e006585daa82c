"""Roof polygons and building figures of a cadastre, brought to our units and our buildings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from zonnekaart.energy.cadastre import (
    FLAT_BELOW_DEG,
    clockwise_from_north,
    faces_nowhere_known,
    irradiation_of_slope,
)
from zonnekaart.energy.pv import SUITABILITY
from zonnekaart.errors import VectorError
from zonnekaart.geo.crs import require_same
from zonnekaart.geo.roofs import sloped_area_m2
from zonnekaart.io.cadastre_options import MONTHS, PER_M2_KWH, TOTAL_KWH
from zonnekaart.io.vector import read_layer
from zonnekaart.pipelines.roof_panels import Surfaces

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

    from zonnekaart.io.cadastre_options import CadastreOptions

    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.int64]

SAME_AREA = 0.1
"""A polygon is the outline of its plane when its area on the slope is within this share of the
area that the cadastre tells: makers may have left chimneys and windows out; own assumption. [-]"""
LEAST_OVERLAP = 0.2
"""Share of a roof polygon that a footprint must hold to be its building. [-]"""
_SHOWN = 20


@dataclass(frozen=True)
class Given:
    """
    What a cadastre says of roof planes; every array has one entry per plane, by building.

    Parameters
    ----------
    building : ndarray of int64
        Position of the building.
    outline : ndarray of polygons
        In plan.
    tilt_deg, azimuth_deg : ndarray of float64
        NaN is unknown; azimuth 0 = north, clockwise, NaN when flat. [degrees]
    roof_area_m2 : ndarray of float64
        On the slope; in plan where the tilt is unknown; NaN is unknown. [m2]
    irradiation : ndarray of float64, shape (planes, 13)
        Year and months, per m2 of `roof_area_m2`; NaN is not given. [kWh/m2]
    yield_kwh, capacity_kwp : ndarray of float64
        As the cadastre gives them; NaN is not given. [kWh], [kWp]
    grade : ndarray of int64
        Index into `SUITABILITY`; -1 is not given.
    facts : dict
        Counts for the manifest.
    """

    building: IntArray
    outline: npt.NDArray[np.object_]
    tilt_deg: FloatArray
    azimuth_deg: FloatArray
    roof_area_m2: FloatArray
    irradiation: FloatArray
    yield_kwh: FloatArray
    capacity_kwp: FloatArray
    grade: IntArray
    facts: dict[str, Any] = field(default_factory=dict)


def read_cadastre(path: Path, options: CadastreOptions, crs: object) -> gpd.GeoDataFrame:
    """
    Read a cadastre of roofs or buildings.

    Parameters
    ----------
    path : Path
        A vector layer; for kind "buildings" with ids a table without geometry will do.
    options : CadastreOptions
        Names of the columns.
    crs : object
        CRS it must have.

    Raises
    ------
    MissingInputError, VectorError, CrsError
        If it is absent, unreadable, empty, lacks a named column, holds no polygons, or lies in
        another CRS.
    """
    frame = read_layer(path, options.layer)
    absent = [name for name in options.named_columns.values() if name not in frame]
    if absent:
        raise VectorError(
            str(path),
            f"no column {', '.join(absent)}",
            f"one of: {', '.join(str(name) for name in frame.columns)}",
            "correct the names in [inputs.cadastre]",
        )
    if frame.empty:
        raise VectorError(
            str(path), "no features", "at least one", "check the layer and its filter"
        )
    if not has_geometry(frame):
        if options.kind == "buildings" and options.building_id_column is not None:
            return frame
        raise VectorError(
            str(path),
            "a table without geometry",
            "polygons, or kind = buildings with building_id_column",
            "name the layer that holds polygons",
        )
    require_same(frame.crs, crs, str(path))
    shapes = shapely.force_2d(frame.geometry.to_numpy())
    bad = shapely.is_missing(shapes) | shapely.is_empty(shapes) | ~shapely.is_valid(shapes)
    bad |= shapely.get_dimensions(shapes) != 2
    if bad.any():
        row = int(np.flatnonzero(bad)[0]) + 1
        raise VectorError(
            f"{path}: row {row}",
            f"{int(bad.sum())} features that are empty, invalid or no polygons",
            "valid polygons",
            "repair them in QGIS: Fix geometries",
        )
    return frame.set_geometry(shapes, crs=frame.crs)


def has_geometry(frame: pd.DataFrame) -> bool:
    """Tell whether a layer holds shapes."""
    return isinstance(frame, gpd.GeoDataFrame) and frame.active_geometry_name is not None


def numbers(frame: pd.DataFrame, column: str | None) -> FloatArray:
    """Return a column as float64; NaN where it is not named, empty or no number."""
    if column is None:
        return np.full(len(frame), np.nan)
    values = pd.to_numeric(frame[column], errors="coerce")
    return np.asarray(values.to_numpy(np.float64, na_value=np.nan))


def matched(frame: gpd.GeoDataFrame, options: CadastreOptions, layer: gpd.GeoDataFrame) -> IntArray:
    """
    Return the position of each feature's building; -1 for none.

    Parameters
    ----------
    frame : GeoDataFrame
        From `read_cadastre`.
    options : CadastreOptions
        Names the column of building ids, or none.
    layer : GeoDataFrame
        Footprints with ``building_id``.

    Notes
    -----
    Without ids a feature belongs to the footprint it shares most ground with, if that is at least
    `LEAST_OVERLAP` of it.
    """
    if options.building_id_column is not None:
        number = pd.Series(range(len(layer)), index=layer["building_id"].astype(str))
        ids = frame[options.building_id_column].astype("string")
        return np.asarray(ids.map(number).fillna(-1).to_numpy(dtype=np.int64))
    shapes, footprints = frame.geometry.to_numpy(), layer.geometry.to_numpy()
    own, near = shapely.STRtree(footprints).query(shapes, predicate="intersects")
    shared = shapely.area(shapely.intersection(shapes[own], footprints[near]))
    enough = shared >= LEAST_OVERLAP * shapely.area(shapes[own])
    own, near, shared = own[enough], near[enough], shared[enough]
    # Written in the order of the shared area, so that the largest stays.
    order = np.argsort(shared, kind="stable")
    owner = np.full(len(frame), -1, dtype=np.int64)
    owner[own[order]] = near[order]
    return owner


def given_planes(path: Path, options: CadastreOptions, layer: gpd.GeoDataFrame) -> Given:
    """
    Return what a cadastre of kind "roofs" or "buildings" says.

    Parameters
    ----------
    path : Path
        The cadastre.
    options : CadastreOptions
        How to read it.
    layer : GeoDataFrame
        Footprints with ``building_id``, in the project CRS.

    Raises
    ------
    MissingInputError, VectorError, CrsError
        See `read_cadastre`; also when no feature belongs to a building, a building has two rows
        of kind "buildings", or a class is not in `class_values`.
    """
    frame = read_cadastre(path, options, layer.crs)
    owner = matched(frame, options, layer)
    if not (owner >= 0).any():
        raise VectorError(
            str(path),
            f"{len(frame)} features, none of which belongs to a footprint",
            "features on the footprints, or their ids in building_id_column",
            "check both extents, or the ids in both files",
        )
    order = np.argsort(owner, kind="stable")
    order = order[owner[order] >= 0]
    lost = np.flatnonzero(owner < 0)
    facts = {
        "features": len(frame),
        "unmatched": len(lost),
        "unmatched_rows": [int(row) + 1 for row in lost[:_SHOWN]],
        "buildings_in_cadastre": len(np.unique(owner[order])),
    }
    chosen, building = frame.iloc[order], owner[order]
    if options.kind == "buildings":
        _require_single(path, options, layer, building)
        outline = layer.geometry.to_numpy()[building]
    else:
        outline = chosen.geometry.to_numpy()
    return _laid_out(path, options, chosen, (building, outline), facts)


def _require_single(
    path: Path, options: CadastreOptions, layer: gpd.GeoDataFrame, building: IntArray
) -> None:
    again = building[1:][np.diff(building) == 0]
    if len(again):
        raise VectorError(
            str(path),
            f"{len(again)} buildings with more than one row, such as "
            f"{layer['building_id'].iloc[again[0]]}",
            "one row per building",
            "sum the parts of a building, or read the layer as kind = roofs",
        )


def _laid_out(
    path: Path,
    options: CadastreOptions,
    frame: pd.DataFrame,
    place: tuple[IntArray, npt.NDArray[np.object_]],
    facts: dict[str, Any],
) -> Given:
    building, outline = place
    tilt = numbers(frame, options.tilt_column)
    azimuth = clockwise_from_north(numbers(frame, options.azimuth_column), options.azimuth_zero)
    area = _areas(options, frame, tilt, outline)
    light = np.column_stack(
        [
            numbers(frame, name)
            for name in (
                options.irradiation_column,
                *(options.monthly_irradiation_columns or (None,) * MONTHS),
            )
        ]
    )
    if options.irradiation_unit in TOTAL_KWH:
        light = light * TOTAL_KWH[options.irradiation_unit] / area[:, None]
    else:
        light = light * PER_M2_KWH[options.irradiation_unit]
        light = irradiation_of_slope(light, tilt, options.surface)
    return Given(
        building=building,
        outline=outline,
        tilt_deg=tilt,
        azimuth_deg=np.where(tilt < FLAT_BELOW_DEG, np.nan, azimuth),
        roof_area_m2=area,
        irradiation=light,
        yield_kwh=numbers(frame, options.yield_column) * TOTAL_KWH[options.yield_unit],
        capacity_kwp=numbers(frame, options.kwp_column),
        grade=_grades(path, options, frame),
        facts=facts,
    )


def _areas(
    options: CadastreOptions,
    frame: pd.DataFrame,
    tilt_deg: FloatArray,
    outline: npt.NDArray[np.object_],
) -> FloatArray:
    """Return areas on the slope; in plan where the tilt is unknown. [m2]."""
    said = numbers(frame, options.area_column)
    if options.area_kind == "sloped":
        return said
    if options.area_column is None:
        if options.kind == "buildings":
            return np.full(len(frame), np.nan)
        said = shapely.area(outline)
    return np.asarray(np.where(np.isnan(tilt_deg), said, sloped_area_m2(said, tilt_deg)))


def _grades(path: Path, options: CadastreOptions, frame: pd.DataFrame) -> IntArray:
    """Return the class of each row as an index into `SUITABILITY`; -1 where none is given."""
    if options.class_column is None:
        return np.full(len(frame), -1, dtype=np.int64)
    column = frame[options.class_column]
    if pd.api.types.is_float_dtype(column):
        # Numbered classes with gaps are read as 1.0, 2.0: nobody writes them so.
        column = column.astype("Int64")
    words = column.astype("string").str.strip()
    strange = sorted(set(words.dropna()) - set(options.class_values))
    if strange:
        raise VectorError(
            f"{path}: {options.class_column}",
            f"the classes {', '.join(strange[:5])}",
            f"one of: {', '.join(options.class_values)}",
            "add them to class_values in [inputs.cadastre]",
        )
    number = {word: SUITABILITY.index(ours) for word, ours in options.class_values.items()}
    return np.asarray(words.map(number).fillna(-1).to_numpy(dtype=np.int64))


def surfaces_of(given: Given, options: CadastreOptions) -> Surfaces:
    """
    Return the planes that whole modules may be laid on.

    Parameters
    ----------
    given : Given
        What the cadastre says.
    options : CadastreOptions
        A footprint, of kind "buildings", is no outline of a plane.

    Returns
    -------
    Surfaces
        The tilt is NaN where none may be laid: it is not given, or the polygon is not the plane.
    """
    drawn = sloped_area_m2(shapely.area(given.outline), given.tilt_deg)
    outlined = np.abs(drawn - given.roof_area_m2) <= SAME_AREA * given.roof_area_m2
    tilt = np.where(outlined & (options.kind != "buildings"), given.tilt_deg, np.nan)
    nowhere = faces_nowhere_known(given.tilt_deg, given.azimuth_deg)
    facing = np.where(nowhere, np.nan, np.nan_to_num(given.azimuth_deg))
    return Surfaces(given.building, given.outline, tilt, facing)
