from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pytest
import shapely

from zonnekaart.config import parse_project
from zonnekaart.errors import CrsError, VectorError
from zonnekaart.geo.geobox import GeoBox
from zonnekaart.io.raster import BandInfo, cog_writer
from zonnekaart.io.vector import write_layer
from zonnekaart.pipelines.areas import read_areas

if TYPE_CHECKING:
    from pathlib import Path

    from zonnekaart.config import Project


def project(folder: Path, areas: dict[str, str] | None) -> Project:
    raw = {
        "project": {"name": "Twee Wijken", "crs": "EPSG:31370"},
        "inputs": {
            "dsm": {"path": "dsm.tif"},
            "buildings": {"path": "buildings.gpkg"},
            "weather": {"path": "year.epw"},
        },
    }
    if areas is not None:
        raw["inputs"]["areas"] = areas
    return parse_project(raw, folder / "zonnekaart.toml")


def write_areas(folder: Path, crs: str = "EPSG:31370") -> None:
    shapes = [shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10)]
    frame = gpd.GeoDataFrame({"code": [7, 8], "naam": ["Noord", "Zuid"]}, geometry=shapes, crs=crs)
    write_layer(frame, folder / "areas.gpkg", "GPKG", layer="areas")


def test_areas_get_our_columns(tmp_path: Path) -> None:
    write_areas(tmp_path)
    table = {"path": "areas.gpkg", "id_column": "code", "name_column": "naam"}
    areas = read_areas(project(tmp_path, table))
    assert areas["area_id"].tolist() == ["7", "8"]
    assert areas["name"].tolist() == ["Noord", "Zuid"]


def test_without_areas_the_heights_are_one_area(tmp_path: Path) -> None:
    box = GeoBox(40, 60, 0.5, 150000.0, 200000.0, "EPSG:31370")
    with cog_writer(tmp_path / "dsm.tif", box, [BandInfo("height", "m")]) as writer:
        writer.write(np.zeros((1, 40, 60), dtype=np.float32), 0, 0)
    areas = read_areas(project(tmp_path, None))
    assert areas["area_id"].tolist() == ["twee-wijken"]
    assert areas["name"].tolist() == ["Twee Wijken"]
    assert areas.total_bounds.tolist() == [150000.0, 199980.0, 150030.0, 200000.0]


def test_absent_column_is_named(tmp_path: Path) -> None:
    write_areas(tmp_path)
    with pytest.raises(VectorError, match="zone_id"):
        read_areas(project(tmp_path, {"path": "areas.gpkg"}))


def test_other_crs_is_refused(tmp_path: Path) -> None:
    write_areas(tmp_path, "EPSG:3812")
    with pytest.raises(CrsError, match="EPSG:3812"):
        read_areas(project(tmp_path, {"path": "areas.gpkg", "id_column": "code"}))
