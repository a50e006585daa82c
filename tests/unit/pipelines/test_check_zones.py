"""The check of policy zones: overlaps, holes, layers that are not given."""

from __future__ import annotations

import geopandas as gpd
import pytest
import shapely

from zonnekaart.config import parse_project
from zonnekaart.geo.geobox import GeoBox
from zonnekaart.pipelines.checks.buildings import check_buildings
from zonnekaart.pipelines.checks.place import Place
from zonnekaart.pipelines.checks.zones import check_zones

CRS = "EPSG:31370"
PLACE = Place(CRS, GeoBox(400, 400, 1.0, 180000.0, 198400.0, CRS))


def square(x, y, side):
    return shapely.box(180000.0 + x, 198000.0 + y, 180000.0 + x + side, 198000.0 + y + side)


@pytest.fixture
def findings(tmp_path):
    """Write zones beside two buildings and return what the check says."""

    def look(zones, unit="own", key="zones"):
        frames = {"buildings": [square(110, 110, 10), square(300, 300, 10)], key: zones}
        for name, shapes in frames.items():
            ids = [f"{name[0]}{k}" for k in range(len(shapes))]
            frame = gpd.GeoDataFrame({"ident": ids}, geometry=shapes, crs=CRS)
            frame.to_file(tmp_path / f"{name}.gpkg")
        inputs = {name: {"path": f"{name}.gpkg", "id_column": "ident"} for name in frames}
        raw = {
            "project": {"name": "Test", "crs": CRS},
            "inputs": {"dsm": {"path": "a.tif"}, "weather": {"path": "b.epw"}, **inputs},
            "zones": {"unit": unit},
        }
        project = parse_project(raw, tmp_path / "zonnekaart.toml")
        found = check_zones(project, PLACE, check_buildings(project, PLACE))
        return [(f.code, f.severity, f.found) for i in found for f in i.findings]

    return look


def test_zones_side_by_side_are_sound(findings):
    assert findings([square(0, 0, 200), square(200, 0, 200), square(0, 200, 200)]) == []


def test_overlapping_zones_are_named_with_their_area(findings):
    ((code, severity, found),) = findings([square(0, 0, 200), square(100, 0, 200)])
    assert (code, severity) == ("areas.overlap", "error")
    assert "z0 and z1 share 20000 m2" in found


@pytest.mark.parametrize("unit", [("own", "zones"), ("cabin_areas", "sharing_areas")])
def test_a_hole_with_a_building_is_an_error_with_its_id_and_area(findings, unit):
    ring = square(0, 0, 390).difference(square(100, 100, 40))
    ((code, severity, found),) = findings([ring], *unit)
    assert (code, severity) == ("areas.hole", "error")
    assert found == "a hole of 1600 m2 with 1 building: b0"


def test_a_hole_without_buildings_is_a_warning(findings):
    ring = square(0, 0, 390).difference(square(200, 200, 30))
    ((code, severity, found),) = findings([ring])
    assert (code, severity) == ("areas.empty_hole", "warning")
    assert "900 m2" in found


def test_a_unit_without_its_layer_is_an_error(findings):
    ((code, severity, _),) = findings([square(0, 0, 10)], "blocks")
    assert (code, severity) == ("zones.layer", "error")


def test_zones_that_the_unit_does_not_use_are_left_alone(findings):
    assert findings([square(0, 0, 200), square(100, 0, 200)], "areas") == []
