"""``prepare context``: rows that count, shapes that fit, names that stay."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import pytest
import shapely

from zonnekaart.errors import ConfigError, CrsError, VectorError
from zonnekaart.io.vector import read_layer
from zonnekaart.pipelines.preparing.context import ContextJob, prepare_context

if TYPE_CHECKING:
    from pathlib import Path

X, Y = 155000.0, 240000.0


def saved(path: Path, columns: dict[str, list[object]], shapes: list[object], crs: str) -> Path:
    gpd.GeoDataFrame(columns, geometry=shapes, crs=crs).to_file(path, driver="GPKG")
    return path


def osm(folder: Path, crs: str = "EPSG:31370") -> Path:
    line = shapely.LineString([(X, Y), (X + 90, Y)])
    frame = gpd.GeoDataFrame(
        {"osm_id": ["1", "2", "3"], "highway": ["residential", "proposed", "residential"],
         "name": ["Kerkstraat", None, None]},
        geometry=[line, line, shapely.Point(X, Y)], crs="EPSG:31370",
    )  # fmt: skip
    frame.to_crs(crs).to_file(folder / "roads.gpkg", driver="GPKG")
    return folder / "roads.gpkg"


def test_roads_of_open_street_map(tmp_path: Path) -> None:
    out = tmp_path / "o" / "roads.gpkg"
    record = prepare_context(ContextJob(osm(tmp_path), out, "roads"))
    frame = read_layer(out)
    assert frame["id"].tolist() == ["1"]
    assert frame["name"].tolist() == ["Kerkstraat"]
    assert record.sources[0]["licence"] == "ODbL 1.0"
    assert [(s.what, s.count) for s in record.steps] == [("dropped", 1), ("dropped", 1)]


def test_degrees_are_brought_to_the_project(tmp_path: Path) -> None:
    source = osm(tmp_path, "EPSG:4326")
    out = tmp_path / "o" / "roads.gpkg"
    with pytest.raises(CrsError, match="metres"):
        prepare_context(ContextJob(source, out, "roads"))
    record = prepare_context(ContextJob(source, out, "roads", crs="EPSG:31370"))
    frame = read_layer(out)
    assert frame.total_bounds == pytest.approx([X, Y, X + 90, Y], abs=0.01)
    assert record.facts["crs_operation"]["source"] == "EPSG:4326"


def test_another_system_in_metres_is_refused(tmp_path: Path) -> None:
    job = ContextJob(osm(tmp_path), tmp_path / "o.gpkg", "roads", crs="EPSG:3812")
    with pytest.raises(CrsError, match="EPSG:3812"):
        prepare_context(job)


def test_cabins_become_points(tmp_path: Path) -> None:
    box = shapely.box(X, Y, X + 4, Y + 4)
    source = saved(
        tmp_path / "power.gpkg", {"osm_id": ["7", "8"], "power": ["substation", "line"]},
        [box, box], "EPSG:31370",
    )  # fmt: skip
    out = tmp_path / "o" / "cabins.gpkg"
    prepare_context(ContextJob(source, out, "cabins"))
    frame = read_layer(out)
    assert frame["id"].tolist() == ["7"]
    assert frame.geometry[0].equals(shapely.Point(X + 2, Y + 2))


def test_a_layer_of_ones_own(tmp_path: Path) -> None:
    bow = shapely.Polygon([(X, Y), (X + 9, Y + 9), (X + 9, Y), (X, Y + 9)])
    source = saved(
        tmp_path / "p.gpkg", {"code": ["a", "a"], "n": ["P", "Q"]}, [bow, bow], "EPSG:31370"
    )
    out = tmp_path / "o" / "parks.gpkg"
    job = ContextJob(source, out, "parks", id_column="code", name_column="n")
    prepare_context(job)
    frame = read_layer(out)
    assert frame["id"].tolist() == ["a", "a-2"]
    assert frame["name"].tolist() == ["P", "Q"]
    assert frame.is_valid.all()
    with pytest.raises(ConfigError, match="one of: code, n"):
        prepare_context(ContextJob(source, out, "parks", id_column="nr"))


def test_nothing_left_is_said_with_its_reason(tmp_path: Path) -> None:
    area = saved(
        tmp_path / "a.gpkg", {"n": [1]}, [shapely.box(X + 900, Y, X + 999, Y + 9)], "EPSG:31370"
    )
    out = tmp_path / "o" / "roads.gpkg"
    with pytest.raises(VectorError, match=r"outside a\.gpkg"):
        prepare_context(ContextJob(osm(tmp_path), out, "roads", area=area))
    assert not out.exists()
