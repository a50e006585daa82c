"""Every policy unit on one small place with two streets, two cabins, four corners."""

from __future__ import annotations

import geopandas as gpd
import pytest
import shapely

from zonnekaart.config import parse_project
from zonnekaart.errors import ConfigError, VectorError
from zonnekaart.io.vector import write_layer
from zonnekaart.pipelines.areas import policy_zones
from zonnekaart.quantities import ZONE_KINDS

CRS = "EPSG:31370"
LAND = shapely.box(0, 0, 400, 400)
LAYERS = {
    "areas": {"path": "areas.gpkg", "id_column": "code", "name_column": "name"},
    "roads": {"path": "roads.gpkg", "id_column": "code", "name_column": "name"},
    "cabins": {"path": "cabins.gpkg", "id_column": "code"},
    "zones": {"path": "own.gpkg", "id_column": "code", "name_column": "name"},
    "sharing_areas": {"path": "own.gpkg", "id_column": "code", "name_column": "name"},
}
KINDS = {
    "areas": ("area", 1),
    "street_segments": ("street_segment", 4),
    "blocks": ("block", 4),
    "cabin_areas": ("cabin_area", 2),
    "own": ("own_zone", 2),
    "cells": ("cell", 4),
}


def write(folder, name, shapes, codes, names=None):
    frame = gpd.GeoDataFrame({"code": codes, "name": names or codes}, geometry=shapes, crs=CRS)
    write_layer(frame, folder / f"{name}.gpkg", "GPKG", layer=name)


@pytest.fixture
def place(tmp_path):
    write(tmp_path, "areas", [LAND], ["W1"], ["Wijk"])
    streets = [
        shapely.LineString([(0, 200), (400, 200)]),
        shapely.LineString([(200, 0), (200, 400)]),
    ]
    write(tmp_path, "roads", streets, ["r1", "r2"], ["Dorp", "Kerkstraat"])
    write(tmp_path, "cabins", shapely.points([[100, 200], [300, 200]]), ["c1", "c2"])
    write(
        tmp_path,
        "own",
        [shapely.box(0, 0, 400, 150), shapely.box(0, 150, 400, 400)],
        ["z1", "z2"],
        ["Zuid", "Noord"],
    )
    return tmp_path


def buildings():
    places = [(19 + 20 * k, y) for k in range(18) for y in (180, 220)]
    places += [(x, 19 + 20 * k) for k in range(18) if not 7 <= k <= 10 for x in (185, 215)]
    shapes = [shapely.box(x - 4, y - 4, x + 4, y + 4) for x, y in places]
    return gpd.GeoDataFrame(
        {
            "building_id": [f"b{n}" for n in range(len(shapes))],
            "use": "residential",
            "dwellings": 1,
        },
        geometry=shapes,
        crs=CRS,
    )


def project(folder, unit, layers, **zones):
    raw = {
        "project": {"name": "Kruispunt", "crs": CRS},
        "inputs": {
            "dsm": {"path": "dsm.tif"},
            "buildings": {"path": "buildings.gpkg"},
            "weather": {"path": "year.epw"},
            **{name: LAYERS[name] for name in layers},
        },
        "zones": {"unit": unit, **zones},
    }
    return parse_project(raw, folder / "zonnekaart.toml")


def needed(unit):
    extra = {"street_segments": ["roads"], "blocks": ["roads"], "cabin_areas": ["cabins"]}
    return ["areas", *extra.get(unit, []), *(["zones"] if unit == "own" else [])]


@pytest.mark.parametrize("unit", KINDS)
def test_each_unit_holds_every_building_once(place, unit):
    zones, found = policy_zones(project(place, unit, needed(unit)), buildings(), LAND)
    kind, count = KINDS[unit]
    assert set(zones["kind"]) == {kind} <= set(ZONE_KINDS)
    assert len(zones) == count
    assert zones["zone_id"].is_unique
    assert zones["name"].is_unique
    assert found["zone_id"].notna().all()
    assert zones["buildings"].sum() == len(found)
    held = found["zone_id"].value_counts()
    assert zones.set_index("zone_id")["buildings"].to_dict() == held.to_dict()
    assert zones.area.sum() == pytest.approx(zones.union_all().area, abs=0.1)


@pytest.mark.parametrize("unit", KINDS)
def test_ids_do_not_depend_on_the_order_of_files(place, unit):
    chosen = project(place, unit, needed(unit))
    before, held = policy_zones(chosen, buildings(), LAND)
    for name in ("roads", "cabins", "own"):
        frame = gpd.read_file(place / f"{name}.gpkg")[::-1]
        (place / f"{name}.gpkg").unlink()
        write_layer(frame, place / f"{name}.gpkg", "GPKG", layer=name)
    after, again = policy_zones(chosen, buildings()[::-1], LAND)
    assert set(before["zone_id"]) == set(after["zone_id"])
    assert (
        held.set_index("building_id")["zone_id"].sort_index().to_dict()
        == again.set_index("building_id")["zone_id"].sort_index().to_dict()
    )


def test_given_areas_of_cabins_go_before_their_points(place):
    chosen = project(place, "cabin_areas", ["areas", "cabins", "sharing_areas"])
    zones, _ = policy_zones(chosen, buildings(), LAND)
    assert zones["zone_id"].tolist() == ["z1", "z2"]
    assert set(zones["kind"]) == {"cabin_area"}


@pytest.mark.parametrize(
    ("unit", "key"),
    [
        ("street_segments", "inputs.roads"),
        ("blocks", "inputs.roads"),
        ("cabin_areas", "inputs.cabins"),
        ("own", "inputs.zones"),
    ],
)
def test_a_unit_without_its_layer_says_which(place, unit, key):
    with pytest.raises(ConfigError, match=rf"{key}.*\[{key}\]") as raised:
        policy_zones(project(place, unit, ["areas"]), buildings(), LAND)
    assert raised.value.subject.endswith(f"zonnekaart.toml: {key}")


def test_own_zones_that_overlap_are_named_with_the_area(place):
    (place / "own.gpkg").unlink()
    write(place, "own", [shapely.box(0, 0, 400, 250), shapely.box(0, 150, 400, 400)], ["z1", "z2"])
    with pytest.raises(VectorError, match=r"own zones z1 and z2: found 40000 m2"):
        policy_zones(project(place, "own", ["areas", "zones"]), buildings(), LAND)


def test_a_hole_with_buildings_is_refused_with_ids_and_area(place):
    (place / "own.gpkg").unlink()
    hole = shapely.box(7, 170, 31, 190)
    write(place, "own", [LAND.difference(hole)], ["z1"])
    with pytest.raises(VectorError, match=r"hole of 480 m2 .* 1 buildings: b0"):
        policy_zones(project(place, "own", ["areas", "zones"]), buildings(), LAND)


def test_a_hole_without_buildings_and_the_edge_of_the_map_are_no_fault(place):
    (place / "own.gpkg").unlink()
    hole = shapely.box(300, 300, 330, 330)
    write(place, "own", [shapely.box(0, 150, 400, 400).difference(hole)], ["z1"])
    _, found = policy_zones(project(place, "own", ["areas", "zones"]), buildings(), LAND)
    assert found["zone_id"].isna().any()
