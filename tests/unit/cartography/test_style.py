from __future__ import annotations

import json

import pytest

from zonnekaart.cartography.classes import CLASSES
from zonnekaart.cartography.style import StyleInput, TileSource, map_style

GROUPS = {"background", "irradiation", "roofs", "zones"}


def _given(**changes: object) -> StyleInput:
    values: dict[str, object] = {
        "name": "Dorp",
        "bounds_lonlat": (4.7, 51.0, 4.9, 51.2),
        "vector": {
            name: TileSource(8, 16) for name in ("zones", "buildings", "roof_planes", "background")
        },
        "raster": {"irradiation": TileSource(10, 17), "hillshade": TileSource(10, 17)},
        **changes,
    }
    return StyleInput(**values)


def test_is_plain_json_of_version_8():
    style = map_style(_given())
    assert json.loads(json.dumps(style)) == style
    assert style["version"] == 8


def test_needs_nothing_from_outside():
    text = json.dumps(map_style(_given(base="http://here")))
    assert "glyphs" not in map_style(_given())
    assert "sprite" not in map_style(_given())
    addresses = [part for part in text.split('"') if "//" in part]
    assert addresses
    assert all(a.startswith("http://here/") for a in addresses)


def test_every_layer_has_a_group_and_an_existing_source():
    style = map_style(_given())
    assert {layer["metadata"]["group"] for layer in style["layers"]} == GROUPS
    assert len({layer["id"] for layer in style["layers"]}) == len(style["layers"])
    named = {layer["source"] for layer in style["layers"] if "source" in layer}
    assert named == set(style["sources"])


def test_a_layer_that_is_not_published_leaves_no_trace():
    style = map_style(_given(raster={}))
    assert "hillshade" not in {layer["id"] for layer in style["layers"]}
    assert "irradiation" not in style["sources"]


def test_zones_are_coloured_by_class_and_carry_the_symbol():
    layers = {layer["id"]: layer for layer in map_style(_given())["layers"]}
    match = layers["zones-fill"]["paint"]["fill-color"]
    pairs = dict(zip(match[2:-1:2], match[3:-1:2], strict=True))
    assert pairs == {look.id: look.color for look in CLASSES.values()}
    assert layers["zones-symbol"]["layout"]["icon-image"][1] == "class-"
    assert layers["zones-hatch"]["paint"]["fill-pattern"] == "hatch"


def test_irradiation_waits_to_be_asked_for():
    layers = {layer["id"]: layer for layer in map_style(_given())["layers"]}
    assert layers["irradiation"]["layout"]["visibility"] == "none"
    assert layers["hillshade"]["paint"]["raster-opacity"] == pytest.approx(0.25)
    assert layers["roofs-fill"]["minzoom"] == 16


def test_the_run_stands_in_tile_addresses():
    sources = map_style(_given(version="abc"))["sources"]
    assert sources["zones"]["tiles"] == ["/tiles/zones/{z}/{x}/{y}.mvt?v=abc"]
    assert sources["irradiation"]["tiles"] == ["/raster/irradiation/{z}/{x}/{y}.png?v=abc"]
