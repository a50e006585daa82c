from __future__ import annotations

import io
import json
import shutil
import zipfile

import geopandas as gpd
import openpyxl
import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zonnekaart.api.app import create_app
from zonnekaart.config import Settings
from zonnekaart.io.publishable import DEMAND_FIGURES

NOT_FOUND = {"code": "not_found", "message": "there is nothing here"}
FUZZ = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def ask(client, ids, kind, **rest):
    return client.post("/api/selection", json={"zone_ids": ids, "format": kind, **rest})


def unpacked(answer, folder):
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        archive.extractall(folder)
    return {path.name: path for path in folder.iterdir()}


@pytest.mark.parametrize(
    ("asked", "code", "place"),
    [
        ("project", 31370, (180000.0, 198000.0)),
        ("EPSG:3812", 3812, (680000.0, 698000.0)),
        ("EPSG:4326", 4326, (4.79, 51.08)),
    ],
)
def test_a_geopackage_lies_in_the_chosen_system(client, tmp_path, asked, code, place):
    files = unpacked(ask(client, ["Z1", "Z2"], "gpkg", crs=asked), tmp_path)
    frame = gpd.read_file(files["voorbeeld-1-1-zones.gpkg"], layer="zones")
    assert frame.crs.to_epsg() == code
    assert set(frame["zone_id"]) == {"Z1", "Z2"}
    tolerance = 0.05 if code == 4326 else 100.0
    assert frame.total_bounds[:2] == pytest.approx(place, abs=tolerance)


@pytest.mark.parametrize("kind", ["fgb", "parquet"])
def test_formats_for_programs_lie_in_the_chosen_system_too(client, tmp_path, kind):
    files = unpacked(ask(client, ["Z1", "Z2"], kind, crs="EPSG:3812"), tmp_path)
    path = files[f"voorbeeld-1-1-zones.{kind}"]
    frame = gpd.read_parquet(path) if kind == "parquet" else gpd.read_file(path)
    assert frame.crs.to_epsg() == 3812
    assert set(frame["zone_id"]) == {"Z1", "Z2"}
    assert "voorbeeld-1-1-zones.metadata.json" in files


def test_a_source_that_may_not_be_handed_on_holds_its_zones(build, web, tmp_path):
    copy = tmp_path / "build"
    shutil.copytree(build, copy)
    published = json.loads((copy / "published.json").read_text("utf-8"))
    published["sources"][0]["licence"] = "CC BY-ND 4.0"
    (copy / "published.json").write_text(json.dumps(published), encoding="utf-8")
    closed = TestClient(create_app(Settings(build=copy, web=web)))
    asked = {"zone_ids": ["Z1"], "format": "csv"}
    answer = closed.post("/api/selection", json=asked)
    assert answer.status_code == 451
    assert answer.json()["code"] == "licence"


def test_geojson_is_wgs84_whatever_is_asked(client, tmp_path):
    files = unpacked(ask(client, ["Z3"], "geojson", crs="EPSG:3812"), tmp_path)
    content = json.loads(files["voorbeeld-1-1-zones.geojson"].read_text("utf-8"))
    lon, lat = content["features"][0]["geometry"]["coordinates"][0][0]
    assert (lon, lat) == pytest.approx((4.79, 51.08), abs=0.05)


def test_metadata_says_licence_system_and_what_is_hidden(client, tmp_path):
    files = unpacked(ask(client, ["Z4", "Z5", "Z5"], "csv", crs="EPSG:3812"), tmp_path)
    found = json.loads(files["voorbeeld-1-1-zones.metadata.json"].read_text("utf-8"))
    assert found["crs"] == "EPSG:3812"
    assert found["selection"] == "2 of 6 zones"
    assert found["demand_hidden"].startswith("1 of them")
    assert "accuracy" in found["operation"]
    assert found["sources"][0]["licence"] == "CC0-1.0"
    assert "Indicatief" in found["notice"]


def test_a_hidden_zone_leaves_without_its_demand(client):
    answer = ask(client, ["Z1", "Z5"], "xlsx", crs="EPSG:31370")
    rows = list(openpyxl.load_workbook(io.BytesIO(answer.content))["zones"].values)
    names = rows[0]
    values = {row[0]: dict(zip(names, row, strict=True)) for row in rows[2:]}
    assert values["Z1"]["consumption_kwh"] > 0
    assert all(values["Z5"][name] is None for name in DEMAND_FIGURES & set(names))
    assert 180000 < values["Z1"]["x"] < 180200


@pytest.mark.parametrize(
    "body",
    [
        {"zone_ids": ["nope"], "format": "csv"},
        {"zone_ids": ["Z1", "' OR 1=1 --"], "format": "csv"},
        {"zone_ids": [], "format": "csv"},
        {"zone_ids": ["Z1"] * 5001, "format": "csv"},
        {"zone_ids": ["Z" * 129], "format": "csv"},
        {"zone_ids": ["Z1"], "format": "vrt"},
        {"zone_ids": ["Z1"], "format": "csv", "crs": "EPSG:27700"},
        {"zone_ids": ["Z1"], "format": "csv", "path": "/etc/passwd"},
        {"zone_ids": "Z1", "format": "csv"},
        [],
    ],
)
def test_what_is_not_ours_is_refused_like_any_missing_thing(client, body):
    answer = client.post("/api/selection", json=body)
    assert answer.status_code == 404
    assert answer.json() == NOT_FOUND


@pytest.mark.parametrize(
    ("text", "kinds"),
    [("elisabeth", ["street", "address"]), ("12", ["address"]), ("wijk w", ["area"])],
)
def test_places_are_found_without_accents_and_by_later_words(client, text, kinds):
    found = client.get("/api/places", params={"q": text}).json()
    assert [place["kind"] for place in found][: len(kinds)] == kinds
    lon, lat = found[0]["center_lonlat"]
    west, south, east, north = found[0]["bounds_lonlat"]
    assert west <= lon <= east
    assert south <= lat <= north


def test_a_building_is_found_by_its_id(client):
    found = client.get("/api/places", params={"q": "b01"}).json()
    assert {place["kind"] for place in found} == {"building"}
    assert len(found) <= 8


@given(text=st.text(min_size=2, max_size=80))
@FUZZ
def test_no_text_breaks_the_search(client, text):
    assert client.get("/api/places", params={"q": text}).status_code == 200


def test_rows_tell_in_which_area_they_lie(client):
    areas = {row["zone_id"]: row["area"] for row in client.get("/api/zones").json()}
    assert areas["Z1"] == "Wijk West"
    assert areas["Z3"] == ""
