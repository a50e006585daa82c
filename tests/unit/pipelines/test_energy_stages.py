"""Stages demand, balance and sharing on a hamlet of eight buildings, from files to files."""

from __future__ import annotations

import shutil
from dataclasses import replace

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
from zonnekaart.geo.neighbours import neighbourhoods
from zonnekaart.io.vector import (
    read_geoparquet,
    read_parquet,
    write_geoparquet,
    write_layer,
    write_parquet,
)
from zonnekaart.pipelines import balance, demand, extent, quarters, sharing
from zonnekaart.pipelines.apartments import apartment_sheet
from zonnekaart.pipelines.building_sharing import known_flats
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

    def __init__(self, _path, _corrections=None):
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


@pytest.fixture
def with_areas(context):
    """Return a maker of projects whose sharing areas are two polygons that touch, and a third."""

    def make(**sharing_table):
        here = context(
            inputs={
                "sharing_areas": {"path": "sharing.gpkg", "id_column": "code"},
                "cabins": {"path": "cabins.gpkg"},
            },
            sharing={"finder": {"enabled": False}, **sharing_table},
        )
        folder = here.project.folder
        # b0 to b2 stand in 1000, b3 to b5 in 1001 beside it, b6 in 1002 far off, b7 in none.
        shapes = [shapely.box(0, 0, 155, 40), shapely.box(155, 0, 400, 40)]
        shapes.append(shapely.box(790, 90, 850, 150))
        codes = ["1000", "1001", "1002"]
        areas = gpd.GeoDataFrame({"code": codes}, geometry=shapes, crs=CRS)
        write_layer(areas, folder / "sharing.gpkg", "GPKG", layer="areas")
        points = [shapely.Point(0, 25), shapely.Point(1000, 25)]
        cabins = gpd.GeoDataFrame({"cabin_id": ["near", "far"]}, geometry=points, crs=CRS)
        write_layer(cabins, folder / "cabins.gpkg", "GPKG", layer="cabins")
        return here

    return make


@pytest.mark.parametrize(
    ("perimeter", "expected"),
    [
        ("none", [{"b0", "b1", "b2", "b3", "b4", "b5", "b7"}]),
        ("municipality", [{"b0", "b1", "b2", "b3", "b4", "b5", "b7"}]),
        ("sector", [{"b0", "b1", "b2", "b3", "b4", "b5"}, {"b7"}]),
        ("drawn", [{"b0", "b1", "b2"}, {"b3", "b4", "b5"}]),
        ("site", [{"b0", "b1", "b2"}, {"b3", "b4", "b5"}]),
        ("cabin", [{"b0", "b1", "b2"}, {"b3", "b4", "b5"}]),
        ("postcode", [{"b0", "b1", "b2", "b3", "b4", "b5"}]),
        ("building", []),
    ],
)
def test_each_perimeter_gathers_its_buildings(with_areas, perimeter, expected):
    here = with_areas(perimeter=perimeter)
    run(here, demand, sharing)
    groups = read_geoparquet(here.build / "sharing_groups.parquet")
    assert [set(members) for members in groups["members"]] == expected
    assert (groups["perimeter"] == perimeter).all()


def test_cabins_without_areas_serve_the_nearest_buildings(with_areas):
    here = with_areas(perimeter="cabin")
    inputs = here.project.inputs.model_copy(update={"sharing_areas": None})
    here = replace(here, project=here.project.model_copy(update={"inputs": inputs}))
    run(here, demand, sharing)
    groups = read_geoparquet(here.build / "sharing_groups.parquet").set_index("group_id")
    assert set(groups.loc["near", "members"]) == {"b0", "b1", "b2", "b3", "b4", "b5"}
    assert set(groups.loc["far", "members"]) == {"b7"}


def test_pair_distance_holds_between_any_two(with_areas):
    here = with_areas(perimeter="pair_distance", max_distance_m=110.0)
    run(here, demand, sharing)
    groups = read_geoparquet(here.build / "sharing_groups.parquet")
    buildings = read_geoparquet(here.build / "buildings.parquet").set_index("building_id")
    for members in groups["members"]:
        points = buildings.loc[list(members)].geometry.centroid
        assert max(points.distance(p).max() for p in points) <= 110.0
    assert groups["members"].map(len).max() > 1


@pytest.mark.parametrize(("perimeter", "says"), [("drawn", "sharing_areas"), ("cabin", "cabins")])
def test_perimeter_without_its_areas_is_refused(context, perimeter, says):
    here = context(sharing={"perimeter": perimeter})
    run(here, demand)
    with pytest.raises(ConfigError, match=says):
        run(here, sharing)
    assert not (here.build / "sharing_groups.parquet").exists()


def test_keys_of_a_project_and_the_gap(context):
    found = {}
    for key in ("rule", "fixed", "relative", "cascade", "optimal"):
        here = context(sharing={"key": key, "finder": {"enabled": False}})
        run(here, demand, sharing)
        found[key] = read_geoparquet(here.build / "sharing_groups.parquet").iloc[0]
    assert found["rule"]["key"] == "fixed"
    assert found["fixed"]["key_gap_kwh"] > 1.0
    for key in ("relative", "cascade", "optimal"):
        assert found[key]["key_gap_kwh"] == pytest.approx(0.0, abs=1e-6)
        assert found[key]["shared_kwh_fixed"] == found["fixed"]["shared_kwh_key"]


def test_energy_of_groups_closes(context):
    here = context(sharing={"finder": {"enabled": False}})
    run(here, demand, balance, sharing)
    rows = read_parquet(here.build / "balance.parquet").set_index(["unit", "unit_id"])
    groups = read_geoparquet(here.build / "sharing_groups.parquet")
    for group in groups.to_dict("records"):
        members = rows.loc["building"].loc[list(group["members"])]
        used = members["annual_yield_kwh"] - members["surplus_kwh"]
        for name, total in (("annual_yield_kwh", "production_kwh"), ("consumption_kwh",) * 2):
            assert members[name].sum() == pytest.approx(group[total], rel=1e-9)
        assert used.sum() == pytest.approx(group["own_use_kwh"], rel=1e-9)
        kept = group["self_consumption_after"] * group["production_kwh"]
        met = group["self_sufficiency_after"] * group["consumption_kwh"]
        assert kept == pytest.approx(met, rel=1e-9)
        assert kept == pytest.approx(group["own_use_kwh"] + group["shared_kwh_key"], rel=1e-9)


def test_proposals_are_ranked_and_say_why(context):
    finder = {"min_gain_kwh": 1.0, "max_members": 3}
    here = context(sharing={"max_distance_m": 160.0, "finder": finder})
    run(here, demand, sharing)
    found = read_geoparquet(here.build / "sharing_proposals.parquet")
    assert len(found) > 0
    assert found["rank"].tolist() == list(range(1, len(found) + 1))
    members = [m for row in found.loc[found["kind"] == "group", "members"] for m in row]
    assert len(members) == len(set(members))
    assert (found["buildings"] <= 3).all()
    assert (found["shared_kwh_key"] <= found["shared_kwh_optimal"] * (1 + 1e-12)).all()
    assert found["doability"].between(0, 1).all()
    assert found["under_rules"].all()
    assert all("b06" in reasons for reasons in found["doability_reasons"])
    low, high = found["household_savings_low_eur"], found["household_savings_high_eur"]
    assert (low.isna() | (low <= high)).all()
    links = read_geoparquet(here.build / "sharing_proposal_links.parquet")
    assert set(links["group_id"]) <= set(found["group_id"])
    assert (links["kwh"] > 0).all()


def test_one_receiver_makes_pairs_and_no_price_makes_no_money(context):
    here = context(
        sharing={"rule_id": "be-vlg-2022", "finder": {"min_gain_kwh": 1.0}},
        project={"name": "Hamlet", "crs": CRS, "region": "NL"},
    )
    run(here, demand, sharing)
    found = read_geoparquet(here.build / "sharing_proposals.parquet")
    assert found["buildings"].max() == 2
    assert found["household_savings_low_eur"].isna().all()


def test_rules_that_do_not_cover_the_perimeter_say_so(context):
    here = context(sharing={"rule_id": "it-2024", "finder": {"min_gain_kwh": 1.0}})
    run(here, demand, sharing)
    assert not read_geoparquet(here.build / "sharing_proposals.parquet")["under_rules"].any()


def test_finder_can_be_switched_off(context):
    here = context(sharing={"finder": {"enabled": False}})
    run(here, demand, sharing)
    assert len(read_geoparquet(here.build / "sharing_proposals.parquet")) == 0


def flats(here, homes, planes_kwh):
    """Turn the first buildings of the hamlet into blocks of flats."""
    path = here.build / "buildings.parquet"
    buildings = read_geoparquet(path)
    buildings["dwellings"] = pd.array(homes, dtype="Int64")
    table = TABLE.replace("14000,4", f"56000,{sum(homes[:4])}")
    (here.project.folder / "consumption.csv").write_text(table, encoding="utf-8")
    buildings["capacity_kwp"] = 30.0
    buildings["roof_area_m2"] = 200.0
    write_geoparquet(buildings, path)
    roofs = read_parquet(here.build / "roof_planes.parquet").iloc[:4].copy()
    roofs["building_id"] = ["b0", "b1", "b2", "b3"]
    roofs["mounting"] = "flush"
    roofs["annual_yield_kwh"] = planes_kwh
    write_parquet(roofs, here.build / "roof_planes.parquet")


def test_flats_share_inside_their_building(context):
    here = context(sharing={"perimeter": "building", "finder": {"min_gain_kwh": 1.0}})
    flats(here, [4, 4, 4, 4, 0, 0, 0, None], 8000.0)
    run(here, demand, sharing)
    groups = read_geoparquet(here.build / "sharing_groups.parquet").set_index("group_id")
    assert {"building-b0", "building-b3"} <= set(groups.index)
    row = groups.loc["building-b0"]
    assert row["own_use_kwh"] == 0
    assert 0 < row["shared_kwh_key"] < row["shared_kwh_optimal"] < row["production_kwh"]
    found = read_geoparquet(here.build / "sharing_proposals.parquet").set_index("kind")
    inside = found.loc["building"]
    assert len(inside) == 4
    assert all("b01" in reasons and "b16" in reasons for reasons in inside["doability_reasons"])


def test_sheet_of_flats_hides_the_building(context):
    here = context(sharing={"finder": {"enabled": False}})
    flats(here, [4, 4, 4, 25, 0, 0, 0, None], [8000.0, 6000.0, 4000.0, 9000.0])
    run(here, demand, sharing)
    frame = read_geoparquet(here.build / "apartment_buildings.parquet").set_index("building_id")
    assert frame["size"].to_dict() == {"b0": "small", "b1": "small", "b2": "small", "b3": "large"}
    assert frame.loc["b1", "capacity_per_flat_kwp"] == 7.5
    small = frame[frame["size"] == "small"]
    shown = [c for c in frame if c.startswith("class_")]
    assert small[shown].notna().all(axis=None)
    # The same for each building of a class, and nothing for a class of one building.
    assert (small[shown].nunique() == 1).all()
    assert frame.loc["b3", [c for c in shown if c != "class_buildings"]].isna().all()
    fixed, best = small["class_yield_used_fixed"].iloc[0], small["class_yield_used_best"].iloc[0]
    assert 0 < fixed < best < 1
    demanding = {c for c in frame if "consumption" in c or "kwh_key" in c or "own_use" in c}
    assert demanding == set()
    sheet = apartment_sheet(frame.reset_index(), "b3")
    assert "8 m² per flat" in sheet
    assert "not told" in sheet
    assert "12. Follow up" in sheet
    assert "Asbestos" not in sheet
    whole = apartment_sheet(frame.reset_index())
    assert f"{fixed:.0%} under a fixed key" in whole
    assert "No building of this size" in whole
    with pytest.raises(TableError, match="b7"):
        apartment_sheet(frame.reset_index(), "b7")


def test_guessed_flats_make_no_apartment_building():
    buildings = pd.DataFrame(
        {
            "dwellings": [4.0, 4.0, 4.0, 4.0, np.nan],
            "use": ["unknown", "unknown", "apartments", "apartments", "unknown"],
            "flags": [
                [],
                ["dwellings_estimated"],
                ["dwellings_estimated"],
                ["use_estimated", "dwellings_estimated"],
                None,
            ],
        }
    )
    np.testing.assert_array_equal(known_flats(buildings), [4, np.nan, 4, np.nan, np.nan])


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
    unit = neighbourhoods(points, produced, part, 60.0)
    np.testing.assert_array_equal(unit, [0, 0, 0, 1])
    part[2] = False
    np.testing.assert_array_equal(neighbourhoods(points, produced, part, 60.0), [0, 0, -1, 1])


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


def test_own_use_of_the_panels_that_stand_there_is_added_back(context):
    here = context()
    path = here.build / "buildings.parquet"
    buildings = read_geoparquet(path)
    buildings["existing_annual_yield_kwh"] = [3000.0] + [0.0] * 7
    write_geoparquet(buildings, path)
    facts = run(here, demand)[0]
    rows = read_parquet(here.build / "demand.parquet").set_index("building_id")
    homes = rows.loc[["b0", "b1", "b2", "b3"]]
    own = homes["residential_own_use_kwh"]
    assert 800.0 < own["b0"] < 1500.0
    assert own[["b1", "b2", "b3"]].sum() == 0.0
    # What passed the meters is the published total; the home with panels took less from them.
    assert (homes["residential_kwh"] - own).sum() == pytest.approx(14_000, rel=1e-9)
    assert homes["residential_kwh"].nunique() == 1
    assert facts["own_use_kwh"] == pytest.approx(own["b0"])
    areas = read_parquet(here.build / "demand_areas.parquet").set_index(["area_id", "category"])
    assert areas.loc[("A", "residential"), "spread_kwh"] == pytest.approx(14_000)


def test_a_table_that_counts_all_use_gets_nothing_added(context):
    whole = {"path": "consumption.csv", "year": 2021, "metering": "gross"}
    here = context(inputs={"consumption": whole})
    path = here.build / "buildings.parquet"
    buildings = read_geoparquet(path)
    buildings["existing_annual_yield_kwh"] = 3000.0
    write_geoparquet(buildings, path)
    assert run(here, demand)[0]["own_use_kwh"] == 0.0
