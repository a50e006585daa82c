"""The table of buildings: what the project says of them, what is estimated, and their supply."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from zonnekaart.errors import VectorError
from zonnekaart.geo.buildings import (
    HERITAGE,
    OWNERS,
    USES,
    estimated_dwellings,
    estimated_use,
    storeys,
)
from zonnekaart.geo.crs import require_same
from zonnekaart.geo.roofs import shifted
from zonnekaart.io.vector import read_layer

if TYPE_CHECKING:
    import numpy.typing as npt

    from zonnekaart.config import BuildingsInput, Project
    from zonnekaart.pipelines.rooftops import BuildingFacts

    FloatArray = npt.NDArray[np.float64]
    BoolArray = npt.NDArray[np.bool_]

STANDING_SHARE = 0.3
"""A footprint of which less than this stands 2 m above the ground shows no building. [-]"""
KNOWN_SHARE = 0.9
"""Below this share of cells with a height, a building is flagged. [-]"""
CANOPY_SHARE = 0.05
"""From this share of its cells under tree crowns, a building is flagged. [-]"""
_SUMS = ("annual_yield_kwh", "annual_yield_low_kwh", "annual_yield_high_kwh", "capacity_kwp")


@dataclass(frozen=True)
class Described:
    """
    Buildings with what is known or estimated of them, before supply.

    Parameters
    ----------
    frame : GeoDataFrame
        Columns of `buildings.parquet` without supply.
    flags : list of list of str
        Per building.
    mismatch : ndarray of bool, shape (buildings,)
        The heights do not show this building.
    """

    frame: gpd.GeoDataFrame
    flags: list[list[str]]
    mismatch: BoolArray


def read_buildings(project: Project) -> gpd.GeoDataFrame:
    """
    Read the footprints of a project.

    Returns
    -------
    GeoDataFrame
        As in the file, in the project CRS, flattened to two dimensions, with ``building_id``.

    Raises
    ------
    VectorError, CrsError
        If a named column is absent, ids repeat, a geometry is empty, invalid or no polygon, or
        the CRS is another.
    """
    table = project.inputs.buildings
    path = project.resolve(table.path)
    layer = read_layer(path, table.layer)
    require_same(layer.crs, project.project.crs, str(path))
    return checked_buildings(layer, table, str(path))


def checked_buildings(
    layer: gpd.GeoDataFrame, table: BuildingsInput, subject: str
) -> gpd.GeoDataFrame:
    """Return footprints with ``building_id`` after checking columns, ids and geometry."""
    named = [v for k, v in table.model_dump().items() if k.endswith("_column") and v is not None]
    absent = [name for name in named if name not in layer]
    if absent:
        raise VectorError(
            subject,
            f"no column {', '.join(absent)}",
            f"one of: {', '.join(str(name) for name in layer.columns)}",
            "correct the names in [inputs.buildings]",
        )
    ids = layer[table.id_column].astype(str)
    repeated = ids[ids.duplicated()]
    if len(repeated):
        raise VectorError(
            f"{subject}: {table.id_column}",
            f"{len(repeated)} repeated ids, such as {repeated.iloc[0]}",
            "one id per building",
            "dissolve the parts of a building, or number them",
        )
    shapes = shapely.force_2d(layer.geometry.to_numpy())
    bad = shapely.is_missing(shapes) | shapely.is_empty(shapes) | ~shapely.is_valid(shapes)
    bad |= shapely.get_dimensions(shapes) != 2
    if bad.any():
        raise VectorError(
            f"{subject}: {table.id_column} {ids[bad].iloc[0]}",
            f"{int(bad.sum())} footprints that are empty, invalid or no polygons",
            "valid polygons",
            "repair them in QGIS: Fix geometries",
        )
    shapes = shifted(shapes, table.shift_m)
    return layer.assign(building_id=ids).set_geometry(
        gpd.GeoSeries(shapes, index=layer.index, crs=layer.crs)
    )


def numbered(layer: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, str]:
    """Return footprints and their column of ids; numbers where they have none."""
    names = [name for name in ("building_id", "id") if name in layer]
    if names:
        return layer, names[0]
    return layer.assign(building_id=np.arange(1, len(layer) + 1).astype(str)), "building_id"


def described(
    layer: gpd.GeoDataFrame,
    table: BuildingsInput,
    facts: BuildingFacts,
    flat_share: FloatArray,
    survey_year: int | None,
) -> Described:
    """
    Return what is known of each building, and estimates for the rest.

    Parameters
    ----------
    layer : GeoDataFrame
        From `checked_buildings`.
    table : BuildingsInput
        Which column holds what.
    facts : BuildingFacts
        What the heights say.
    flat_share : ndarray of float64, shape (buildings,)
        Part of the roof that is flat; NaN without planes. [-]
    survey_year : int, optional
        Year the heights were flown.

    Notes
    -----
    A mismatch is a building built after the survey year, or a footprint of which less than
    `STANDING_SHARE` stands 2 m high. Without heights nothing contradicts: that is "no_height".
    """
    marks: dict[str, BoolArray] = {}
    footprint = shapely.area(layer.geometry.to_numpy())
    no_height = np.isnan(facts.height_m)
    low = facts.standing_share < STANDING_SHARE
    year = _numbers(layer, table.construction_year_column)
    newer = year > survey_year if survey_year is not None else np.zeros(len(layer), dtype=bool)
    use = _words(layer, table.use_column, USES)
    marks["use_estimated"] = use == "unknown"
    use = np.where(
        use == "unknown", estimated_use(footprint, facts.height_m, flat_share), use
    ).astype(object)
    floor = _numbers(layer, table.floor_area_column)
    marks["floor_area_estimated"] = np.isnan(floor) & ~no_height
    floor = np.where(np.isnan(floor), footprint * storeys(facts.height_m), floor)
    dwellings = _numbers(layer, table.dwellings_column)
    guess = estimated_dwellings(use, floor)
    marks["dwellings_estimated"] = np.isnan(dwellings) & ~np.isnan(guess)
    dwellings = np.where(np.isnan(dwellings), guess, dwellings)
    marks["no_height"] = no_height
    marks["partly_no_height"] = ~no_height & (facts.known_share < KNOWN_SHARE)
    marks["under_canopy"] = facts.canopy_share >= CANOPY_SHARE
    marks["low"] = low
    marks["newer_than_survey"] = newer
    marks["derived_footprint"] = np.full(len(layer), table.derived)
    frame = gpd.GeoDataFrame(
        {
            "building_id": layer["building_id"].to_numpy(),
            "use": use,
            "dwellings": pd.array(_whole(dwellings), dtype="Int64"),
            "footprint_area_m2": footprint,
            "floor_area_m2": floor,
            "height_m": facts.height_m,
            "existing_kwp": _numbers(layer, table.existing_kwp_column),
            "heritage": _words(layer, table.heritage_column, HERITAGE),
            "owner": _words(layer, table.owner_column, OWNERS),
            "height_noise_m": facts.noise_m,
            "canopy_share": facts.canopy_share,
        },
        geometry=layer.geometry.to_numpy(),
        crs=layer.crs,
    )
    return Described(frame, _lists(marks), low | newer)


def with_supply(
    stock: Described,
    planes: gpd.GeoDataFrame,
    building: npt.NDArray[np.int64],
    min_area_m2: float,
) -> gpd.GeoDataFrame:
    """
    Add the sums of the planes to the buildings.

    Parameters
    ----------
    stock : Described
        The buildings.
    planes : GeoDataFrame
        `roof_planes`.
    building : ndarray of int64, shape (planes,)
        Position of each plane's building.
    min_area_m2 : float
        Smallest roof that gets panels under the preset. [m2]

    Returns
    -------
    GeoDataFrame
        Roof area, capacity, existing and additional power, yield. A building without planes, or
        one that the heights do not show, has NaN: what it could carry is not known; but a standing
        footprint below the smallest area carries nothing. One plane of unknown yield makes the
        building's yield unknown.
    """
    frame = stock.frame.copy()
    count = len(frame)
    some = np.bincount(building, minlength=count) > 0
    standing = ~np.isnan(frame["height_m"].to_numpy())
    no_plane = ~some & standing
    tiny = no_plane & (frame["footprint_area_m2"].to_numpy() < min_area_m2)
    known = (some | tiny) & ~stock.mismatch
    for name in (*_SUMS, "roof_area_m2", "usable_area_m2"):
        total = np.bincount(building, weights=planes[name].to_numpy(), minlength=count)
        keep = some if name == "roof_area_m2" else known
        frame[name] = np.where(keep, total, np.nan)
    frame["additional_kwp"] = np.maximum(frame["capacity_kwp"] - frame["existing_kwp"], 0.0)
    frame["survey_mismatch"] = stock.mismatch
    frame["flags"] = [
        [*own, "no_plane"] if without else own
        for own, without in zip(stock.flags, no_plane, strict=True)
    ]
    return frame


def _numbers(layer: gpd.GeoDataFrame, column: str | None) -> FloatArray:
    """Return a column as numbers; NaN where it is absent, empty or not a number."""
    if column is None:
        return np.full(len(layer), np.nan)
    numbers = pd.to_numeric(layer[column], errors="coerce")
    return np.asarray(numbers.to_numpy(dtype=np.float64, na_value=np.nan))


def _words(
    layer: gpd.GeoDataFrame, column: str | None, known: tuple[str, ...]
) -> npt.NDArray[np.object_]:
    """Return a column's words; "unknown" for words that are not ours."""
    if column is None:
        return np.full(len(layer), "unknown", dtype=object)
    words = layer[column].astype("string").str.strip().str.lower()
    known_words = words.where(words.isin(known), "unknown").fillna("unknown")
    return np.asarray(known_words.to_numpy(dtype=object))


def _whole(values: FloatArray) -> list[int | None]:
    return [None if np.isnan(value) else round(value) for value in values]


def _lists(marks: dict[str, BoolArray]) -> list[list[str]]:
    """Return the names of the marks that each row carries."""
    names = np.array(list(marks), dtype=object)
    table = np.column_stack(list(marks.values()))
    return [list(names[row]) for row in table]
