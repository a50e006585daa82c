"""``fetch`` against real servers on this machine, and the files it leaves for ``prepare``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from zonnekaart.cli.main import main
from zonnekaart.io.provenance import record_path
from zonnekaart.io.raster import HeightReader
from zonnekaart.io.services.endpoints import Endpoint
from zonnekaart.io.services.features import Query, fetch_features
from zonnekaart.io.services.http import Client, Politeness, ServiceError
from zonnekaart.io.vector import read_layer

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.shared

ENTRY = """
[[endpoints]]
id = "{id}"
kind = "{kind}"
url = "{url}"
collection = "{collection}"
{more}
title = "t {id}"
licence = "l"
attribution = "a"
source = "s"
matrix_id = "SUP-06"
requests_per_second = 20.0
called_live = true
"""


def entries(folder: Path, mapserver: str, portals: str) -> Path:
    path = folder / "endpoints.toml"
    ogc = f"{mapserver}/degrees/ogcapi"
    rows = [
        ("municipality", "ogc_features", ogc, "Refgem", 'nis_property = "NISCODE"'),
        ("buildings", "ogc_features", ogc, "Buildings", ""),
        ("heritage", "wfs", mapserver, "ms:GBG", ""),
        ("dsm", "wcs", mapserver, "DSM", ""),
        ("consumption", "opendatasoft", portals, "1_03-straat", 'name_property = "gemeente"'),
        ("gone", "opendatasoft", portals, "9_99-gone", ""),
        ("weather", "pvgis", portals, "tmy", ""),
        ("place", "geopunt", portals, "Location", ""),
    ]
    keys = ("id", "kind", "url", "collection", "more")
    text = "".join(ENTRY.format(**dict(zip(keys, row, strict=True))) for row in rows)
    path.write_text(f'compiled = "2026-11-24"\n{text}')
    return path


def fetched(folder: Path, endpoints: Path, *options: str) -> int:
    return main(["fetch", "--endpoints", str(endpoints), "--out", str(folder / "in"),
                 "--attempts", "1", *options])  # fmt: skip


def test_a_municipality_by_its_code(
    tmp_path: Path, mapserver: str, portals: str, essen_files: dict[str, Path]
) -> None:
    endpoints = entries(tmp_path, mapserver, portals)
    what = "buildings,heritage,dsm,consumption,weather"
    code = fetched(tmp_path, endpoints, "--nis", "11016", "--name", "ESSEN", "--what", what,
                   "--page", "400", "--halo", "50")  # fmt: skip
    assert code == 0
    got = tmp_path / "in"
    place = read_layer(got / "municipality.gpkg")
    assert place["NAAM"].tolist() == ["Essen"]
    whole = read_layer(essen_files["buildings"])
    expected = whole[whole.intersects(place.union_all().envelope)]
    for name in ("buildings", "heritage"):
        found = read_layer(got / f"{name}.gpkg")
        assert found.crs.to_epsg() == 31370
        ids = set(found["OIDN"].astype(int))
        # An extent in degrees is a little wider than the same one in Lambert.
        assert set(expected["OIDN"]) <= ids
        assert len(ids) <= len(expected) + 5
        areas = found.assign(OIDN=found["OIDN"].astype(int)).set_index("OIDN").area
        own = expected.set_index("OIDN").area
        assert areas[own.index].to_numpy() == pytest.approx(own.to_numpy(), rel=0.05)
        moved = found.set_geometry(found.centroid).set_index(found["OIDN"].astype(int))
        apart = moved.loc[own.index].distance(expected.set_index("OIDN").centroid)
        assert apart.max() < 0.15  # MapServer writes degrees with six decimals: a decimetre
    rows = (got / "consumption.csv").read_text("utf-8-sig").splitlines()
    assert len(rows) == 41
    record = json.loads(record_path(got / "dsm").read_text())
    assert record["sources"][0]["licence"] == "l"
    assert "tmy_hourly" in json.loads((got / "weather.json").read_text())["outputs"]


def test_pages_that_lose_the_query_are_seen(
    tmp_path: Path, mapserver: str, portals: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """MapServer 8.0 forgets bounds and place on the second page of its OGC API; WFS pages well."""
    endpoints = entries(tmp_path, mapserver, portals)
    what = "buildings,heritage"
    assert fetched(tmp_path, endpoints, "--nis", "11016", "--what", what, "--page", "70") == 3
    assert "larger page" in capsys.readouterr().err
    assert not (tmp_path / "in" / "buildings.gpkg").exists()
    assert len(read_layer(tmp_path / "in" / "heritage.gpkg")) > 70


def test_heights_come_cell_by_cell(
    tmp_path: Path, mapserver: str, portals: str, essen_files: dict[str, Path]
) -> None:
    endpoints = entries(tmp_path, mapserver, portals)
    bounds = ("156250", "239300", "156420", "239480")
    fetched(tmp_path, endpoints, "--bounds", *bounds, "--what", "dsm", "--halo", "10")
    out = tmp_path / "dsm.tif"
    assert main(["prepare", "heights", str(tmp_path / "in" / "dsm"), "--out", str(out)]) == 0
    with HeightReader(out) as ours, HeightReader(essen_files["dsm"]) as whole:
        box = ours.geobox
        assert box.bounds == (156240, 239290, 156430, 239490)
        row, col = round(whole.geobox.north - box.north), round(box.west - whole.geobox.west)
        np.testing.assert_array_equal(ours.read(), whole.read(row, col, box.rows, box.cols))
    assert json.loads(record_path(out).read_text())["sources"]


def test_a_place_by_its_name(tmp_path: Path, mapserver: str, portals: str) -> None:
    endpoints = entries(tmp_path, mapserver, portals)
    assert fetched(tmp_path, endpoints, "--name", "Essen", "--what", "buildings") == 0
    assert len(read_layer(tmp_path / "in" / "buildings.gpkg")) > 20
    assert fetched(tmp_path, endpoints, "--name", "Nergens", "--what", "buildings") == 2


def test_what_fails_is_named_and_the_rest_stays(
    tmp_path: Path, mapserver: str, portals: str, capsys: pytest.CaptureFixture[str]
) -> None:
    endpoints = entries(tmp_path, mapserver, portals)
    code = fetched(tmp_path, endpoints, "--nis", "11016", "--what", "gone,weather")
    assert code == 3
    assert "Unknown dataset" in capsys.readouterr().err
    assert (tmp_path / "in" / "weather.json").is_file()
    assert not (tmp_path / "in" / "gone.csv").exists()


def test_a_code_that_nobody_has_is_an_empty_set(
    tmp_path: Path, mapserver: str, portals: str, capsys: pytest.CaptureFixture[str]
) -> None:
    endpoints = entries(tmp_path, mapserver, portals)
    assert fetched(tmp_path, endpoints, "--nis", "99999", "--what", "buildings") == 2
    assert "an empty set" in capsys.readouterr().err


def test_a_data_set_that_is_not_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["fetch", "--nis", "11016", "--what", "gold", "--out", str(tmp_path)])
    assert code == 2
    assert "some of: municipality, buildings" in capsys.readouterr().err


@pytest.mark.parametrize("kind", ["wfs", "ogc_features"])
def test_a_renamed_collection_is_named(tmp_path: Path, mapserver: str, kind: str) -> None:
    url = mapserver if kind == "wfs" else f"{mapserver}/degrees/ogcapi"
    endpoint = Endpoint(
        id="a", kind=kind, url=url, collection="OLD", title="t", licence="l",
        attribution="a", source="s", requests_per_second=20.0, called_live=True,
    )  # fmt: skip
    client = Client(tmp_path, Politeness(attempts=1))
    with pytest.raises(ServiceError, match=r"OLD|HTTP 404"):
        fetch_features(client, endpoint, Query("EPSG:31370", (156000, 239000, 157000, 240000)))
    client.close()


def test_bounds_in_another_system_reach_nothing(
    tmp_path: Path, mapserver: str, portals: str, capsys: pytest.CaptureFixture[str]
) -> None:
    endpoints = entries(tmp_path, mapserver, portals)
    bounds = ("656100", "739200", "656700", "739700")
    for what in ("buildings", "dsm"):
        assert fetched(tmp_path, endpoints, "--bounds", *bounds, "--what", what) == 2
    said = capsys.readouterr().err
    assert "an empty set" in said
    assert "Lambert 2008 lies 500 km beside" in said
