"""Layers and tables of constraints, read as the project names them and brought to our words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from zonnekaart.config.constraint_inputs import SocialFigure
from zonnekaart.errors import TableError, VectorError
from zonnekaart.geo.buildings import HERITAGE, OWNERS
from zonnekaart.geo.crs import require_same
from zonnekaart.io.sources.consumption import listed, numbers, read_text_table
from zonnekaart.io.vector import read_layer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from zonnekaart.config import HeritageInput, OwnersInput, Project

SOCIAL: tuple[SocialFigure, ...] = get_args(SocialFigure)
YES_NO = {"true": 1.0, "yes": 1.0, "1": 1.0, "false": 0.0, "no": 0.0, "0": 0.0}
"""Words of a column that says whether there is asbestos."""
UNSAID = ("", "unknown", "nan", "none", "<na>")
INCOME_EUR = (1_000.0, 500_000.0)
"""Between these a yearly income of a person or household is plausible. [EUR]"""
ROOF_YEARS = (1000.0, 2100.0)


def read_heritage(project: Project) -> list[gpd.GeoDataFrame]:
    """
    Read the heritage layers of a project, in their order.

    Returns
    -------
    list of GeoDataFrame
        ``heritage_id``, ``name``, ``status`` (ours), geometry.

    Raises
    ------
    MissingInputError, VectorError, CrsError
        If a column is absent, a status has no word of ours, or a geometry is no valid polygon.
    """
    return [_heritage(project, table) for table in project.inputs.heritage]


def _heritage(project: Project, table: HeritageInput) -> gpd.GeoDataFrame:
    path = project.resolve(table.path)
    columns = [table.id_column, table.name_column, table.status_column]
    layer = _polygons(project, path, table.layer, [c for c in columns if c], "inputs.heritage")
    if table.status_column is None:
        status: Any = table.status
    else:
        subject = f"{path}: {table.status_column}"
        status = _mapped(
            layer[table.status_column], table.status_values, HERITAGE[:-2], subject, "status_values"
        )
    name = layer[table.name_column].astype("string").fillna("") if table.name_column else ""
    return gpd.GeoDataFrame(
        {"heritage_id": layer[table.id_column].astype(str), "name": name, "status": status},
        geometry=layer.geometry,
    )


def _polygons(
    project: Project, path: Path, name: str | None, columns: list[str], subject: str
) -> gpd.GeoDataFrame:
    """Read a layer of polygons in the CRS of the project, with certain columns."""
    layer = read_layer(path, name)
    require_same(layer.crs, project.project.crs, str(path))
    _require_columns(layer, columns, str(path), subject)
    shapes = shapely.force_2d(layer.geometry.to_numpy())
    bad = shapely.is_missing(shapes) | shapely.is_empty(shapes) | ~shapely.is_valid(shapes)
    bad |= shapely.get_dimensions(shapes) != 2
    if bad.any():
        raise VectorError(
            f"{path}: row {int(np.flatnonzero(bad)[0]) + 1}",
            f"{int(bad.sum())} features that are empty, invalid or no polygons",
            "valid polygons",
            "repair them first: ogr2ogr -makevalid OUT IN, or QGIS: Fix geometries",
        )
    return layer.set_geometry(gpd.GeoSeries(shapes, index=layer.index, crs=layer.crs))


def _require_columns(frame: pd.DataFrame, columns: list[str], path: str, subject: str) -> None:
    absent = [name for name in columns if name not in frame]
    if absent:
        raise VectorError(
            path,
            f"no column {listed(absent)}",
            f"one of: {listed(frame.columns, 20)}",
            f"correct the names in [{subject}]",
        )


def _mapped(
    values: pd.Series[Any],
    given: Mapping[str, str],
    ours: tuple[str, ...],
    subject: str,
    option: str,
) -> pd.Series[Any]:
    """Turn a provider's words into ours; a word that nobody explained is an error."""
    words = values.astype("string").str.strip()
    found = words.map({**{word: word for word in ours}, **given})
    said = words.notna() & ~words.str.lower().isin(UNSAID)
    strange = sorted(set(words[said & found.isna()]))
    if strange:
        raise TableError(
            subject,
            f"values without a meaning: {listed(strange)}",
            f"one of: {', '.join(ours)}",
            f"say in {option} what each value stands for",
        )
    return found.fillna("unknown").astype(object)


def read_owners(project: Project) -> pd.DataFrame | gpd.GeoDataFrame | None:
    """
    Read who owns what.

    Returns
    -------
    DataFrame, GeoDataFrame or None
        ``owner`` in our words, with ``building_id`` from a table or with polygons from a layer;
        None when the project names neither.

    Raises
    ------
    MissingInputError, VectorError, TableError, CrsError
        If a column is absent, a value has no word of ours, or ids repeat.
    """
    table = project.inputs.owners
    if table is None:
        return None
    path = project.resolve(table.path)
    if table.building_id_column is None:
        layer = _polygons(project, path, table.layer, [table.owner_column], "inputs.owners")
        return gpd.GeoDataFrame(
            {"owner": _owner_words(layer, table, path)}, geometry=layer.geometry
        )
    raw = read_text_table(path, (table.building_id_column, table.owner_column))
    return pd.DataFrame(
        {
            "building_id": _ids(raw, table.building_id_column, path),
            "owner": _owner_words(raw, table, path),
        }
    )


def _owner_words(frame: pd.DataFrame, table: OwnersInput, path: Path) -> pd.Series[Any]:
    subject = f"{path}: {table.owner_column}"
    return _mapped(frame[table.owner_column], table.values, OWNERS[:-1], subject, "values")


def _ids(raw: pd.DataFrame, column: str, path: Path) -> pd.Series[str]:
    ids = raw[column].astype(str).str.strip()
    twice = ids[ids.duplicated()]
    if len(twice):
        raise TableError(
            f"{path}: {column}",
            f"{len(twice)} repeated ids, such as {twice.iloc[0]}",
            "one row per building",
            "remove the copies",
        )
    return ids


def unknown_buildings(ids: pd.Series[str], buildings: pd.Series[str], subject: str) -> list[str]:
    """
    Return the buildings of a table that the footprints do not hold.

    A table may reach beyond the project; one that shares no building with it has other ids.

    Raises
    ------
    TableError
        If no footprint has any of the ids.
    """
    unknown = sorted(set(ids) - set(buildings.astype(str)))
    if len(ids) and len(unknown) == len(set(ids)):
        raise TableError(
            subject,
            f"{len(ids)} ids that no footprint has: {listed(unknown)}",
            f"ids of the footprints, such as {buildings.iloc[0] if len(buildings) else '-'}",
            "use the edition of the footprints that the project names, and check the id columns",
        )
    return unknown


def read_roof_state(project: Project) -> pd.DataFrame | None:
    """
    Read asbestos and age of roofs.

    Returns
    -------
    DataFrame or None
        ``building_id``, ``asbestos`` (1, 0 or NaN), ``roof_year`` (NaN when not known); None when
        the project names no table.

    Raises
    ------
    MissingInputError, TableError
        If a column is absent, an id repeats, or a value is no yes, no or year.
    """
    table = project.inputs.roof_state
    if table is None:
        return None
    path = project.resolve(table.path)
    named = [table.building_id_column, table.asbestos_column, table.roof_year_column]
    raw = read_text_table(path, tuple(c for c in named if c))
    unknown = pd.Series(np.nan, index=raw.index, dtype=float)
    asbestos, year = unknown, unknown
    if table.asbestos_column is not None:
        asbestos = _yes_no(raw[table.asbestos_column], f"{path}: {table.asbestos_column}")
    if table.roof_year_column is not None:
        year = numbers(raw[table.roof_year_column], path, table.roof_year_column)
        _require_between(year, ROOF_YEARS, f"{path}: {table.roof_year_column}", "years")
    return pd.DataFrame(
        {
            "building_id": _ids(raw, table.building_id_column, path),
            "asbestos": asbestos,
            "roof_year": year,
        }
    )


def _yes_no(values: pd.Series[Any], subject: str) -> pd.Series[float]:
    words = values.astype("string").str.strip().str.lower().fillna("")
    strange = sorted(set(words) - set(YES_NO) - set(UNSAID))
    if strange:
        raise TableError(
            subject,
            f"values that are no yes or no: {listed(strange)}",
            f"one of: {', '.join(YES_NO)}; empty or unknown where nobody looked",
            "translate the words; a probability is not a finding and stays unknown",
        )
    return words.map(YES_NO).astype(float)


def _require_between(
    values: pd.Series[float], ends: tuple[float, float], subject: str, what: str
) -> None:
    wrong = values[(values < ends[0]) | (values > ends[1])]
    if len(wrong):
        raise TableError(
            f"{subject}, line {int(wrong.index[0]) + 2}",
            f"{wrong.iloc[0]:g}",
            f"{what} from {ends[0]:g} to {ends[1]:g}",
            "correct the value; leave unknown cells empty",
        )


def read_social(project: Project, areas: pd.Series[str]) -> pd.DataFrame | None:
    """
    Read income and energy poverty per area.

    Parameters
    ----------
    project : Project
        Its ``[inputs.social]``.
    areas : Series of str
        Ids of the areas of the project; rows of others are left out.

    Returns
    -------
    DataFrame or None
        ``area_id`` and those of `SOCIAL` that the table holds; NaN is not known. None when the
        project names no table.

    Raises
    ------
    MissingInputError, TableError
        If no figure or no area is known, an area occurs twice, a share is above 1, or an income is
        in another unit.
    """
    table = project.inputs.social
    if table is None:
        return None
    path = project.resolve(table.path)
    raw = read_text_table(path, (table.area_column, *table.columns.values()))
    names = {name: table.columns.get(name, name) for name in SOCIAL}
    held = {name: column for name, column in names.items() if column in raw}
    if not held:
        raise TableError(
            str(path),
            f"no figure among the columns {listed(raw.columns)}",
            f"at least one of: {', '.join(SOCIAL)}",
            "name your columns in columns of [inputs.social]",
        )
    frame = pd.DataFrame({"area_id": raw[table.area_column].astype(str).str.strip()})
    for name, column in held.items():
        frame[name] = numbers(raw[column], path, column)
        _require_unit(frame[name], name, f"{path}: {column}")
    return _of_areas(frame, areas, f"{path}: {table.area_column}")


def _require_unit(values: pd.Series[float], name: str, subject: str) -> None:
    if name.endswith("_share") and (values > 1.0).any():
        raise TableError(
            subject,
            f"a share of {values.max():g}",
            "shares from 0 to 1",
            "these look like percent: divide by 100",
        )
    if name == "median_income_eur":
        _require_between(values, INCOME_EUR, subject, "euro per year")


def _of_areas(frame: pd.DataFrame, areas: pd.Series[str], subject: str) -> pd.DataFrame:
    known = frame[frame["area_id"].isin(set(areas.astype(str)))]
    if known.empty:
        raise TableError(
            subject,
            f"no area of the project; the table has {listed(frame['area_id'])}",
            f"area ids such as {listed(areas, 3)}",
            "use the same code year for both, and check area_column",
        )
    twice = known.loc[known["area_id"].duplicated(), "area_id"]
    if len(twice):
        raise TableError(
            subject, f"more than one row for {listed(twice)}", "one row per area", "keep one year"
        )
    return known.reset_index(drop=True)
