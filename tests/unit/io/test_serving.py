from __future__ import annotations

import io
import os
import subprocess
import sys

import numpy as np
import pytest
import rasterio
from PIL import Image
from pyproj import Transformer
from rasterio.warp import transform_bounds

from zonnekaart.errors import NotBuiltError, RasterError
from zonnekaart.geo.geobox import GeoBox
from zonnekaart.io.png import Palette
from zonnekaart.io.raster import BandInfo, cog_writer
from zonnekaart.io.serving import (
    GDAL_SERVER_OPTIONS,
    RasterTiles,
    write_hillshade_copy,
    write_irradiation_copy,
)
from zonnekaart.io.tiles import TILE_PX, tile_of

GEOBOX = GeoBox(300, 420, 1.0, 150_000.0, 200_300.0, "EPSG:31370")
GREY = Palette(0.0, 1000.0, np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1))


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """East half 800, west half 400, a hole in the middle; the second band is something else."""
    path = tmp_path_factory.mktemp("raster") / "irradiation.tif"
    values = np.full((2, GEOBOX.rows, GEOBOX.cols), 9.0, dtype=np.float32)
    values[0] = np.where(np.arange(GEOBOX.cols) < 210, 400.0, 800.0)
    values[0, 100:200, 180:240] = np.nan
    bands = [BandInfo("annual", "kWh/m2"), BandInfo("01", "kWh/m2")]
    with cog_writer(path, GEOBOX, bands) as writer:
        writer.write(values, 0, 0)
    return path


@pytest.fixture(scope="module")
def copy(source):
    path = source.with_name("display.tif")
    facts = write_irradiation_copy(source, path)
    assert facts["bytes"] == path.stat().st_size
    return path


def test_copy_lies_on_the_web_map_lattice_with_unit_and_nodata(copy):
    with rasterio.open(copy) as dataset:
        assert dataset.crs.to_epsg() == 3857
        assert dataset.count == 1
        assert dataset.units == ("kWh/m2",)
        assert dataset.descriptions == ("annual",)
        assert np.isnan(dataset.nodata)
        layout = dataset.tags(ns="IMAGE_STRUCTURE")
        assert layout["LAYOUT"] == "COG"
        assert dataset.tags(ns="TILING_SCHEME")["NAME"].lower() == "googlemapscompatible"


def _place(tiles: RasterTiles, east: float, north: float, z: int) -> tuple[float, bool]:
    """Value of the tile pixel that holds a point of the source CRS."""
    to_web = Transformer.from_crs("EPSG:31370", "EPSG:3857", always_xy=True)
    x, y = to_web.transform(east, north)
    col, row = tile_of(x, y, z)
    values = tiles.values(z, col, row)
    side = 2 * 20037508.342789244 / (1 << z)
    px = int((x + 20037508.342789244) / side % 1 * TILE_PX)
    py = int((20037508.342789244 - y) / side % 1 * TILE_PX)
    return float(values[py, px])


@pytest.mark.parametrize("steps_out", [0, 1, 2])
def test_values_stand_where_they_belong(copy, steps_out):
    tiles = RasterTiles(copy)
    z = tiles.maxzoom - steps_out
    assert _place(tiles, 150_050.0, 200_150.0, z) == pytest.approx(400.0)
    assert _place(tiles, 150_370.0, 200_150.0, z) == pytest.approx(800.0)
    assert np.isnan(_place(tiles, 150_210.0, 200_150.0, z))


def test_png_is_transparent_where_unknown(copy):
    tiles = RasterTiles(copy)
    west, south, east, north = transform_bounds("EPSG:31370", "EPSG:3857", *GEOBOX.bounds)
    z = tiles.maxzoom - 2
    png = tiles.png(z, *tile_of((west + east) / 2, (south + north) / 2, z), GREY)
    pixels = np.array(Image.open(io.BytesIO(png)).convert("RGBA"))
    assert set(np.unique(pixels[..., 3])) == {0, 255}


def test_nothing_outside(copy):
    tiles = RasterTiles(copy)
    assert tiles.png(tiles.maxzoom, 0, 0, GREY) is None
    assert tiles.png(tiles.maxzoom + 1, 0, 0, GREY) is None
    assert tiles.png(tiles.minzoom - 1, 0, 0, GREY) is None


def test_windows_do_not_show(source, tmp_path, monkeypatch):
    whole, pieces = tmp_path / "whole.tif", tmp_path / "pieces.tif"
    write_hillshade_copy_of(source, whole)
    monkeypatch.setattr("zonnekaart.io.serving._WINDOW_CELLS", 64)
    write_hillshade_copy_of(source, pieces)
    with rasterio.open(whole) as one, rasterio.open(pieces) as other:
        assert (one.read() == other.read()).all()
        assert one.dtypes == ("uint8",)


def write_hillshade_copy_of(source, path):
    heights = path.with_name("heights.tif")
    if not heights.exists():
        ridge = np.abs(np.arange(GEOBOX.cols) - 200.0) * 0.4
        with cog_writer(heights, GEOBOX, [BandInfo("height", "m")]) as writer:
            writer.write(np.tile(ridge, (GEOBOX.rows, 1)).astype(np.float32)[None], 0, 0)
    write_hillshade_copy(heights, path)


def test_a_cut_off_copy_fails_when_read_and_as_ours(copy, tmp_path):
    path = tmp_path / "cut.tif"
    whole = copy.read_bytes()
    path.write_bytes(whole[: len(whole) * 2 // 3])
    with pytest.raises(RasterError):
        tiles = RasterTiles(path)
        for z in range(tiles.minzoom, tiles.maxzoom + 1):
            west, south, east, north = transform_bounds("EPSG:31370", "EPSG:3857", *GEOBOX.bounds)
            left, top = tile_of(west, north, z)
            right, bottom = tile_of(east, south, z)
            for x in range(left, right + 1):
                for y in range(top, bottom + 1):
                    tiles.values(z, x, y)


def test_a_raster_off_the_lattice_is_refused(source):
    with pytest.raises(RasterError, match="lattice"):
        RasterTiles(source)


def test_missing_copy_says_what_to_run(tmp_path):
    with pytest.raises(NotBuiltError, match="publish"):
        RasterTiles(tmp_path / "none.tif")


def test_a_server_process_cannot_open_addresses_or_virtual_files(tmp_path):
    vrt = tmp_path / "x.vrt"
    vrt.write_text("<VRTDataset rasterXSize='1' rasterYSize='1'/>", encoding="utf-8")
    code = (
        "import rasterio, sys\n"
        "try:\n    rasterio.open(sys.argv[1])\n"
        "except rasterio.errors.RasterioIOError as e:\n    print('refused', e)\n"
    )
    done = subprocess.run(  # noqa: S603 - our own interpreter and code
        [sys.executable, "-c", code, str(vrt)],
        capture_output=True,
        text=True,
        env={**os.environ, **GDAL_SERVER_OPTIONS},
        check=True,
    )
    assert "refused" in done.stdout
    assert "not recognized" in done.stdout
