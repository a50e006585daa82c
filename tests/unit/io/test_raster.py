from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import rasterio

from zonnekaart.errors import CrsError, MissingInputError, RasterError
from zonnekaart.geo.geobox import GeoBox
from zonnekaart.geo.heights import Corrections
from zonnekaart.io.raster import BandInfo, HeightReader, cog_writer, read_every_block

if TYPE_CHECKING:
    from pathlib import Path

GEOBOX = GeoBox(600, 700, 0.5, 150_000.0, 200_000.0, "EPSG:31370")


def write_heights(path: Path, values: np.ndarray, crs="EPSG:31370", transform=None) -> Path:
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=values.shape[0],
        width=values.shape[1],
        count=1,
        dtype="float32",
        crs=crs,
        nodata=-9999.0,
        transform=transform or rasterio.Affine(1, 0, 1000, 0, -1, 2000),
    ) as dataset:
        dataset.write(values.astype("float32"), 1)
    return path


def test_nodata_becomes_nan_and_outside_is_nan(tmp_path):
    values = np.arange(20.0).reshape(4, 5)
    values[1, 2] = -9999.0
    with HeightReader(write_heights(tmp_path / "h.tif", values)) as reader:
        whole = reader.read()
        around = reader.read(row=-1, col=-2, rows=3, cols=4)
    assert np.isnan(whole[1, 2])
    assert np.isnan(whole).sum() == 1
    assert np.isnan(around[0]).all()
    assert np.isnan(around[:, :2]).all()
    assert around[1, 2] == 0.0
    assert around[2, 3] == 6.0


def test_raster_without_crs_is_refused(tmp_path):
    with pytest.raises(CrsError, match="no coordinate reference system"):
        HeightReader(write_heights(tmp_path / "h.tif", np.ones((2, 2)), crs=None))


def test_rotated_raster_is_refused(tmp_path):
    path = write_heights(
        tmp_path / "h.tif", np.ones((2, 2)), transform=rasterio.Affine(1, 0.1, 0, 0, -1, 0)
    )
    with pytest.raises(RasterError, match="north-up"):
        HeightReader(path)


def test_absent_and_foreign_files_are_input_errors(tmp_path):
    with pytest.raises(MissingInputError):
        HeightReader(tmp_path / "none.tif")
    (tmp_path / "text.tif").write_text("not a raster")
    with pytest.raises(RasterError):
        HeightReader(tmp_path / "text.tif")


def test_cog_keeps_bands_units_tags_and_values(tmp_path):
    rng = np.random.default_rng(1)
    values = rng.uniform(0, 1200, (2, GEOBOX.rows, GEOBOX.cols)).astype("float32")
    values[0, 3, 4] = np.nan
    bands = [BandInfo("annual", "kWh/m2"), BandInfo("01", "kWh/m2")]
    path = tmp_path / "out.tif"
    with cog_writer(path, GEOBOX, bands, {"preset": "x"}) as writer:
        writer.write(values[:, :300], 0, 0)
        writer.write(values[:, 300:], 300, 0)
    with rasterio.open(path) as dataset:
        assert dataset.descriptions == ("annual", "01")
        assert dataset.units == ("kWh/m2", "kWh/m2")
        assert dataset.tags()["preset"] == "x"
        assert dataset.crs.to_epsg() == 31370
        assert dataset.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        np.testing.assert_array_equal(dataset.read(), values)


def test_failing_writer_leaves_the_earlier_file(tmp_path):
    path = tmp_path / "out.tif"
    path.write_text("earlier")
    with (
        pytest.raises(RuntimeError, match="stop"),
        cog_writer(path, GEOBOX, [BandInfo("annual", "kWh/m2")]),
    ):
        raise RuntimeError("stop")
    assert path.read_text() == "earlier"
    assert [p.name for p in tmp_path.iterdir()] == ["out.tif"]


def test_truncated_file_is_found_by_reading_all_of_it(tmp_path):
    path = tmp_path / "out.tif"
    rng = np.random.default_rng(1)
    with cog_writer(path, GEOBOX, [BandInfo("annual", "kWh/m2")]) as writer:
        writer.write(rng.normal(size=(1, 600, 700)).astype("float32"), 0, 0)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * 2 // 3])
    with pytest.raises(RasterError, match="read in full"):
        read_every_block(path)


def write_plain(path, values, dtype="float32", nodata=None, **tags):
    profile = {
        "driver": "GTiff",
        "height": values.shape[0],
        "width": values.shape[1],
        "count": 1,
        "dtype": dtype,
        "crs": "EPSG:31370",
        "nodata": nodata,
        "transform": rasterio.Affine(1.0, 0.0, 155000.0, 0.0, -1.0, 240000.0),
    }
    with rasterio.open(path, "w", **profile) as target:
        target.write(values.astype(dtype), 1)
        for name, value in tags.items():
            setattr(target, name, value)


def test_stated_unit_reaches_every_height_but_not_nodata(tmp_path):
    values = np.array([[1234, -9999], [-250, 0]])
    write_plain(tmp_path / "cm.tif", values, "int16", -9999)
    with HeightReader(tmp_path / "cm.tif", Corrections(unit="cm")) as reader:
        np.testing.assert_allclose(reader.read(), [[12.34, np.nan], [-2.5, 0.0]], rtol=1e-6)


def test_scale_and_offset_of_the_file_come_before_the_stated_unit(tmp_path):
    values = np.array([[100, 200]])
    write_plain(tmp_path / "dm.tif", values, "int16", scales=(0.5,), offsets=(10.0,))
    with HeightReader(tmp_path / "dm.tif", Corrections(unit="dm")) as reader:
        np.testing.assert_allclose(reader.read(), [[6.0, 11.0]], rtol=1e-6)


def test_infinite_heights_are_not_known(tmp_path):
    write_plain(tmp_path / "inf.tif", np.array([[1.0, np.inf], [-np.inf, np.nan]]))
    with HeightReader(tmp_path / "inf.tif") as reader:
        assert np.isnan(reader.read()).tolist() == [[False, True], [True, True]]


def test_band_unit_that_contradicts_what_is_stated(tmp_path):
    write_plain(tmp_path / "cm.tif", np.ones((2, 2)), units=("cm",))
    with pytest.raises(RasterError, match='unit = "cm"'):
        HeightReader(tmp_path / "cm.tif")
    HeightReader(tmp_path / "cm.tif", Corrections(unit="cm")).close()
    with pytest.raises(RasterError, match="heights in dm"):
        HeightReader(tmp_path / "cm.tif", Corrections(unit="dm"))


def test_corrected_windows_are_parts_of_the_corrected_whole(tmp_path):
    rng = np.random.default_rng(3)
    values = 10.0 + rng.normal(0.0, 0.2, (150, 170))
    for row, col in rng.integers(0, 150, (30, 2)):
        values[row, col] += rng.choice([-50.0, 50.0])
        values[row // 2 : row // 2 + 3, col : col + 4] = np.nan
    write_plain(tmp_path / "dsm.tif", values)
    corrections = Corrections(despike=True, fill_holes_m=4.0)
    with (
        HeightReader(tmp_path / "dsm.tif", corrections) as reader,
        HeightReader(tmp_path / "dsm.tif") as plain,
    ):
        whole = reader.read()
        assert np.count_nonzero(whole != plain.read()) > 50
        for row, col, rows, cols in [(0, 0, 40, 50), (33, 71, 64, 64), (120, 150, 30, 20)]:
            np.testing.assert_array_equal(
                reader.read(row, col, rows, cols), whole[row : row + rows, col : col + cols]
            )
        assert np.isnan(reader.read(-5, -5, 10, 10)[:5]).all()
