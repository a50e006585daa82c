"""What a project must state before a cadastre's figures mean anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from zonnekaart.config import parse_project
from zonnekaart.errors import ConfigError

HEIGHTS = {"dsm": {"path": "dsm.tif"}}


def parsed(cadastre=None, **others):
    inputs = {"buildings": {"path": "b.gpkg"}, "weather": {"path": "w.epw"}, **others}
    if cadastre is not None:
        inputs["cadastre"] = {"path": "c.gpkg", **cadastre}
    raw = {"project": {"name": "x", "crs": "EPSG:31370"}, "inputs": inputs}
    return parse_project(raw, Path("p.toml")).inputs


@pytest.mark.parametrize(
    ("cadastre", "wanted"),
    [
        ({"kind": "roofs"}, "irradiation_column, yield_column or kwp_column"),
        ({"kind": "buildings"}, "yield_column or kwp_column"),
        ({"kind": "buildings", "yield_column": "kwh"}, "yield_includes_losses"),
        ({"kind": "roofs", "irradiation_column": "i", "azimuth_column": "a"}, "azimuth_zero"),
        ({"kind": "roofs", "irradiation_column": "i", "area_column": "a"}, "area_kind"),
        ({"kind": "roofs", "irradiation_column": "i", "class_column": "c"}, "class_values"),
        ({"kind": "raster", "irradiation_unit": "MWh"}, "for a raster"),
        (
            {
                "kind": "roofs",
                "irradiation_column": "i",
                "monthly_irradiation_columns": ["a", "b"],
            },
            "12 names",
        ),
    ],
)
def test_what_would_have_to_be_guessed_is_refused(cadastre, wanted):
    with pytest.raises(ConfigError, match=wanted) as caught:
        parsed(cadastre)
    assert caught.value.subject.endswith("inputs.cadastre")


def test_unknown_kind_and_class_are_refused():
    with pytest.raises(ConfigError, match="'points'"):
        parsed({"kind": "points"})
    with pytest.raises(ConfigError, match="'superb'"):
        parsed(
            {
                "kind": "roofs",
                "irradiation_column": "i",
                "class_column": "c",
                "class_values": {"A": "superb"},
            }
        )


def test_a_project_needs_one_source_of_roofs():
    with pytest.raises(ConfigError, match=r"\[inputs.dsm\] or \[inputs.cadastre\]"):
        parsed()
    with pytest.raises(ConfigError, match="both tell where"):
        parsed({"kind": "roofs", "irradiation_column": "i"}, **HEIGHTS)
    with pytest.raises(ConfigError, match="bare ground"):
        parsed({"kind": "raster"}, dtm={"path": "dtm.tif"})


def test_weather_stays_needed_beside_a_cadastre():
    raw = {
        "project": {"name": "x", "crs": "EPSG:31370"},
        "inputs": {
            "buildings": {"path": "b.gpkg"},
            "cadastre": {"kind": "raster", "path": "c.tif"},
        },
    }
    with pytest.raises(ConfigError, match=r"inputs\.weather"):
        parse_project(raw, Path("p.toml"))


def test_heights_and_a_raster_of_light_go_together():
    found = parsed({"kind": "raster"}, **HEIGHTS)
    assert found.dsm is not None
    assert found.cadastre is not None


def test_named_columns_count_the_months():
    months = [f"m{n}" for n in range(12)]
    options = parsed(
        {"kind": "roofs", "irradiation_column": "i", "monthly_irradiation_columns": months}
    ).cadastre
    assert list(options.named_columns.values()) == ["i", *months]
