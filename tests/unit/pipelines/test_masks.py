from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely

from zonnekaart.errors import CrsError, MissingInputError, VectorError
from zonnekaart.geo.geobox import GeoBox
from zonnekaart.geo.heights import Corrections
from zonnekaart.io.raster import BandInfo, cog_writer
from zonnekaart.io.vector import write_layer
from zonnekaart.pipelines import masks
from zonnekaart.pipelines.masks import footprint_mask

CRS = "EPSG:31370"
BOX = GeoBox(40, 60, 0.5, 155000.0, 238020.0, CRS)


@pytest.fixture
def dsm(tmp_path):
    path = tmp_path / "dsm.tif"
    with cog_writer(path, BOX, [BandInfo("height", "m")]) as writer:
        writer.write(np.zeros((1, BOX.rows, BOX.cols), np.float32), 0, 0)
    return path


def layer_of(folder, *shapes, crs=CRS):
    frame = gpd.GeoDataFrame({"id": range(len(shapes))}, geometry=list(shapes), crs=crs)
    write_layer(frame, folder / "buildings.gpkg", "GPKG", layer="buildings")
    return folder / "buildings.gpkg"


def box(west, south, east, north):
    return shapely.box(BOX.west + west, BOX.south + south, BOX.west + east, BOX.south + north)


def read(path):
    with rasterio.open(path) as dataset:
        assert dataset.crs.to_epsg() == 31370
        assert dataset.bounds == (BOX.west, BOX.south, BOX.east, BOX.north)
        return dataset.read(1)


def test_cells_whose_centre_is_in_a_footprint_are_1_and_others_unknown(dsm, tmp_path):
    # 10 m x 5 m from the corner, and a triangle.
    triangle = shapely.Polygon([(155020, 238005), (155028, 238005), (155020, 238013)])
    mask = read(footprint_mask(dsm, layer_of(tmp_path, box(0, 0, 10, 5), triangle), tmp_path))
    x = BOX.west + (np.arange(BOX.cols) + 0.5) * BOX.cell_m
    y = BOX.north - (np.arange(BOX.rows) + 0.5) * BOX.cell_m
    x, y = np.meshgrid(x, y)
    inside = (x < BOX.west + 10) & (y < BOX.south + 5)
    inside |= shapely.contains_xy(triangle, x, y)
    # The rule at a triangle's edge through cell centres is rasterio's, so those cells are left out.
    edge = shapely.distance(triangle.boundary, shapely.points(x, y)) < 1e-9
    assert (mask[inside & ~edge] == 1.0).all()
    assert np.isnan(mask[~inside & ~edge]).all()
    assert 200 <= (mask == 1.0).sum() <= 200 + 136


def test_windows_do_not_show(dsm, tmp_path, monkeypatch):
    layer = layer_of(tmp_path, box(3, 3, 21, 14), box(22, 1, 29, 19))
    whole = read(footprint_mask(dsm, layer, tmp_path))
    monkeypatch.setattr(masks, "_WINDOW", 16)
    parts = read(footprint_mask(dsm, layer, tmp_path))
    np.testing.assert_array_equal(whole, parts)


def test_a_footprint_across_the_edge_counts_with_its_part_inside(dsm, tmp_path):
    mask = read(footprint_mask(dsm, layer_of(tmp_path, box(-50, -50, 4, 4)), tmp_path))
    assert (mask == 1.0).sum() == 64


def test_no_footprint_on_the_raster_is_refused(dsm, tmp_path):
    with pytest.raises(VectorError, match="no footprint on the raster"):
        footprint_mask(dsm, layer_of(tmp_path, box(500, 500, 510, 510)), tmp_path)


def test_another_crs_is_refused(dsm, tmp_path):
    with pytest.raises(CrsError, match="EPSG:3812"):
        footprint_mask(dsm, layer_of(tmp_path, box(0, 0, 5, 5), crs="EPSG:3812"), tmp_path)


def test_a_missing_layer_is_refused(dsm, tmp_path):
    with pytest.raises(MissingInputError, match="no such file"):
        footprint_mask(dsm, tmp_path / "none.gpkg", tmp_path)


def test_stated_shift_and_unit_hold(dsm, tmp_path):
    layer = layer_of(tmp_path, box(3, 3, 21, 14))
    plain = read(footprint_mask(dsm, layer, tmp_path))
    in_cm = tmp_path / "cm.tif"
    with rasterio.open(dsm) as found, rasterio.open(in_cm, "w", **found.profile) as dataset:
        dataset.write(found.read())
        dataset.units = ("cm",)
    shifted = footprint_mask(in_cm, layer, tmp_path, None, (2.0, -1.0), Corrections(unit="cm"))
    np.testing.assert_array_equal(read(shifted), np.roll(plain, (2, 4), (0, 1)))
