"""Installed panels of a table on the buildings of two streets."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from zonnekaart.config import parse_project
from zonnekaart.errors import TableError
from zonnekaart.geo.geobox import GeoBox
from zonnekaart.io.raster import BandInfo, cog_writer
from zonnekaart.io.vector import write_layer
from zonnekaart.pipelines.existing_pv import FLAG, existing_inputs, with_existing

CRS = "EPSG:31370"
HEAD = "area_id,category,installed_kwp,installations,dwellings\n"


@pytest.fixture
def folder(tmp_path):
    """Two areas of 100 m; half of B lies beyond the heights."""
    box = GeoBox(100, 150, 1.0, 0.0, 100.0, CRS)
    with cog_writer(tmp_path / "dsm.tif", box, [BandInfo("height", "m")]) as writer:
        writer.write(np.zeros((1, 100, 150), dtype=np.float32), 0, 0)
    shapes = [shapely.box(0, 0, 100, 100), shapely.box(100, 0, 200, 100)]
    areas = gpd.GeoDataFrame({"area_id": ["A", "B"]}, geometry=shapes, crs=CRS)
    write_layer(areas, tmp_path / "areas.gpkg", "GPKG", layer="areas")
    post = areas.assign(area_id=["2910", "2950"])
    write_layer(post, tmp_path / "post.gpkg", "GPKG", layer="post")
    return tmp_path


def buildings(**changes):
    x = [10, 30, 50, 70, 110, 130]
    columns = {
        "building_id": [f"b{n}" for n in range(6)],
        "use": ["residential", "residential", "commercial", "residential", "residential", "annex"],
        "dwellings": pd.array([1, 1, 0, 1, 2, 0], dtype="Int64"),
        "heritage": ["none", "none", "none", "protected", "none", "none"],
        "footprint_area_m2": [100.0] * 6,
        "capacity_kwp": [8.0, 8.0, 40.0, 8.0, 8.0, 1.0],
        "annual_yield_kwh": [8000.0, 6400.0, 36000.0, 7200.0, 7200.0, 900.0],
        "existing_kwp": [3.0, np.nan, np.nan, np.nan, np.nan, np.nan],
        "flags": [["low"], [], [], [], [], []],
    }
    shapes = [shapely.box(v, 10, v + 10, 20) for v in x]
    return gpd.GeoDataFrame(columns | changes, geometry=shapes, crs=CRS)


def project(folder, table="", **changes):
    raw = {
        "project": {"name": "Straten", "crs": CRS},
        "inputs": {
            "dsm": {"path": "dsm.tif"},
            "buildings": {"path": "none.gpkg"},
            "weather": {"path": "none.epw"},
            "areas": {"path": "areas.gpkg"} | ({"id_column": "area_id"}),
        },
    }
    if table:
        (folder / "pv.csv").write_text(table, encoding="utf-8")
        raw["inputs"]["existing_pv"] = {"path": "pv.csv"} | changes
    return parse_project(raw, folder / "project.toml")


def test_without_a_table_unknown_stays_unknown(folder):
    made = with_existing(project(folder), buildings()).buildings.set_index("building_id")
    assert made["existing_kwp"].notna().tolist() == [True] + [False] * 5
    assert made.loc["b0", "additional_kwp"] == pytest.approx(5.0)
    assert made.loc["b0", "existing_annual_yield_kwh"] == pytest.approx(3000.0)
    assert made["additional_kwp"].isna().tolist() == [False] + [True] * 5
    assert not any(FLAG in flags for flags in made["flags"])
    assert existing_inputs(project(folder)) == []


def test_totals_are_met_and_estimates_are_marked(folder):
    table = HEAD + "A,residential,9,3,\nA,non_residential,12,1,\nB,residential,,,\n"
    panels = with_existing(project(folder, table), buildings())
    made = panels.buildings.set_index("building_id")
    homes = made.loc[["b0", "b1", "b3"], "existing_kwp"]
    assert homes.sum() == pytest.approx(9.0)
    # A protected house is a fifth as likely.
    assert homes["b1"] == pytest.approx(5.0 * homes["b3"])
    assert made.loc["b2", "existing_kwp"] == pytest.approx(12.0)
    assert made.loc["b2", "additional_kwp"] == pytest.approx(28.0)
    assert [FLAG in flags for flags in made["flags"]] == [False, True, True, True, False, False]
    assert made.loc["b0", "flags"] == ["low"]
    # Suppressed is unknown, never none.
    assert np.isnan(made.loc["b4", "existing_kwp"])
    assert np.isnan(made.loc["b4", "additional_kwp"])
    assert panels.facts["residual_kwp"] == pytest.approx(0.0)


def test_one_building_has_none_or_a_whole_installation(folder):
    made = with_existing(project(folder, HEAD + "A,all,20,4,\n"), buildings()).buildings
    row = made.set_index("building_id").loc["b2"]
    assert (row["existing_low_kwp"], row["existing_high_kwp"]) == (0.0, 40.0)
    own = made.set_index("building_id").loc["b0"]
    assert (own["existing_low_kwp"], own["existing_high_kwp"]) == (3.0, 3.0)


def test_what_no_roof_carries_is_reported(folder):
    panels = with_existing(project(folder, HEAD + "A,all,100,9,\n"), buildings())
    made = panels.buildings.set_index("building_id")
    assert made.loc[["b1", "b2", "b3"], "existing_kwp"].tolist() == pytest.approx([8, 40, 8])
    assert made.loc[["b1", "b2", "b3"], "additional_kwp"].tolist() == [0.0, 0.0, 0.0]
    area = panels.areas.set_index("area_id").loc["A"]
    assert area["own_kwp"] + area["spread_kwp"] + area["residual_kwp"] == pytest.approx(100.0)
    assert area["residual_kwp"] == pytest.approx(100.0 - 3.0 - 56.0)


def test_an_area_half_outside_gives_half(folder):
    made = with_existing(project(folder, HEAD + "B,residential,6,2,\n"), buildings()).buildings
    row = made.set_index("building_id").loc["b4"]
    assert row["existing_kwp"] == pytest.approx(3.0)
    assert row["existing_common_low_kwp"] < 3.0 < row["existing_common_high_kwp"]


def test_dwellings_of_the_whole_area_tell_the_share_better(folder):
    made = with_existing(project(folder, HEAD + "B,residential,6,2,8\n"), buildings()).buildings
    row = made.set_index("building_id").loc["b4"]
    assert row["existing_kwp"] == pytest.approx(6.0 * 2 / 8)
    assert row["existing_common_low_kwp"] == pytest.approx(row["existing_kwp"])


def test_roofs_of_unknown_capacity_take_their_part(folder):
    stock = buildings(capacity_kwp=[8.0, 8.0, 40.0, np.nan, 8.0, 1.0])
    made = with_existing(project(folder, HEAD + "A,residential,9,3,\n"), stock).buildings
    row = made.set_index("building_id").loc["b3"]
    assert row["existing_kwp"] > 0.0
    assert np.isnan(row["additional_kwp"])


def test_unknown_areas_and_wrong_units_are_refused(folder):
    with pytest.raises(TableError, match="Z"):
        with_existing(project(folder, HEAD + "Z,all,10,2,\n"), buildings())
    with pytest.raises(TableError, match=r"area A.*per building"):
        with_existing(project(folder, HEAD + "A,all,90000,,\n"), buildings())


FLUVIUS = (
    "boekjaar_periode;type;postcode;geinstalleerd_productievermogen_kva\n"
    "2026-07;Photovoltaic;2910;5\n2026-07;Photovoltaic;2910;20\n2026-07;Photovoltaic;9000;5\n"
)


def test_fluvius_per_postcode_with_areas_of_its_own(folder):
    made = project(
        folder,
        FLUVIUS,
        reader="fluvius_installations",
        areas={"path": "post.gpkg", "id_column": "area_id"},
    )
    panels = with_existing(made, buildings())
    rows = panels.areas.set_index(["area_id", "category"])
    assert rows.loc[("2910", "residential"), "total_kwp"] == pytest.approx(5.5)
    assert rows.loc[("2910", "non_residential"), "spread_kwp"] == pytest.approx(22.0)
    assert len(existing_inputs(made)) == 3
    stock = panels.buildings.set_index("building_id")
    assert stock.loc["b2", "existing_common_high_kwp"] == pytest.approx(25.0)


def test_fluvius_without_any_of_our_areas_is_refused(folder):
    with pytest.raises(TableError, match="2910, 9000"):
        with_existing(project(folder, FLUVIUS, reader="fluvius_installations"), buildings())
