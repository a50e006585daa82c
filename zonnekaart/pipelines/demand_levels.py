"""Demand fitted to every published total at once: of streets, municipality, sectors, areas."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from zonnekaart.energy.reconcile import Fit, Level, fit_totals
from zonnekaart.errors import TableError, VectorError
from zonnekaart.geo.crs import require_same
from zonnekaart.geo.policyzones import zone_of
from zonnekaart.io.sources.consumption import ALL_AREAS, listed
from zonnekaart.io.sources.fluvius_nace import SECTORS
from zonnekaart.io.sources.fluvius_street import street_key
from zonnekaart.io.vector import read_layer
from zonnekaart.pipelines.consumption_tables import ALL_USERS, Figures, read_level_table
from zonnekaart.pipelines.roof_buildings import read_buildings

if TYPE_CHECKING:
    import geopandas as gpd
    import numpy.typing as npt

    from zonnekaart.config import ConsumptionLevel, Project, ZonesInput
    from zonnekaart.pipelines.demand_own import Own

    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.int64]

MOST_UNMATCHED = 0.2
"""Share of a table's energy in areas without any building, above which the names do not match."""
WHOLE = 0.99
"""Share of an area's surface inside the data, from which its total binds. [-]"""
HOMES = "residential"
FIRMS = "non_residential"
_ANY_SECTOR = ("firms",)
COLUMNS = (
    "level",
    "area_id",
    "category",
    "published_kwh",
    "fitted_kwh",
    "residual_kwh",
    "buildings",
    "binds",
    "why_not",
)


@dataclass(frozen=True)
class Prior:
    """
    Demand of buildings after the main table, before further levels.

    Parameters
    ----------
    building_ids : list of str
        The buildings, in the order of the arrays.
    area : ndarray of int64, shape (buildings,)
        Area of the main table; -1 for none.
    homes_kwh, firms_kwh : ndarray of float64, shape (buildings,)
        NaN where nothing speaks of the building. [kWh]
    sector_share : ndarray of float64, shape (buildings, sectors)
        How a building's other use is expected to divide over `SECTORS`. [-]
    totals_kwh : dict of str to ndarray of float64, shape (areas,)
        Per category: published and inside the data; NaN where it is not. [kWh]
    covered : ndarray of float64, shape (areas,)
        Central share of each area's consumption inside the data. [-]
    homes_own_kwh, firms_own_kwh : ndarray of float64, shape (buildings,)
        Own use of panels in the figures above, which no table of meters counts. [kWh]
    """

    building_ids: list[str]
    area: IntArray
    homes_kwh: FloatArray
    firms_kwh: FloatArray
    sector_share: FloatArray
    totals_kwh: dict[str, FloatArray]
    covered: FloatArray
    homes_own_kwh: FloatArray
    firms_own_kwh: FloatArray


@dataclass(frozen=True)
class LevelFit:
    """
    Demand that meets all levels.

    Parameters
    ----------
    homes_kwh, firms_kwh : ndarray of float64, shape (buildings,)
        [kWh]
    agriculture_kwh : ndarray of float64, shape (buildings,)
        Part of `firms_kwh` that is farming; NaN where no sectors are published. [kWh]
    rows : DataFrame
        `COLUMNS`, one row per cell of each level.
    facts : dict
        For the manifest.
    """

    homes_kwh: FloatArray
    firms_kwh: FloatArray
    agriculture_kwh: FloatArray
    rows: pd.DataFrame
    facts: dict[str, Any]


@dataclass(frozen=True)
class _Table:
    """One level: its cells, and which area each building lies in."""

    name: str
    rows: pd.DataFrame
    place: IntArray
    """Position of each building's area in `areas`; -1 for none."""
    areas: list[str]
    metered: bool = True
    """Whether its figures leave out what users take from their own panels."""


def needs_fit(project: Project, figures: Figures, own: Own) -> bool:
    """Return whether there is more to meet than the main table's two categories."""
    source = project.inputs.consumption
    further = source is not None and bool(source.levels)
    return further or figures.sectors is not None or own.any


def fit_levels(
    project: Project,
    areas: gpd.GeoDataFrame,
    extent: shapely.Polygon,
    figures: Figures,
    prior: Prior,
    own: Own,
) -> LevelFit:
    """
    Fit the demand of buildings to all tables of a project.

    Parameters
    ----------
    project : Project
        With ``[inputs.consumption]``.
    areas : GeoDataFrame
        Areas of the main table.
    extent : Polygon
        What the data cover.
    figures : Figures
        The main table.
    prior : Prior
        What the main table alone gives.
    own : Own
        Figures of single buildings; they win over every table.

    Raises
    ------
    TableError
        If more than `MOST_UNMATCHED` of a table's energy lies in areas that no building names.
    """
    source = project.inputs.consumption
    levels = () if source is None else source.levels
    parts = _ANY_SECTOR if figures.sectors is None else SECTORS
    tables = [_further(project, level, extent, prior.building_ids) for level in levels]
    tables += [_sector_table(figures.sectors, areas, prior)] if figures.sectors is not None else []
    tables.append(_main_table(areas, prior))
    if own.any:
        tables.append(_own_table(own, prior.building_ids))
        prior = _expecting(prior, own)
    known = ~np.isnan(prior.homes_kwh) & ~np.isnan(prior.firms_kwh)
    share = prior.sector_share if figures.sectors is not None else np.ones((len(known), 1))
    firms = np.where(known, prior.firms_kwh, 0.0)[:, None] * share
    expected = np.concatenate([np.where(known, prior.homes_kwh, 0.0), firms.T.ravel()])
    firms_own = prior.firms_own_kwh[:, None] * share
    own_use = np.concatenate([prior.homes_own_kwh, firms_own.T.ravel()])
    fit = fit_totals(expected, [_level(table, parts, own_use) for table in tables])
    kwh = fit.kwh.reshape(1 + len(parts), -1)
    homes, others = kwh[0], kwh[1:].sum(axis=0)
    farm = kwh[1 + parts.index("agriculture")] if "agriculture" in parts else others * np.nan
    return LevelFit(
        np.where(known, homes, np.nan),
        np.where(known, others, np.nan),
        np.where(known, farm, np.nan),
        _rows(tables, fit),
        _facts(tables, fit),
    )


def _main_table(areas: gpd.GeoDataFrame, prior: Prior) -> _Table:
    frames = [
        pd.DataFrame(
            {
                "area_id": areas["area_id"],
                "category": category,
                "consumption_kwh": total,
                "why_not": np.where(np.isnan(total), "not published", ""),
            }
        )
        for category, total in prior.totals_kwh.items()
    ]
    rows = pd.concat(frames, ignore_index=True)
    return _Table("areas", rows, prior.area, list(areas["area_id"]))


def _sector_table(sectors: pd.DataFrame, areas: gpd.GeoDataFrame, prior: Prior) -> _Table:
    share = pd.Series(prior.covered, index=areas["area_id"])
    rows = sectors.rename(columns={"sector": "category"})
    rows = rows.assign(
        consumption_kwh=rows["consumption_kwh"] * rows["area_id"].map(share), why_not=""
    )
    return _Table("economic sectors", rows, prior.area, list(areas["area_id"]))


def _own_table(own: Own, buildings: list[str]) -> _Table:
    rows = own.rows.rename(columns={"building_id": "area_id"}).assign(why_not="")
    return _Table("own figures", rows, np.arange(len(buildings)), buildings, metered=False)


def _expecting(prior: Prior, own: Own) -> Prior:
    """Expect something wherever a figure is given: what is zero cannot be scaled to it."""
    homes, firms = prior.homes_kwh.copy(), prior.firms_kwh.copy()
    place = {name: k for k, name in enumerate(prior.building_ids)}
    columns = (own.rows[name] for name in ("building_id", "category", "consumption_kwh"))
    for building, category, kwh in zip(*columns, strict=True):
        k = place[building]
        homes[k], firms[k] = np.nan_to_num(homes[k]), np.nan_to_num(firms[k])
        if category == HOMES:
            homes[k] = homes[k] or kwh
        elif category == FIRMS or homes[k] == 0.0:
            firms[k] = firms[k] or kwh
    return replace(prior, homes_kwh=homes, firms_kwh=firms)


def _further(
    project: Project, level: ConsumptionLevel, extent: shapely.Polygon, building_ids: list[str]
) -> _Table:
    """Read a further table and find which building lies in which of its areas."""
    rows = read_level_table(project, level)
    footprints = read_buildings(project)
    buildings = footprints.set_index("building_id", drop=False).loc[building_ids]
    name = level.path.name
    if level.areas is not None:
        place, ids, covered = _in_polygons(project, level.areas, buildings, extent)
    elif level.building_column is not None:
        place, ids = _by_column(project, level, buildings)
        covered = pd.Series(1.0 if level.complete else np.nan, index=ids)
    else:
        place, ids = np.zeros(len(buildings), dtype=np.int64), [ALL_AREAS]
        covered = pd.Series(1.0 if level.complete else np.nan, index=ids)
    share = 1.0 if level.complete else rows["area_id"].map(covered)
    _require_matches(rows, set(ids), name)
    binds = pd.Series(share, index=rows.index).fillna(0.0) >= WHOLE
    why = np.select(
        [~rows["area_id"].isin(ids), rows["consumption_kwh"].isna(), ~binds],
        ["no building", "not published", "not wholly inside the data"],
        "",
    )
    used = rows["consumption_kwh"].where(why == "")
    rows = rows.assign(published=rows["consumption_kwh"], consumption_kwh=used, why_not=why)
    return _Table(name, rows, place, ids)


def _in_polygons(
    project: Project, table: ZonesInput, buildings: gpd.GeoDataFrame, extent: shapely.Polygon
) -> tuple[IntArray, list[str], pd.Series[float]]:
    path = project.resolve(table.path)
    layer = read_layer(path, table.layer)
    require_same(layer.crs, project.project.crs, str(path))
    if table.id_column not in layer:
        raise VectorError(
            str(path),
            f"no column {table.id_column}",
            f"one of: {listed(layer.columns)}",
            "correct id_column of the areas of this level",
        )
    shapes = shapely.make_valid(layer.geometry.to_numpy())
    inside = shapely.area(shapely.intersection(shapes, extent)) / shapely.area(shapes)
    ids = list(layer[table.id_column].astype(str))
    place = zone_of(buildings.geometry.to_numpy(), shapes)
    return place, ids, pd.Series(inside, index=ids)


def _by_column(
    project: Project, level: ConsumptionLevel, buildings: gpd.GeoDataFrame
) -> tuple[IntArray, list[str]]:
    column = str(level.building_column)
    if column not in buildings:
        raise VectorError(
            str(project.resolve(project.inputs.buildings.path)),
            f"no column {column}",
            f"one of: {listed(buildings.columns)}",
            f"correct building_column of the level {level.path.name}",
        )
    names = buildings[column].astype("string").str.strip()
    if level.reader == "fluvius_street":
        names = names.map(street_key, na_action="ignore")
    codes, ids = pd.factorize(names, use_na_sentinel=True)
    return codes.astype(np.int64), [str(name) for name in ids]


def _require_matches(rows: pd.DataFrame, ids: set[str], name: str) -> None:
    """Refuse a table whose names are mostly those of other areas."""
    strange = ~rows["area_id"].isin(ids)
    lost = float(rows.loc[strange, "consumption_kwh"].sum())
    whole = float(rows["consumption_kwh"].sum())
    if whole > 0.0 and lost > MOST_UNMATCHED * whole:
        labels = rows.loc[strange].sort_values("consumption_kwh", ascending=False)["name"]
        raise TableError(
            f"{name}: area names",
            f"{int(strange.sum())} of {len(rows)} areas without a building, {lost / whole:.0%} of "
            f"the energy: {listed(labels)}",
            f"at most {MOST_UNMATCHED:.0%}",
            "use the names of one register and year in both files, or drop the table",
        )


def _level(table: _Table, parts: tuple[str, ...], own_use_kwh: FloatArray) -> Level:
    """Return the cells of a table, own use added to what its meters counted."""
    number = {area: k for k, area in enumerate(table.areas)}
    cell_of = np.full((len(table.areas) + 1, 1 + len(parts)), -1, dtype=np.int64)
    for row, (area, category) in enumerate(
        zip(table.rows["area_id"], table.rows["category"], strict=True)
    ):
        if area in number:
            cell_of[number[area], _components(category, parts)] = row
    # Buildings in no area read the last line, which holds no cell.
    cell = cell_of[np.where(table.place < 0, len(table.areas), table.place)]
    cell = cell.T.ravel()
    total = table.rows["consumption_kwh"].to_numpy(np.float64)
    if table.metered:
        inside = cell >= 0
        total = total + np.bincount(cell[inside], own_use_kwh[inside], minlength=len(total))
    return Level(table.name, cell, total)


def _components(category: str, parts: tuple[str, ...]) -> slice | int:
    if category == ALL_USERS:
        return slice(None)
    if category == HOMES:
        return 0
    if category == FIRMS:
        return slice(1, None)
    return 1 + parts.index(category)


def _rows(tables: list[_Table], fit: Fit) -> pd.DataFrame:
    frames = []
    for table, residual in zip(tables, fit.residual_kwh, strict=True):
        rows = table.rows
        count = pd.Series(table.place[table.place >= 0]).map(dict(enumerate(table.areas)))
        frames.append(
            pd.DataFrame(
                {
                    "level": table.name,
                    "area_id": rows["area_id"],
                    "category": rows["category"],
                    "published_kwh": rows.get("published", rows["consumption_kwh"]),
                    "fitted_kwh": rows["consumption_kwh"] - residual,
                    "residual_kwh": residual,
                    "buildings": rows["area_id"].map(count.value_counts()).fillna(0).astype(int),
                    "binds": rows["consumption_kwh"].notna(),
                    "why_not": rows["why_not"],
                }
            )
        )
    return pd.concat(frames, ignore_index=True)[list(COLUMNS)]


def _facts(tables: list[_Table], fit: Fit) -> dict[str, Any]:
    levels = []
    for table, residual in zip(tables, fit.residual_kwh, strict=True):
        total = table.rows["consumption_kwh"].to_numpy(np.float64)
        lost = table.rows[table.rows["why_not"] == "no building"]
        levels.append(
            {
                "name": table.name,
                "cells": len(total),
                "binding": int((~np.isnan(total)).sum()),
                "total_kwh": float(np.nansum(total)),
                "residual_kwh": float(np.nansum(residual)),
                "worst_residual_kwh": float(np.nanmax(np.abs(residual), initial=0.0)),
                "without_building": listed(lost["name"]) if len(lost) else "",
                "without_building_kwh": float(lost["published"].sum()) if len(lost) else 0.0,
            }
        )
    return {"levels": levels, "levels_agree": fit.consistent, "fit_rounds": fit.rounds}
