"""The consumption tables of a project in one shape, whatever provider they come from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from zonnekaart.errors import ConfigError, TableError
from zonnekaart.io.sources.consumption import (
    ALL_AREAS,
    listed,
    read_consumption,
    read_text_table,
)
from zonnekaart.io.sources.fluvius import read_fluvius_sector, without_unlocated
from zonnekaart.io.sources.fluvius_nace import (
    AREA,
    NOWHERE,
    REST,
    SECTORS,
    STREET_LIGHTS,
    SUPPRESSED,
    category_totals,
    read_fluvius_nace,
)
from zonnekaart.io.sources.fluvius_street import read_fluvius_street
from zonnekaart.io.sources.fluvius_volume import read_fluvius_volume

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from zonnekaart.config import AreaMap, ConsumptionLevel, Project

ALL_USERS = "all"
"""Category of a total of homes and others together."""
_NIS = 5
"""Digits of a municipality at the head of a sector code."""
_FIGURES = ["consumption_kwh", "connections", "missing_members"]


@dataclass(frozen=True)
class Figures:
    """
    The project's main table.

    Parameters
    ----------
    rows : DataFrame
        ``area_id, year, category, consumption_kwh, connections, missing_members``.
    sectors : DataFrame or None
        ``area_id, sector, consumption_kwh`` of economic sectors that are published, where the
        table tells them.
    facts : dict
        What was left out and why, for the manifest.
    """

    rows: pd.DataFrame
    sectors: pd.DataFrame | None = None
    facts: dict[str, Any] = field(default_factory=dict)


def read_main_table(project: Project, area_ids: Iterable[str]) -> Figures | None:
    """
    Read the main consumption table of a project.

    Parameters
    ----------
    project : Project
        Its ``[inputs.consumption]``.
    area_ids : iterable of str
        Areas of the map; they choose the rows of a table that holds a whole region.

    Returns
    -------
    Figures or None
        None when the project names no table.

    Raises
    ------
    MissingInputError, TableError
        If a table cannot be read; see the readers.
    """
    source = project.inputs.consumption
    if source is None:
        return None
    path = project.resolve(source.path)
    mapping = None if source.area_map is None else _mapping(project, source.area_map)
    if source.reader == "fluvius_nace":
        figures = _nace(path, source.year, mapping, list(area_ids))
    elif source.reader == "fluvius_sector":
        column = "geoitem" if mapping is not None else source.area_column
        rows, unlocated = without_unlocated(read_fluvius_sector(path, source.year, column))
        if mapping is not None:
            rows = _mapped(rows, mapping, ["year", "category"])
        figures = Figures(rows, None, {"unlocated_kwh": unlocated})
    else:
        figures = Figures(read_consumption(path, source.year), None, {"unlocated_kwh": 0.0})
    year = figures.rows["year"].max()
    facts = {"table": path.name, "year": None if pd.isna(year) else int(year), **figures.facts}
    return Figures(figures.rows, figures.sectors, facts)


def consumption_files(project: Project) -> list[Path]:
    """Return the files that the consumption of a project rests on, beside its main table."""
    source = project.inputs.consumption
    if source is None:
        return []
    files = [] if source.area_map is None else [source.area_map.path]
    for level in source.levels:
        files.append(level.path)
        if level.areas is not None:
            files.append(level.areas.path)
        if level.building_column is not None:
            files.append(project.inputs.buildings.path)
    return [project.resolve(path) for path in files]


def _mapping(project: Project, table: AreaMap) -> pd.Series[str]:
    """Return the project's area of each of the provider's areas."""
    path = project.resolve(table.path)
    raw = read_text_table(path, [table.from_column, table.to_column])
    pairs = raw[[table.from_column, table.to_column]].apply(lambda column: column.str.strip())
    unique = pairs.drop_duplicates()
    twice = unique[unique[table.from_column].duplicated()][table.from_column]
    if len(twice):
        raise TableError(
            f"{path}: {table.from_column}",
            f"more than one {table.to_column} for {listed(twice)}",
            "each area in one area of the map",
            "sectors that were split need a share; keep the edition that the figures are of",
        )
    mapping: pd.Series[str] = unique.set_index(table.from_column)[table.to_column]
    return mapping


def _mapped(rows: pd.DataFrame, mapping: pd.Series[str], keys: list[str]) -> pd.DataFrame:
    """Sum the provider's areas to the project's; members without a row count as missing."""
    inside = rows.assign(area_id=rows["area_id"].map(mapping)).dropna(subset="area_id")
    summed = inside.groupby(["area_id", *keys], as_index=False)[_FIGURES].sum(min_count=1)
    members = mapping.groupby(mapping).size()
    seen = inside.groupby(["area_id", *keys]).size().reset_index(name="seen")
    lacking = seen["area_id"].map(members) - seen["seen"]
    summed["missing_members"] = summed["missing_members"].fillna(0).astype(int) + lacking
    return summed


def _nace(
    path: Path, year: int | None, mapping: pd.Series[str] | None, area_ids: list[str]
) -> Figures:
    """Read a table by economic sector and keep what speaks of the areas of the map."""
    rows = read_fluvius_nace(path, year)
    wanted = set(area_ids) if mapping is None else set(mapping[mapping.isin(area_ids)].index)
    nis = {area[:_NIS] for area in wanted}
    rows = rows[rows["area_id"].str[:_NIS].isin(nis)]
    if mapping is not None:
        rows = rows[rows["area_id"].isin(wanted) | (rows["place"] != AREA)]
    rest = rows[rows["place"] == REST]
    totals = category_totals(rows, year)
    sectors = rows[(rows["place"] == AREA) & rows["sector"].isin([*SECTORS, SUPPRESSED])]
    if mapping is not None:
        totals = _mapped(totals, mapping, ["year", "category"])
        sectors = sectors.assign(area_id=sectors["area_id"].map(mapping))
    else:
        totals = pd.concat([totals, _with_rest(totals, rest, wanted, year)], ignore_index=True)
    lights = rows[rows["sector"] == STREET_LIGHTS]["consumption_kwh"].sum()
    nowhere = rows[rows["place"] == NOWHERE]["consumption_kwh"].sum()
    facts = {
        "unlocated_kwh": float(nowhere),
        "suppressed_areas_kwh": float(rest["consumption_kwh"].sum()),
        "street_lights_kwh": float(lights),
    }
    return Figures(totals, _all_sectors(sectors), facts)


def _all_sectors(rows: pd.DataFrame) -> pd.DataFrame:
    """Return every sector of every area: what is too small to be shown has no known sector."""
    firms = rows[rows["category"] == "non_residential"]
    named = firms.assign(sector=firms["sector"].replace(SUPPRESSED, "unspecified"))
    grid = pd.MultiIndex.from_product(
        [sorted(named["area_id"].unique()), SECTORS], names=["area_id", "sector"]
    )
    summed = named.groupby(["area_id", "sector"])[["consumption_kwh", "missing_members"]].sum()
    # A sector without a row is not there; one with an unknown row is not known.
    whole = summed.reindex(grid, fill_value=0.0)
    whole["consumption_kwh"] = whole["consumption_kwh"].where(whole["missing_members"] == 0)
    return whole["consumption_kwh"].reset_index()


def _with_rest(
    totals: pd.DataFrame, rest: pd.DataFrame, wanted: set[str], year: int | None
) -> pd.DataFrame:
    """Return rows for all areas together, where some lack a figure and share the rest."""
    rows = []
    for category, known in totals.groupby("category"):
        left = rest.loc[rest["category"] == category, "consumption_kwh"].sum(min_count=1)
        if wanted - set(known["area_id"]) and pd.notna(left):
            kwh = float(known["consumption_kwh"].sum() + left)
            rows.append((ALL_AREAS, category, kwh, float("nan"), 0, year))
    names = ["area_id", "category", *_FIGURES, "year"]
    return pd.DataFrame(rows, columns=names).astype({"year": "Int64"}) if rows else totals.iloc[:0]


def read_level_table(project: Project, level: ConsumptionLevel) -> pd.DataFrame:
    """
    Read a further table of totals.

    Parameters
    ----------
    project : Project
        Where relative paths start.
    level : ConsumptionLevel
        The table.

    Returns
    -------
    DataFrame
        ``area_id, name, category, consumption_kwh``; `category` is a category or `ALL_USERS`. One
        area ``*`` where the table speaks of the whole municipality.

    Raises
    ------
    ConfigError
        If the reader needs a municipality or year that is not given.
    MissingInputError, TableError
        See the readers.
    """
    path = project.resolve(level.path)
    if level.reader == "fluvius_street":
        rows = read_fluvius_street(path, level.year, _municipality(level, path))
        return rows.assign(category=ALL_USERS)[["area_id", "name", "category", "consumption_kwh"]]
    if level.reader == "fluvius_volume":
        name = _municipality(level, path)
        if level.year is None:
            raise ConfigError(str(path), "no year", "year = …", "monthly volumes need a year")
        months = read_fluvius_volume(path, level.year, name)
        whole = float(months["offtake_kwh"].sum(skipna=False))
        columns = ["area_id", "name", "category", "consumption_kwh"]
        return pd.DataFrame([(ALL_AREAS, name, ALL_USERS, whole)], columns=columns)
    if level.reader == "fluvius_sector":
        read = read_fluvius_sector(path, level.year, level.area_column)
        rows = without_unlocated(read)[0]
    else:
        rows = read_consumption(path, level.year)
    # A sum of which members are missing is a lower bound: it binds nothing.
    known = rows["consumption_kwh"].where(rows["missing_members"].fillna(0) == 0)
    rows = rows.assign(name=rows["area_id"], consumption_kwh=known)
    return rows[["area_id", "name", "category", "consumption_kwh"]]


def _municipality(level: ConsumptionLevel, path: Path) -> str:
    if level.municipality is None:
        raise ConfigError(
            str(path),
            "no municipality",
            'municipality = "…", as the table writes it',
            "add it to this table under [[inputs.consumption.levels]]",
        )
    return level.municipality
