"""Builds that are not whole: the server starts, says what is the matter, and serves the rest."""

from __future__ import annotations

import json
import shutil

import duckdb
import pytest
from fastapi.testclient import TestClient

from zonnekaart.api.app import create_app
from zonnekaart.config import Settings
from zonnekaart.geo.crs import transformer
from zonnekaart.io.tiles import tile_of
from zonnekaart.io.warehouse import spatial_extension


@pytest.fixture
def own(build, tmp_path):
    """A copy of the sample to break."""
    shutil.copytree(build, tmp_path / "build")
    return tmp_path / "build"


@pytest.fixture
def served(own, web):
    """Return a client once the copy is broken."""
    return lambda: TestClient(create_app(Settings(build=own, web=web)))


def _cut(path) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])


def _tile(client, z: int) -> str:
    west, south, east, north = client.get("/api/project").json()["bounds_lonlat"]
    to_web = transformer("EPSG:4326", "EPSG:3857")
    x, y = tile_of(*to_web.transform((west + east) / 2 + 1e-4, (south + north) / 2 + 1e-4), z)
    return f"{z}/{x}/{y}"


@pytest.mark.parametrize(
    ("harm", "reason"),
    [
        (lambda p: p.unlink(), "missing"),
        (_cut, "unreadable"),
        (lambda p: p.write_bytes(b"nonsense" * 100), "unreadable"),
        (lambda p: p.write_bytes(b""), "unreadable"),
    ],
)
def test_a_broken_archive_is_told_and_cut_live(own, served, harm, reason):
    harm(own / "tiles" / "zones.pmtiles")
    client = served()
    ready = client.get("/readyz").json()
    assert ready["status"] == "degraded"
    assert ready["broken"] == [{"part": "zones", "reason": reason}]
    assert client.get(f"/tiles/zones/{_tile(client, 12)}.mvt").status_code == 200
    assert client.get("/tiles/zones.json").status_code == 200
    assert client.get("/tiles/zones.pmtiles").status_code == 503
    assert client.get(f"/tiles/buildings/{_tile(client, 16)}.mvt").status_code == 200
    assert client.get("/api/zones").status_code == 200


def test_a_broken_background_is_a_503_and_nothing_else(own, served):
    (own / "tiles" / "background.pmtiles").unlink()
    client = served()
    answer = client.get(f"/tiles/background/{_tile(client, 14)}.mvt")
    assert answer.status_code == 503
    assert answer.json()["code"] == "not_built"
    assert client.get(f"/tiles/zones/{_tile(client, 14)}.mvt").status_code == 200


def test_a_broken_raster_is_a_503_and_nothing_else(own, served):
    (own / "serving" / "hillshade.tif").write_bytes(b"II*\x00nonsense")
    client = served()
    assert client.get("/readyz").json()["broken"] == [{"part": "hillshade", "reason": "unreadable"}]
    for address in (f"/raster/hillshade/{_tile(client, 14)}.png", "/raster/hillshade.tif"):
        answer = client.get(address)
        assert answer.status_code == 503
        assert answer.json()["code"] == "unreadable"
    assert client.get(f"/raster/irradiation/{_tile(client, 14)}.png").status_code == 200


@pytest.mark.parametrize("harm", [lambda p: p.unlink(), _cut])
def test_without_a_warehouse_there_are_still_tiles(own, served, harm):
    harm(own / "warehouse.duckdb")
    client = served()
    assert client.get("/readyz").status_code == 503
    assert client.get("/api/zones").status_code == 503
    assert client.get("/ogc/collections").status_code == 503
    assert client.get("/api/project").status_code == 200
    assert client.get(f"/tiles/zones/{_tile(client, 16)}.mvt").status_code == 200
    assert client.get(f"/tiles/zones/{_tile(client, 18)}.mvt").status_code == 503
    assert client.get("/tiles/zones.json").json()["maxzoom"] == 16


def test_results_of_another_version_say_so(own, served, caplog):
    path = own / "published.json"
    old = json.loads(path.read_text("utf-8"))
    old["version"] = "0.0.1"
    del old["totals"]
    path.write_text(json.dumps(old), "utf-8")
    client = served()
    for address in ("/readyz", "/api/project", "/api/zones", "/ogc"):
        answer = client.get(address)
        assert answer.status_code == 503
        assert answer.json()["code"] == "old_results"
        assert "--stage publish" in answer.json()["message"]
    assert "made by version 0.0.1" in caplog.text
    assert client.get("/healthz").status_code == 200


def test_rows_of_another_version_say_so(own, served):
    _sql(own, "UPDATE w.zone_details SET detail = '{}'")
    answer = served().get("/api/zones/Z1")
    assert answer.status_code == 503
    assert answer.json()["code"] == "old_results"


def test_a_warehouse_without_shapes_of_the_web_ends_at_its_archives(own, served):
    _sql(own, "DROP INDEX w.zones_place", "ALTER TABLE w.zones DROP COLUMN geometry_web")
    client = served()
    assert client.get("/tiles/zones.json").json()["maxzoom"] == 16
    assert client.get(f"/tiles/zones/{_tile(client, 18)}.mvt").status_code == 204
    assert client.get("/ogc/collections/zones/items").json()["numberMatched"] == 6


def test_a_project_without_roofs_is_served(own, served):
    path = own / "published.json"
    project = json.loads(path.read_text("utf-8"))
    project["layers"] = [x for x in project["layers"] if x["id"] in {"zones", "background"}]
    path.write_text(json.dumps(project), "utf-8")
    _sql(own, "DROP TABLE w.buildings", "DROP TABLE w.roof_planes")
    client = served()
    assert client.get("/readyz").json()["status"] == "ready"
    assert [c["id"] for c in client.get("/ogc/collections").json()["collections"]] == ["zones"]
    assert client.get("/tiles/buildings/14/0/0.mvt").status_code == 404
    assert client.get("/api/style.json").status_code == 200


def _sql(build, *statements: str) -> None:
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"LOAD '{spatial_extension()}'")
        connection.execute(f"ATTACH '{build / 'warehouse.duckdb'}' AS w")
        for statement in statements:
            connection.execute(statement)
