"""Stage ``demand``: published consumption spread over buildings, reconciled and with intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from zonnekaart.config import share_folder
from zonnekaart.energy.demand import (
    Stock,
    StockRates,
    building_stock,
    covered_interval,
    stock_share,
)
from zonnekaart.io.demand_weights import DemandWeights, read_demand_weights
from zonnekaart.io.sources.consumption import CATEGORIES, require_areas
from zonnekaart.io.vector import read_geoparquet, write_parquet
from zonnekaart.pipelines.areas import read_areas
from zonnekaart.pipelines.consumption_tables import Figures, consumption_files, read_main_table
from zonnekaart.pipelines.demand_levels import COLUMNS, LevelFit, Prior, fit_levels, needs_fit
from zonnekaart.pipelines.demand_own import (
    MEASURED,
    OVERRIDE,
    OVERRIDES,
    Own,
    building_audit,
    own_figures,
    with_area_overrides,
)
from zonnekaart.pipelines.demand_panels import made_whole, scaled
from zonnekaart.pipelines.demand_spread import Category, spread_category
from zonnekaart.pipelines.extent import extent_files, supply_extent
from zonnekaart.pipelines.runs import Stage, StageContext

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd

    from zonnekaart.config import Project

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

DEMAND, AREAS, LEVELS = "demand.parquet", "demand_areas.parquet", "demand_levels.parquet"
WEIGHTS = "demand/flanders.toml"
_LEVELS_KWH = ("level_low_kwh", "level_high_kwh")
_FIRM_USES = ("commercial", "industry", "school", "public")


_Spread = tuple[
    dict[str, Category], IntArray, tuple[FloatArray, FloatArray, FloatArray], DemandWeights
]


def work(context: StageContext) -> dict[str, Any]:
    """Spread the consumption of a project over its buildings; see `Stage`."""
    project = context.project
    buildings = read_geoparquet(context.built("buildings.parquet", "roofs"))
    weights = read_demand_weights(share_folder("data") / WEIGHTS)
    areas = read_areas(project)
    own = own_figures(project, buildings)
    figures, audit = with_area_overrides(
        project, _figures_of(project, areas), list(areas["area_id"])
    )
    table = None if figures is None else figures.rows
    facts = {"table": None} if figures is None else figures.facts
    stock = _stock(buildings, weights, project)
    number = pd.Series(range(len(areas)), index=areas["area_id"])
    area = buildings["area_id"].map(number).fillna(-1).to_numpy(dtype=np.int64)
    covered = covered_share(areas, project)
    by_stock = stock_share(
        covered, _per_area(area, stock, len(areas)), _all_connections(table, areas)
    )
    share = covered_interval(covered, by_stock)
    parts = {
        name: spread_category(name, table, areas, area, share, (stock, weights, project))
        for name in CATEGORIES
    }
    source = project.inputs.consumption
    metering = "gross" if source is None else source.metering
    parts, own_use, panels = made_whole(parts, buildings, area, weights, metering)
    before = parts
    spread = (parts, area, share, weights)
    parts, fitted = _fitted(context, (buildings, own, own_use), areas, figures, spread)
    write_parquet(_area_rows(areas, covered, parts), context.build / AREAS)
    frame = _building_rows(buildings, area, stock, parts, covered)
    for name, kwh in own_use.items():
        frame[f"{name}_own_use_kwh"] = kwh
    frame = _with_own(frame, own)
    if fitted is not None:
        farm = fitted.agriculture_kwh > 0.5 * frame["consumption_kwh"].to_numpy()
        frame.loc[farm, "profile"] = "l25"
        facts = {**facts, **fitted.facts}
    write_parquet(frame, context.build / DEMAND)
    levels = pd.DataFrame(columns=list(COLUMNS)) if fitted is None else fitted.rows
    write_parquet(levels, context.build / LEVELS)
    single = building_audit(project, frame, *(before[name].kwh for name in CATEGORIES))
    kinds = {"original_kwh": np.float64, "consumption_kwh": np.float64}
    replaced = pd.concat([audit, single], ignore_index=True).astype(kinds)
    write_parquet(replaced, context.build / OVERRIDES)
    return {**facts, **panels, **_figures(frame, parts, weights)}


def _fitted(
    context: StageContext,
    stock: tuple[gpd.GeoDataFrame, Own, dict[str, FloatArray]],
    areas: gpd.GeoDataFrame,
    figures: Figures | None,
    spread: _Spread,
) -> tuple[dict[str, Category], LevelFit | None]:
    """Fit what the main table gave to all other totals; nothing changes when there are none."""
    parts, area, share, weights = spread
    buildings, own, own_use = stock
    given = Figures(pd.DataFrame()) if figures is None else figures
    if not needs_fit(context.project, given, own):
        return parts, None
    home, firm = (parts[name] for name in CATEGORIES)
    fit = fit_levels(
        context.project,
        areas,
        supply_extent(context.project),
        given,
        Prior(
            list(buildings["building_id"]),
            area,
            home.kwh,
            firm.kwh,
            weights.sector_shares(buildings["use"].fillna("unknown").to_numpy(dtype=str)),
            {
                name: np.where(p.totals.estimated, np.nan, p.totals.kwh) * share[0]
                for name, p in parts.items()
            },
            share[0],
            own_use["residential"],
            own_use["non_residential"],
        ),
        own,
    )
    new = {
        "residential": scaled(home, fit.homes_kwh),
        "non_residential": scaled(firm, fit.firms_kwh),
    }
    return new, fit


def _with_own(frame: pd.DataFrame, own: Own) -> pd.DataFrame:
    """Mark buildings with a figure of their own: it has no interval."""
    for why in (MEASURED, OVERRIDE):
        here = frame["building_id"].isin(own.flagged(why))
        for name in ("consumption_low_kwh", "consumption_high_kwh", *_LEVELS_KWH):
            frame.loc[here, name] = frame.loc[here, "consumption_kwh"]
        flags = frame["flags"]
        frame["flags"] = [
            [*each, why] if mark else each for each, mark in zip(flags, here, strict=True)
        ]
    return frame


def _figures_of(project: Project, areas: gpd.GeoDataFrame) -> Figures | None:
    """Read the table of the project, with every area of it in the layer."""
    figures = read_main_table(project, areas["area_id"])
    source = project.inputs.consumption
    if figures is not None and source is not None:
        require_areas(figures.rows, areas["area_id"], str(project.resolve(source.path)))
    return figures


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


def covered_share(areas: gpd.GeoDataFrame, project: Project) -> FloatArray:
    """Return the share of each area that the heights, or what stands in for them, hold. [-]."""
    extent = supply_extent(project)
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


def _area_rows(
    areas: gpd.GeoDataFrame, covered: FloatArray, parts: dict[str, Category]
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
    parts: dict[str, Category],
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
    frame: pd.DataFrame, parts: dict[str, Category], weights: DemandWeights
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
    paths += extent_files(project)
    sources = (project.inputs.areas, project.inputs.consumption)
    paths += [project.resolve(s.path) for s in sources if s is not None]
    paths += consumption_files(project)
    if project.inputs.measured is not None:
        paths.append(project.resolve(project.inputs.measured.path))
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
    outputs=(DEMAND, AREAS, LEVELS, OVERRIDES),
    work=work,
)
