"""Height rasters: unit, nodata, lattice, roofs; and the pass over all cells."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely

from zonnekaart.config import parse_project
from zonnekaart.pipelines.checks.buildings import check_buildings
from zonnekaart.pipelines.checks.findings import Inspection
from zonnekaart.pipelines.checks.heights import check_heights, open_lattice
from zonnekaart.pipelines.checks.place import Place, fits, likely_crs
from zonnekaart.pipelines.checks.relief import unit_of
from zonnekaart.pipelines.checks.scan import scan_heights

WEST, NORTH, SIZE = 180000.0, 198200.0, 200


def write(path, values, *, west=WEST, cell_m=1.0, nodata=-9999.0, crs="EPSG:31370"):
    profile = {
        "driver": "GTiff",
        "height": values.shape[0],
        "width": values.shape[1],
        "count": 1,
        "dtype": "float32",
        "crs": crs,
        "nodata": nodata,
        "transform": rasterio.Affine(cell_m, 0, west, 0, -cell_m, NORTH),
    }
    with rasterio.open(path, "w", **profile) as target:
        target.write(values.astype(np.float32), 1)


@pytest.fixture
def village(tmp_path):
    """A hill with 16 houses of 7 m; returns a function that checks it after a change."""
    ground = np.broadcast_to(np.linspace(20.0, 24.0, SIZE), (SIZE, SIZE)).copy()
    surface = ground.copy()
    shapes = []
    for row in range(20, 180, 40):
        for col in range(20, 180, 40):
            surface[row : row + 10, col : col + 10] += 7.0
            shapes.append(shapely.box(WEST + col, NORTH - row - 10, WEST + col + 10, NORTH - row))
    gpd.GeoDataFrame(
        {"building_id": [str(i) for i in range(len(shapes))]}, geometry=shapes, crs="EPSG:31370"
    ).to_file(tmp_path / "buildings.gpkg")

    def check(dsm=None, dtm=None, **options):
        write(tmp_path / "dsm.tif", surface if dsm is None else dsm(surface), **options)
        write(tmp_path / "dtm.tif", ground if dtm is None else dtm(ground))
        inputs = {
            "dsm": {"path": "dsm.tif"},
            "dtm": {"path": "dtm.tif"},
            "buildings": {"path": "buildings.gpkg"},
            "weather": {"path": "none.epw"},
        }
        project = parse_project(
            {"project": {"name": "Hill", "crs": "EPSG:31370"}, "inputs": inputs},
            tmp_path / "zonnekaart.toml",
        )
        box = open_lattice(tmp_path / "dsm.tif", Inspection("inputs.dsm", "dsm.tif"))
        place = Place("EPSG:31370", box)
        return check_heights(project, place, check_buildings(project, place))

    return check


def codes(inspection):
    return [f.code for f in inspection.findings]


def with_hole(values):
    values = values.copy()
    values[18:32, 18:32] = -9999.0
    return values


def test_sound_heights_have_no_findings(village):
    dsm, dtm = village()
    assert dsm.findings == []
    assert dtm.findings == []
    assert dsm.facts["median_building_height_m"] == pytest.approx(7.0, abs=0.5)
    assert dsm.facts["nodata_share"] == 0.0
    assert dtm.facts["surface_below_terrain_share"] == 0.0


def test_centimetres_and_millimetres_are_told_apart(village):
    assert "centimetres" in village(dsm=lambda v: v * 100.0)[0].findings[0].found
    assert "millimetres" in village(dsm=lambda v: v * 1000.0)[0].findings[0].found


def test_surface_and_terrain_both_in_centimetres_name_both(village):
    dsm, dtm = village(dsm=lambda v: v * 100.0, dtm=lambda v: v * 100.0)
    assert codes(dsm) == ["heights.unit"]
    assert codes(dtm) == ["heights.unit"]


def test_mountains_are_not_a_wrong_unit(village):
    slope = np.linspace(0.0, 100.0, SIZE)[:, None]
    dsm, dtm = village(dsm=lambda v: v + slope, dtm=lambda v: v + slope)
    assert "heights.unit" not in codes(dsm) + codes(dtm)


def test_terrain_given_as_surface_has_no_roofs(village):
    dsm, _ = village(dsm=lambda v: np.broadcast_to(v[0], v.shape))
    assert codes(dsm) == ["heights.no_roofs"]


def test_undeclared_nodata_is_named_with_the_command_that_declares_it(village):
    dsm, _ = village(dsm=with_hole, nodata=None)
    assert codes(dsm)[0] == "heights.undeclared_nodata"
    assert "-a_nodata -9999" in dsm.findings[0].hint


def test_building_without_height_is_counted_as_unknown(village):
    dsm, _ = village(dsm=with_hole)
    assert codes(dsm) == ["heights.no_height", "heights.holes"]
    assert {f.severity for f in dsm.findings} == {"warning"}
    assert dsm.facts["buildings_without_height"] == 1
    assert dsm.facts["nodata_share"] == pytest.approx(14 * 14 / SIZE**2)


def test_lattices_that_differ_by_half_a_cell_are_refused(village):
    _, dtm = village(west=WEST + 0.5)
    assert "heights.misaligned" in codes(dtm)


def test_surface_below_terrain_is_refused(village):
    _, dtm = village(dtm=lambda v: v + 10.0)
    assert "heights.below_terrain" in codes(dtm)


def test_scan_reads_values_at_points_across_windows(tmp_path):
    values = np.arange(1500.0 * 1100.0).reshape(1500, 1100) % 4000.0
    write(tmp_path / "wide.tif", values)
    rows, cols = np.array([0, 1023, 1024, 1499]), np.array([0, 1024, 1023, 1099])
    points = np.column_stack([WEST + cols + 0.5, NORTH - rows - 0.5])
    outside = np.array([[WEST - 1.0, NORTH], [np.nan, np.nan]])
    scan = scan_heights(tmp_path / "wide.tif", np.concatenate([points, outside]))
    np.testing.assert_array_equal(scan.at_points[:4], values[rows, cols])
    assert np.isnan(scan.at_points[4:]).all()
    assert scan.cells == 1500 * 1100


def test_scan_sample_is_regular_over_windows(tmp_path):
    values = np.broadcast_to(np.arange(3000.0) % 7 + 1.0, (2000, 3000))
    write(tmp_path / "wide.tif", values)
    scan = scan_heights(tmp_path / "wide.tif", np.empty((0, 2)))
    step = int(np.sqrt(6_000_000 / 250_000))
    np.testing.assert_allclose(
        np.sort(scan.sample), np.sort(values[::step, ::step].ravel()), rtol=0, atol=0
    )


def test_coordinates_tell_which_system_they_are_in():
    essen = (155000.0, 238000.0, 158500.0, 240800.0)
    assert fits(essen, "EPSG:31370")
    assert not fits(essen, "EPSG:3812")
    assert likely_crs(essen) == ["EPSG:31370"]
    assert likely_crs((4.4, 51.4, 4.5, 51.5)) == ["EPSG:4326"]


def test_surface_above_the_terrain_everywhere_is_another_datum(village):
    _, dtm = village(dsm=lambda v: v + 2.3)
    assert codes(dtm) == ["heights.datum"]
    assert dtm.findings[0].severity == "warning"
    assert dtm.facts["open_ground_m"] == pytest.approx(2.3, abs=0.01)


def test_terrain_with_the_buildings_in_it_is_refused(village):
    def built(values):
        values = values.copy()
        for row in range(20, 180, 40):
            for col in range(20, 180, 40):
                values[row : row + 10, col : col + 10] += 7.0
        return values

    _, dtm = village(dtm=built)
    assert codes(dtm) == ["heights.built_terrain"]


def test_holes_in_roofs_are_counted(village):
    def holed(values):
        values = values.copy()
        values[22:28, 22:25] = -9999.0
        return values

    dsm, _ = village(dsm=holed)
    assert "heights.roof_holes" in codes(dsm)
    assert "6.25 %" in next(f for f in dsm.findings if f.code == "heights.roof_holes").found


@pytest.mark.parametrize("code", [0.0, -99.0, 32767.0])
def test_usual_codes_count_when_they_stand_apart(village, code):
    def coded(values):
        values = values.copy()
        values[150:170, 60:80] = code
        return values

    dsm, _ = village(dsm=coded, nodata=None)
    assert codes(dsm)[0] == "heights.undeclared_nodata"
    assert f"of {code:g}, " in dsm.findings[0].found


def test_zero_is_a_height_where_the_land_is_low(village):
    def polder(values):
        values = values - 22.0
        values[150:170, 60:80] = 0.0
        return values

    dsm, _ = village(dsm=polder, dtm=lambda v: v - 22.0, nodata=None)
    assert "heights.undeclared_nodata" not in codes(dsm)


@pytest.mark.parametrize(
    ("height", "side", "unit"),
    [
        (5.0, 9.0, "m"),
        (120.0, 9.0, "cm"),
        (60.0, 9.0, "dm"),
        (60.0, 35.0, "m"),
        (5000.0, 9.0, "mm"),
    ],
)
def test_unit_follows_from_height_and_width(height, side, unit):
    assert unit_of(height, side) == unit
