"""Stage constraints on eight houses: what wins, what stays unknown, what is refused."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
import yaml

from zonnekaart.config import parse_project, share_folder
from zonnekaart.errors import ConfigError, CrsError, TableError, VectorError
from zonnekaart.geo.geobox import GeoBox
from zonnekaart.io.vector import read_parquet, write_geoparquet, write_layer, write_parquet
from zonnekaart.pipelines.checks.buildings import check_buildings
from zonnekaart.pipelines.checks.constraints import check_constraints
from zonnekaart.pipelines.checks.place import Place
from zonnekaart.pipelines.constraint_figures import constraint_indicators
from zonnekaart.pipelines.constraints import CONSTRAINTS, with_constraints, work
from zonnekaart.pipelines.runs import StageContext
from zonnekaart.quantities.constraints import CONSTRAINT_INDICATORS
from zonnekaart.zoning.privacy import PrivacyRule

CRS = "EPSG:31370"
WEST, SOUTH = 180000.0, 198000.0
IDS = [f"b{n}" for n in range(8)]
USES = ["residential"] * 4 + ["apartments", "industry", "school", "annex"]
OWNERS = ["private", "unknown", "private", "private", "association", "unknown", "public", "unknown"]
RULE = PrivacyRule(k=10, dominance=0.8)
CODES = yaml.safe_load((share_folder("data") / "templates" / "check.yaml").read_text("utf-8"))[
    "codes"
]


def box(west, south, east, north):
    return shapely.box(WEST + west, SOUTH + south, WEST + east, SOUTH + north)


SHAPES = [box(20 * n, 0, 20 * n + 10, 100 if n in (5, 6) else 10) for n in range(8)]


@pytest.fixture
def folder(tmp_path):
    """A build after roofs and demand, footprints, two areas, and a layer of heritage."""
    build = tmp_path / "build"
    build.mkdir()
    heritage = ["unknown", "unknown", "inventory", "none", *["unknown"] * 4]
    frame = gpd.GeoDataFrame(
        {
            "building_id": IDS,
            "area_id": ["A"] * 4 + ["B"] * 4,
            "use": USES,
            "dwellings": [1, 1, 1, 3, 6, 0, 0, 0],
            "heritage": heritage,
            "owner": OWNERS,
            "capacity_kwp": [4.0, 4.0, 4.0, 4.0, 8.0, 100.0, 60.0, np.nan],
            "footprint_area_m2": [s.area for s in SHAPES],
        },
        geometry=SHAPES,
        crs=CRS,
    )
    write_geoparquet(frame, build / "buildings.parquet")
    write_layer(
        gpd.GeoDataFrame({"id": IDS}, geometry=SHAPES, crs=CRS),
        tmp_path / "buildings.gpkg",
        "GPKG",
    )
    kwh = [0.0, 0.0, 0.0, 0.0, 5000.0, 1.5e6, 120_000.0, 0.0]
    demand = pd.DataFrame(
        {
            "building_id": IDS,
            "non_residential_kwh": kwh,
            "non_residential_connections": [0, 0, 0, 0, 1, 1, 1, 0],
        }
    )
    write_parquet(demand, build / "demand.parquet")
    areas = gpd.GeoDataFrame(
        {"area_id": ["A", "B"]}, geometry=[box(0, 0, 75, 100), box(75, 0, 200, 100)], crs=CRS
    )
    write_layer(areas, tmp_path / "areas.gpkg", "GPKG")
    items = gpd.GeoDataFrame(
        {
            "heritage_id": ["I", "Z", "M"],
            "title": ["lint", "zicht", "hoeve"],
            "soort": ["vastgesteld", "gezicht", "monument"],
        },
        geometry=[box(0, 0, 30, 10), box(5, 0, 8, 10), box(42, 0, 60, 10)],
        crs=CRS,
    )
    write_layer(items, tmp_path / "heritage.gpkg", "GPKG")
    return tmp_path


HERITAGE = {
    "path": "heritage.gpkg",
    "name_column": "title",
    "status_column": "soort",
    "status_values": {
        "vastgesteld": "inventory",
        "gezicht": "conservation_area",
        "monument": "protected",
    },
}


def project(folder, on="2030-01-01", region="BE-VLG", **inputs):
    raw = {
        "project": {"name": "P", "crs": CRS, "region": region},
        "inputs": {
            "dsm": {"path": "dsm.tif"},
            "buildings": {"path": "buildings.gpkg", "id_column": "id"},
            "weather": {"path": "year.epw"},
            "areas": {"path": "areas.gpkg"} | {"id_column": "area_id"},
            **inputs,
        },
        "constraints": {"on": on},
    }
    return parse_project(raw, folder / "p.toml")


def run(folder, **options):
    facts = work(StageContext(project(folder, **options), folder / "build"))
    return read_parquet(folder / "build" / CONSTRAINTS).set_index("building_id"), facts


def checked(folder, **inputs):
    given = project(folder, **inputs)
    place = Place(CRS, GeoBox(400, 400, 1.0, WEST, SOUTH + 400.0, CRS))
    found = check_constraints(given, check_buildings(given, place))
    for inspection in found:
        assert {f.code for f in inspection.findings} <= set(CODES)
    return [(f.severity, f.code) for inspection in found for f in inspection.findings]


def text(folder, name, content):
    (folder / name).write_text(content, encoding="utf-8")
    return {"path": name}


# ---- heritage ----


def test_without_inputs_the_columns_of_the_footprints_stay(folder):
    frame, facts = run(folder)
    assert frame["owner"].tolist() == OWNERS
    assert frame["heritage"].tolist()[:4] == ["unknown", "unknown", "inventory", "none"]
    assert frame["asbestos"].isna().all()
    assert facts["social_known"] == dict.fromkeys(facts["social_known"], 0)


def test_the_strongest_status_of_layer_and_column_wins(folder):
    frame, _ = run(folder, heritage=[HERITAGE])
    assert frame["heritage"].tolist()[:3] == ["conservation_area", "inventory", "protected"]
    assert frame["heritage_name"].tolist()[:3] == ["zicht", "lint", "hoeve"]
    assert frame["heritage_id"].iloc[3:].isna().all()


def test_outside_all_items_is_none_only_where_the_layer_is_complete(folder):
    open_end, _ = run(folder, heritage=[HERITAGE])
    assert open_end["heritage"].tolist()[4:] == ["unknown"] * 4
    complete, _ = run(folder, heritage=[{**HERITAGE, "complete": True}])
    assert complete["heritage"].tolist()[4:] == ["none"] * 4


def test_an_item_counts_from_the_share_that_is_asked(folder):
    frame, _ = run(folder, heritage=[{**HERITAGE, "overlap_share": 0.5}])
    assert frame["heritage"].tolist()[0] == "inventory"


def test_one_status_for_a_whole_layer(folder):
    whole = {"path": "heritage.gpkg", "status": "world_heritage"}
    frame, _ = run(folder, heritage=[whole])
    assert frame["heritage"].tolist()[:2] == ["world_heritage"] * 2


def test_a_status_nobody_explained_is_refused_with_its_word(folder):
    values = {"vastgesteld": "inventory", "monument": "protected"}
    with pytest.raises(TableError, match="gezicht") as raised:
        run(folder, heritage=[{**HERITAGE, "status_values": values}])
    assert "status_values" in raised.value.hint


def test_heritage_of_another_place_or_crs_is_refused(folder):
    far = gpd.read_file(folder / "heritage.gpkg")
    write_layer(far.set_geometry(far.translate(1e5, 0)), folder / "far.gpkg", "GPKG")
    with pytest.raises(VectorError, match="items near the buildings"):
        run(folder, heritage=[{**HERITAGE, "path": "far.gpkg"}])
    write_layer(far.to_crs("EPSG:3812"), folder / "crs.gpkg", "GPKG")
    with pytest.raises(CrsError):
        run(folder, heritage=[{**HERITAGE, "path": "crs.gpkg"}])


@pytest.mark.parametrize(
    "wrong", [{"status_column": None}, {"status": "protected"}, {"overlap_share": 1.5}]
)
def test_options_that_make_no_sense_are_refused(folder, wrong):
    with pytest.raises(ConfigError):
        project(folder, heritage=[{**HERITAGE, **wrong}])


# ---- owners ----


def test_a_table_of_owners_wins_and_a_blank_leaves_the_column(folder):
    given = text(folder, "o.csv", "building_id,owner\nb0,OCMW\nb2,\nb4,social_housing\n")
    values = {"OCMW": "public"}
    frame, _ = run(folder, owners={**given, "building_id_column": "building_id", "values": values})
    assert frame["owner"].tolist()[:5] == [
        "public", "unknown", "private", "private", "social_housing",
    ]  # fmt: skip


def test_parcels_give_their_owner_to_buildings_that_lie_on_them(folder):
    parcels = gpd.GeoDataFrame(
        {"owner": ["company", "public"]}, geometry=[box(0, 0, 24, 10), box(24, 0, 34, 10)], crs=CRS
    )
    write_layer(parcels, folder / "parcels.gpkg", "GPKG")
    frame, _ = run(folder, owners={"path": "parcels.gpkg"})
    assert frame["owner"].tolist()[:3] == ["company", "public", "private"]


def test_a_table_without_a_building_of_the_project_is_refused(folder):
    given = text(folder, "o.csv", "building_id,owner\nX1,public\nX2,public\n")
    with pytest.raises(TableError, match="X1"):
        run(folder, owners={**given, "building_id_column": "building_id"})


# ---- roofs ----


def test_roof_state_is_known_only_where_somebody_looked(folder):
    given = text(folder, "r.csv", "building_id,asbest,jaar\nb0,yes,1970\nb1,no,\nb2,,2001\n")
    frame, _ = run(
        folder,
        roof_state={
            **given, "asbestos_column": "asbest", "roof_year_column": "jaar", "old_before": 1985
        },
    )  # fmt: skip
    np.testing.assert_equal(frame["asbestos"].to_numpy()[:4], [1.0, 0.0, np.nan, np.nan])
    np.testing.assert_equal(frame["old_roof"].to_numpy()[:4], [1.0, np.nan, 0.0, np.nan])


@pytest.mark.parametrize(
    ("rows", "match"),
    [("b0,misschien", "misschien"), ("b0,0.3", "0.3"), ("b0,yes\nb0,no", "repeated")],
)
def test_a_guess_is_no_finding(folder, rows, match):
    given = text(folder, "r.csv", f"building_id,asbest\n{rows}\n")
    with pytest.raises(TableError, match=match):
        run(folder, roof_state={**given, "asbestos_column": "asbest"})


# ---- social figures ----


def test_social_figures_come_from_the_area_of_a_building(folder):
    given = text(
        folder, "s.csv", "area_id,MED,energy_poverty_share\nA,30000,0.1\nB,,0.3\nC,1000,0.5\n"
    )
    frame, _ = run(folder, social={**given, "columns": {"median_income_eur": "MED"}})
    np.testing.assert_equal(frame["median_income_eur"].to_numpy()[[0, 5]], [30000.0, np.nan])
    assert frame["energy_poverty_share"].tolist()[::5] == [0.1, 0.3]
    assert frame["protected_customers_share"].isna().all()


@pytest.mark.parametrize(
    ("rows", "match"),
    [
        ("area_id,energy_poverty_share\nA,14\n", "percent"),
        ("area_id,median_income_eur\nA,31.5\n", "euro per year"),
        ("area_id,energy_poverty_share\nX,0.1\n", "no area of the project"),
        ("area_id,energy_poverty_share\nA,0.1\nA,0.2\n", "more than one row"),
        ("area_id,poverty\nA,0.1\n", "no figure among"),
    ],
)
def test_social_tables_in_other_units_or_of_elsewhere_are_refused(folder, rows, match):
    with pytest.raises(TableError, match=match):
        run(folder, social=text(folder, "s.csv", rows))


# ---- duties ----


def test_duties_fall_on_large_users_and_public_buildings(folder):
    frame, facts = run(folder)
    ids = {n: list(v) for n, v in frame["obligation_ids"].items() if len(v)}
    assert ids == {"b5": ["be-vlg-pv-1gwh"], "b6": ["be-vlg-pv-publiek"]}
    assert frame.loc["b5", "obliged_kwp"] == 1000.0 * 18.75 / 1000.0
    assert frame["public_duty_kwp"].tolist() == [0.0] * 6 + [18.75, 0.0]
    assert not any("obliged" in key for key in facts)


def test_before_its_day_and_elsewhere_nothing_is_asked(folder):
    for options in ({"on": "2025-01-01"}, {"region": "BE-WAL"}):
        frame, _ = run(folder, **options)
        assert frame["obliged_kwp"].isna().all()
        assert frame["public_duty_kwp"].isna().all()


# ---- per zone ----


def test_figures_per_zone_speak_of_what_is_known(folder):
    table = "building_id,asbest\nb0,yes\nb1,no\nb2,no\nb3,no\nb5,no\n"
    given = text(folder, "r.csv", table)
    run(folder, roof_state={**given, "asbestos_column": "asbest"})
    stock = with_constraints(
        gpd.read_parquet(folder / "build" / "buildings.parquet"), folder / "build"
    )
    zone = np.array([0, 0, 0, 0, 1, 1, 1, 1])
    found = constraint_indicators(stock, zone, 2, RULE)
    assert set(found) == set(CONSTRAINT_INDICATORS)
    assert found["asbestos_share"].tolist() == [0.25, 0.0]
    np.testing.assert_equal(found["public_roof_share"], [0.0, np.nan])
    assert np.isnan(found["obliged_capacity_kwp"]).all()
    assert found["obliged_public_capacity_kwp"].tolist() == [0.0, 18.75]


def test_without_the_stage_only_owners_speak(folder):
    stock = gpd.read_parquet(folder / "build" / "buildings.parquet")
    found = constraint_indicators(stock, np.zeros(8, dtype=np.int64), 1, RULE)
    assert np.isnan(found["asbestos_share"]).all()
    assert np.isnan(found["median_income_eur"]).all()


# ---- the check ----


def test_the_check_says_what_is_thin_and_what_is_wrong(folder):
    assert checked(folder) == []
    assert checked(folder, heritage=[HERITAGE]) == [("info", "heritage.incomplete")]
    assert checked(folder, heritage=[{**HERITAGE, "complete": True}]) == []
    percent = text(folder, "s.csv", "area_id,energy_poverty_share\nA,14\n")
    assert checked(folder, social=percent) == [("error", "table.unusable")]
    one = text(folder, "s2.csv", "area_id,energy_poverty_share\nA,0.14\n")
    assert checked(folder, social=one) == [("info", "social.without")]
    roofs = text(folder, "r.csv", "building_id,asbest\nb0,yes\n")
    assert checked(folder, roof_state={**roofs, "asbestos_column": "asbest"}) == [
        ("info", "roof_state.few")
    ]
    wide = text(folder, "w.csv", "building_id,owner\nb0,public\nX1,public\n")
    assert checked(folder, owners={**wide, "building_id_column": "building_id"}) == [
        ("warning", "constraints.unknown_buildings")
    ]
    strange = text(folder, "o.csv", "building_id,owner\nb0,Jan\n")
    assert checked(folder, owners={**strange, "building_id_column": "building_id"}) == [
        ("error", "table.unusable")
    ]
