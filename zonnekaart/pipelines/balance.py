"""Stage ``balance``: production and consumption in quarter-hours, per building and per zone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from zonnekaart.energy.balance import (
    BuildingBalance,
    UnitBalance,
    UnitSeries,
    balance,
    self_consumption,
    self_sufficiency,
    unit_balance,
)
from zonnekaart.energy.profiles import monthly_sums
from zonnekaart.energy.variation import use_table
from zonnekaart.io.vector import write_parquet
from zonnekaart.pipelines.load_profiles import profile_titles
from zonnekaart.pipelines.quarters import Quarters, quarter_inputs, read_quarters, unit_numbers
from zonnekaart.pipelines.runs import Stage, StageContext

BALANCE = "balance.parquet"
_DAYS = ("june_supply_kw", "june_demand_kw", "december_supply_kw", "december_demand_kw")


def work(context: StageContext) -> dict[str, Any]:
    """Balance a project; see `Stage`."""
    quarters = read_quarters(context)
    unit, names = unit_numbers(quarters.buildings["zone_id"])
    table = use_table()
    context.progress.start("balance", len(unit))
    result, units = balance(
        quarters.year,
        quarters.planes,
        quarters.loads,
        unit,
        table,
        lambda done: context.progress.advance(done),
    )
    spread = quarters.loads.spread_of_one
    clock = quarters.year.clock
    zones = [
        _zone_row(names[s.unit], s, unit_balance(s, clock, spread, table), quarters) for s in units
    ]
    rows = _building_rows(quarters, result)
    frame = pd.concat([rows, pd.DataFrame(zones, columns=rows.columns)], ignore_index=True)
    write_parquet(frame, context.build / BALANCE)
    return {
        "buildings": len(rows),
        "zones": len(zones),
        "quarter_hours": len(clock),
        "profile_year": clock.year,
        "profiles": profile_titles(context.project),
        "load_spread_of_one_connection": [float(v) for v in spread],
        "annual_yield_kwh": float(np.nansum(result.annual_yield_kwh)),
        "consumption_kwh": float(np.nansum(result.consumption_kwh)),
        "self_consumed_kwh": float(np.nansum(result.self_consumed_kwh)),
        "buildings_unknown": int(np.isnan(result.self_consumed_kwh).sum()),
    }


def _building_rows(quarters: Quarters, result: BuildingBalance) -> pd.DataFrame:
    used = result.self_consumed_kwh
    nothing = np.full(len(used), np.nan)
    return pd.DataFrame(
        {
            "unit": "building",
            "unit_id": quarters.buildings["building_id"].to_numpy(),
            "annual_yield_kwh": result.annual_yield_kwh,
            "consumption_kwh": result.consumption_kwh,
            "self_consumed_kwh": used,
            "self_consumption": self_consumption(used, result.annual_yield_kwh),
            "self_sufficiency": self_sufficiency(used, result.consumption_kwh),
            "self_consumption_pooled": nothing,
            "self_sufficiency_pooled": nothing,
            "surplus_kwh": result.annual_yield_kwh - used,
            "residual_kwh": result.consumption_kwh - used,
            "peak_injection_kw": result.peak_injection_kw,
            "peak_offtake_kw": result.peak_offtake_kw,
            "min_load_sunny_kw": nothing,
            "pv_peak_kw": nothing,
            "monthly_yield_kwh": list(result.monthly_yield_kwh),
            "monthly_consumption_kwh": list(result.monthly_consumption_kwh),
            **dict.fromkeys(_DAYS),
        }
    )


def _zone_row(
    name: str, series: UnitSeries, figures: UnitBalance, quarters: Quarters
) -> dict[str, Any]:
    """Own use is the sum of the buildings'; surplus, residual and peaks are those of the pool."""
    clock = quarters.year.clock
    produced, consumed = float(series.production.sum()), float(series.demand.sum())
    own = float(series.used.sum()) + 0.0 * consumed
    pooled = figures.pooled_kwh
    return {
        "unit": "zone",
        "unit_id": name,
        "annual_yield_kwh": produced,
        "consumption_kwh": consumed,
        "self_consumed_kwh": own,
        "self_consumption": _ratio(own, produced),
        "self_sufficiency": _ratio(own, consumed),
        "self_consumption_pooled": _ratio(pooled, produced),
        "self_sufficiency_pooled": _ratio(pooled, consumed),
        "surplus_kwh": produced - pooled,
        "residual_kwh": consumed - pooled,
        "peak_injection_kw": figures.peak_injection_kw,
        "peak_offtake_kw": figures.peak_offtake_kw,
        "min_load_sunny_kw": figures.min_load_sunny_kw,
        "pv_peak_kw": figures.pv_peak_kw,
        "monthly_yield_kwh": monthly_sums(series.production, clock),
        "monthly_consumption_kwh": monthly_sums(series.demand, clock),
        **{day: getattr(figures, day) for day in _DAYS},
    }


def _ratio(part: float, whole: float) -> float:
    """Return a share, NaN without a whole."""
    return float(self_consumption(np.array([part]), np.array([whole]))[0])


STAGE = Stage(
    name="balance",
    inputs=quarter_inputs,
    parameters=lambda project: {
        "profile_year": project.demand.profile_year,
        "weather": project.inputs.weather.reading,
        "profiles": profile_titles(project),
    },
    outputs=(BALANCE,),
    work=work,
)
