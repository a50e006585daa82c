"""Scenarios of a hamlet: without changes it is today; each change does what its name says."""

from __future__ import annotations

import shutil

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from zonnekaart.config import parse_project, share_folder
from zonnekaart.energy.profiles import quarter_hours
from zonnekaart.errors import ConfigError, MissingInputError, VectorError
from zonnekaart.io.scenarios import read_scenario
from zonnekaart.io.vector import read_parquet, write_geoparquet, write_layer, write_parquet
from zonnekaart.pipelines import balance, quarters, scenarios
from zonnekaart.pipelines.runs import StageContext, run_stage
from zonnekaart.solar.weather import WeatherYear

CRS = "EPSG:31370"
COUNT = 12
SAME = (
    "annual_yield_kwh",
    "consumption_kwh",
    "self_consumption",
    "self_sufficiency_pooled",
    "surplus_kwh",
    "peak_injection_kw",
    "peak_offtake_kw",
)
FOLDER = share_folder("data") / "scenarios"


def weather(*_arguments, **_options):
    """Clear days of one shape, cold in winter."""
    hours = len(quarter_hours(2021)) // 4
    time = np.datetime64("2020-12-31T23:30", "ns") + np.arange(hours) * np.timedelta64(1, "h")
    hour = np.arange(hours) % 24
    sun = np.maximum(np.sin((hour - 7) / 11 * np.pi), 0) * ((hour > 6) & (hour < 19))
    air = 10.0 - 8.0 * np.cos(2 * np.pi * np.arange(hours) / hours)
    calm = np.full(hours, 3.0)
    return WeatherYear(
        time, 1.0, 600 * sun, 500 * sun, 150 * sun, air, calm, 51.0, 4.5, 10.0, "made up", 1.0
    )


@pytest.fixture
def hamlet(tmp_path, monkeypatch):
    monkeypatch.setattr(quarters, "read_weather", weather)
    build = tmp_path / "build"
    ids = [f"b{i}" for i in range(COUNT)]
    boxes = [shapely.box(20 * i, 0, 20 * i + 10, 10) for i in range(COUNT)]
    buildings = gpd.GeoDataFrame(
        {
            "building_id": ids,
            "zone_id": ["z1"] * 6 + ["z2"] * 6,
            "use": "residential",
            "dwellings": pd.array([1] * COUNT, dtype="Int64"),
            "capacity_kwp": 4.0,
            "existing_kwp": [np.nan] * (COUNT - 1) + [3.0],
        },
        geometry=boxes,
        crs=CRS,
    )
    write_geoparquet(buildings, build / "buildings.parquet")
    zones = gpd.GeoDataFrame(
        {"zone_id": ["z1", "z2"]},
        geometry=[shapely.box(-5, -5, 115, 50), shapely.box(115, -5, 300, 50)],
        crs=CRS,
    )
    write_geoparquet(zones, build / "policy_zones.parquet")
    roofs = pd.DataFrame(
        {
            "building_id": ids,
            "module_tilt_deg": 35.0,
            "module_azimuth_deg": 180.0,
            "mounting": "flush",
            "horizon_deg": [np.zeros(16)] * COUNT,
            "annual_yield_kwh": 4000.0,
        }
    )
    write_parquet(roofs, build / "roof_planes.parquet")
    demand = pd.DataFrame(
        {
            "building_id": ids,
            "residential_kwh": 3500.0,
            "non_residential_kwh": 0.0,
            "residential_connections": 1.0,
            "non_residential_connections": 0.0,
            "profile": "h25",
        }
    )
    write_parquet(demand, build / "demand.parquet")
    (tmp_path / "weather.epw").touch()

    def run(ids, *stages, **table):
        raw = {
            "project": {"name": "Hamlet", "crs": CRS},
            "inputs": {
                "dsm": {"path": "dsm.tif"},
                "buildings": {"path": "buildings.gpkg"},
                "weather": {"path": "weather.epw"},
            },
            "scenarios": {"ids": list(ids), **table},
        }
        context = StageContext(parse_project(raw, tmp_path / "zonnekaart.toml"), build)
        for stage in (*stages, scenarios):
            run_stage(stage.STAGE, context)
        return read_parquet(build / "scenarios.parquet").set_index(["scenario", "unit_id"])

    return run, tmp_path


def changed(folder, name, **tables):
    """Write a scenario of the municipality's own: the plain one, with some values changed."""
    text = (FOLDER / "potentieel.toml").read_text(encoding="utf-8")
    text = text.replace('id = "potentieel"', f'id = "{name}"')
    for table, values in tables.items():
        head, rest = text.split(f"[{table}]\n")
        for key, value in values.items():
            lines = rest.splitlines()
            place = next(n for n, line in enumerate(lines) if line.startswith(f"{key} ="))
            lines[place] = f"{key} = {value}"
            rest = "\n".join(lines) + "\n"
        text = f"{head}[{table}]\n{rest}"
    path = folder / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    return path.name


def test_without_changes_a_scenario_is_the_balance(hamlet):
    run, folder = hamlet
    rows = run(["potentieel"], balance)
    today = read_parquet(folder / "build" / "balance.parquet").set_index("unit_id")
    for zone in ("z1", "z2"):
        for name in SAME:
            expected = pytest.approx(today.loc[zone, name], rel=1e-9)
            assert rows.loc[("potentieel", zone), name] == expected
    assert rows.loc[("potentieel", "project"), "annual_yield_kwh"] == pytest.approx(48_000)


def test_no_scenario_asked_for_is_an_empty_table(hamlet):
    run, _ = hamlet
    assert run([]).empty


def test_half_the_panels_start_with_those_that_are_there(hamlet):
    run, folder = hamlet
    name = changed(folder, "few", panels={"adoption": 1 / COUNT})
    rows = run([name])
    assert rows.loc[("few", "project"), "capacity_kwp"] == pytest.approx(4.0)
    assert rows.loc[("few", "z2"), "capacity_kwp"] == pytest.approx(4.0)


def test_more_panels_never_lower_self_sufficiency(hamlet):
    run, folder = hamlet
    names = [changed(folder, f"s{k}", panels={"adoption": k / 4}) for k in range(5)]
    rows = run(names).xs("project", level="unit_id")
    shares = rows.loc[[f"s{k}" for k in range(5)], "self_sufficiency"].to_numpy()
    assert shares[0] == 0.0
    assert (np.diff(shares) > 0).all()


def test_heat_pumps_cars_and_savings_change_consumption(hamlet):
    run, folder = hamlet
    name = changed(
        folder,
        "warm",
        heat_pumps={"share_of_dwellings": 1.0},
        cars={"share_electric": 0.5},
        efficiency={"residential": 0.1},
    )
    row = run([name]).loc[("warm", "project")]
    cars = row["electric_cars"]
    assert cars == pytest.approx(1.1 * COUNT / 2)
    assert row["heat_pumps"] == COUNT
    expected = COUNT * (3500 * 0.9 + 3500) + cars * 2025
    assert row["consumption_kwh"] == pytest.approx(expected)


@pytest.mark.parametrize("place", ["building", "zone"])
def test_batteries_raise_own_use_and_energy_closes(hamlet, place):
    run, folder = hamlet
    name = changed(folder, "store", batteries={"share_of_owners": 1.0, "place": f'"{place}"'})
    rows = run(["potentieel", name]).xs("project", level="unit_id")
    plain, stored = rows.loc["potentieel"], rows.loc["store"]
    assert stored["battery_kwh"] == pytest.approx(4.0 * 1.2 * COUNT)
    assert stored["pooled_kwh"] > plain["pooled_kwh"] + 1000.0
    if place == "building":
        assert stored["self_consumed_kwh"] > plain["self_consumed_kwh"] + 1000.0
    else:
        assert stored["self_consumed_kwh"] == pytest.approx(plain["self_consumed_kwh"])
    assert stored["residual_kwh"] + stored["pooled_kwh"] == pytest.approx(stored["consumption_kwh"])
    lost = stored["annual_yield_kwh"] - stored["surplus_kwh"] - stored["pooled_kwh"]
    gained = stored["pooled_kwh"] - plain["pooled_kwh"]
    # A tenth of what is charged is lost; more is charged than the pool gains.
    assert 0.1 / 0.9 * gained * 0.99 <= lost < 0.5 * gained


def test_planned_homes_consume_where_they_are_planned(hamlet):
    run, folder = hamlet
    plans = gpd.GeoDataFrame(
        {"development_id": ["p"], "dwellings": [10]}, geometry=[shapely.box(0, 20, 50, 40)], crs=CRS
    )
    write_layer(plans, folder / "plans.gpkg", "GPKG", layer="plans")
    rows = run(["potentieel"], developments={"path": "plans.gpkg", "kwh_per_dwelling": 2000.0})
    assert rows.loc[("potentieel", "z1"), "consumption_kwh"] == pytest.approx(6 * 3500 + 20_000)
    assert rows.loc[("potentieel", "z2"), "consumption_kwh"] == pytest.approx(6 * 3500)
    with pytest.raises(VectorError, match="no column homes"):
        run(["potentieel"], developments={"path": "plans.gpkg", "dwellings_column": "homes"})


def test_wrong_scenarios_say_what_is_wrong(hamlet):
    run, folder = hamlet
    with pytest.raises(MissingInputError, match="elektrisch, helft, potentieel"):
        run(["morgen"])
    name = changed(folder, "bad", panels={"adoption": 1.4})
    with pytest.raises(ConfigError, match=r"panels\.adoption"):
        run([name])
    shutil.copy(FOLDER / "helft.toml", folder / "cut.toml")
    (folder / "cut.toml").write_text("[scenario", encoding="utf-8")
    with pytest.raises(ConfigError, match="not TOML"):
        run(["cut.toml"])


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.toml")), ids=lambda p: p.stem)
def test_shipped_scenarios_follow_the_schema(path):
    scenario = read_scenario(path.stem, FOLDER)
    assert scenario.scenario.id == path.stem
