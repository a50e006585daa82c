"""Reading roofs and buildings of a cadastre: columns, units, conventions, owners."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from tests.cadastre_scene import CRS, Scene, footprints, roofs, save, square
from zonnekaart.energy.pv import SUITABILITY
from zonnekaart.errors import CrsError, MissingInputError, VectorError
from zonnekaart.pipelines.cadastre_layers import given_planes

LIGHT = {"kind": "roofs", "irradiation_column": "light"}
FACING = {
    **LIGHT,
    "tilt_column": "tilt",
    "azimuth_column": "azi",
    "azimuth_zero": "south",
}


def given(tmp_path, frame, **options):
    path = save(frame, tmp_path / "c.gpkg")
    return given_planes(path, Scene(tmp_path).options(path, **options), footprints())


def test_planes_find_their_building_by_overlap_and_come_in_its_order(tmp_path):
    found = given(tmp_path, roofs().iloc[::-1], **FACING)
    assert found.building.tolist() == [0, 0, 1, 1, 2]
    assert found.facts["unmatched"] == 0
    assert found.facts["buildings_in_cadastre"] == 3
    south = found.irradiation[:, 0] == 1150.0
    np.testing.assert_array_equal(found.azimuth_deg[south], [180.0, 180.0])
    assert np.isnan(found.azimuth_deg[4])
    assert np.isnan(found.irradiation[:, 1:]).all()


def test_area_is_that_of_the_slope_or_of_the_plan_when_the_tilt_is_unknown(tmp_path):
    tilted = given(tmp_path, roofs(), **FACING)
    np.testing.assert_allclose(tilted.roof_area_m2[0], 50.0 / np.cos(np.radians(35.0)))
    unknown = given(tmp_path, roofs(), **LIGHT)
    np.testing.assert_allclose(unknown.roof_area_m2, [50.0, 50.0, 50.0, 50.0, 100.0])
    said = roofs(opp=[60.0, 60.0, 60.0, 60.0, 100.0])
    stated = {"area_column": "opp", "area_kind": "sloped"}
    np.testing.assert_allclose(given(tmp_path, said, **FACING, **stated).roof_area_m2[0], 60.0)


@pytest.mark.parametrize(("factor", "unit"), [(1.0, "kWh/m2"), (1000.0, "Wh/m2"), (3.6, "MJ/m2")])
def test_units_per_area_are_brought_to_kwh(tmp_path, factor, unit):
    frame = roofs(light=np.array([1150.0, 700.0, 1150.0, 700.0, 1000.0]) * factor)
    found = given(tmp_path, frame, **FACING, irradiation_unit=unit)
    np.testing.assert_allclose(np.sort(found.irradiation[:2, 0]), [700.0, 1150.0])


def test_totals_are_divided_by_the_roof_and_projections_by_the_slope(tmp_path):
    area = 50.0 / np.cos(np.radians(35.0))
    whole = roofs(light=np.array([1150.0, 700.0, 1150.0, 700.0, 0.0]) * area / 1000.0)
    found = given(tmp_path, whole, **FACING, irradiation_unit="MWh")
    np.testing.assert_allclose(found.irradiation[:4, 0], [1150.0, 700.0, 1150.0, 700.0])
    per_plan = given(tmp_path, roofs(), **FACING, surface="horizontal_projection")
    np.testing.assert_allclose(per_plan.irradiation[0, 0], 1150.0 * np.cos(np.radians(35.0)))


def test_months_are_read_in_order(tmp_path):
    months = {f"m{n}": [float(n)] * 5 for n in range(1, 13)}
    found = given(tmp_path, roofs(**months), **FACING, monthly_irradiation_columns=list(months))
    np.testing.assert_array_equal(found.irradiation[0, 1:], np.arange(1.0, 13.0))


def test_planes_of_no_building_are_listed(tmp_path):
    frame = roofs()
    frame.loc[1, "geometry"] = shapely.box(0, 0, 5, 5)
    found = given(tmp_path, frame, **FACING)
    assert found.facts["unmatched"] == 1
    assert found.facts["unmatched_rows"] == [2]
    assert found.building.tolist() == [0, 1, 1, 2]


def test_a_sliver_over_the_edge_does_not_change_the_owner(tmp_path):
    frame = roofs()
    west, south, east, _ = square(0).bounds
    frame.loc[0, "geometry"] = shapely.box(west, south, east + 12.0, south + 5.0)
    assert given(tmp_path, frame, **FACING).building.tolist()[:2] == [0, 0]


def test_ids_go_before_place(tmp_path):
    frame = roofs(id=["d", "d", "d", "x", "d"])
    found = given(tmp_path, frame, **FACING, building_id_column="id")
    assert found.building.tolist() == [3, 3, 3, 3]
    assert found.facts["unmatched_rows"] == [4]


def test_classes_are_translated_and_strange_ones_refused(tmp_path):
    words = {"1": "unsuitable", "2": "ideal"}
    frame = roofs(klasse=[1.0, 2.0, np.nan, 2.0, 1.0])
    found = given(tmp_path, frame, **FACING, class_column="klasse", class_values=words)
    ideal = SUITABILITY.index("ideal")
    assert found.grade.tolist() == [0, ideal, -1, ideal, 0]
    frame = roofs(klasse=["1", "2", "7", "2", "1"])
    with pytest.raises(VectorError, match="the classes 7"):
        given(tmp_path, frame, **FACING, class_column="klasse", class_values=words)


def test_a_table_without_shapes_needs_ids(tmp_path):
    path = tmp_path / "c.csv"
    path.write_text("gebouw,mwh\na,3.5\nd,1.0\n", encoding="utf-8")
    figures = {
        "kind": "buildings",
        "yield_column": "mwh",
        "yield_unit": "MWh",
        "yield_includes_losses": True,
    }
    scene = Scene(tmp_path)
    found = given_planes(
        path, scene.options(path, **figures, building_id_column="gebouw"), footprints()
    )
    np.testing.assert_allclose(found.yield_kwh, [3500.0, 1000.0])
    assert found.building.tolist() == [0, 3]
    assert np.isnan(found.roof_area_m2).all()
    with pytest.raises(VectorError, match="without geometry"):
        given_planes(path, scene.options(path, **figures), footprints())


def test_a_building_with_two_rows_is_refused(tmp_path):
    frame = gpd.GeoDataFrame(
        {"kwp": [1.0, 2.0]}, geometry=[square(0, "south"), square(0, "north")], crs=CRS
    )
    with pytest.raises(VectorError, match="more than one row, such as a"):
        given(tmp_path, frame, kind="buildings", kwp_column="kwp")


@pytest.mark.parametrize(
    ("change", "error", "match"),
    [
        (lambda f: f.drop(columns="light"), VectorError, "no column light"),
        (lambda f: f.iloc[:0], VectorError, "no features"),
        (lambda f: f.to_crs("EPSG:3812"), CrsError, "EPSG:3812"),
        (lambda f: f.set_geometry(f.centroid), VectorError, "no polygons"),
        (
            lambda f: f.assign(geometry=f.translate(5000.0)),
            VectorError,
            "none",
        ),
    ],
)
def test_what_cannot_be_used_is_refused(tmp_path, change, error, match):
    frame = gpd.GeoDataFrame(change(roofs()), geometry="geometry")
    with pytest.raises(error, match=match):
        given(tmp_path, frame, **LIGHT)


def test_an_absent_file_is_named(tmp_path):
    path = tmp_path / "nothing.gpkg"
    with pytest.raises(MissingInputError, match=r"nothing\.gpkg"):
        given_planes(path, Scene(tmp_path).options(path, **LIGHT), footprints())
