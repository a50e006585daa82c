from __future__ import annotations

import pytest

from zonnekaart.errors import LicenceError
from zonnekaart.io.licences import require_redistributable, sources_of, verdict_on
from zonnekaart.io.publishable import LAYERS
from zonnekaart.io.published import SourceInfo


@pytest.mark.parametrize(
    ("licence", "verdict"),
    [
        ("CC0-1.0", "allowed"),
        ("CC BY 4.0", "allowed"),
        ("Gratis Open Data Licentie Vlaanderen v1.2 (afgeleid werk)", "allowed"),
        ("Fluvius open data (naam en datum van laatste wijziging vermelden)", "allowed"),
        ("CC BY-SA 4.0", "share_alike"),
        ("ODbL 1.0", "share_alike"),
        ("CC BY-ND 4.0", "forbidden"),
        ("cc by-nc-nd 4.0", "forbidden"),
        ("Google Maps Platform EEA terms", "forbidden"),
        ("vertrouwelijk, onder protocol", "forbidden"),
        ("not stated", "unclear"),
        ("", "unclear"),
    ],
)
def test_licences_as_projects_write_them(licence, verdict):
    assert verdict_on(licence).redistribution == verdict


def test_what_the_project_says_goes_before_the_table():
    assert verdict_on("CC0-1.0", "forbidden").redistribution == "forbidden"
    assert verdict_on("CC BY-ND 4.0", "allowed").redistribution == "allowed"


def source(role, licence="CC BY-ND 4.0"):
    return SourceInfo(role=role, title=f"Title of {role}", licence=licence, date="2024")


def test_zones_rest_on_all_and_roofs_on_what_made_them():
    sources = [source("dsm"), source("consumption"), source("sites.2"), source("areas")]
    assert sources_of("zones", sources) == sources
    assert [s.role for s in sources_of("roof_planes", sources)] == ["dsm"]
    assert [s.role for s in sources_of("supply_sites", sources)] == ["dsm", "sites.2", "areas"]
    assert sources_of("a layer of later", sources) == sources


@pytest.mark.parametrize("layer", LAYERS)
def test_every_closed_source_is_named(layer):
    with pytest.raises(LicenceError) as caught:
        require_redistributable(layer, [source("dsm"), source("weather"), source("x", "CC0")])
    assert [text.partition(":")[0] for text in caught.value.sources] == ["dsm", "weather"]


def test_open_sources_pass():
    require_redistributable("zones", [source("dsm", "CC0-1.0"), source("areas", "not stated")])
