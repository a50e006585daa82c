"""Stage ``scenarios``: the balance of zones with more panels, heat pumps, cars and batteries."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from zonnekaart.config import share_folder
from zonnekaart.energy.balance import (
    UnitSeries,
    balance,
    pooled_use,
    self_consumption,
    self_sufficiency,
    sunny_extremes,
)
from zonnekaart.energy.battery import with_battery
from zonnekaart.energy.electrification import charging_profile, heat_pump_profile, rank, takers
from zonnekaart.energy.profiles import STEP_HOURS
from zonnekaart.energy.series import Loads, Year
from zonnekaart.energy.variation import UseTable, use_table
from zonnekaart.errors import VectorError
from zonnekaart.geo.crs import require_same
from zonnekaart.geo.policyzones import zone_of
from zonnekaart.io.scenarios import Scenario, read_scenario
from zonnekaart.io.vector import read_layer, write_parquet
from zonnekaart.pipelines.load_profiles import profile_titles
from zonnekaart.pipelines.quarters import Quarters, quarter_inputs, read_quarters, unit_numbers
from zonnekaart.pipelines.runs import Stage, StageContext

if TYPE_CHECKING:
    from zonnekaart.config import Project
    from zonnekaart.energy.production import Planes

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

OUTPUT = "scenarios.parquet"
FOLDER = "scenarios"
PANELS, HEAT, CARS, STORES = range(4)
"""Purposes of `rank`: who has one of them says nothing of who has another."""
WHOLE, PLANNED = "project", "planned"
_PEAKS = ("peak_injection_kw", "peak_offtake_kw", "pv_peak_kw", "min_load_sunny_kw")


@dataclass(frozen=True)
class _People:
    """What the draw of owners looks at, shape (buildings,)."""

    identity: npt.NDArray[np.uint64]
    capacity_kwp: FloatArray
    existing_kwp: FloatArray
    dwellings: FloatArray


@dataclass(frozen=True)
class _Case:
    """One scenario, laid out."""

    planes: Planes
    loads: Loads
    year: Year
    counts: dict[str, FloatArray]
    zone_battery: FloatArray | None


def work(context: StageContext) -> dict[str, Any]:
    """Balance the zones of a project under each of its scenarios; see `Stage`."""
    project = context.project
    read = project_scenarios(project)
    rows: list[dict[str, Any]] = []
    developments = 0
    if read:
        quarters = _with_developments(project, read_quarters(context, every_step=True))
        developments = int((quarters.buildings["use"] == PLANNED).sum())
        unit, names = unit_numbers(quarters.buildings["zone_id"])
        people = _people(quarters)
        context.progress.start("scenarios", len(read))
        for scenario in read:
            case = _case(scenario, quarters, people)
            rows += _rows(scenario.scenario.id, case, unit, names)
            context.progress.advance()
    frame = pd.DataFrame(rows, columns=list(_COLUMNS))
    write_parquet(frame, context.build / OUTPUT)
    whole = frame[frame["unit"] == WHOLE].set_index("scenario")
    return {
        "scenarios": {
            name: {
                "capacity_kwp": float(row["capacity_kwp"]),
                "self_consumption": float(row["self_consumption"]),
                "self_sufficiency": float(row["self_sufficiency"]),
            }
            for name, row in whole.iterrows()
        },
        "developments": developments,
    }


def project_scenarios(project: Project) -> list[Scenario]:
    """Return the scenarios that a project names, in its order."""
    return [scenario_of(project, name) for name in project.scenarios.ids]


def scenario_of(project: Project, name: str) -> Scenario:
    """
    Read a scenario of the library, or the municipality's own file.

    Raises
    ------
    MissingInputError
        If there is no such file.
    ConfigError
        If it does not follow the schema.
    """
    named = str(project.resolve(Path(name))) if name.endswith(".toml") else name
    return read_scenario(named, share_folder("data") / FOLDER)


_COLUMNS = (
    "scenario",
    "unit",
    "unit_id",
    "capacity_kwp",
    "heat_pumps",
    "electric_cars",
    "battery_kwh",
    "annual_yield_kwh",
    "consumption_kwh",
    "self_consumed_kwh",
    "pooled_kwh",
    "self_consumption",
    "self_sufficiency",
    "self_consumption_pooled",
    "self_sufficiency_pooled",
    "surplus_kwh",
    "residual_kwh",
    "peak_injection_kw",
    "peak_offtake_kw",
    "pv_peak_kw",
    "min_load_sunny_kw",
)


def _people(quarters: Quarters) -> _People:
    frame = quarters.buildings
    identity = [
        int.from_bytes(hashlib.blake2b(str(i).encode(), digest_size=8).digest(), "little")
        for i in frame["building_id"]
    ]
    numbers = {
        name: pd.to_numeric(frame[name], errors="coerce").to_numpy(np.float64, na_value=np.nan)
        for name in ("capacity_kwp", "existing_kwp", "dwellings")
    }
    return _People(
        np.array(identity, dtype=np.uint64),
        np.nan_to_num(numbers["capacity_kwp"]),
        np.nan_to_num(numbers["existing_kwp"]),
        np.nan_to_num(numbers["dwellings"]),
    )


def _case(scenario: Scenario, quarters: Quarters, people: _People) -> _Case:
    """Choose who has what, and lay out planes and loads accordingly."""
    # Who has panels today comes first, then a fixed order.
    order = np.where(people.existing_kwp > 0.0, -1.0, rank(people.identity, PANELS))
    owners = takers(people.capacity_kwp, scenario.panels.adoption, order)
    owner_of_plane = np.repeat(owners, np.diff(quarters.planes.first))
    planes = replace(
        quarters.planes,
        annual_yield_kwh=np.where(owner_of_plane, quarters.planes.annual_yield_kwh, 0.0),
    )
    clock, loads = quarters.year.clock, quarters.loads
    pumps, cars = scenario.heat_pumps, scenario.cars
    heated = people.dwellings * takers(
        people.dwellings, pumps.share_of_dwellings, rank(people.identity, HEAT)
    )
    driving = people.dwellings * takers(
        people.dwellings, cars.share_electric, rank(people.identity, CARS)
    )
    driven = driving * cars.cars_per_dwelling
    saved = 1.0 - np.array([scenario.efficiency.residential, scenario.efficiency.non_residential])
    new = np.column_stack([heated * pumps.kwh_per_dwelling, driven * cars.kwh_per_car])
    profiles = quarters.year.profiles
    heat = heat_pump_profile(clock, quarters.temp_air_c, pumps.base_c, pumps.hot_water_share)
    rows = np.stack([heat, charging_profile(clock, *cars.hours())])
    column = np.full((len(heated), 1), len(profiles), dtype=np.int64)
    batteries = scenario.batteries
    stored = people.capacity_kwp * takers(
        people.capacity_kwp * owners, batteries.share_of_owners, rank(people.identity, STORES)
    )
    capacity = stored * batteries.kwh_per_kwp
    battery = np.column_stack(
        [
            capacity,
            capacity * batteries.kw_per_kwh * STEP_HOURS,
            np.full(len(capacity), batteries.efficiency),
        ]
    )
    return _Case(
        planes,
        Loads(
            np.column_stack([loads.energy_kwh * saved, new]),
            np.column_stack([loads.connections, heated, driven]),
            np.column_stack([loads.profile, column, column + 1]),
            np.concatenate([loads.spread_of_one, [pumps.spread_of_one, cars.spread_of_one]]),
            measured=loads.measured,
            battery=battery if batteries.place == "building" else None,
        ),
        replace(quarters.year, profiles=np.vstack([profiles, rows])),
        {
            "capacity_kwp": people.capacity_kwp * owners,
            "heat_pumps": heated,
            "electric_cars": driven,
            "battery_kwh": capacity,
        },
        battery if batteries.place == "zone" else None,
    )


def _rows(name: str, case: _Case, unit: IntArray, names: list[str]) -> list[dict[str, Any]]:
    """Return one row per zone and one for the whole project."""
    table = use_table()
    _, units = balance(case.year, case.planes, case.loads, unit, table)
    owner = np.repeat(np.arange(len(unit)), np.diff(case.planes.first))
    counts = {
        **case.counts,
        "annual_yield_kwh": np.bincount(
            owner, case.planes.annual_yield_kwh, minlength=len(unit)
        ).astype(np.float64),
    }
    sums: list[dict[str, Any]] = []
    for series in units:
        members = np.flatnonzero(unit == series.unit)
        shared = None if case.zone_battery is None else case.zone_battery[members]
        sums.append(
            {
                "unit": "zone",
                "unit_id": names[series.unit],
                **{key: float(values[members].sum()) for key, values in counts.items()},
                **_figures(series, case.loads, shared, table),
            }
        )
    return [{"scenario": name, **_shares(row)} for row in [*sums, _whole(sums)]]


def _figures(
    series: UnitSeries, loads: Loads, batteries: FloatArray | None, table: UseTable
) -> dict[str, float]:
    """Figures of one zone; a battery for the zone works on what sharing leaves over."""
    delivered, pooled = series.production, pooled_use(series, loads.spread_of_one, table)
    if batteries is not None and np.isfinite(pooled).all():
        one = np.append(batteries[:, :2].sum(axis=0), batteries[:, 2].min(initial=1.0))
        delivered, pooled = with_battery(delivered, series.demand, pooled, one)
    consumed = float(series.demand.sum())
    peak, low = sunny_extremes(series)
    return {
        "consumption_kwh": consumed,
        "self_consumed_kwh": float(series.used.sum()) + 0.0 * consumed,
        "pooled_kwh": float(pooled.sum()),
        "surplus_kwh": float(delivered.sum() - pooled.sum()),
        "residual_kwh": float(consumed - pooled.sum()),
        "peak_injection_kw": float((delivered - pooled).max()) / STEP_HOURS,
        "peak_offtake_kw": float((series.demand - pooled).max()) / STEP_HOURS,
        "pv_peak_kw": peak,
        "min_load_sunny_kw": low,
    }


def _whole(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Sum the zones; peaks of zones do not fall together, so they have no sum."""
    table = pd.DataFrame(rows).drop(columns=["unit", "unit_id"])
    sums = {str(name): float(values.sum(skipna=False)) for name, values in table.items()}
    peaks = dict.fromkeys(_PEAKS, np.nan)
    return {"unit": WHOLE, "unit_id": WHOLE, **sums, **peaks}


def _shares(row: dict[str, Any]) -> dict[str, Any]:
    """Add the four ratios that the contract of the balance has."""
    own, pooled = np.array([row["self_consumed_kwh"]]), np.array([row["pooled_kwh"]])
    produced, used = np.array([row["annual_yield_kwh"]]), np.array([row["consumption_kwh"]])
    return {
        **row,
        "self_consumption": float(self_consumption(own, produced)[0]),
        "self_sufficiency": float(self_sufficiency(own, used)[0]),
        "self_consumption_pooled": float(self_consumption(pooled, produced)[0]),
        "self_sufficiency_pooled": float(self_sufficiency(pooled, used)[0]),
    }


def _with_developments(project: Project, quarters: Quarters) -> Quarters:
    """Append planned homes, which consume and have no roof in the data yet."""
    table = project.scenarios.developments
    if table is None:
        return quarters
    path = project.resolve(table.path)
    layer = read_layer(path, table.layer)
    require_same(layer.crs, project.project.crs, str(path))
    absent = [c for c in (table.id_column, table.dwellings_column) if c not in layer]
    if absent:
        raise VectorError(
            str(path),
            f"no column {', '.join(absent)}",
            f"one of: {', '.join(str(c) for c in layer.columns)}",
            "correct id_column or dwellings_column in [scenarios.developments]",
        )
    zones = quarters.zones
    place = zone_of(shapely.make_valid(layer.geometry.to_numpy()), zones.geometry.to_numpy())
    dwellings = pd.to_numeric(layer[table.dwellings_column], errors="coerce")
    if dwellings.isna().any() or (dwellings < 0).any():
        raise VectorError(
            f"{path}: {table.dwellings_column}",
            "a value that is no number of dwellings",
            "a number >= 0 for each polygon",
            "fill it in; a plan without a number cannot be counted",
        )
    count = len(layer)
    planned = pd.DataFrame(
        {
            "building_id": ["planned-" + str(i) for i in layer[table.id_column]],
            "zone_id": [zones["zone_id"].iloc[k] if k >= 0 else None for k in place],
            "use": PLANNED,
            "dwellings": dwellings.to_numpy(),
        }
    )
    loads = quarters.loads
    homes = dwellings.to_numpy(np.float64)
    energy = np.column_stack([homes * table.kwh_per_dwelling, np.zeros(count)])
    rows = np.tile(loads.profile[:1] * 0 + np.array([[0, 1]]), (count, 1))
    first = quarters.planes.first
    return replace(
        quarters,
        buildings=pd.concat([quarters.buildings, planned], ignore_index=True),
        planes=replace(quarters.planes, first=np.concatenate([first, np.full(count, first[-1])])),
        loads=replace(
            loads,
            energy_kwh=np.vstack([loads.energy_kwh, energy]),
            connections=np.vstack([loads.connections, np.column_stack([homes, homes * 0.0])]),
            profile=np.vstack([loads.profile, rows]),
        ),
    )


def _inputs(project: Project, build: Path) -> list[Path]:
    table = project.scenarios.developments
    files = [*quarter_inputs(project, build), share_folder("data") / FOLDER]
    files.append(build / "policy_zones.parquet")
    if table is not None:
        files.append(project.resolve(table.path))
    files += [project.resolve(Path(name)) for name in project.scenarios.ids if name[-5:] == ".toml"]
    return [path for path in files if path.exists()]


def _parameters(project: Project) -> dict[str, Any]:
    return {
        "scenarios": project.scenarios.model_dump(mode="json"),
        "profile_year": project.demand.profile_year,
        "weather": project.inputs.weather.reading,
        "profiles": profile_titles(project),
    }


STAGE = Stage(
    name="scenarios", inputs=_inputs, parameters=_parameters, outputs=(OUTPUT,), work=work
)
