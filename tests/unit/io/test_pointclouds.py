"""Laser points on cells: highest first return, mean ground, and what is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import laspy
import numpy as np
import pyproj
import pytest

from zonnekaart.errors import CrsError, RasterError
from zonnekaart.io.pointclouds import rasterise_points
from zonnekaart.io.raster import HeightReader

if TYPE_CHECKING:
    from pathlib import Path

X = [1000.2, 1000.7, 1001.5, 1001.6, 1002.5, 1002.5]
Y = [2000.5] * 6
Z = [5.0, 9.0, 3.0, 1.0, 99.0, 7.0]
CLASSES = [1, 1, 2, 2, 7, 2]
RETURNS = [1, 1, 1, 2, 1, 1]


def cloud(path: Path, crs: str | None = "EPSG:31370", classes: list[int] = CLASSES) -> Path:
    header = laspy.LasHeader(point_format=3, version="1.2")
    header.scales = [0.01, 0.01, 0.01]
    if crs is not None:
        header.add_crs(pyproj.CRS(crs))
    las = laspy.LasData(header)
    las.x, las.y, las.z = np.array(X), np.array(Y), np.array(Z)
    las.classification = np.array(classes, dtype=np.uint8)
    las.return_number = np.array(RETURNS, dtype=np.uint8)
    las.number_of_returns = np.array([2] * 6, dtype=np.uint8)
    las.write(str(path))
    return path


def heights(path: Path) -> list[float]:
    with HeightReader(path) as reader:
        assert reader.geobox.bounds == (1000.0, 2000.0, 1003.0, 2001.0)
        return [float(v) for v in reader.read()[0]]


@pytest.mark.parametrize("ending", [".las", ".laz"])
def test_the_surface_is_the_highest_first_return_without_noise(tmp_path: Path, ending: str) -> None:
    facts = rasterise_points(cloud(tmp_path / f"a{ending}"), tmp_path / "o.tif", "dsm", 1.0)
    assert heights(tmp_path / "o.tif") == [9.0, 3.0, 7.0]
    assert (facts.points, facts.used, facts.noise) == (6, 4, 1)


def test_the_ground_is_the_mean_of_ground_points(tmp_path: Path) -> None:
    rasterise_points(cloud(tmp_path / "a.las"), tmp_path / "o.tif", "dtm", 1.0)
    found = heights(tmp_path / "o.tif")
    assert np.isnan(found[0])
    assert found[1:] == [2.0, 7.0]


def test_without_ground_points_there_is_no_ground(tmp_path: Path) -> None:
    source = cloud(tmp_path / "a.las", classes=[1] * 6)
    with pytest.raises(RasterError, match="none of class ground"):
        rasterise_points(source, tmp_path / "o.tif", "dtm", 1.0)
    assert not (tmp_path / "o.tif").exists()


def test_a_cloud_without_crs_needs_one(tmp_path: Path) -> None:
    source = cloud(tmp_path / "a.las", crs=None)
    with pytest.raises(CrsError, match="--crs"):
        rasterise_points(source, tmp_path / "o.tif", "dsm", 1.0)
    rasterise_points(source, tmp_path / "o.tif", "dsm", 1.0, "EPSG:31370")
    assert heights(tmp_path / "o.tif") == [9.0, 3.0, 7.0]


@pytest.mark.parametrize("ending", [".las", ".laz"])
def test_half_a_cloud_is_refused(tmp_path: Path, ending: str) -> None:
    whole = cloud(tmp_path / f"a{ending}")
    half = tmp_path / f"half{ending}"
    half.write_bytes(whole.read_bytes()[:-40])
    with pytest.raises(RasterError, match=r"whole LAS|header announces"):
        rasterise_points(half, tmp_path / "o.tif", "dsm", 1.0)
    assert not (tmp_path / "o.tif").exists()


def test_cells_that_would_not_fit_in_memory_are_refused(tmp_path: Path) -> None:
    source = cloud(tmp_path / "a.las")
    with pytest.raises(RasterError, match="million cells"):
        rasterise_points(source, tmp_path / "o.tif", "dsm", 1e-9)
