"""What the check says of installed panels and of sites."""

from __future__ import annotations

import geopandas as gpd
import pytest
import shapely
import yaml

from zonnekaart.config import parse_project, share_folder
from zonnekaart.geo.geobox import GeoBox
from zonnekaart.pipelines.checks.buildings import check_buildings
from zonnekaart.pipelines.checks.place import Place
from zonnekaart.pipelines.checks.supply import check_existing_pv, check_sites

CRS = "EPSG:31370"
WEST, SOUTH = 180000.0, 198000.0
PLACE = Place(CRS, GeoBox(400, 400, 1.0, WEST, SOUTH + 400.0, CRS))
CODES = yaml.safe_load((share_folder("data") / "templates" / "check.yaml").read_text("utf-8"))[
    "codes"
]


def box(west, south, east, north):
    return shapely.box(WEST + west, SOUTH + south, WEST + east, SOUTH + north)


def write(folder, name, ids, shapes, crs=CRS):
    frame = gpd.GeoDataFrame({"site_id": ids}, geometry=shapes, crs=crs)
    frame.to_file(folder / f"{name}.gpkg")


@pytest.fixture
def folder(tmp_path):
    write(tmp_path, "areas", ["A", "B"], [box(0, 0, 200, 400), box(200, 0, 400, 400)])
    houses = [box(20 * n, 10, 20 * n + 10, 20) for n in range(8)]
    write(tmp_path, "buildings", [str(n) for n in range(8)], houses)
    return tmp_path


def checked(folder, **inputs):
    raw = {
        "project": {"name": "P", "crs": CRS},
        "inputs": {
            "dsm": {"path": "dsm.tif"},
            "buildings": {"path": "buildings.gpkg", "id_column": "site_id"},
            "weather": {"path": "year.epw"},
            "areas": {"path": "areas.gpkg", "id_column": "site_id"},
            **inputs,
        },
    }
    project = parse_project(raw, folder / "p.toml")
    buildings = check_buildings(project, PLACE)
    found = check_existing_pv(project, buildings) + check_sites(project, PLACE, buildings)
    for inspection in found:
        assert {f.code for f in inspection.findings} <= set(CODES)
    return found


def codes(inspection):
    return [(f.severity, f.code) for f in inspection.findings]


def table(folder, rows):
    text = "area_id,installed_kwp,installations\n" + rows
    (folder / "pv.csv").write_text(text, encoding="utf-8")
    (inspection,) = checked(folder, existing_pv={"path": "pv.csv"})
    return inspection


def test_nothing_named_is_nothing_checked(folder):
    assert checked(folder) == []


def test_a_sound_table_has_facts_and_no_findings(folder):
    found = table(folder, "A,40,8\nB,0,0\n")
    assert codes(found) == []
    assert found.facts["installed_kwp"] == 40.0
    assert found.facts["known_share"] == 1.0


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("A,40,8\nB,,\n", [("info", "panels.suppressed")]),
        ("A,40,8\n", [("warning", "panels.without")]),
        ("A,40,8\nZ,4,1\n", [("error", "panels.unusable")]),
        ("A,40000,8\nB,0,0\n", [("error", "panels.unusable")]),
        ("A,-4,8\nB,0,0\n", [("error", "panels.unusable")]),
        ("A,400,80\nB,0,0\n", [("warning", "panels.more_than_roofs")]),
    ],
)
def test_tables_that_are_thin_or_wrong(folder, rows, expected):
    assert codes(table(folder, rows)) == expected


def test_an_absent_table_is_missing(folder):
    (found,) = checked(folder, existing_pv={"path": "none.csv"})
    assert codes(found) == [("error", "file.missing")]


def site(folder, ids, shapes, kind="parking", crs=CRS):
    write(folder, "sites", ids, shapes, crs)
    (found,) = checked(folder, sites=[{"path": "sites.gpkg", "kind": kind}])
    return found


def test_sound_sites(folder):
    found = site(folder, ["p"], [box(0, 100, 40, 140)])
    assert codes(found) == []
    assert found.facts["size"] == 1600.0


@pytest.mark.parametrize(
    ("shapes", "expected"),
    [
        ([(0, 100, 5, 105), (50, 100, 90, 140)], [("info", "sites.tiny")]),
        ([(0, 100, 40, 140), (30, 100, 90, 140)], [("warning", "sites.overlap")]),
        ([(0, 100, 40, 140), (900, 100, 940, 140)], [("warning", "sites.some_outside")]),
        ([(0, 0, 20, 30), (50, 100, 90, 140)], [("warning", "sites.under_building")]),
        ([(900, 100, 940, 140), (950, 100, 990, 140)], [("error", "sites.outside")]),
    ],
)
def test_sites_that_are_doubted(folder, shapes, expected):
    found = site(folder, ["p", "q"], [box(*shape) for shape in shapes])
    assert codes(found) == expected


def test_walls_must_be_lines_and_parkings_polygons(folder):
    line = shapely.LineString([(WEST, SOUTH), (WEST + 50, SOUTH)])
    assert codes(site(folder, ["w"], [line], kind="noise_barrier")) == []
    wrong = site(folder, ["w"], [box(0, 100, 40, 140)], kind="noise_barrier")
    assert codes(wrong) == [("error", "geometry.type")]
    assert ("error", "geometry.type") in codes(site(folder, ["w"], [line]))


def test_another_crs_is_an_error(folder):
    found = site(folder, ["p"], [box(0, 100, 40, 140)], crs="EPSG:3812")
    assert ("error", "crs.differs") in codes(found)
