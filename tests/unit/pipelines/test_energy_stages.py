"""Stages demand, balance and sharing on a hamlet of eight buildings, from files to files."""

from __future__ import annotations

import shutil

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from zonnekaart.config import parse_project
from zonnekaart.energy.production import (
    FAIMAN_U0,
    FAIMAN_U1,
    MODULE_TEMPERATURE_COEFFICIENT,
    production_series,
    sky_year,
)
from zonnekaart.energy.profiles import quarter_hours
from zonnekaart.errors import ConfigError, NotBuiltError, TableError
from zonnekaart.geo.geobox import GeoBox
from zonnekaart.io.vector import (
    read_geoparquet,
    read_parquet,
    write_geoparquet,
    write_layer,
    write_parquet,
)
from zonnekaart.pipelines import balance, demand, extent, quarters, sharing
from zonnekaart.pipelines.runs import StageContext, run_stage
from zonnekaart.solar.transposition import plane_irradiance, sun_series
from zonnekaart.solar.weather import WeatherYear

CRS = "EPSG:31370"
USES = ["residential"] * 4 + ["commercial", "school", "annex", "residential"]
TABLE = """area_id,year,category,consumption_kwh,connections
A,2021,residential,14000,4
A,2021,non_residential,30000,2
B,2021,residential,-99999,
B,2021,non_residential,0,0
C,2021,residential,8000,2
C,2021,non_residential,1000,1
"""


def weather(_path, _options=None):
    """Clear days of one shape; enough to give every plane light."""
    time = np.datetime64("2020-12-31T23:30", "ns") + np.arange(8760) * np.timedelta64(1, "h")
    hour = np.arange(8760) % 24
    sun = np.maximum(np.sin((hour - 7) / 11 * np.pi), 0) * ((hour > 6) & (hour < 19))
    flat = np.full(8760, 3.0)
    return WeatherYear(
        time, 1.0, 600 * sun, 500 * sun, 150 * sun, 4 * flat, flat, 51.0, 4.5, 10.0, "made up", 1.0
    )


def squares(origins, size):
    return [shapely.box(x, y, x + size, y + size) for x, y in origins]


@pytest.fixture(scope="module")
def hamlet(tmp_path_factory):
    """Write what earlier stages leave, and the inputs that these stages read themselves."""
    folder = tmp_path_factory.mktemp("hamlet")
    build = folder / "build"
    # B lies half outside the heights, which end at x = 1000.
    areas = gpd.GeoDataFrame(
        {"zone_id": ["A", "B", "C"], "geometry": squares([(0, 0), (750, 0), (0, 500)], 500)},
        crs=CRS,
    )
    write_layer(areas, folder / "areas.gpkg", "GPKG", layer="areas")
    (folder / "consumption.csv").write_text(TABLE, encoding="utf-8")
    (folder / "weather.epw").touch()
    (folder / "dsm.tif").touch()
    places = [(20 + 50 * i, 20) for i in range(6)] + [(800, 100), (900, 100)]
    ids = [f"b{i}" for i in range(8)]
    buildings = gpd.GeoDataFrame(
        {
            "building_id": ids,
            "zone_id": ["z1"] * 4 + ["z2"] * 2 + [None, "z2"],
            "area_id": ["A"] * 6 + ["B", "B"],
            "use": USES,
            "dwellings": pd.array([1, 1, 1, 1, 0, 0, 0, None], dtype="Int64"),
            "footprint_area_m2": 100.0,
            "floor_area_m2": 200.0,
        },
        geometry=squares(places, 10),
        crs=CRS,
    )
    write_geoparquet(buildings, build / "buildings.parquet")
    zones = gpd.GeoDataFrame(
        {"zone_id": ["z1", "z2"], "geometry": squares([(0, 0), (200, 0)], 200)}, crs=CRS
    )
    write_geoparquet(zones, build / "policy_zones.parquet")
    roofs = pd.DataFrame(
        {
            "building_id": ["b0", "b1", "b4", "b5", "b7"],
            "module_tilt_deg": [35.0, 35.0, 10.0, 0.0, 20.0],
            "module_azimuth_deg": [180.0, 90.0, 90.0, np.nan, 200.0],
            "mounting": ["flush", "flush", "rack_east_west", "flush", "flush"],
            "horizon_deg": [np.zeros(64)] * 5,
            "annual_yield_kwh": [4000.0, 6000.0, 9000.0, 0.0, 2000.0],
        }
    )
    write_parquet(roofs, build / "roof_planes.parquet")
    return folder


class _Heights:
    """A raster that is only asked for its extent."""

    geobox = GeoBox(1000, 1000, 1.0, 0.0, 1000.0, CRS)

    def __init__(self, _path, _corrections):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass


@pytest.fixture
def context(hamlet, tmp_path, monkeypatch):
    monkeypatch.setattr(extent, "HeightReader", _Heights)
    monkeypatch.setattr(quarters, "read_weather", weather)
    folder = tmp_path / "project"
    shutil.copytree(hamlet, folder)
    raw = {
        "project": {"name": "Hamlet", "crs": CRS},
        "inputs": {
            "dsm": {"path": "dsm.tif"},
            "buildings": {"path": "areas.gpkg"},
            "areas": {"path": "areas.gpkg"},
            "weather": {"path": "weather.epw"},
            "consumption": {"path": "consumption.csv", "year": 2021},
        },
    }

    def make(**changes):
        merged = {**raw, **{k: v for k, v in changes.items() if k != "inputs"}}
        merged["inputs"] = {**raw["inputs"], **changes.get("inputs", {})}
        merged["inputs"] = {k: v for k, v in merged["inputs"].items() if v is not None}
        return StageContext(parse_project(merged, folder / "zonnekaart.toml"), folder / "build")

    return make


def run(context, *stages):
    return [run_stage(s.STAGE, context).facts for s in stages]


def test_demand_reconciles_and_marks(context):
    here = context()
    run(here, demand)
    rows = read_parquet(here.build / "demand.parquet").set_index("building_id")
    assert rows.loc[["b0", "b1", "b2", "b3"], "residential_kwh"].sum() == pytest.approx(14_000)
    assert rows.loc[["b4", "b5"], "non_residential_kwh"].sum() == pytest.approx(30_000)
    assert rows.loc["b4", "non_residential_kwh"] > rows.loc["b5", "non_residential_kwh"]
    assert rows.loc["b6", "consumption_kwh"] == 0
    assert rows.loc["b0", "status"] == "measured"
    assert rows.loc["b7", "status"] == "estimated"
    # Mean of A and C is 22 000 kWh over six connections; stock stands in for unknown connections.
    assert rows.loc["b7", "residential_kwh"] > 0
    assert {"estimated", "partly_covered_area"} <= set(rows.loc["b7", "flags"])
    assert (rows["consumption_low_kwh"] <= rows["consumption_kwh"]).all()
    assert (rows["consumption_high_kwh"] >= rows["consumption_kwh"]).all()


def test_demand_reports_what_no_building_can_carry(context):
    here = context()
    run(here, demand)
    areas = read_parquet(here.build / "demand_areas.parquet").set_index(["area_id", "category"])
    assert areas.loc[("C", "residential"), "residual_kwh"] == pytest.approx(8000)
    assert areas.loc[("B", "residential"), "covered_share"] == pytest.approx(0.5)
    assert np.isnan(areas.loc[("B", "residential"), "published_kwh"])
    assert areas.loc[("B", "non_residential"), "published_kwh"] == 0


def test_without_table_the_fallback_or_unknown(context):
    fallback = {"residential_kwh_per_dwelling": 3000.0, "non_residential_kwh_per_m2": 50.0}
    here = context(inputs={"consumption": None}, demand=fallback)
    run(here, demand)
    rows = read_parquet(here.build / "demand.parquet").set_index("building_id")
    assert rows.loc["b0", "consumption_kwh"] == 3000
    assert rows.loc["b4", "consumption_kwh"] == 200 * 50
    assert (rows["status"] == "estimated").all()
    nothing = context(inputs={"consumption": None})
    run(nothing, demand)
    rows = read_parquet(nothing.build / "demand.parquet").set_index("building_id")
    assert np.isnan(rows.loc["b0", "consumption_kwh"])
    assert rows.loc["b6", "consumption_kwh"] == 0


def test_table_of_other_areas_is_refused_and_leaves_results(context):
    here = context()
    run(here, demand)
    before = (here.build / "demand.parquet").read_bytes()
    path = here.project.folder / "consumption.csv"
    path.write_text(TABLE + "Q,2021,residential,3500,1\n", encoding="utf-8")
    with pytest.raises(TableError, match="lacks: Q"):
        run(here, demand)
    assert (here.build / "demand.parquet").read_bytes() == before


def test_balance_of_buildings_and_zones(context):
    here = context()
    run(here, demand, balance)
    rows = read_parquet(here.build / "balance.parquet").set_index(["unit", "unit_id"])
    homes, zones = rows.loc["building"], rows.loc["zone"]
    assert homes.loc["b0", "annual_yield_kwh"] == pytest.approx(4000)
    assert homes.loc["b4", "annual_yield_kwh"] == pytest.approx(9000)
    assert homes.loc["b2", "annual_yield_kwh"] == 0
    assert np.isnan(homes.loc["b2", "self_consumption"])
    assert homes.loc["b2", "self_sufficiency"] == 0
    z1 = zones.loc["z1"]
    assert z1["annual_yield_kwh"] == pytest.approx(10_000)
    assert z1["consumption_kwh"] == pytest.approx(14_000)
    assert z1["self_consumption_pooled"] > z1["self_consumption"]
    assert sum(z1["monthly_yield_kwh"]) == pytest.approx(10_000)
    assert len(z1["june_supply_kw"]) == 96
    assert z1["surplus_kwh"] + z1["self_consumption_pooled"] * 10_000 == pytest.approx(10_000)
    # Solar noon at 4.5 degrees east is near 13:40 on the clock in June, 12:40 in December.
    for month, quarter in (("june", 13.6 * 4), ("december", 12.6 * 4)):
        supply = np.asarray(zones.loc["z2", f"{month}_supply_kw"])
        assert (supply * np.arange(96)).sum() / supply.sum() == pytest.approx(quarter, abs=4)


@pytest.mark.parametrize("perimeter", ["zone", "radius", "municipality"])
def test_sharing_within_each_perimeter(context, perimeter):
    here = context(sharing={"perimeter": perimeter, "radius_m": 120.0})
    run(here, demand, balance, sharing)
    groups = read_geoparquet(here.build / "sharing_groups.parquet")
    links = read_geoparquet(here.build / "sharing_links.parquet")
    members = [m for group in groups["members"] for m in group]
    assert len(members) == len(set(members))
    assert (groups["shared_kwh_key"] <= groups["shared_kwh_optimal"] * (1 + 1e-12)).all()
    assert groups["shared_kwh_optimal"].sum() > 0
    assert (groups["self_consumption_after"] >= groups["self_consumption_before"]).all()
    assert (links["from_building_id"] != links["to_building_id"]).all()
    assert set(links.geometry.geom_type) == {"LineString"}
    assert groups.crs == CRS


def test_pooled_zone_is_own_use_and_optimal_sharing(context):
    here = context()
    run(here, demand, balance, sharing)
    rows = read_parquet(here.build / "balance.parquet").set_index("unit_id")
    groups = read_geoparquet(here.build / "sharing_groups.parquet").set_index("zone_id")
    for zone in ("z1", "z2"):
        pooled = rows.loc[zone, "self_consumption_pooled"] * rows.loc[zone, "annual_yield_kwh"]
        group = groups.loc[zone]
        assert group["own_use_kwh"] + group["shared_kwh_optimal"] == pytest.approx(pooled)


def test_balance_before_demand_says_what_to_run(context):
    with pytest.raises(NotBuiltError, match="run stage demand first"):
        run(context(), balance)


def test_far_buildings_are_not_neighbours():
    points = np.array([[0.0, 0], [50, 0], [90, 0], [500, 0]])
    produced = np.array([1.0, 9.0, 2.0, 3.0])
    part = np.array([True, True, True, True])
    unit = sharing.neighbourhoods(points, produced, part, 60.0)
    np.testing.assert_array_equal(unit, [0, 0, 0, 1])
    part[2] = False
    np.testing.assert_array_equal(
        sharing.neighbourhoods(points, produced, part, 60.0), [0, 0, -1, 1]
    )


def test_kernel_equals_the_transposition_of_the_solar_part():
    year = weather(None)
    clock = quarter_hours(2021)
    horizon = np.random.default_rng(1).uniform(0, 20, 64)
    roofs = pd.DataFrame(
        {
            "building_id": ["b"],
            "module_tilt_deg": [40.0],
            "module_azimuth_deg": [130.0],
            "mounting": ["flush"],
            "horizon_deg": [horizon],
            "annual_yield_kwh": [1000.0],
        }
    )
    planes = quarters.lay_out_planes(roofs, pd.Series(["b"]))
    sky = quarters.sky_series(year, clock, 64)
    found = production_series(sky_year(sky), planes, 0)
    poa = np.maximum(plane_irradiance(sun_series(year), 40.0, 130.0, horizon), 0)
    cell = sky.temp_air_c + poa / (FAIMAN_U0 + FAIMAN_U1 * sky.wind_speed_m_s)
    power = poa * (1 + MODULE_TEMPERATURE_COEFFICIENT * (cell - 25))
    np.testing.assert_allclose(found, power / power.sum() * 1000, rtol=1e-9, atol=1e-12)


def test_own_profiles_replace_the_standard_ones(context):
    clock = quarter_hours(2021)
    night = np.where(clock.quarter < 24, 1.0, 0.0)
    stamps = pd.DatetimeIndex(clock.start_utc).tz_localize("UTC").strftime("%Y-%m-%dT%H:%M:%SZ")
    own = {"residential": {"path": "own.csv", "column": "night"}}
    here = context(inputs={"profiles": own})
    pd.DataFrame({"time": stamps, "night": night}).to_csv(
        here.project.folder / "own.csv", index=False
    )
    facts = run(here, demand, balance)[1]
    rows = read_parquet(here.build / "balance.parquet").set_index("unit_id")
    # Nobody is at home by day: nothing of the roof is used in the house.
    assert rows.loc["b0", "self_consumed_kwh"] == pytest.approx(0.0, abs=1e-6)
    assert rows.loc["b4", "self_consumed_kwh"] > 100.0
    assert facts["profiles"]["residential"] == "own.csv: night"
    assert "BDEW" in facts["profiles"]["non_residential"]


def signed(**figure):
    who = {"by": "Energy service", "date": "2026-11-24", "reason": "yearly bill"}
    return {"category": "non_residential", **figure, **who}


def test_an_override_of_a_building_wins_and_the_area_keeps_its_total(context):
    here = context(demand={"overrides": [signed(building_id="b5", consumption_kwh=25_000.0)]})
    run(context(), demand)
    before = read_parquet(here.build / "demand.parquet").set_index("building_id")
    run(here, demand)
    rows = read_parquet(here.build / "demand.parquet").set_index("building_id")
    assert rows.loc["b5", "non_residential_kwh"] == pytest.approx(25_000)
    assert rows.loc["b4", "non_residential_kwh"] == pytest.approx(5_000)
    assert rows.loc["b5", "consumption_low_kwh"] == rows.loc["b5", "consumption_high_kwh"]
    assert "override" in rows.loc["b5", "flags"]
    (audit,) = read_parquet(here.build / "demand_overrides.parquet").to_dict("records")
    assert audit["original_kwh"] == pytest.approx(before.loc["b5", "non_residential_kwh"])
    assert (audit["by"], audit["reason"]) == ("Energy service", "yearly bill")


def test_an_override_of_an_area_replaces_what_is_published(context):
    figure = signed(area_id="B", consumption_kwh=9000.0)
    here = context(demand={"overrides": [{**figure, "category": "residential"}]})
    run(here, demand)
    areas = read_parquet(here.build / "demand_areas.parquet").set_index(["area_id", "category"])
    assert areas.loc[("B", "residential"), "published_kwh"] == 9000
    assert areas.loc[("B", "residential"), "status"] == "measured"
    (audit,) = read_parquet(here.build / "demand_overrides.parquet").to_dict("records")
    assert np.isnan(audit["original_kwh"])


@pytest.mark.parametrize(
    ("figures", "says"),
    [
        ([{"building_id": "b99", "consumption_kwh": 1.0}], "b99"),
        ([{"area_id": "Q", "consumption_kwh": 1.0}], "Q"),
        ([{"building_id": "b1", "consumption_kwh": 1.0}] * 2, "two figures for b1"),
    ],
)
def test_overrides_of_places_that_are_not_there_are_refused(context, figures, says):
    here = context(demand={"overrides": [signed(**one) for one in figures]})
    with pytest.raises(ConfigError, match=says):
        run(here, demand)


def measured_table(folder, building, kwh):
    clock = quarter_hours(2021)
    stamps = pd.DatetimeIndex(clock.start_utc).tz_localize("UTC").strftime("%Y-%m-%dT%H:%M:%SZ")
    table = pd.DataFrame({"building_id": building, "time": stamps, "consumption_kwh": kwh})
    table.to_csv(folder / "measured.csv", index=False)
    return {"path": "measured.csv"}


def test_a_measured_building_has_its_own_energy_and_quarter_hours(context):
    clock = quarter_hours(2021)
    here = context(inputs={"measured": {"path": "measured.csv"}})
    by_day = np.where((clock.quarter >= 40) & (clock.quarter < 56), 1.0, 0.0)
    measured_table(here.project.folder, "b0", by_day * 5000.0 / by_day.sum())
    run(here, demand, balance)
    rows = read_parquet(here.build / "demand.parquet").set_index("building_id")
    assert rows.loc["b0", "consumption_kwh"] == pytest.approx(5000)
    assert rows.loc[["b0", "b1", "b2", "b3"], "residential_kwh"].sum() == pytest.approx(14_000)
    assert "measured" in rows.loc["b0", "flags"]
    balanced = read_parquet(here.build / "balance.parquet").set_index("unit_id")
    # 5 000 kWh between 10 and 14 h against 4 000 kWh of sun: most of it meets.
    assert balanced.loc["b0", "self_consumption"] > 0.45
    assert balanced.loc["b1", "self_consumption"] < 0.4


@pytest.mark.parametrize(
    ("building", "kwh", "says"),
    [("b99", 1.0, "not on the map: b99"), ("b0", 1e-5, "look like MWh"), ("b0", -1.0, "no sign")],
)
def test_measured_tables_that_cannot_be_right_are_refused(context, building, kwh, says):
    here = context(inputs={"measured": {"path": "measured.csv"}})
    measured_table(here.project.folder, building, kwh)
    with pytest.raises(TableError, match=says):
        run(here, demand)


# ---- planes of a cadastre, which may not tell how they lie ----


def a_plane(**changes):
    base = {
        "building_id": "a",
        "module_tilt_deg": 35.0,
        "module_azimuth_deg": 180.0,
        "mounting": "flush",
        "horizon_deg": np.zeros(8),
        "annual_yield_kwh": 3000.0,
    }
    return pd.DataFrame([{**base, **changes}])


def test_a_plane_that_faces_nobody_knows_where_is_three_with_the_same_yield():
    ids = pd.Series(["a"])
    known = quarters.lay_out_planes(a_plane(), ids)
    unknown = quarters.lay_out_planes(
        a_plane(
            module_tilt_deg=np.nan,
            module_azimuth_deg=np.nan,
            mounting="unknown",
            horizon_deg=np.full(8, np.nan),
        ),
        ids,
    )
    assert len(known.annual_yield_kwh) == 1
    np.testing.assert_allclose(unknown.annual_yield_kwh, [1000.0] * 3)
    assert np.isfinite(unknown.factors).all()
    assert (unknown.tan_horizon == 0.0).all()
    # East, south, west: the normals' east parts cancel.
    assert unknown.factors[:, 0].sum() == pytest.approx(0.0, abs=1e-12)
    assert len(np.unique(unknown.factors[:, 1].round(6))) == 2


def test_a_known_tilt_keeps_its_steepness_and_flat_panels_stay_one():
    ids = pd.Series(["a"])
    tilted = quarters.lay_out_planes(a_plane(module_tilt_deg=60.0, module_azimuth_deg=np.nan), ids)
    np.testing.assert_allclose(tilted.factors[:, 2], np.cos(np.radians(60.0)))
    flat = quarters.lay_out_planes(a_plane(module_tilt_deg=0.0, module_azimuth_deg=np.nan), ids)
    assert len(flat.annual_yield_kwh) == 1
