from __future__ import annotations

import os
import socket
import subprocess
import sys
import time

import geopandas as gpd
import httpx
import mapbox_vector_tile
import pyogrio
import pytest
import shapely

from zonnekaart.io.publishable import PUBLISHABLE

EPSG = "http://www.opengis.net/def/crs/EPSG/0/"


@pytest.fixture(scope="module")
def address(build, web):
    """The server in a process of its own: GDAL keeps this one busy while it waits."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "--factory", "--port", str(port)]
    process = subprocess.Popen(  # noqa: S603 - a fixed command
        [*command, "--log-level", "error", "zonnekaart.api.app:app_from_environment"],
        env={**os.environ, "ZONNEKAART_BUILD": str(build), "ZONNEKAART_WEB": str(web)},
    )
    try:
        limit = time.monotonic() + 60
        while not _answers(f"http://127.0.0.1:{port}/readyz"):
            assert process.poll() is None, "the server stopped"
            assert time.monotonic() < limit, "the server did not start"
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=20)


def _answers(address: str) -> bool:
    try:
        return httpx.get(address).status_code == 200
    except httpx.TransportError:
        return False


def _read(build, layer: str) -> gpd.GeoDataFrame:
    key = {"zones": "zone_id", "buildings": "building_id", "roof_planes": "plane_id"}[layer]
    return gpd.read_parquet(build / f"{layer}.parquet").set_index(key).sort_index()


# ---- GDAL, a client of others ----


def test_gdal_finds_the_layers(address):
    names = [name for name, _ in pyogrio.list_layers(f"OAPIF:{address}/ogc")]
    assert names == ["zones", "buildings", "roof_planes"]


@pytest.mark.parametrize("layer", ["zones", "buildings", "roof_planes"])
def test_gdal_reads_over_pages_what_was_published(address, build, layer):
    expected = _read(build, layer)
    found = pyogrio.read_dataframe(f"OAPIF:{address}/ogc", layer=layer, PAGE_SIZE="25")
    assert found.crs.to_epsg() == 31370
    found = found.set_index(expected.index.name).sort_index()
    assert list(found.index) == list(expected.index)
    for a, b in zip(found.geometry, expected.geometry, strict=True):
        assert shapely.hausdorff_distance(a, b) < 2e-4
    if layer != "zones":
        assert (found["annual_yield_kwh"] - expected["annual_yield_kwh"]).abs().max() < 1e-9


@pytest.mark.parametrize("code", [4326, 3857, 3812])
def test_gdal_reads_in_other_systems(address, build, code):
    expected = _read(build, "buildings").to_crs(code)
    found = pyogrio.read_dataframe(f"OAPIF:{address}/ogc", layer="buildings", CRS=f"EPSG:{code}")
    # GDAL takes longitude first when it may choose.
    assert found.crs.to_authority() == (("OGC", "CRS84") if code == 4326 else ("EPSG", str(code)))
    found = found.set_index("building_id").sort_index()
    for a, b in zip(found.geometry, expected.geometry, strict=True):
        assert shapely.hausdorff_distance(a, b) < (2e-9 if code == 4326 else 2e-4)


def test_gdal_finds_by_place_and_by_value(address, build):
    buildings = _read(build, "buildings")
    window = (180_000.0, 198_000.0, 180_100.0, 198_100.0)
    found = pyogrio.read_dataframe(f"OAPIF:{address}/ogc", layer="buildings", bbox=window)
    assert len(found) == int(buildings.intersects(shapely.box(*window)).sum()) > 0
    found = pyogrio.read_dataframe(
        f"OAPIF:{address}/ogc", layer="buildings", where="use = 'school'"
    )
    assert len(found) == int((buildings["use"] == "school").sum()) > 0


# ---- the standard, clause by clause ----


def test_the_landing_page_leads_everywhere(client):
    landing = client.get("/ogc").json()
    assert {"self", "service-desc", "conformance", "data"} <= {x["rel"] for x in landing["links"]}
    for link in landing["links"]:
        assert client.get(link["href"]).status_code == 200, link
    conforms = client.get("/ogc/conformance").json()["conformsTo"]
    assert "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core" in conforms
    assert "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs" in conforms


def test_every_link_of_every_collection_leads_somewhere(client):
    for collection in client.get("/ogc/collections").json()["collections"]:
        assert collection["itemType"] == "feature"
        assert collection["storageCrs"] == f"{EPSG}31370"
        assert collection["crs"][0] == "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
        for link in collection["links"]:
            assert client.get(link["href"]).status_code == 200, link


def test_pages_follow_their_links(client):
    address, found, pages = "/ogc/collections/roof_planes/items?limit=50&mounting=flush", [], 0
    while address:
        page = client.get(address)
        assert page.headers["content-type"] == "application/geo+json"
        body = page.json()
        assert body["numberReturned"] == len(body["features"])
        assert body["numberMatched"] == 120
        found += [f["id"] for f in body["features"]]
        address = next((x["href"] for x in body["links"] if x["rel"] == "next"), "")
        pages += 1
    assert pages == 3
    assert len(set(found)) == 120


def test_the_header_names_the_system_of_the_answer(client):
    items = "/ogc/collections/zones/items"
    default = client.get(items)
    assert default.headers["content-crs"] == "<http://www.opengis.net/def/crs/OGC/1.3/CRS84>"
    there = client.get(f"{items}/Z1", params={"crs": f"{EPSG}4326"})
    assert there.headers["content-crs"] == f"<{EPSG}4326>"
    lat, lon = there.json()["geometry"]["coordinates"][0][0]
    assert lat > 50
    assert lon < 6


def test_a_box_may_be_written_in_any_offered_system(client):
    items = "/ogc/collections/buildings/items"
    lambert = {"bbox": "180000,198000,180100,198100", "bbox-crs": f"{EPSG}31370"}
    expected = client.get(items, params=lambert).json()["numberMatched"]
    assert expected > 0
    corners = gpd.GeoSeries([shapely.box(180000, 198000, 180100, 198100)], crs=31370)
    west, south, east, north = corners.to_crs(4326).total_bounds
    swapped = {"bbox": f"{south},{west},{north},{east}", "bbox-crs": "EPSG:4326"}
    assert client.get(items, params=swapped).json()["numberMatched"] == expected
    heights = {"bbox": f"{west},{south},0,{east},{north},99"}
    assert client.get(items, params=heights).json()["numberMatched"] == expected


@pytest.mark.parametrize(
    "wish",
    [
        "nope=1",
        "limit=0",
        "limit=-1",
        "limit=x",
        "limit=1&limit=2",
        "offset=-1",
        "bbox=1,2,3",
        "bbox=a,b,c,d",
        "bbox=nan,0,1,1",
        "bbox=0,2,1,1",
        "bbox=1,0,0,1&bbox-crs=EPSG:3857",
        "crs=EPSG:28992",
        "crs=http://169.254.169.254/latest",
        "bbox-crs=file:///etc/passwd",
        "f=html",
        "capacity_kwp=many",
        "capacity_kwp__gte=nan",
        "flags=x",
        "geometry=x",
        "xmin=1",
        "use__like=%25",
        "filter=use%3D'school'",
        "use%27%20OR%201%3D1%20--=x",
    ],
)
def test_wishes_that_do_not_fit_are_refused(client, wish):
    answer = client.get(f"/ogc/collections/buildings/items?{wish}")
    assert answer.status_code == 400
    assert answer.json()["code"] == "bad_request"
    assert "169.254" not in answer.text
    assert "passwd" not in answer.text


def test_a_limit_beyond_the_most_is_the_most(client):
    body = client.get("/ogc/collections/buildings/items?limit=1000000000000").json()
    assert body["numberReturned"] == 60


def test_only_publishable_columns_are_features(client):
    for layer in ("zones", "buildings", "roof_planes"):
        features = client.get(f"/ogc/collections/{layer}/items").json()["features"]
        for feature in features:
            assert set(feature["properties"]) <= set(PUBLISHABLE[layer])
        properties = client.get(f"/ogc/collections/{layer}/queryables").json()["properties"]
        assert set(properties) <= set(PUBLISHABLE[layer])
    (hidden,) = [
        f for f in client.get("/ogc/collections/zones/items").json()["features"] if f["id"] == "Z5"
    ]
    assert hidden["properties"]["consumption_kwh"] is None


# ---- tiles ----


def test_the_tile_scheme_is_that_of_morecantile(client):
    morecantile = pytest.importorskip("morecantile", reason="comes with rio-tiler")
    theirs = morecantile.tms.get("WebMercatorQuad")
    ours = client.get("/ogc/tileMatrixSets/WebMercatorQuad").json()
    for mine, other in zip(ours["tileMatrices"], theirs.tileMatrices, strict=False):
        assert mine["id"] == other.id
        assert mine["cellSize"] == pytest.approx(other.cellSize, rel=1e-9)
        assert mine["scaleDenominator"] == pytest.approx(other.scaleDenominator, rel=1e-9)
        assert mine["pointOfOrigin"] == pytest.approx(list(other.pointOfOrigin), rel=1e-9)
        assert (mine["matrixWidth"], mine["tileWidth"]) == (other.matrixWidth, other.tileWidth)


def _middle(client, z: int) -> tuple[int, int]:
    from zonnekaart.geo.crs import transformer
    from zonnekaart.io.tiles import tile_of

    west, south, east, north = client.get("/api/project").json()["bounds_lonlat"]
    to_web = transformer("EPSG:4326", "EPSG:3857")
    return tile_of(*to_web.transform((west + east) / 2 + 1e-4, (south + north) / 2 + 1e-4), z)


def test_a_tile_of_the_standard_is_that_of_the_map(client):
    x, y = _middle(client, 16)
    for layer, address in (
        ("zones", f"/tiles/zones/16/{x}/{y}.mvt"),
        ("hillshade", f"/raster/hillshade/16/{x}/{y}.png"),
    ):
        (tiles,) = client.get(f"/ogc/collections/{layer}/tiles").json()["tilesets"]
        (template,) = [x["href"] for x in tiles["links"] if x["rel"] == "item"]
        asked = (
            template.replace("{tileMatrix}", "16")
            .replace("{tileRow}", str(y))
            .replace("{tileCol}", str(x))
        )
        assert client.get(asked).content == client.get(address).content != b""


def test_live_tiles_go_on_where_the_archive_ends(client):
    described = client.get("/tiles/zones.json").json()
    assert described["maxzoom"] == 20
    for z in (16, 17, 20):
        x, y = _middle(client, z)
        tile = client.get(f"/tiles/zones/{z}/{x}/{y}.mvt")
        assert tile.status_code == 200
        features = mapbox_vector_tile.decode(tile.content)["zones"]["features"]
        assert features
        # The same properties above and below the border.
        assert set(features[0]["properties"]) <= set(described["vector_layers"][0]["fields"])
    x, y = _middle(client, 17)
    assert client.get(f"/tiles/background/17/{x}/{y}.mvt").status_code == 204
