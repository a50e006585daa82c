"""The check of a cadastre: place, units, zero of the azimuth, coverage, losses, licence."""

from __future__ import annotations

import json

import geopandas as gpd
import numpy as np
import pytest
import shapely

from tests.cadastre_scene import CRS, SOUTH, WEST, footprints, roofs, save, write_raster
from zonnekaart.config import parse_project
from zonnekaart.geo.geobox import GeoBox
from zonnekaart.io.report import texts
from zonnekaart.pipelines.checks.buildings import check_buildings
from zonnekaart.pipelines.checks.cadastre import check_cadastre
from zonnekaart.pipelines.checks.cadastre_figures import brightest_side
from zonnekaart.pipelines.checks.place import Place

LIGHT = {"kind": "roofs", "irradiation_column": "light"}
OPEN = {"title": "x", "licence": "CC0-1.0", "date": "2020"}
PLACE = Place(CRS, None, (WEST, SOUTH, WEST + 70.0, SOUTH + 10.0))


def street(turn=0.0, scale=1.0, tilt=35.0, **columns):
    """Forty planes on the four footprints, brightest to the south."""
    rng = np.random.default_rng(9)
    azimuth = rng.uniform(0.0, 360.0, 40)
    light = 950.0 - 200.0 * np.cos(np.radians(azimuth)) + rng.normal(0.0, 20.0, 40)
    west = WEST + 20.0 * (np.arange(40) % 4) + np.arange(40) // 4
    shapes = shapely.box(west, SOUTH, west + 1.0, SOUTH + 10.0)
    return gpd.GeoDataFrame(
        {
            "light": light * scale,
            "tilt": np.full(40, tilt),
            "azi": (azimuth + turn) % 360.0,
            **columns,
        },
        geometry=shapes,
        crs=CRS,
    )


FACING = {**LIGHT, "tilt_column": "tilt", "azimuth_column": "azi", "azimuth_zero": "north"}


@pytest.fixture
def checked(tmp_path):
    """Return a function that checks a cadastre and gives its inspection."""

    def check(given, place=PLACE, **options):
        save(footprints(), tmp_path / "b.gpkg")
        path = given if options["kind"] == "raster" else save(given, tmp_path / "c.gpkg")
        table = {"path": str(path), "source": OPEN, **options}
        raw = {
            "project": {"name": "x", "crs": CRS},
            "inputs": {
                "buildings": {"path": str(tmp_path / "b.gpkg")},
                "weather": {"path": "w.epw"},
                "cadastre": {k: v for k, v in table.items() if v is not None},
            },
        }
        project = parse_project(raw, tmp_path / "p.toml")
        return check_cadastre(project, place, check_buildings(project, place))[0]

    return check


def codes(inspection):
    known = texts("check.yaml")["codes"]
    assert all(f.code in known for f in inspection.findings)
    json.dumps([f.as_dict() for f in inspection.findings])
    return [(f.severity, f.code) for f in inspection.findings]


def test_a_sound_cadastre_has_nothing_to_say(checked):
    inspection = checked(street(), **FACING)
    assert codes(inspection) == []
    assert inspection.facts["footprints_covered"] == 1.0
    assert abs(inspection.facts["brightest_azimuth_deg"] - 180.0) < 10.0


@pytest.mark.parametrize(
    ("turn", "hint"), [(180.0, "the other one"), (90.0, "does not count clockwise")]
)
def test_a_wrong_zero_of_the_azimuth_is_seen(checked, turn, hint):
    inspection = checked(street(turn), **FACING)
    assert codes(inspection) == [("warning", "cadastre.azimuth")]
    assert hint in inspection.findings[0].hint


def test_the_stated_zero_mends_it(checked):
    assert codes(checked(street(180.0), **{**FACING, "azimuth_zero": "south"})) == []


def test_the_fit_finds_the_brightest_side_and_asks_for_enough_planes():
    azimuth = np.arange(0.0, 360.0, 5.0)
    light = 900.0 + 150.0 * np.cos(np.radians(azimuth - 200.0))
    side, swing = brightest_side(np.full(72, 30.0), azimuth, light)
    assert side == pytest.approx(200.0)
    assert swing == pytest.approx(150.0 / 900.0)
    assert np.isnan(brightest_side(np.full(5, 30.0), azimuth[:5], light[:5])).all()


@pytest.mark.parametrize(("scale", "unit"), [(1000.0, "Wh/m2"), (3.6, "MJ/m2")])
def test_a_wrong_unit_is_named(checked, scale, unit):
    inspection = checked(street(scale=scale), **FACING)
    assert codes(inspection) == [("warning", "cadastre.unit")]
    assert unit in inspection.findings[0].found
    assert codes(checked(street(scale=scale), **FACING, irradiation_unit=unit)) == []


def test_tilts_that_are_no_degrees(checked):
    assert ("error", "cadastre.tilt") in codes(checked(street(tilt=120.0), **FACING))
    assert ("warning", "cadastre.tilt") in codes(checked(street(tilt=0.6), **FACING))


def test_copies_of_planes_are_seen(checked):
    frame = street()
    twice = gpd.GeoDataFrame(
        {k: [*frame[k], frame[k][0]] for k in ("light", "tilt", "azi")},
        geometry=[*frame.geometry, frame.geometry[0]],
        crs=CRS,
    )
    assert codes(checked(twice, **FACING)) == [("warning", "cadastre.overlap")]


def test_coverage_and_planes_of_no_building(checked):
    frame = roofs()
    frame.loc[4, "geometry"] = shapely.box(WEST, SOUTH + 500.0, WEST + 5.0, SOUTH + 505.0)
    inspection = checked(frame, **LIGHT)
    assert ("warning", "cadastre.coverage") in codes(inspection)
    assert ("warning", "cadastre.unmatched") in codes(inspection)
    assert inspection.facts["unmatched"] == 1
    away = roofs().translate(900.0).to_frame("geometry").assign(light=1000.0)
    assert ("error", "cadastre.coverage") in codes(checked(gpd.GeoDataFrame(away), **LIGHT))


def test_plan_and_slope_are_told_apart(checked):
    options = {**FACING, "area_column": "opp", "area_kind": "sloped"}
    right = street(opp=[10.0 / np.cos(np.radians(35.0))] * 40)
    assert codes(checked(right, **options)) == []
    wrong = street(opp=[10.0] * 40)
    assert codes(checked(wrong, **options)) == [("warning", "cadastre.area")]
    assert codes(checked(wrong, **{**options, "area_kind": "plan"})) == []


@pytest.mark.parametrize(
    ("kept", "stated", "found"),
    [
        (0.82, True, []),
        (1.0, True, [("warning", "cadastre.losses")]),
        (1.0, False, []),
        (0.82, False, [("warning", "cadastre.losses")]),
        (10.0, True, [("warning", "cadastre.factor")]),
    ],
)
def test_losses_are_not_taken_off_twice(checked, kept, stated, found):
    frame = street()
    frame = frame.assign(kwp=2.0, kwh=2.0 * frame["light"] * kept)
    inspection = checked(
        frame, **FACING, kwp_column="kwp", yield_column="kwh", yield_includes_losses=stated
    )
    assert codes(inspection) == found
    assert inspection.facts["kwh_per_kwp"] > 0.0


def test_numbers_that_are_none_missing_or_negative(checked):
    words = roofs(light=["veel"] * 5)
    assert ("error", "cadastre.numbers") in codes(checked(words, **LIGHT))
    gaps = roofs(light=[np.nan, 700.0, 1150.0, -9999.0, 1000.0])
    found = codes(checked(gaps, **LIGHT))
    assert ("info", "cadastre.missing") in found
    assert ("error", "cadastre.negative") in found


@pytest.mark.parametrize("licence", [None, "niet vermeld", "CC-BY-NC-4.0"])
def test_a_licence_that_does_not_let_others_see(checked, licence):
    source = None if licence is None else {**OPEN, "licence": licence}
    assert ("warning", "cadastre.licence") in codes(checked(street(), **FACING, source=source))


def test_columns_files_and_systems_that_are_not_there(checked, tmp_path):
    assert ("error", "file.unreadable") in codes(checked(roofs().drop(columns="light"), **LIGHT))
    moved = roofs().to_crs("EPSG:3812")
    assert ("error", "crs.differs") in codes(checked(moved, **LIGHT))
    assert ("error", "file.missing") in codes(checked(tmp_path / "no.tif", kind="raster"))


def test_a_raster_is_compared_with_the_footprints(checked, tmp_path):
    inspection = checked(write_raster(tmp_path / "a.tif"), kind="raster")
    assert codes(inspection) == [("warning", "cadastre.coverage")]
    assert inspection.facts["footprints_covered"] == 0.75
    months = checked(write_raster(tmp_path / "m.tif", bands=12), kind="raster")
    assert months.facts["median_irradiation_kwh_m2"] == pytest.approx(
        inspection.facts["median_irradiation_kwh_m2"]
    )
    unit = checked(write_raster(tmp_path / "w.tif", scale=1000.0), kind="raster")
    assert ("warning", "cadastre.unit") in codes(unit)
    assert ("error", "raster.unreadable") in codes(
        checked(write_raster(tmp_path / "t.tif", bands=3), kind="raster")
    )
    other = Place(CRS, GeoBox(10, 10, 1.0, WEST, SOUTH + 10.0, CRS))
    beside = checked(write_raster(tmp_path / "b.tif"), place=other, kind="raster")
    assert ("error", "cadastre.cells") in codes(beside)
    dark = checked(write_raster(tmp_path / "z.tif", scale=0.0), kind="raster")
    assert ("warning", "cadastre.zeros") in codes(dark)
