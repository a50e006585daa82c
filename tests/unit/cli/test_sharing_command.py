"""Command ``sharing`` on files that a stage has left."""

from __future__ import annotations

import json

import geopandas as gpd
import pytest
import shapely

from zonnekaart.cli.main import main
from zonnekaart.io.vector import write_geoparquet
from zonnekaart.pipelines.init import start_project

CRS = "EPSG:31370"


@pytest.fixture
def project(tmp_path):
    path = start_project(tmp_path, "Kapellen")
    build = tmp_path / "build"
    proposals = gpd.GeoDataFrame(
        {
            "group_id": ["a", "b", "c"],
            "rank": [1, 2, 3],
            "kind": "group",
            "perimeter": "radius",
            "under_rules": True,
            "buildings": [4, 4, 2],
            "connections": [12.3, 12.0, 40.0],
            "largest_user_share": [0.5, 0.9, 0.5],
            "shared_kwh_key": [12_345.0, 5000.0, 5000.0],
            "household_savings_low_eur": 640.0,
            "household_savings_high_eur": 1760.0,
            "doability": 0.512,
            "members": [["x", "y"], ["z"], ["w"]],
        },
        geometry=[shapely.Point(0, 0)] * 3,
        crs=CRS,
    )
    write_geoparquet(proposals, build / "sharing_proposals.parquet")
    flats = gpd.GeoDataFrame(
        {
            "building_id": ["x"],
            "size": ["small"],
            "dwellings": [4.0],
            **dict.fromkeys(("roof_area_m2", "capacity_kwp", "annual_yield_kwh"), 80.0),
            "roof_area_per_flat_m2": 20.0,
            "capacity_per_flat_kwp": 20.0,
            "annual_yield_per_flat_kwh": float("nan"),
            "class_buildings": [1],
            **dict.fromkeys(("class_yield_used_fixed", "class_yield_used_best"), float("nan")),
        },
        geometry=[shapely.Point(0, 0)],
        crs=CRS,
    )
    write_geoparquet(flats, build / "apartment_buildings.parquet")
    return path


def said(capsys, *arguments):
    code = main([str(a) for a in arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_rules_on_a_day(capsys):
    code, out, _ = said(capsys, "sharing", "rules", "--on", "2022-03-01", "--json")
    assert code == 0
    flemish = [row["scheme"] for row in json.loads(out) if row["rule set"] == "be-vlg-2022"]
    assert flemish == ["Sharing in a shared building"]
    _, table, _ = said(capsys, "sharing", "rules", "--markdown")
    assert table.startswith("| rule set |")
    _, plain, _ = said(capsys, "sharing", "rules")
    assert "pair_distance" in plain


def test_figures_of_few_or_dominated_groups_stay_hidden(capsys, project):
    code, out, err = said(capsys, "sharing", "groups", project, "--json")
    assert code == 0
    a, b, c = json.loads(out)
    assert a["shared_mwh"] == 12
    assert (a["household_savings_low_eur"], a["household_savings_high_eur"]) == (600, 1800)
    for hidden in (b, c):
        assert hidden["shared_mwh"] is None
        assert hidden["household_savings_low_eur"] is None
        assert hidden["doability"] == 0.51
    assert "be-vlg-2024" in err
    assert "12345" not in out


def test_sheet_and_table_of_apartments(capsys, project):
    code, out, _ = said(capsys, "sharing", "apartments", project, "--building", "x")
    assert code == 0
    assert "20 m² per flat" in out
    assert "not known per flat" in out
    _, table, _ = said(capsys, "sharing", "apartments", project, "--csv")
    assert table.splitlines()[1].startswith("x,small,4.0")
    code, _, err = said(capsys, "sharing", "apartments", project, "--building", "q")
    assert code == 2
    assert "dwellings_column" in err


def test_before_the_stage_has_run_the_command_says_what_to_run(capsys, tmp_path):
    path = start_project(tmp_path / "new", "Kapellen")
    code, _, err = said(capsys, "sharing", "groups", path)
    assert code == 2
    assert "--stage sharing" in err
