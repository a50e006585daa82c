"""One category of consumption, completed, spread over the buildings, with its interval."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from zonnekaart.energy.demand import (
    AreaTotals,
    Spread,
    Stock,
    area_totals,
    spread_over_buildings,
    user_factors,
)
from zonnekaart.io.sources.consumption import ALL_AREAS

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from zonnekaart.config import Project
    from zonnekaart.io.demand_weights import DemandWeights, Uncertainty

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Category:
    """
    One category, spread.

    Parameters
    ----------
    published, connections, missing : ndarray, shape (areas,)
        As in the table: total [kWh], connections, and members of unknown size.
    totals : AreaTotals
        Completed.
    covered : tuple of three ndarray, shape (areas,)
        Central, low and high share inside the data. [-]
    spread : Spread
        What the areas gave.
    kwh, level_low, level_high, low, high : ndarray of float64, shape (buildings,)
        Central figure; the interval it shares with its area; that and its users' own. [kWh]
    building_connections : ndarray of float64, shape (buildings,)
        Connections behind each building. [-]
    """

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


def spread_category(
    name: str,
    table: pd.DataFrame | None,
    areas: gpd.GeoDataFrame,
    area: IntArray,
    share: tuple[FloatArray, FloatArray, FloatArray],
    context: tuple[Stock, DemandWeights, Project],
) -> Category:
    """
    Complete one category's totals and spread them over the buildings.

    Parameters
    ----------
    name : str
        ``residential`` or ``non_residential``.
    table : DataFrame, optional
        The main table.
    areas : GeoDataFrame
        Areas of the map.
    area : ndarray of int64, shape (buildings,)
        Area of each building; -1 for none.
    share : tuple of three ndarray of float64, shape (areas,)
        Central, low and high share inside the data. [-]
    context : tuple of Stock, DemandWeights and Project
        What buildings are expected to take, how sure that is, and the fallbacks.
    """
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
    return Category(
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
