"""Own use of the panels that stand there, added to what the meters counted."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from zonnekaart.energy.own_use import with_own_use

if TYPE_CHECKING:
    import geopandas as gpd

    from zonnekaart.energy.own_use import Metering
    from zonnekaart.io.demand_weights import DemandWeights
    from zonnekaart.pipelines.demand_spread import Category

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


def made_whole(
    parts: dict[str, Category],
    buildings: gpd.GeoDataFrame,
    area: IntArray,
    weights: DemandWeights,
    metering: Metering,
) -> tuple[dict[str, Category], dict[str, FloatArray], dict[str, Any]]:
    """
    Add own use to the categories that were spread from published totals.

    Parameters
    ----------
    parts : dict of str to Category
        As spread: what passed the meters.
    buildings : GeoDataFrame
        With ``existing_annual_yield_kwh`` where panels are known or estimated.
    area : ndarray of int64, shape (buildings,)
        Area of each building; -1 for none.
    weights : DemandWeights
        With the curves of own use.
    metering : {"offtake", "net", "gross"}
        What the table counts.

    Returns
    -------
    parts : dict of str to Category
        With own use; the panels of a building belong to its larger category.
    own_use_kwh : dict of str to ndarray of float64, shape (buildings,)
        Per category. [kWh]
    facts : dict
        For the manifest.
    """
    made = _existing_yield(buildings)
    homes = np.nan_to_num(parts["residential"].kwh)
    firms = np.nan_to_num(parts["non_residential"].kwh)
    owner = {"residential": homes >= firms, "non_residential": homes < firms}
    out, own = {}, {}
    for name, part in parts.items():
        # What no total speaks of was estimated whole.
        spread = ~np.isnan(part.spread.kwh) & ~_estimated(part, area)
        whole = with_own_use(
            np.where(spread, area, -1),
            part.kwh,
            np.where(owner[name], made, 0.0),
            weights.own_use.curve(name),
            metering,
        )
        own[name] = whole.own_use_kwh
        out[name] = scaled(part, whole.consumption_kwh)
    return (
        out,
        own,
        {
            "metering": metering,
            "own_use_kwh": float(sum(values.sum() for values in own.values())),
            "existing_yield_kwh": float(np.nansum(made)),
            "buildings_with_unknown_panels": int(np.isnan(made).sum()),
        },
    )


def _existing_yield(buildings: gpd.GeoDataFrame) -> FloatArray:
    name = "existing_annual_yield_kwh"
    if name not in buildings:
        return np.full(len(buildings), np.nan)
    values = buildings[name].astype("Float64").to_numpy(dtype=np.float64, na_value=np.nan)
    return np.asarray(values)


def _estimated(part: Category, area: IntArray) -> npt.NDArray[np.bool_]:
    """Return buildings whose area has no published figure: its estimate is of other areas' kind."""
    return np.where(area >= 0, part.totals.estimated[area], False).astype(np.bool_)


def scaled(part: Category, kwh: FloatArray) -> Category:
    """Return a category with other figures of buildings; intervals keep their relative width."""
    factor = np.divide(kwh, part.kwh, out=np.ones_like(kwh), where=part.kwh > 0)
    return replace(
        part,
        kwh=kwh,
        level_low=part.level_low * factor,
        level_high=part.level_high * factor,
        low=part.low * factor,
        high=part.high * factor,
    )
