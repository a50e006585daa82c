"""Capacity on medium voltage: the smallest or nearest, in one unit, and never a sum."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from zonnekaart.config import parse_project
from zonnekaart.errors import ConfigError, InputError, TableError, VectorError
from zonnekaart.pipelines.checks.mv_capacity import check_mv_capacity
from zonnekaart.pipelines.checks.place import Place
from zonnekaart.pipelines.mv_capacity import mv_headroom

CRS = "EPSG:31370"
ZONES = np.array([shapely.box(0, 0, 100, 100), shapely.box(100, 0, 200, 100)])
BOX = (0.0, 0.0, 200.0, 100.0)


@pytest.fixture
def project(tmp_path):
    def make(*tables):
        given = {"path": "absent.file"}
        inputs = {"dsm": given, "buildings": given, "weather": given, "mv_capacity": list(tables)}
        raw = {"project": {"name": "Hand", "crs": CRS}, "inputs": inputs}
        return parse_project(raw, tmp_path / "zonnekaart.toml")

    return make


@pytest.fixture
def layer(tmp_path):
    def write(name, shapes, kw, **columns):
        frame = gpd.GeoDataFrame({"capacity_kw": kw, **columns}, geometry=shapes, crs=CRS)
        frame.to_file(tmp_path / name)
        return {"path": name, "unit": "kW"}

    return write


def test_a_zone_in_several_polygons_takes_the_smallest_and_never_the_sum(project, layer):
    whole, left = shapely.box(-10, -10, 210, 110), shapely.box(-10, -10, 90, 110)
    table = layer("mv.gpkg", [whole, left], [5000.0, 300.0])
    assert mv_headroom(project(table), ZONES) == pytest.approx([300.0, 5000.0])


def test_over_layers_the_smallest_counts(project, layer):
    whole = [shapely.box(-10, -10, 210, 110)]
    first, second = layer("a.gpkg", whole, [5000.0]), layer("b.gpkg", whole, [0.0])
    assert mv_headroom(project(first, second), ZONES).tolist() == [0.0, 0.0]


def test_a_polygon_that_only_touches_says_nothing(project, layer):
    table = layer("mv.gpkg", [shapely.box(-50, 0, 0.5, 100)], [10.0])
    assert np.isnan(mv_headroom(project(table), ZONES)).all()


def test_no_layer_and_an_empty_cell_are_unknown(project, layer):
    assert np.isnan(mv_headroom(project(), ZONES)).all()
    table = layer("mv.gpkg", [shapely.box(0, 0, 300, 300)], [np.nan])
    assert np.isnan(mv_headroom(project(table), ZONES)).all()


def test_of_substations_the_nearest_counts_unless_it_is_far(project, layer):
    near, middle, far = (shapely.Point(x, 50) for x in (40, 170, 40_000))
    table = layer("mv.gpkg", [near, middle, far], [700.0, 900.0, 5.0])
    assert mv_headroom(project(table), ZONES) == pytest.approx([700.0, 900.0])
    beyond = layer("far.gpkg", [far], [5000.0])
    assert np.isnan(mv_headroom(project(beyond), ZONES)).all()


def test_a_csv_by_place_in_megawatt(project, tmp_path):
    (tmp_path / "mv.csv").write_text("x,y,capacity_kw,unit\n50,50,0.7,MW\n150,50,2,MVA\n")
    table = {"path": "mv.csv", "unit_column": "unit", "x_column": "x", "y_column": "y"}
    assert mv_headroom(project(table), ZONES) == pytest.approx([700.0, 2000.0])


def test_a_csv_by_area(project, layer, tmp_path):
    layer("areas.gpkg", list(ZONES), [np.nan, np.nan], area=["a", "b"])
    (tmp_path / "mv.csv").write_text("area,capacity_kw\nb,250\nelsewhere,400\n")
    areas = {"path": "areas.gpkg", "id_column": "area"}
    table = {"path": "mv.csv", "unit": "kW", "id_column": "area", "areas": areas}
    found = mv_headroom(project(table), ZONES)
    assert np.isnan(found[0])
    assert found[1] == 250.0


def test_mixed_units_are_refused(project, tmp_path):
    (tmp_path / "mv.csv").write_text("x,y,capacity_kw,unit\n50,50,700,kVA\n150,50,2,MVA\n")
    table = {"path": "mv.csv", "unit_column": "unit", "x_column": "x", "y_column": "y"}
    with pytest.raises(TableError, match="MVA, kVA"):
        mv_headroom(project(table), ZONES)


@pytest.mark.parametrize(
    ("values", "unit", "says"),
    [
        ([25_000.0, 60_000.0, 0.0], "MW", "60000 MW"),
        ([0.5, 12.0, 40.0], "kW", "look like MW"),
        ([-20.0, 500.0, 0.0], "kW", "negative"),
    ],
)
def test_impossible_capacities_are_refused(project, layer, values, unit, says):
    table = layer("mv.gpkg", [shapely.box(0, 0, 9, 9)] * 3, values) | {"unit": unit}
    with pytest.raises(InputError, match=says):
        mv_headroom(project(table), ZONES)


def test_a_wrong_column_is_named(project, layer):
    table = layer("mv.gpkg", list(ZONES), [1000.0, 2000.0]) | {"capacity_column": "mw"}
    with pytest.raises(VectorError, match="no column mw"):
        mv_headroom(project(table), ZONES)


@pytest.mark.parametrize(
    "wrong",
    [
        {"path": "mv.gpkg"},
        {"path": "mv.gpkg", "unit": "kW", "unit_column": "u"},
        {"path": "mv.csv", "unit": "kW"},
        {"path": "mv.csv", "unit": "kW", "x_column": "x"},
        {"path": "mv.csv", "unit": "kW", "id_column": "area"},
        {"path": "mv.csv", "unit": "GW", "x_column": "x", "y_column": "y"},
    ],
)
def test_tables_that_do_not_make_a_whole_are_refused(project, wrong):
    with pytest.raises(ConfigError, match="mv_capacity"):
        project(wrong)


def test_check_tells_of_another_place_and_of_a_wrong_unit(project, layer):
    far = layer("far.gpkg", [shapely.box(90_000, 0, 90_100, 100)], [500.0])
    wrong = layer("wrong.gpkg", [shapely.box(0, 0, 9, 9)], [5000.0]) | {"unit": "MW"}
    found = check_mv_capacity(project(far, wrong), Place(CRS, None, BOX))
    assert [f.code for i in found for f in i.findings] == ["mv_capacity.outside", "table.unusable"]
    assert [i.input for i in found] == ["inputs.mv_capacity", "inputs.mv_capacity.2"]
