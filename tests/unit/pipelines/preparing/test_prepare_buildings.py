"""``prepare buildings``: our columns from those of makers, each building once, ids that stay."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely

from tests.unit.io.test_raster import write_heights
from zonnekaart.errors import ConfigError, VectorError
from zonnekaart.io.provenance import record_path
from zonnekaart.io.vector import read_layer
from zonnekaart.pipelines.preparing.buildings import BuildingsJob, prepare_buildings

if TYPE_CHECKING:
    from pathlib import Path

X, Y = 155000.0, 240000.0


def house(column: float, size: float = 10.0) -> shapely.Polygon:
    return shapely.box(X + 20 * column, Y, X + 20 * column + size, Y + 8)


def saved(path: Path, columns: dict[str, list[object]], shapes: list[object]) -> Path:
    frame = gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:31370")
    frame.to_file(path, driver="GPKG", layer=path.stem)
    return path


def prepared(folder: Path, source: Path, **more: object) -> gpd.GeoDataFrame:
    out = folder / "o" / "buildings.gpkg"
    prepare_buildings(BuildingsJob(out=out, source=source, **more))  # type: ignore[arg-type]
    return read_layer(out).set_index("building_id")


def steps(folder: Path) -> dict[str, int]:
    record = json.loads(record_path(folder / "o" / "buildings.gpkg").read_text())
    return {f"{s['what']} {s['of']}": s["count"] for s in record["steps"]}


def grb(folder: Path) -> Path:
    bow = shapely.Polygon([(X + 40, Y), (X + 50, Y + 8), (X + 50, Y), (X + 40, Y + 8)])
    return saved(
        folder / "gbg.gpkg",
        {
            "UIDN": [1, 2, 3, 4, 5],
            "OIDN": [11, 12, 13, 14, 15],
            "LBLTYPE": ["hoofdgebouw", "bijgebouw", "hoofdgebouw", "hoofdgebouw", "bijgebouw"],
        },
        [house(0), house(1), bow, shapely.transform(house(0), lambda c: c + 0.1), house(4, 0.3)],
    )


def test_the_base_map_of_flanders(tmp_path: Path) -> None:
    frame = prepared(tmp_path, grb(tmp_path))
    assert sorted(frame.index) == ["11", "12", "13"]
    assert frame.loc["12", "use"] == "annex"
    assert frame.loc["11", "use"] == "unknown"
    assert frame["dwellings"].isna().all()
    assert steps(tmp_path) == {"repaired buildings": 1, "dropped buildings": 1}
    record = json.loads(record_path(tmp_path / "o" / "buildings.gpkg").read_text())
    assert record["sources"][0]["matrix_id"] == "SUP-06"
    assert [s["count"] for s in record["steps"] if s["what"] == "dropped"] == [1, 1]


def test_open_street_map(tmp_path: Path) -> None:
    source = saved(
        tmp_path / "osm.gpkg",
        {
            "osm_id": ["w1", "w2", "w3"],
            "building": ["apartments", "yes", "garage"],
            "building:flats": ["12", None, None],
            "start_date": ["1972-05", "C19", None],
        },
        [house(0), house(1), house(2)],
    )
    frame = prepared(tmp_path, source)
    assert frame["use"].to_dict() == {"w1": "apartments", "w2": "unknown", "w3": "annex"}
    assert frame.loc["w1", "dwellings"] == 12
    assert frame.loc["w1", "construction_year"] == 1972
    assert np.isnan(frame.loc["w2", "construction_year"])


def test_units_are_counted_and_common_parts_are_not(tmp_path: Path) -> None:
    points = [(X + 5, Y + 4), (X + 6, Y + 4), (X + 5, Y + 4), (X + 25, Y - 2), (X + 500, Y)]
    units = saved(
        tmp_path / "units.gpkg",
        {"Functie": ["nietGekend", "nietGekend", "gemeenschappelijkDeel", None, None]},
        [shapely.Point(p) for p in points],
    )
    frame = prepared(tmp_path, grb(tmp_path), units=units)
    assert frame["dwellings"].to_dict() == pytest.approx(
        {"11": 2, "12": 1, "13": np.nan}, nan_ok=True
    )
    assert steps(tmp_path)["moved units"] == 1


def test_units_of_another_place_are_refused(tmp_path: Path) -> None:
    far = saved(tmp_path / "units.gpkg", {"a": [1]}, [shapely.Point(X + 9000, Y)])
    with pytest.raises(VectorError, match="none in or near a building"):
        prepared(tmp_path, grb(tmp_path), units=far)
    assert not (tmp_path / "o" / "buildings.gpkg").exists()


def test_ids_that_occur_twice_are_told_apart(tmp_path: Path) -> None:
    source = saved(tmp_path / "a.gpkg", {"building_id": ["a", "a"]}, [house(0), house(1)])
    assert sorted(prepared(tmp_path, source).index) == ["a", "a-2"]
    assert steps(tmp_path) == {"renamed buildings": 1}


def test_without_ids_they_follow_from_the_place(tmp_path: Path) -> None:
    both = saved(tmp_path / "a.gpkg", {"x": [1, 2]}, [house(0), house(1)])
    one = saved(tmp_path / "b.gpkg", {"x": [2]}, [house(1)])
    first = set(prepared(tmp_path, both).index)
    assert set(prepared(tmp_path, one).index) < first


def test_a_wrong_column_and_no_source_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"OIDN.*correct the name"):
        prepared(tmp_path, grb(tmp_path), id_column="nr")
    with pytest.raises(ConfigError, match="not both heights"):
        prepare_buildings(BuildingsJob(out=tmp_path / "o.gpkg"))


def test_a_wrong_label_is_refused(tmp_path: Path) -> None:
    moved = [shapely.transform(house(0), lambda c: c + 500_000)]
    source = saved(tmp_path / "a.gpkg", {"building_id": ["a"]}, moved)
    with pytest.raises(VectorError, match="fit EPSG:3812"):
        prepared(tmp_path, source)


def test_an_area_that_holds_nothing_leaves_nothing(tmp_path: Path) -> None:
    area = saved(tmp_path / "area.gpkg", {"n": [1]}, [shapely.box(X + 900, Y, X + 950, Y + 9)])
    with pytest.raises(VectorError, match=r"no building left.*outside area\.gpkg"):
        prepared(tmp_path, grb(tmp_path), area=area)


def test_from_heights_alone(tmp_path: Path) -> None:
    ground = np.full((120, 120), 10.0, np.float32)
    surface = ground.copy()
    surface[30:50, 40:60] = 17.0
    lattice = rasterio.Affine(1, 0, X, 0, -1, Y)
    out = tmp_path / "o" / "buildings.gpkg"
    prepare_buildings(
        BuildingsJob(
            out=out,
            dsm=write_heights(tmp_path / "dsm.tif", surface, transform=lattice),
            dtm=write_heights(tmp_path / "dtm.tif", ground, transform=lattice),
        )
    )
    frame = read_layer(out)
    assert frame.area.tolist() == pytest.approx([400.0], abs=5.0)
    assert "derived" in json.loads(record_path(out).read_text())["warnings"][0]


@pytest.mark.shared
def test_the_model_of_delfshaven_gives_its_footprints(tmp_path: Path, shared_data: Path) -> None:
    folder = shared_data / "delfshaven-lod2"
    frame = prepared(tmp_path, folder / "3-20-DELFSHAVEN.city.json")
    ours = shapely.union_all(frame.geometry.to_numpy())
    reference = read_layer(folder / "delfshaven_footprints.gpkg").geometry.to_numpy()
    theirs = shapely.union_all(shapely.make_valid(reference))
    assert ours.intersection(theirs).area / ours.union(theirs).area > 0.999
