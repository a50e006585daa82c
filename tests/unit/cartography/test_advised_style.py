"""Advised zones in the style: off at first, coloured by class, signs on points of their own."""

from zonnekaart.cartography.style import StyleInput, TileSource, map_style


def style(*layers):
    tiles = {name: TileSource(8, 16) for name in layers}
    return map_style(StyleInput("Dorp", (4.7, 51.0, 4.9, 51.2), tiles, {}))


def test_advised_zones_are_off_at_first_and_zones_on():
    layers = {layer["id"]: layer for layer in style("zones", "advised_zones")["layers"]}
    advised = [layer for name, layer in layers.items() if name.startswith("advised-")]
    assert len(advised) == 4
    assert all(layer["layout"]["visibility"] == "none" for layer in advised)
    assert "layout" not in layers["zones-fill"]
    fill = layers["advised-fill"]["paint"]["fill-color"]
    assert fill == layers["zones-fill"]["paint"]["fill-color"]


def test_signs_hang_on_points_and_not_on_cut_polygons():
    made = style("zones", "advised_zones")
    sign = next(layer for layer in made["layers"] if layer["id"] == "advised-sign")
    assert "source-layer" not in sign
    assert made["sources"][sign["source"]]["data"] == "/api/advised_labels.geojson"


def test_without_advised_zones_nothing_of_them_is_left():
    made = style("zones")
    assert not [layer for layer in made["layers"] if "advised" in layer["id"]]
    assert set(made["sources"]) == {"zones", "zone_points"}
