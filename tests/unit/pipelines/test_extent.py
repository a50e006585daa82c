"""Where a project lies when it has no heights."""

from __future__ import annotations

import geopandas as gpd
import pytest
import shapely

from tests.cadastre_scene import CRS, SOUTH, WEST, footprints, save, write_raster
from zonnekaart.config import parse_project
from zonnekaart.errors import CrsError
from zonnekaart.pipelines.areas import read_areas
from zonnekaart.pipelines.extent import extent_files, supply_extent


def project(tmp_path, cadastre, crs=CRS, **inputs):
    save(footprints(), tmp_path / "b.gpkg")
    raw = {
        "project": {"name": "Straat", "crs": crs},
        "inputs": {
            "buildings": {"path": "b.gpkg"},
            "weather": {"path": "w.epw"},
            "cadastre": cadastre,
            **inputs,
        },
    }
    return parse_project(raw, tmp_path / "p.toml")


FIGURES = {"path": "c.gpkg", "kind": "buildings", "kwp_column": "kwp"}


def test_a_raster_is_its_own_extent(tmp_path):
    write_raster(tmp_path / "c.tif")
    found = project(tmp_path, {"path": "c.tif", "kind": "raster"})
    assert supply_extent(found).bounds == (WEST - 5.0, SOUTH - 10.0, WEST + 85.0, SOUTH + 20.0)
    assert extent_files(found) == [tmp_path / "c.tif"]
    other = project(tmp_path, {"path": "c.tif", "kind": "raster"}, crs="EPSG:3812")
    with pytest.raises(CrsError):
        supply_extent(other)


def test_without_areas_the_footprints_are_the_one_area(tmp_path):
    found = project(tmp_path, FIGURES)
    assert supply_extent(found).bounds == (WEST, SOUTH, WEST + 70.0, SOUTH + 10.0)
    assert read_areas(found)["area_id"].tolist() == ["straat"]


def test_areas_with_a_footprint_are_whole_and_others_are_left_out(tmp_path):
    shapes = [
        shapely.box(WEST - 50.0, SOUTH - 50.0, WEST + 100.0, SOUTH + 50.0),
        shapely.box(WEST + 500.0, SOUTH, WEST + 900.0, SOUTH + 50.0),
    ]
    save(
        gpd.GeoDataFrame({"zone_id": ["in", "out"]}, geometry=shapes, crs=CRS), tmp_path / "a.gpkg"
    )
    found = project(tmp_path, FIGURES, areas={"path": "a.gpkg"})
    assert supply_extent(found).bounds == shapes[0].bounds
    assert extent_files(found) == [tmp_path / "b.gpkg", tmp_path / "a.gpkg"]
