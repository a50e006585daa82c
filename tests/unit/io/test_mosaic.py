from __future__ import annotations

import numpy as np
import pytest
import rasterio

from tests.unit.io.test_raster import write_heights
from zonnekaart.errors import CrsError, RasterError
from zonnekaart.io.mosaic import mosaic_heights
from zonnekaart.io.raster import HeightReader


def sheet(tmp_path, name, values, west, north=2000.0, cell=1.0, crs="EPSG:31370"):
    return write_heights(
        tmp_path / name, values, crs=crs, transform=rasterio.Affine(cell, 0, west, 0, -cell, north)
    )


def test_two_sheets_become_one_and_the_first_wins_in_the_overlap(tmp_path):
    left = np.full((4, 6), 1.0)
    left[0, 5] = -9999.0
    right = np.full((4, 6), 2.0)
    right[0, 5] = -9999.0
    paths = [sheet(tmp_path, "a.tif", left, 1000), sheet(tmp_path, "b.tif", right, 1004)]
    unknown = mosaic_heights(paths, None, tmp_path / "out.tif").unknown_share
    with HeightReader(tmp_path / "out.tif") as reader:
        assert reader.geobox.bounds == (1000, 1996, 1010, 2000)
        values = reader.read()
    assert (values[:, :5] == 1.0).all()
    assert values[0, 5] == 2.0
    assert (values[1:, 5] == 1.0).all()
    assert np.isnan(values[0, 9])
    assert unknown == pytest.approx(1 / 40)


def test_clip_widens_to_whole_cells(tmp_path):
    values = np.arange(24.0).reshape(4, 6)
    path = sheet(tmp_path, "a.tif", values, 1000)
    mosaic_heights([path], (1001.5, 1997.5, 1003.2, 1999.0), tmp_path / "out.tif")
    with HeightReader(tmp_path / "out.tif") as reader:
        assert reader.geobox.bounds == (1001, 1997, 1004, 1999)
        np.testing.assert_array_equal(reader.read(), values[1:3, 1:4])


def test_other_lattice_other_crs_and_no_touch_are_refused(tmp_path):
    ones = np.ones((4, 4))
    base = sheet(tmp_path, "a.tif", ones, 1000)
    out = tmp_path / "out.tif"
    with pytest.raises(RasterError, match="lattice"):
        mosaic_heights([base, sheet(tmp_path, "b.tif", ones, 1004.3)], None, out)
    with pytest.raises(RasterError, match="lattice"):
        mosaic_heights([base, sheet(tmp_path, "c.tif", ones, 1004, cell=2.0)], None, out)
    with pytest.raises(CrsError):
        mosaic_heights([base, sheet(tmp_path, "d.tif", ones, 1004, crs="EPSG:28992")], None, out)
    with pytest.raises(RasterError, match="touch"):
        mosaic_heights([base], (0, 0, 10, 10), out)
    assert not out.exists()
