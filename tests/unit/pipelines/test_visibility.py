"""Stage visibility on a made-up street: who sees which side of a house."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from zonnekaart.config import parse_project
from zonnekaart.errors import CrsError, VectorError
from zonnekaart.geo.geobox import GeoBox
from zonnekaart.io.raster import BandInfo, cog_writer
from zonnekaart.io.vector import read_parquet, write_geoparquet, write_layer
from zonnekaart.pipelines import rooftops, visibility
from zonnekaart.pipelines.runs import SilentProgress, StageContext

CRS = "EPSG:31370"
GROUND_M = 12.0
HOUSES = {"open": 20.0, "walled": 70.0, "gone": 120.0}
"""West end of each house; all reach from 40 to 50 m north of the south edge."""


def square(west, south, east, north):
    return shapely.box(150000 + west, 200000 + south, 150000 + east, 200000 + north)


@pytest.fixture(scope="module", params=[1.0, 0.5])
def folder(request, tmp_path_factory):
    """A street from west to east, three gabled houses north of it, a wall before the second."""
    folder = tmp_path_factory.mktemp("street")
    cell = request.param
    box = GeoBox(int(100 / cell), int(150 / cell), cell, 150000.0, 200100.0, CRS)
    north = 100.0 - (np.arange(box.rows) + 0.5) * cell
    east = (np.arange(box.cols) + 0.5) * cell
    dsm = np.full((box.rows, box.cols), GROUND_M, dtype=np.float32)
    roof = GROUND_M + 5.0 + (5.0 - np.abs(north - 45.0)) * math.tan(math.radians(35.0))
    on_roof = np.abs(north - 45.0) < 5.0
    for name in ("open", "walled"):
        within = (east > HOUSES[name]) & (east < HOUSES[name] + 10.0)
        dsm[np.ix_(on_roof, within)] = roof[on_roof][:, None]
    dsm[np.ix_((north > 30.0) & (north < 32.0), east > 50.0)] += 20.0
    for name, values in (("dsm", dsm), ("dtm", np.full_like(dsm, GROUND_M))):
        with cog_writer(folder / f"{name}.tif", box, [BandInfo("height", "m")]) as writer:
            writer.write(values[None], 0, 0)

    def layer(name, shapes, crs=CRS, ids=None):
        frame = gpd.GeoDataFrame({"id": ids or ["straat"] * len(shapes)}, geometry=shapes, crs=crs)
        write_layer(frame, folder / f"{name}.gpkg", "GPKG", layer="features")

    homes = [square(west, 40, west + 10, 50) for west in HOUSES.values()]
    layer("buildings", homes, ids=list(HOUSES))
    # Drawn through the first house as well: nobody stands in it.
    street = [square(0, 10, 150, 16), square(22, 42, 28, 48)]
    layer("roads", street)
    layer("lines", [shapely.LineString([(150000, 200013), (150150, 200013)])])
    layer("elsewhere", street[:1], crs="EPSG:3812")
    knot = shapely.Polygon([(150000, 200000), (150010, 200010), (150010, 200000), (150000, 200010)])
    layer("knot", [knot])
    build = folder / "build"
    build.mkdir()
    sides = (("s", 40, 45, 180.0), ("n", 45, 50, 0.0))
    halves = [(name, *side) for name in HOUSES for side in sides]
    planes = gpd.GeoDataFrame(
        {
            "building_id": [name for name, *_ in halves],
            "plane_id": [f"{name}-{side}" for name, side, *_ in halves],
            "tilt_deg": 35.0,
            "azimuth_deg": [azimuth for *_, azimuth in halves],
        },
        geometry=[square(HOUSES[n], low, HOUSES[n] + 10, high) for n, _, low, high, _ in halves],
        crs=CRS,
    )
    write_geoparquet(planes, build / "roof_planes.parquet")
    buildings = {"building_id": list(HOUSES), "survey_mismatch": [False, False, True]}
    frame = gpd.GeoDataFrame(buildings, geometry=homes, crs=CRS)
    write_geoparquet(frame, build / "buildings.parquet")
    return folder


def project(folder, roads="roads.gpkg", **options):
    inputs = {
        "dsm": {"path": "dsm.tif"},
        "dtm": {"path": "dtm.tif"},
        "buildings": {"path": "buildings.gpkg", "id_column": "id"},
        "weather": {"path": "none.epw"},
    }
    if roads is not None:
        inputs["roads"] = {"path": roads}
    raw = {"project": {"name": "Straat", "crs": CRS}, "inputs": inputs, "visibility": options}
    return parse_project(raw, folder / "project.toml")


def seen(folder, **options):
    context = StageContext(project=project(folder, **options), build=folder / "build", workers=2)
    facts = visibility.STAGE.work(context)
    table = read_parquet(folder / "build" / visibility.VISIBILITY)
    return table.set_index("plane_id"), facts


def test_the_street_sees_the_front_and_not_the_rear(folder):
    table, facts = seen(folder)
    assert table["visible_share"]["open-s"] == 1.0
    assert table["visible_share"]["open-n"] == 0.0
    assert table["street_views"]["open-s"] > 5.0
    assert table["nearest_view_m"]["open-s"] == pytest.approx(24.5, abs=0.8)
    assert np.isnan(table["nearest_view_m"]["open-n"])
    assert set(table["seen_from"]) == {"roads"}
    assert facts["planes"] == 6
    assert facts["unknown"] == 2


def test_a_wall_before_a_house_hides_it_from_near_and_shows_it_from_aside(folder):
    near, _ = seen(folder, max_distance_m=40.0)
    assert near["visible_share"]["walled-s"] == 0.0
    far, _ = seen(folder, max_distance_m=100.0)
    assert far["visible_share"]["walled-s"] > 0.0


def test_a_building_that_the_heights_do_not_show_is_unknown(folder):
    table, _ = seen(folder)
    assert table.loc[["gone-s", "gone-n"], list(visibility.FIGURES)].isna().all(axis=None)


def test_lines_do_for_streets(folder):
    table, _ = seen(folder, roads="lines.gpkg")
    assert table["visible_share"][["open-s", "open-n"]].tolist() == [1.0, 0.0]


def test_open_ground_is_an_upper_bound(folder):
    street, _ = seen(folder)
    table, facts = seen(folder, roads=None, source="open_ground")
    known = street["visible_share"].notna()
    assert (table["visible_share"][known] >= street["visible_share"][known]).all()
    assert table["visible_share"]["open-n"] == 1.0
    assert set(table["seen_from"]) == {"open_ground"}
    assert facts["street_points"] is None


def test_without_streets_nothing_is_known_and_nothing_is_zero(folder):
    table, facts = seen(folder, roads=None)
    assert facts["skipped"] == visibility.NO_ROADS
    assert table[list(visibility.FIGURES)].isna().all(axis=None)
    assert set(table["seen_from"]) == {"unknown"}


def test_without_heights_the_stage_says_so(folder):
    raw = {
        "project": {"name": "Straat", "crs": CRS},
        "inputs": {
            "cadastre": {"kind": "roofs", "path": "cadastre.gpkg", "kwp_column": "kwp"},
            "buildings": {"path": "buildings.gpkg", "id_column": "id"},
            "weather": {"path": "none.epw"},
            "roads": {"path": "roads.gpkg"},
        },
    }
    context = StageContext(parse_project(raw, folder / "project.toml"), folder / "build")
    assert visibility.STAGE.work(context) == {"skipped": visibility.NO_HEIGHTS, "planes": 6}
    table = read_parquet(folder / "build" / visibility.VISIBILITY)
    assert table[list(visibility.FIGURES)].isna().all(axis=None)


def test_blocks_do_not_show_in_the_result(folder, monkeypatch):
    whole, _ = seen(folder)
    monkeypatch.setattr(rooftops, "BLOCK_CELLS", 37)
    parts, facts = seen(folder)
    assert facts["blocks"] > 1
    pd.testing.assert_frame_equal(parts, whole)


def test_terrain_is_found_when_none_is_given(folder):
    given = project(folder)
    without = given.model_copy(update={"inputs": given.inputs.model_copy(update={"dtm": None})})
    context = StageContext(without, folder / "build", 1, SilentProgress())
    visibility.STAGE.work(context)
    table = read_parquet(folder / "build" / visibility.VISIBILITY).set_index("plane_id")
    assert table["visible_share"][["open-s", "open-n"]].tolist() == [1.0, 0.0]


def test_streets_that_do_not_fit_are_refused(folder):
    with pytest.raises(CrsError):
        seen(folder, roads="elsewhere.gpkg")
    with pytest.raises(VectorError, match="1 invalid"):
        seen(folder, roads="knot.gpkg")


def test_the_key_of_the_result_names_heights_and_shift(folder):
    parameters = visibility.STAGE.parameters(project(folder))
    assert {"heights", "footprints_shift_m", "visibility", "roads"} <= set(parameters)
    inputs = visibility.STAGE.inputs(project(folder), folder / "build")
    assert {path.name for path in inputs} == {
        "roof_planes.parquet", "buildings.parquet", "dsm.tif", "dtm.tif", "roads.gpkg",
        "buildings.gpkg",
    }  # fmt: skip
