"""The document with which the page judges zones again while sliders move."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from zonnekaart.config import share_folder
from zonnekaart.energy.electrification import charging_profile, heat_pump_profile
from zonnekaart.energy.profiles import quarter_hours, source_steps
from zonnekaart.io.live import (
    Column,
    Levers,
    Live,
    LiveAssumptions,
    LiveCondition,
    LiveRules,
    LiveScenario,
    LiveStep,
)
from zonnekaart.io.published import Texts
from zonnekaart.io.sources.weather import read_weather
from zonnekaart.io.vector import read_parquet
from zonnekaart.pipelines.scenarios import FOLDER as SCENARIO_FOLDER
from zonnekaart.pipelines.scenarios import OUTPUT as SCENARIOS
from zonnekaart.pipelines.scenarios import scenario_of
from zonnekaart.pipelines.zone_levers import LEVERS, offered_rules

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    import geopandas as gpd
    import numpy.typing as npt

    from zonnekaart.config import Project
    from zonnekaart.io.rules import RuleFile
    from zonnekaart.io.scenarios import Scenario
    from zonnekaart.pipelines.runs import StageContext

ASSUMED = "elektrisch"
"""The scenario whose heat pumps, cars and batteries the sliders add."""

_DIGITS = 7
"""Significant digits: a figure at a threshold must fall on the same side as in the zoning."""
_CHANGING = (
    "annual_yield_kwh",
    "consumption_kwh",
    "self_consumption",
    "self_consumption_pooled",
    "peak_injection_kw",
    "capacity_kwp",
)
"""What sliders change and scenarios hold; the page works the rest out of these."""
_WORKED_OUT = frozenset(
    {
        "self_sufficiency",
        "self_sufficiency_pooled",
        "surplus_kwh",
        "residual_kwh",
        "sharing_gain",
        "surplus_share",
        "yield_demand_ratio",
        "pv_headroom_kw",
        "headroom_ratio",
    }
)


@dataclass(frozen=True)
class _Zones:
    """The order of the columns, and where demand may not be shown."""

    ids: list[str]
    hidden: npt.NDArray[np.bool_]

    def column(self, values: Iterable[float], *, masked: bool = True) -> Column:
        """Return numbers as JSON knows them; unknown in hidden zones where `masked`."""
        numbers = pd.to_numeric(pd.Series(values)).to_numpy(np.float64, na_value=np.nan)
        shown = np.where(self.hidden & masked, np.nan, numbers)
        return [float(f"{v:.{_DIGITS}g}") if np.isfinite(v) else None for v in shown]

    def of(self, table: pd.DataFrame, key: str) -> pd.DataFrame:
        """Return a table's rows in the order of the columns."""
        return table.set_index(table[key].astype(str)).reindex(self.ids)


def live_inputs(project: Project, build: Path) -> list[Path]:
    """Return the files that the document rests on, beside those of publish."""
    found = [build / LEVERS, build / SCENARIOS, share_folder("data") / SCENARIO_FOLDER]
    for rules in offered_rules(project):
        found += [path for path in rules.paths if path not in found]
    return [path for path in found if path.exists()]


def live_document(context: StageContext, zones: gpd.GeoDataFrame) -> Live | None:
    """
    Gather what sliders need.

    Parameters
    ----------
    context : StageContext
        Project and build folder.
    zones : GeoDataFrame
        Publishable zones, indicators as columns.

    Returns
    -------
    Live or None
        None when zoning wrote no levers, as versions before them did.
    """
    path = context.build / LEVERS
    if not path.exists():
        return None
    levers = read_parquet(path)
    order = _Zones(
        zones["zone_id"].astype(str).tolist(), ~zones["published"].to_numpy(dtype=np.bool_)
    )
    offered = offered_rules(context.project)
    own = order.of(levers[levers["rule_set"] == offered[0].rule_set.id], "zone_id")
    return Live(
        zone_ids=order.ids,
        hidden=order.hidden.tolist(),
        # What zones carry is masked already; what is not of demand stays in hidden zones.
        indicators={n: order.column(zones[n], masked=False) for n in _indicators(offered)},
        pv_peak_kw=order.column(own["pv_peak_kw"], masked=False),
        min_load_sunny_kw=order.column(own["min_load_sunny_kw"]),
        rules=[_rules(rules, levers, order) for rules in offered],
        scenarios=_scenarios(context, order),
        assumptions=_assumptions(context.project),
    )


def _indicators(offered: Sequence[RuleFile]) -> list[str]:
    """Return what sliders change and what else the steps look at, each once."""
    asked = [
        condition.indicator
        for rules in offered
        for step in rules.rule_set.class_rules
        for condition in step.conditions
    ]
    needed = [*_CHANGING, "dwellings", *asked]
    return [name for name in dict.fromkeys(needed) if name not in _WORKED_OUT]


def _rules(rules: RuleFile, levers: pd.DataFrame, order: _Zones) -> LiveRules:
    found = rules.rule_set
    own = order.of(levers[levers["rule_set"] == found.id], "zone_id")
    return LiveRules(
        id=found.id,
        title=Texts(**found.title),
        steps=[
            LiveStep(
                id=step.id,
                zone_class=step.zone_class,
                when_unknown=step.when_unknown,
                conditions=[
                    LiveCondition(
                        indicator=c.indicator, comparison=c.comparison, threshold=c.threshold
                    )
                    for c in step.conditions
                ],
            )
            for step in found.class_rules
        ],
        pv_headroom_kw=order.column(own["pv_headroom_kw"]),
    )


def _scenarios(context: StageContext, order: _Zones) -> list[LiveScenario]:
    """Return the scenarios that were computed and are still named; only zones, no total."""
    path = context.build / SCENARIOS
    if not path.exists():
        return []
    table = read_parquet(path)
    computed = table[table["unit"] == "zone"]
    made = []
    for name in context.project.scenarios.ids:
        scenario = scenario_of(context.project, name)
        rows = computed[computed["scenario"] == scenario.scenario.id]
        if rows.empty:
            continue
        own = order.of(rows, "unit_id")
        head = scenario.scenario
        made.append(
            LiveScenario(
                id=head.id,
                title=Texts(**head.title.model_dump()),
                note=Texts(**head.note.model_dump()),
                year=head.year,
                levers=_levers(scenario),
                figures={n: order.column(own[n]) for n in _CHANGING},
            )
        )
    return made


def _levers(scenario: Scenario) -> Levers:
    return Levers(
        adoption=scenario.panels.adoption,
        saving=scenario.efficiency.residential,
        heat_pumps=scenario.heat_pumps.share_of_dwellings,
        cars=scenario.cars.share_electric,
        batteries=scenario.batteries.share_of_owners,
    )


def _assumptions(project: Project) -> LiveAssumptions:
    """Say what one of each is, and when its load falls, under the project's weather."""
    assumed = scenario_of(project, ASSUMED)
    given = project.inputs.weather
    weather = read_weather(project.resolve(given.path), given.options)
    clock = quarter_hours(project.demand.profile_year)
    at = source_steps(weather.time_utc, weather.step_hours, clock)
    light = weather.ghi[at] / weather.ghi[at].mean()
    pumps, cars, batteries = assumed.heat_pumps, assumed.cars, assumed.batteries
    heat = heat_pump_profile(clock, weather.temp_air_c[at], pumps.base_c, pumps.hot_water_share)
    charging = charging_profile(clock, *cars.hours())
    return LiveAssumptions(
        heat_pump_kwh=pumps.kwh_per_dwelling,
        heat_pump_match=round(float(heat @ light), 3),
        cars_per_dwelling=cars.cars_per_dwelling,
        car_kwh=cars.kwh_per_car,
        car_match=round(float(charging @ light), 3),
        battery_kwh_per_kwp=batteries.kwh_per_kwp,
        battery_efficiency=batteries.efficiency,
    )
