"""Vector layers: identity, geometry, position, overlap, columns."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from zonnekaart.config import parse_project
from zonnekaart.geo.geobox import GeoBox
from zonnekaart.pipelines.checks.areas import check_areas
from zonnekaart.pipelines.checks.buildings import check_buildings
from zonnekaart.pipelines.checks.cabins import check_cabins
from zonnekaart.pipelines.checks.overlaps import overlaps
from zonnekaart.pipelines.checks.place import Place

BOX = GeoBox(rows=400, cols=400, cell_m=1.0, west=180000.0, north=198400.0, crs="EPSG:31370")
PLACE = Place("EPSG:31370", BOX)


def square(x: float, y: float, side: float = 10.0) -> shapely.Polygon:
    return shapely.box(180000.0 + x, 198000.0 + y, 180000.0 + x + side, 198000.0 + y + side)


@pytest.fixture
def project(tmp_path):
    """Write layers and return a project that names them."""

    def make(shapes, key="buildings", crs="EPSG:31370", columns=None, **options):
        table = {"ident": [f"B{i}" for i in range(len(shapes))], **(columns or {})}
        gpd.GeoDataFrame(table, geometry=shapes, crs=crs).to_file(tmp_path / f"{key}.gpkg")
        inputs = {
            "dsm": {"path": "dsm.tif"},
            "buildings": {"path": "buildings.gpkg"},
            "weather": {"path": "weather.epw"},
            key: {"path": f"{key}.gpkg", "id_column": "ident", **options},
        }
        raw = {"project": {"name": "Test", "crs": "EPSG:31370"}, "inputs": inputs}
        return parse_project(raw, tmp_path / "zonnekaart.toml")

    return make


def codes(inspection, severity="error"):
    return [f.code for f in inspection.findings if f.severity == severity]


def test_sound_footprints_have_no_findings_and_are_measured(project):
    layer = check_buildings(project([square(10, 10), square(20, 10)]), PLACE)
    assert layer.inspection.findings == []
    assert layer.inspection.facts["footprint_area_m2"] == 200.0
    assert layer.inspection.facts["covered_share"] == 1.0
    assert layer.comparable


def test_terraces_that_share_a_wall_do_not_overlap(project):
    row = [square(10.0 * i, 10) for i in range(30)]
    assert check_buildings(project(row), PLACE).inspection.findings == []


def test_same_building_under_two_ids_is_an_error(project):
    layer = check_buildings(project([square(10, 10), square(10.2, 10)]), PLACE)
    assert codes(layer.inspection) == ["buildings.copy"]
    assert "B0 and B1" in layer.inspection.findings[0].found


def test_partly_overlapping_footprints_are_a_warning(project):
    layer = check_buildings(project([square(10, 10), square(15, 10)]), PLACE)
    assert codes(layer.inspection) == []
    assert codes(layer.inspection, "warning") == ["buildings.crossing"]
    assert "50 m2" in layer.inspection.findings[0].found


def test_some_footprints_outside_are_counted_not_refused(project):
    shapes = [square(20.0 * i, 10) for i in range(19)] + [square(1000, 10)]
    layer = check_buildings(project(shapes), PLACE)
    assert codes(layer.inspection) == []
    (finding,) = layer.inspection.findings
    assert finding.severity == "warning"
    assert "1 of 20 footprints (5 %)" in finding.found
    assert "B19" in finding.found
    assert layer.inspection.facts["covered_share"] == pytest.approx(0.95)


def test_footprint_on_the_edge_is_cut(project):
    layer = check_buildings(project([square(395, 10), square(10, 10)]), PLACE)
    assert codes(layer.inspection, "warning") == ["buildings.cut"]


def test_invalid_geometry_names_the_reason(project):
    bow = shapely.Polygon([(180000, 198000), (180010, 198010), (180010, 198000), (180000, 198010)])
    layer = check_buildings(project([bow, square(30, 30)]), PLACE)
    assert codes(layer.inspection) == ["geometry.invalid"]
    assert "B0: Self-intersection" in layer.inspection.findings[0].found


def test_lines_are_not_footprints(project):
    line = shapely.LineString([(180000, 198000), (180010, 198010)])
    layer = check_buildings(project([line]), PLACE)
    assert "geometry.type" in codes(layer.inspection)


def test_column_that_is_not_there_lists_those_that_are(project):
    layer = check_buildings(project([square(10, 10)], use_column="functie"), PLACE)
    assert codes(layer.inspection) == ["layer.column"]
    assert "the columns are ident" in layer.inspection.findings[0].found


def test_ids_that_are_empty_text_are_missing(project):
    made = project([square(10, 10), square(30, 10)], columns={"ident": ["A", " "]})
    layer = check_buildings(made, PLACE)
    assert codes(layer.inspection) == ["ids.missing"]
    assert "row 2" in layer.inspection.findings[0].found


@pytest.mark.parametrize(("power", "expected"), [(4.0, []), (4000.0, ["buildings.existing_unit"])])
def test_installed_power_in_watt_is_found(project, power, expected):
    made = project(
        [square(10, 10), square(30, 10)],
        columns={"pv": [power, np.nan]},
        existing_kwp_column="pv",
    )
    assert codes(check_buildings(made, PLACE).inspection) == expected


def test_negative_dwellings_are_refused(project):
    made = project([square(10, 10)], columns={"homes": [-1]}, dwellings_column="homes")
    assert codes(check_buildings(made, PLACE).inspection) == ["buildings.number"]


def test_areas_that_only_touch_are_sound(project):
    made = project([square(0, 0, 200), square(200, 0, 200)], key="areas")
    layer = check_areas(made, PLACE)
    assert layer.inspection.findings == []
    assert layer.inspection.facts["covered_share"] == pytest.approx(1.0)


def test_narrow_overlap_of_simplified_boundaries_is_a_warning(project):
    made = project([square(0, 0, 200), square(199, 0, 200)], key="areas")
    layer = check_areas(made, PLACE)
    assert codes(layer.inspection) == []
    assert codes(layer.inspection, "warning") == ["areas.sliver"]


def test_overlap_wide_enough_for_a_house_is_an_error_with_its_area(project):
    made = project([square(0, 0, 200), square(180, 0, 200)], key="areas")
    layer = check_areas(made, PLACE)
    assert codes(layer.inspection) == ["areas.overlap"]
    assert "B0 and B1 share 4000 m2" in layer.inspection.findings[0].found


def test_areas_beyond_the_heights_are_told_with_their_share(project):
    made = project([square(0, 0, 400), square(400, 0, 400)], key="areas")
    layer = check_areas(made, PLACE)
    assert codes(layer.inspection, "info") == ["areas.partial"]
    assert layer.inspection.facts["covered_share"] == pytest.approx(0.5)


def test_areas_of_another_place_are_refused(project):
    layer = check_areas(project([square(5000, 0, 200)], key="areas"), PLACE)
    assert codes(layer.inspection) == ["areas.outside"]


def test_cabin_power_in_va_is_found(project):
    points = [shapely.Point(180010, 198010), shapely.Point(180200, 198010)]
    made = project(points, key="cabins", columns={"kva": [400.0, 400000.0]}, rated_kva_column="kva")
    (inspection,) = check_cabins(made, PLACE)
    assert codes(inspection) == ["cabins.power"]
    assert "B1: 400000" in inspection.findings[0].found


def test_unknown_cabin_power_is_not_zero(project):
    points = [shapely.Point(180010, 198010), shapely.Point(180200, 198010)]
    made = project(points, key="cabins", columns={"kva": [np.nan, 0.0]}, rated_kva_column="kva")
    (inspection,) = check_cabins(made, PLACE)
    assert "leave unknown ones empty, not 0" in inspection.findings[0].hint
    assert inspection.facts["rated_kva_known_share"] == 0.5


def test_overlaps_measure_area_share_and_width():
    pairs = overlaps(np.array([shapely.box(0, 0, 100, 100), shapely.box(98, 0, 200, 100)]), 1.0)
    assert pairs.area_m2.tolist() == [200.0]
    assert pairs.share[0] == pytest.approx(200 / 10000)
    assert pairs.width_m[0] == pytest.approx(2 * 200 / 204)


def test_overlaps_leave_out_invalid_and_empty_shapes():
    bow = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    shapes = np.array([shapely.box(0, 0, 10, 10), bow, shapely.Polygon(), shapely.box(1, 1, 9, 9)])
    pairs = overlaps(shapes, 1.0)
    assert list(zip(pairs.first.tolist(), pairs.second.tolist(), strict=True)) == [(0, 3)]


def test_headroom_of_cabins_below_zero_is_refused(project):
    points = [shapely.Point(180010, 198010), shapely.Point(180200, 198010)]
    made = project(points, "cabins", columns={"kw": [-5.0, 80.0]}, headroom_kw_column="kw")
    (inspection,) = check_cabins(made, PLACE)
    assert codes(inspection) == ["cabins.headroom"]
    assert "B0: -5" in inspection.findings[0].found


def test_cabins_twice_under_one_id_are_refused(project):
    points = [shapely.Point(180010, 198010), shapely.Point(180200, 198010)]
    made = project(points, "cabins", columns={"ident": ["c", "c"]})
    (inspection,) = check_cabins(made, PLACE)
    assert codes(inspection) == ["ids.duplicate"]


def test_cabins_of_another_place_are_refused_and_far_ones_told(project):
    far = [shapely.Point(190000, 198010), shapely.Point(190200, 198010)]
    (inspection,) = check_cabins(project(far, "cabins"), PLACE)
    assert codes(inspection) == ["cabins.outside"]
    (inspection,) = check_cabins(project([shapely.Point(180010, 198010), far[0]], "cabins"), PLACE)
    assert codes(inspection) == []
    assert codes(inspection, "info") == ["cabins.far"]


def test_cabins_are_placed_by_the_footprints_without_heights(project):
    made = project([shapely.Point(190000, 198010)], "cabins")
    around = Place("EPSG:31370", None, (180000.0, 198000.0, 180400.0, 198400.0))
    (inspection,) = check_cabins(made, around)
    assert codes(inspection) == ["cabins.outside"]


def test_areas_of_cabins_that_overlap_are_refused(project):
    made = project([square(0, 0, 200), square(180, 0, 200)], key="cabin_areas")
    (inspection,) = check_cabins(made, PLACE)
    assert codes(inspection) == ["areas.overlap"]
