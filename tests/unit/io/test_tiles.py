from __future__ import annotations

import gzip

import geopandas as gpd
import mapbox_vector_tile
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from zonnekaart.errors import NotBuiltError, VectorError
from zonnekaart.io.tiles import (
    WORLD_M,
    TileArchive,
    TileLayer,
    tile_of,
    valid_tile,
    write_vector_tiles,
)

LAYER = TileLayer("houses", 12, 15, "house_id")
WEST, SOUTH = 150_000.0, 200_000.0


def _houses() -> gpd.GeoDataFrame:
    shapes = [shapely.box(WEST + 30 * i, SOUTH, WEST + 30 * i + 12, SOUTH + 9) for i in range(40)]
    return gpd.GeoDataFrame(
        {
            "house_id": [f"h{i}" for i in range(40)],
            "kwp": [np.nan if i == 3 else i / 2 for i in range(40)],
            "name": [None if i == 3 else "é–x" for i in range(40)],
        },
        geometry=shapes,
        crs="EPSG:31370",
    )


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    path = tmp_path_factory.mktemp("tiles") / "houses.pmtiles"
    facts = write_vector_tiles(_houses(), path, LAYER)
    assert facts["features"] == 40
    assert facts["dropped"] == {"12": 0, "15": 0}
    return TileArchive(path)


def _features(archive: TileArchive, z: int) -> dict[str, dict[str, object]]:
    found = {}
    west, south, east, north = _houses().to_crs(3857).total_bounds
    left, top = tile_of(west, north, z)
    right, bottom = tile_of(east, south, z)
    for x in range(left, right + 1):
        for y in range(top, bottom + 1):
            raw = archive.get(z, x, y)
            if raw:
                tile = mapbox_vector_tile.decode(gzip.decompress(raw))
                for feature in tile["houses"]["features"]:
                    found[feature["properties"]["house_id"]] = feature["properties"]
    return found


def test_an_independent_decoder_finds_every_feature(archive):
    found = _features(archive, 15)
    assert set(found) == {f"h{i}" for i in range(40)}
    assert found["h4"]["kwp"] == pytest.approx(2.0)
    assert found["h4"]["name"] == "é–x"


def test_unknown_is_left_out_and_zero_is_kept(archive):
    found = _features(archive, 15)
    assert "kwp" not in found["h3"]
    assert "name" not in found["h3"]
    assert found["h0"]["kwp"] == 0


def test_header_says_where_and_how(archive):
    assert (archive.minzoom, archive.maxzoom) == (12, 15)
    assert archive.gzipped
    west, south, east, north = archive.bounds_lonlat
    assert 4 < west < east < 5
    assert 51 < south < north < 52
    (layer,) = archive.metadata["vector_layers"]
    assert layer["id"] == "houses"
    assert set(layer["fields"]) == {"house_id", "kwp", "name"}


def test_nothing_outside(archive):
    assert archive.get(15, 0, 0) is None
    assert archive.get(2, 0, 0) is None


def test_nothing_to_write_raises(tmp_path):
    with pytest.raises(VectorError, match="no features"):
        write_vector_tiles(_houses().iloc[:0], tmp_path / "x.pmtiles", LAYER)


def test_dropped_features_are_counted_and_lost_ones_raise(tmp_path):
    houses = _houses()
    houses.loc[5, "geometry"] = shapely.Polygon()
    with pytest.raises(VectorError, match="1 features missing"):
        write_vector_tiles(houses, tmp_path / "x.pmtiles", LAYER)


@pytest.mark.parametrize("content", [b"", b"PMTiles", b"x" * 500])
def test_other_files_are_refused(tmp_path, content):
    path = tmp_path / "x.pmtiles"
    path.write_bytes(content)
    with pytest.raises((VectorError, ValueError)):
        TileArchive(path)


def test_a_cut_off_archive_is_refused(tmp_path, archive):
    path = tmp_path / "x.pmtiles"
    path.write_bytes(archive.path.read_bytes()[:-20])
    with pytest.raises(VectorError, match="cut off"):
        TileArchive(path)


def test_missing_archive_says_what_to_run(tmp_path):
    with pytest.raises(NotBuiltError, match="publish"):
        TileArchive(tmp_path / "none.pmtiles")


@given(
    z=st.integers(0, 22),
    x=st.floats(-WORLD_M / 2, WORLD_M / 2),
    y=st.floats(-WORLD_M / 2, WORLD_M / 2),
)
def test_every_point_lies_in_a_tile_that_exists(z, x, y):
    col, row = tile_of(x, y, z)
    assert valid_tile(z, col, row)


def test_tile_of_a_known_place():
    # Brussels, Grand Place: 4.3524 E, 50.8467 N is tile 14/8390/5496 in the OSM scheme.
    x = 4.3524 / 360 * WORLD_M
    y = np.log(np.tan(np.pi / 4 + np.radians(50.8467) / 2)) * WORLD_M / (2 * np.pi)
    assert tile_of(x, y, 14) == (8390, 5496)


@pytest.mark.parametrize("part", ["metadata", "root"])
def test_damage_inside_is_found_when_the_archive_is_opened(archive, tmp_path, part):
    raw = bytearray(archive.path.read_bytes())
    start = archive._header[f"{part}_offset"]
    raw[start : start + archive._header[f"{part}_length"]] = (
        b"\x00" * archive._header[f"{part}_length"]
    )
    path = tmp_path / "x.pmtiles"
    path.write_bytes(raw)
    with pytest.raises(VectorError, match="damaged"):
        TileArchive(path)


def test_an_empty_file_is_no_archive(tmp_path):
    (tmp_path / "x.pmtiles").write_bytes(b"")
    with pytest.raises(VectorError, match="empty"):
        TileArchive(tmp_path / "x.pmtiles")
