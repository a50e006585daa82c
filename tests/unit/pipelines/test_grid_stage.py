"""Areas of cabins on two streets drawn by hand: whose they are, what they hold, what they show."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from zonnekaart.config import parse_project
from zonnekaart.energy.hosting import ZoneLoads, cabin_rating
from zonnekaart.errors import ConfigError, NotBuiltError, VectorError
from zonnekaart.io.vector import write_geoparquet, write_layer
from zonnekaart.pipelines.cabin_privacy import shown_cabins
from zonnekaart.pipelines.cabins import GENERATED, GIVEN, VORONOI, CabinSet, cabin_set
from zonnekaart.pipelines.grid import Sunny, building_loads, cabin_table
from zonnekaart.pipelines.runs import StageContext
from zonnekaart.pipelines.zone_figures import Frames
from zonnekaart.pipelines.zone_grid import CABIN_AREAS, assumptions, require_same_headroom
from zonnekaart.pipelines.zoning import rule_file
from zonnekaart.zoning.privacy import PrivacyRule

CRS = "EPSG:31370"
HOMES = 60
"""Per street; two streets, 300 m apart."""
RULE = PrivacyRule(10, 0.8)


@pytest.fixture
def frames():
    rows = [
        {
            "building_id": f"{street}-{n}", "zone_id": street, "area_id": f"A-{street}",
            "use": "residential", "dwellings": 1.0, "footprint_area_m2": 80.0,
            "floor_area_m2": 150.0, "capacity_kwp": 5.0, "existing_kwp": 1.0,
            "additional_kwp": 4.0, "annual_yield_kwh": 4500.0, "annual_yield_low_kwh": 4000.0,
            "annual_yield_high_kwh": 5000.0, "survey_mismatch": False, "heritage": "none",
            "geometry": shapely.box(10.0 * n, y, 10.0 * n + 8, y + 10),
        }
        for street, y in (("north", 300.0), ("south", 0.0))
        for n in range(HOMES)
    ]  # fmt: skip
    buildings = gpd.GeoDataFrame(rows, crs=CRS)
    demand = pd.DataFrame(
        {
            "building_id": buildings["building_id"], "zone_id": buildings["zone_id"],
            "area_id": buildings["area_id"], "consumption_kwh": 3500.0,
            "residential_kwh": 3500.0, "non_residential_kwh": 0.0, "connections": 1.0,
            "residential_connections": 1.0, "non_residential_connections": 0.0,
        }
    )  # fmt: skip
    zones = gpd.GeoDataFrame(
        {"zone_id": ["north", "south"], "name": ["N", "S"], "kind": "area"},
        geometry=[shapely.box(-100, 200, 800, 500), shapely.box(-100, -100, 800, 200)],
        crs=CRS,
    )
    areas = pd.DataFrame(
        {
            "area_id": ["A-north", "A-south"], "published_kwh": 3500.0 * HOMES,
            "connections": float(HOMES), "covered_share": 1.0,
        }
    )  # fmt: skip
    return Frames(zones, buildings, pd.DataFrame(), demand, areas, pd.DataFrame())


@pytest.fixture
def project(tmp_path):
    def make(grid=None, **inputs):
        for name, (shapes, columns, options) in list(inputs.items()):
            layer = gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS)
            write_layer(layer, tmp_path / f"{name}.gpkg", "GPKG", layer=name)
            inputs[name] = {"path": f"{name}.gpkg", **options}
        given = {"path": "absent.file"}
        inputs |= {"dsm": given, "buildings": given, "weather": given}
        raw = {"project": {"name": "Hand", "crs": CRS}, "inputs": inputs, "grid": grid or {}}
        return parse_project(raw, tmp_path / "zonnekaart.toml")

    return make


def hang(project, frames):
    assumed = assumptions(project, rule_file(project))
    loads = building_loads(frames, assumed)
    shapes = frames.zones.geometry.to_numpy()
    return cabin_set(project, frames.buildings, loads.shared, shapes, assumed), assumed


def table(project, frames, peak=200.0, least=12.0):
    cabins, assumed = hang(project, frames)
    count = len(cabins.frame)
    sums = Sunny(np.full(count, peak), np.full(count, least))
    return *cabin_table(frames, cabins, sums, assumed), assumed


POINTS = [shapely.Point(300, 310), shapely.Point(300, 10)]


def test_without_cabins_the_streets_become_areas_of_their_own(project, frames):
    frame = frames.demand
    frame["residential_connections"] = 3.0
    cabins, _ = hang(project(), frames)
    assert set(cabins.frame["origin"]) == {GENERATED}
    sizes = np.bincount(cabins.member, weights=frame["residential_connections"])
    assert sizes.tolist() == [180.0, 180.0]
    assert len(set(cabins.member[:HOMES])) == 1
    assert shapely.covers(
        cabins.frame.geometry.to_numpy()[cabins.member],
        frames.buildings.geometry.representative_point().to_numpy(),
    ).all()


def test_given_cabins_serve_the_nearest_and_lose_who_is_too_far(project, frames):
    given = ([*POINTS, shapely.Point(90_000, 0)], {"cabin_id": ["n", "s", "elsewhere"]}, {})
    cabins, _ = hang(project(cabins=given), frames)
    assert cabins.frame["cabin_id"].tolist() == ["n", "s"]
    assert set(cabins.frame["origin"]) == {VORONOI}
    assert cabins.left_out == 1
    assert cabins.member.tolist() == [0] * HOMES + [1] * HOMES


def test_given_areas_win_and_the_rest_is_generated(project, frames):
    outline = shapely.box(-50, 280, 700, 330)
    areas = ([outline], {"cabin_id": ["n"]}, {})
    points = (POINTS, {"cabin_id": ["n", "s"], "kva": [400.0, 630.0]}, {"rated_kva_column": "kva"})
    cabins, _ = hang(project(cabin_areas=areas, cabins=points), frames)
    assert cabins.frame["origin"].tolist() == [GIVEN, GENERATED]
    assert cabins.frame.geometry.iloc[0].equals(outline)
    assert cabins.frame["given_kva"].iloc[0] == 400.0
    assert np.isnan(cabins.frame["given_kva"].iloc[1])
    assert not cabins.frame.geometry.iloc[1].intersection(outline).area


@pytest.mark.parametrize(
    ("columns", "options", "says"),
    [
        ({"cabin_id": ["n", "s"], "kva": [0.4, 0.63]}, {"rated_kva_column": "kva"}, "MVA"),
        ({"cabin_id": ["n", "n"]}, {}, "more than once"),
        ({"cabin_id": ["n", "s"], "kw": [-3.0, 5.0]}, {"headroom_kw_column": "kw"}, "-3"),
        ({"cabin_id": ["n", "s"]}, {"rated_kva_column": "kva"}, "no column kva"),
    ],
)
def test_cabins_that_cannot_be_are_refused(project, frames, columns, options, says):
    with pytest.raises(VectorError, match=says):
        hang(project(cabins=(POINTS, columns, options)), frames)


def test_a_given_rating_is_no_range_and_worked_by_hand(project, frames):
    given = (POINTS, {"cabin_id": ["n", "s"], "kva": [400.0, 250.0]}, {"rated_kva_column": "kva"})
    areas, members, _ = table(project(cabins=given), frames)
    first = areas.iloc[0]
    assert first["headroom_source"] == "operator_rating"
    assert first["rated_low_kva"] == first["rated_high_kva"] == 400.0
    # 0.7 of 400 kVA, 12 kW of load, 60 kWp standing at 200 / 300 of their nameplate.
    assert first["pv_headroom_kw"] == pytest.approx(0.7 * 400 + 12 - 60 * 200 / 300)
    assert members.groupby("cabin_id")["connections"].sum().to_dict() == {"n": 60.0, "s": 60.0}


def test_headroom_of_the_operator_takes_the_place_of_the_estimate(project, frames):
    columns = {"cabin_id": ["n", "s"], "kw": [75.0, np.nan]}
    given = (POINTS, columns, {"headroom_kw_column": "kw"})
    areas, _, _ = table(project(cabins=given), frames)
    ends = ["pv_headroom_low_kw", "pv_headroom_kw", "pv_headroom_high_kw"]
    assert areas[ends].iloc[0].tolist() == [75.0] * 3
    assert areas["headroom_source"].tolist() == ["operator_headroom", "estimated"]
    assert areas["pv_headroom_low_kw"].iloc[1] < areas["pv_headroom_high_kw"].iloc[1]


def test_a_drawn_area_is_one_cabin_and_a_generated_one_any_size(project, frames):
    drawn, _, assumed = table(project(cabins=(POINTS, {"cabin_id": ["n", "s"]}, {})), frames)
    # 60 homes of 20 kW: 1200 * (0.07 + 0.93 * 60 ** -0.75) / 0.95 = 143 kVA, so 160.
    assert drawn["rated_kva"].tolist() == [160.0, 160.0]
    frames.demand["residential_connections"] = 3.0
    made, members, _ = table(project(), frames)
    loads = building_loads(frames, assumed)
    assert made["rated_kva"].iloc[0] == pytest.approx(
        cabin_rating(_homes(loads.dwellings[:HOMES].sum()), assumed).central[0]
    )
    assert set(members["own_kva"]) == {0.0}


def _homes(count):
    return ZoneLoads(*(np.array([v]) for v in (count, 0.0, 0.0, 0.0)))


def test_the_italian_bands_by_hand(project, frames):
    given = (POINTS, {"cabin_id": ["n", "s"], "kva": [400.0, 250.0]}, {"rated_kva_column": "kva"})
    made = project(grid={"method": "e-distribuzione"}, cabins=given)
    frames.buildings["existing_kwp"] = 0.0
    areas, _, _ = table(made, frames, least=20.0)
    first = areas.iloc[0]
    assert first["headroom_method"] == "e-distribuzione"
    # Until yellow half the least load, until orange all of it, until red 0.9 of the rating more.
    assert first["pv_headroom_low_kw"] == pytest.approx(10.0)
    assert first["pv_headroom_kw"] == pytest.approx(20.0)
    assert first["pv_headroom_high_kw"] == pytest.approx(20.0 + 360.0)


def test_a_method_that_no_rule_file_has_is_refused(project):
    made = project(grid={"method": "hosting"})
    with pytest.raises(ConfigError, match="e-distribuzione"):
        assumptions(made, rule_file(made))


def test_a_firm_with_its_own_cabin_brings_it_along(project, frames):
    frames.demand.loc[0, ["residential_connections", "non_residential_connections"]] = [0.0, 1.0]
    frames.buildings.loc[0, "floor_area_m2"] = 4000.0
    _, members, assumed = table(project(cabins=(POINTS, {"cabin_id": ["n", "s"]}, {})), frames)
    firm = members.iloc[0]
    assert firm["own_kva"] == pytest.approx(0.079 * 4000 / assumed.power_factor)
    assert (firm["connections"], firm["own_existing_kwp"]) == (0.0, 1.0)


def test_few_connections_and_what_they_leave_over_are_kept_back(frames):
    # North: 54 + 6; the six cannot be shown, so neither can the 54 beside the zone's own figure.
    cabin = np.repeat([0, 1, 2], [54, 6, 60])
    assert shown_cabins(frames, cabin, 3, RULE).tolist() == [False, False, True]
    cabin = np.repeat([0, 1, 2], [45, 15, 60])
    assert shown_cabins(frames, cabin, 3, RULE).all()


def test_a_cabin_less_a_zone_inside_it_must_pass_too(frames):
    # Cabin 0 holds the north and five homes of the south: less the north, five homes remain;
    # and the south less cabin 1 is those five again.
    cabin = np.repeat([0, 1], [HOMES + 5, HOMES - 5])
    assert not shown_cabins(frames, cabin, 2, RULE).any()
    cabin = np.repeat([0, 1], [HOMES + 15, HOMES - 15])
    assert shown_cabins(frames, cabin, 2, RULE).all()


def test_areas_by_other_rules_than_the_zones_are_not_shown(project, frames, tmp_path):
    made = project()
    rules = rule_file(made)
    areas, _, assumed = table(made, frames)
    write_geoparquet(areas, tmp_path / CABIN_AREAS, {"headroom": repr(assumed)})
    require_same_headroom(StageContext(made, tmp_path), rules)
    other = project(grid={"method": "e-distribuzione"})
    with pytest.raises(NotBuiltError, match="grid"):
        require_same_headroom(StageContext(other, tmp_path), rules)


def test_the_order_of_buildings_changes_no_area(project, frames):
    frames.demand["residential_connections"] = 3.0
    first, _ = hang(project(), frames)
    order = np.random.default_rng(2).permutation(len(frames.buildings))
    shuffled = Frames(
        frames.zones,
        frames.buildings.iloc[order].reset_index(drop=True),
        frames.planes,
        frames.demand,
        frames.areas,
        frames.balance,
    )
    second, _ = hang(project(), shuffled)
    assert isinstance(second, CabinSet)
    assert (second.member == first.member[order]).all()
