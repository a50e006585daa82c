"""Stage ``demand``: published consumption spread over buildings, reconciled and with intervals."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from zonnekaart.config import share_folder
from zonnekaart.energy.demand import (
    AreaTotals,
    Spread,
    Stock,
    StockRates,
    area_totals,
    building_stock,
    covered_interval,
    spread_over_buildings,
    stock_share,
    user_factors,
)
from zonnekaart.io.demand_weights import DemandWeights, Uncertainty, read_demand_weights
from zonnekaart.io.raster import HeightReader
from zonnekaart.io.sources.consumption import (
    ALL_AREAS,
    CATEGORIES,
    read_consumption,
    require_areas,
)
from zonnekaart.io.sources.fluvius import read_fluvius_sector, without_unlocated
from zonnekaart.io.vector import read_geoparquet, write_parquet
from zonnekaart.pipelines.areas import read_areas
from zonnekaart.pipelines.runs import Stage, StageContext

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd

    from zonnekaart.config import Project

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

DEMAND, AREAS = "demand.parquet", "demand_areas.parquet"
WEIGHTS = "demand/flanders.toml"
_FIRM_USES = ("commercial", "industry", "school", "public")


@dataclass(frozen=True)
class _Category:
    """One category, spread."""

    published: FloatArray
    connections: FloatArray
    missing: IntArray
    totals: AreaTotals
    covered: tuple[FloatArray, FloatArray, FloatArray]
    spread: Spread
    kwh: FloatArray
    level_low: FloatArray
    level_high: FloatArray
    low: FloatArray
    high: FloatArray
    building_connections: FloatArray


def work(context: StageContext) -> dict[str, Any]:
    """Spread the consumption of a project over its buildings; see `Stage`."""
    project = context.project
    buildings = read_geoparquet(context.built("buildings.parquet", "roofs"))
    weights = read_demand_weights(share_folder("data") / WEIGHTS)
    areas = read_areas(project)
    table, facts = _consumption(project, areas)
    stock = _stock(buildings, weights, project)
    number = pd.Series(range(len(areas)), index=areas["area_id"])
    area = buildings["area_id"].map(number).fillna(-1).to_numpy(dtype=np.int64)
    covered = _covered_share(areas, project)
    by_stock = stock_share(
        covered, _per_area(area, stock, len(areas)), _all_connections(table, areas)
    )
    share = covered_interval(covered, by_stock)
    parts = {
        name: _spread(name, table, areas, area, share, (stock, weights, project))
        for name in CATEGORIES
    }
    write_parquet(_area_rows(areas, covered, parts), context.build / AREAS)
    frame = _building_rows(buildings, area, stock, parts, covered)
    write_parquet(frame, context.build / DEMAND)
    return {**facts, **_figures(frame, parts, weights)}


def _consumption(
    project: Project, areas: gpd.GeoDataFrame
) -> tuple[pd.DataFrame | None, dict[str, Any]]:
    """Read the table of the project, with every area of it in the layer."""
    source = project.inputs.consumption
    if source is None:
        return None, {"table": None}
    path = project.resolve(source.path)
    unlocated = 0.0
    if source.reader == "fluvius_sector":
        table = read_fluvius_sector(path, source.year, source.area_column)
        table, unlocated = without_unlocated(table)
    else:
        table = read_consumption(path, source.year)
    require_areas(table, areas["area_id"], str(path))
    return table, {"table": path.name, "unlocated_kwh": unlocated, "year": int(table["year"].max())}


def _stock(buildings: gpd.GeoDataFrame, weights: DemandWeights, project: Project) -> Stock:
    """Judge the consumption of each building before any total is known."""
    per_m2 = weights.non_residential_kwh_per_m2.model_dump(exclude={"source", "basis"})
    own = project.demand.non_residential_kwh_per_m2
    if own is not None:
        per_m2.update(dict.fromkeys(_FIRM_USES, own))
    unknown = weights.unknown_use
    rates = StockRates(
        project.demand.residential_kwh_per_dwelling or weights.residential.kwh_per_dwelling,
        weights.m2_per_dwelling.model_dump(exclude={"source", "basis"}),
        per_m2,
        unknown.annex_below_m2,
        unknown.firm_above_m2,
        unknown.firm_kwh_per_m2 if own is None else own,
    )
    return building_stock(
        buildings["use"].fillna("unknown").to_numpy(dtype=str),
        _floats(buildings["dwellings"]),
        _floats(buildings["floor_area_m2"]),
        _floats(buildings["footprint_area_m2"]),
        rates,
    )


def _floats(values: pd.Series[Any]) -> FloatArray:
    known = values.astype("Float64").to_numpy(dtype=np.float64, na_value=np.nan)
    return np.asarray(known, dtype=np.float64)


def _covered_share(areas: gpd.GeoDataFrame, project: Project) -> FloatArray:
    """Share of each area's surface that the height raster holds."""
    dsm = project.inputs.dsm
    with HeightReader(project.resolve(dsm.path), dsm.corrections) as reader:
        extent = shapely.box(*reader.geobox.bounds)
    shapes = shapely.make_valid(areas.geometry.to_numpy())
    inside = shapely.intersection(shapes, extent)
    share: FloatArray = shapely.area(inside) / shapely.area(shapes)
    return share


def _per_area(area: IntArray, stock: Stock, areas: int) -> FloatArray:
    inside = area >= 0
    expected = (stock.residential + stock.non_residential)[inside]
    return np.bincount(area[inside], expected, minlength=areas).astype(np.float64)


def _all_connections(table: pd.DataFrame | None, areas: gpd.GeoDataFrame) -> FloatArray:
    if table is None:
        return np.full(len(areas), np.nan)
    summed = table.groupby("area_id")["connections"].sum(min_count=1)
    return summed.reindex(areas["area_id"]).to_numpy(dtype=np.float64)


def _spread(
    name: str,
    table: pd.DataFrame | None,
    areas: gpd.GeoDataFrame,
    area: IntArray,
    share: tuple[FloatArray, FloatArray, FloatArray],
    context: tuple[Stock, DemandWeights, Project],
) -> _Category:
    """Complete one category's totals and spread them over the buildings."""
    stock, weights, project = context
    size = stock.residential if name == "residential" else stock.non_residential
    published, connections, missing, higher = _published(name, table, areas)
    inside = area >= 0
    in_area = np.bincount(area[inside], size[inside], minlength=len(areas)).astype(np.float64)
    totals = area_totals(published, connections, in_area, higher, f"consumption, {name}")
    spread = spread_over_buildings(area, size, totals.kwh * share[0])
    kwh, fallback = _without_total(name, spread.kwh, size, area, project)
    each = spread_over_buildings(area, size, connections * share[0]).kwh
    count = stock.dwellings if name == "residential" else (size > 0).astype(np.float64)
    unsure = weights.uncertainty
    log_sd = unsure.residential_log_sd if name == "residential" else unsure.non_residential_log_sd
    users = user_factors(log_sd, count)
    low, high = _interval(area, totals, share, missing, fallback, unsure)
    return _Category(
        published,
        connections,
        missing,
        totals,
        share,
        spread,
        kwh,
        kwh * low,
        kwh * high,
        kwh * low * users[0],
        kwh * high * users[1],
        np.where(np.isnan(each), count, each),
    )


def _published(
    name: str, table: pd.DataFrame | None, areas: gpd.GeoDataFrame
) -> tuple[FloatArray, FloatArray, IntArray, float]:
    """One category in the order of the areas, with the total of all areas when there is one."""
    nothing = np.full(len(areas), np.nan)
    if table is None:
        return nothing, nothing.copy(), np.zeros(len(areas), dtype=np.int64), math.nan
    rows = table[table["category"] == name].set_index("area_id")
    here = rows.reindex(areas["area_id"])
    higher = rows["consumption_kwh"].get(ALL_AREAS, math.nan)
    return (
        here["consumption_kwh"].to_numpy(dtype=np.float64),
        here["connections"].to_numpy(dtype=np.float64),
        here["missing_members"].fillna(0).to_numpy(dtype=np.int64),
        float(higher),
    )


def _without_total(
    name: str, kwh: FloatArray, size: FloatArray, area: IntArray, project: Project
) -> tuple[FloatArray, npt.NDArray[np.bool_]]:
    """Stand in for buildings of which no total speaks: the others' level, else the project's."""
    lacking = np.isnan(kwh)
    known = ~lacking & (area >= 0)
    given = {
        "residential": project.demand.residential_kwh_per_dwelling,
        "non_residential": project.demand.non_residential_kwh_per_m2,
    }[name]
    level = math.nan
    if size[known].sum() > 0:
        level = float(kwh[known].sum() / size[known].sum())
    elif given is not None:
        level = 1.0
    # Nothing to weigh is nothing consumed, whatever the level.
    estimate = np.where(size > 0, size * level, 0.0)
    return np.where(lacking, estimate, kwh), lacking


def _interval(
    area: IntArray,
    totals: AreaTotals,
    share: tuple[FloatArray, FloatArray, FloatArray],
    missing: IntArray,
    fallback: npt.NDArray[np.bool_],
    unsure: Uncertainty,
) -> tuple[FloatArray, FloatArray]:
    """Factors that a building shares with its area: from the central total to its ends."""
    with np.errstate(divide="ignore", invalid="ignore"):
        low = np.where(totals.kwh > 0, totals.low_kwh / totals.kwh, 1.0)
        high = np.where(totals.kwh > 0, totals.high_kwh / totals.kwh, 1.0)
        low = low * np.where(share[0] > 0, share[1] / share[0], 1.0)
        high = high * np.where(share[0] > 0, share[2] / share[0], 1.0)
    # A sum with missing members is a lower bound.
    high = high + unsure.missing_member * missing
    half = np.where(fallback, unsure.estimated, 0.0)
    inside = (area >= 0) & ~fallback
    area_low = np.where(inside, low[area], 1.0)
    area_high = np.where(inside, high[area], 1.0)
    return area_low * (1.0 - half), area_high * (1.0 + half)


def _area_rows(
    areas: gpd.GeoDataFrame, covered: FloatArray, parts: dict[str, _Category]
) -> pd.DataFrame:
    """One row per area and category."""
    frames = []
    for name, part in parts.items():
        lacking = np.isnan(part.totals.kwh)
        status = np.where(part.totals.estimated, "estimated", "measured")
        frames.append(
            pd.DataFrame(
                {
                    "area_id": areas["area_id"],
                    "category": name,
                    "published_kwh": part.published,
                    "connections": part.connections,
                    "covered_share": covered,
                    "covered_share_low": part.covered[1],
                    "covered_share_high": part.covered[2],
                    "total_kwh": part.totals.kwh,
                    "total_low_kwh": part.totals.low_kwh,
                    "total_high_kwh": part.totals.high_kwh,
                    "spread_kwh": part.spread.spread_kwh,
                    "residual_kwh": part.spread.residual_kwh,
                    "missing_members": part.missing,
                    "status": np.where(lacking, "unknown", status),
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def _building_rows(
    buildings: gpd.GeoDataFrame,
    area: IntArray,
    stock: Stock,
    parts: dict[str, _Category],
    covered: FloatArray,
) -> pd.DataFrame:
    """One row per building; internal, never served."""
    home, firm = (parts[name] for name in CATEGORIES)
    published = ~(home.totals.estimated | firm.totals.estimated)
    measured = np.where(area >= 0, published[area], False)
    partly = np.where(area >= 0, covered[area] < 1.0, False)
    bound = np.where(area >= 0, (home.missing + firm.missing)[area] > 0, False)
    marks = {
        "estimated": ~measured,
        "no_area": area < 0,
        "partly_covered_area": partly,
        "lower_bound": bound,
        "assumed_use": stock.assumed,
    }
    return pd.DataFrame(
        {
            "building_id": buildings["building_id"],
            "zone_id": buildings["zone_id"],
            "area_id": buildings["area_id"],
            "consumption_kwh": home.kwh + firm.kwh,
            "consumption_low_kwh": home.low + firm.low,
            "consumption_high_kwh": home.high + firm.high,
            "level_low_kwh": home.level_low + firm.level_low,
            "level_high_kwh": home.level_high + firm.level_high,
            "residential_kwh": home.kwh,
            "non_residential_kwh": firm.kwh,
            "profile": np.where(home.kwh >= firm.kwh, "h25", "g25"),
            "connections": home.building_connections + firm.building_connections,
            "residential_connections": home.building_connections,
            "non_residential_connections": firm.building_connections,
            "status": np.where(measured, "measured", "estimated"),
            "flags": [
                [name for name, where in marks.items() if where[i]] for i in range(len(buildings))
            ],
        }
    )


def _figures(
    frame: pd.DataFrame, parts: dict[str, _Category], weights: DemandWeights
) -> dict[str, Any]:
    """Facts for the manifest."""
    return {
        "weights": f"{weights.meta.id} {weights.meta.version}",
        "buildings": len(frame),
        "buildings_estimated": int((frame["status"] == "estimated").sum()),
        "consumption_kwh": float(frame["consumption_kwh"].sum()),
        "published_kwh": float(sum(np.nansum(p.published) for p in parts.values())),
        "residual_kwh": float(sum(np.nansum(p.spread.residual_kwh) for p in parts.values())),
    }


def _inputs(project: Project, build: Path) -> list[Path]:
    paths = [build / "buildings.parquet", share_folder("data") / WEIGHTS]
    paths.append(project.resolve(project.inputs.dsm.path))
    sources = (project.inputs.areas, project.inputs.consumption)
    paths += [project.resolve(s.path) for s in sources if s is not None]
    return [p for p in paths if p.exists()]


def _parameters(project: Project) -> dict[str, Any]:
    source = project.inputs.consumption
    return {
        "demand": project.demand.model_dump(mode="json"),
        "consumption": None if source is None else source.model_dump(mode="json"),
    }


STAGE = Stage(
    name="demand",
    inputs=_inputs,
    parameters=_parameters,
    outputs=(DEMAND, AREAS),
    work=work,
)
