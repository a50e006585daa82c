from __future__ import annotations

import geopandas as gpd
import mapbox_vector_tile
import numpy as np
import pytest
import shapely

from zonnekaart.io import live_tiles
from zonnekaart.io.live_tiles import LiveTiles, TileTooLargeError, tile_box
from zonnekaart.io.tiles import tile_of
from zonnekaart.io.warehouse import Warehouse, write_warehouse

WEST, SOUTH = 150_000.0, 200_000.0
SIDE = 60


def _houses() -> gpd.GeoDataFrame:
    corners = [(WEST + 25 * i, SOUTH + 25 * j) for i in range(SIDE) for j in range(SIDE)]
    return gpd.GeoDataFrame(
        {
            "house_id": [f"h{n}" for n in range(len(corners))],
            "kwp": [np.nan if n == 0 else float(n) for n in range(len(corners))],
            "lived": [n % 2 == 0 for n in range(len(corners))],
        },
        geometry=[shapely.box(x, y, x + 12, y + 9) for x, y in corners],
        crs="EPSG:31370",
    )


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory):
    path = tmp_path_factory.mktemp("live") / "w.duckdb"
    write_warehouse(path, {"houses": _houses()}, {})
    return Warehouse(path)


@pytest.fixture(scope="module")
def tile():
    """The tile of zoom 18 in the middle, and the houses that touch it."""
    web = _houses().to_crs(3857)
    west, south, east, north = web.total_bounds
    x, y = tile_of((west + east) / 2, (south + north) / 2, 18)
    inside = web[web.intersects(shapely.box(*tile_box(18, x, y)))]
    return 18, x, y, inside


def test_a_tile_holds_what_geopandas_finds_there(warehouse, tile):
    *key, inside = tile
    layer = mapbox_vector_tile.decode(LiveTiles(warehouse, "houses").get(*key))["houses"]
    found = {f["properties"]["house_id"]: f for f in layer["features"]}
    assert layer["extent"] == 4096
    assert set(inside["house_id"]) <= set(found)
    # Beyond the tile only its margin of 64 units.
    assert len(found) <= len(inside) + 4 * 12
    west, south, east, north = tile_box(*key)
    for _, row in inside.iterrows():
        drawn = shapely.geometry.shape(found[row["house_id"]]["geometry"])
        unit = (east - west) / 4096
        moved = shapely.transform(drawn, lambda xy: xy * unit + [west, south])  # noqa: B023 - used at once
        cut = shapely.intersection(row.geometry, shapely.box(west, south, east, north))
        assert shapely.hausdorff_distance(shapely.intersection(moved, cut.buffer(1)), cut) < 1.5


def test_the_plan_goes_through_the_r_tree(warehouse, tile):
    *key, _ = tile
    live = LiveTiles(warehouse, "houses")
    (plan,) = warehouse.select(f"EXPLAIN {live.query}", live.parameters(*key))
    assert "RTREE_INDEX_SCAN" in plan["explain_value"]


def test_properties_are_those_of_the_archive_and_unknown_is_left_out(warehouse):
    web = _houses().to_crs(3857)
    x, y = tile_of(*web.geometry.iloc[0].centroid.coords[0], 19)
    live = LiveTiles(warehouse, "houses", ["kwp", "house_id", "nope"])
    assert live.fields == {"house_id": "String", "kwp": "Number"}
    features = mapbox_vector_tile.decode(live.get(19, x, y))["houses"]["features"]
    (first,) = [f["properties"] for f in features if f["properties"]["house_id"] == "h0"]
    assert first == {"house_id": "h0"}


def test_nothing_where_nothing_is(warehouse):
    assert LiveTiles(warehouse, "houses").get(18, 0, 0) is None


def test_too_many_features_are_refused(warehouse, tile, monkeypatch):
    *key, inside = tile
    monkeypatch.setattr(live_tiles, "MAX_FEATURES", len(inside) - 1)
    with pytest.raises(TileTooLargeError):
        LiveTiles(warehouse, "houses").get(*key)


def test_too_many_bytes_are_refused(warehouse, tile, monkeypatch):
    *key, _ = tile
    monkeypatch.setattr(live_tiles, "MAX_TILE_BYTES", 100)
    with pytest.raises(TileTooLargeError):
        LiveTiles(warehouse, "houses").get(*key)


def test_a_table_without_web_shapes_has_no_live_tiles(warehouse):
    assert not LiveTiles(warehouse, "nope").available
