from __future__ import annotations

import json
import shutil

import pytest
from fastapi.testclient import TestClient

from zonnekaart.api.app import create_app
from zonnekaart.config import MapTable, Settings, parse_project
from zonnekaart.errors import ConfigError
from zonnekaart.pipelines.publishing.layers import outside_layer

TILES = "https://tiles.example:8443/wmts/{z}/{y}/{x}.png"


@pytest.fixture
def outside(build, web, tmp_path) -> TestClient:
    """A client of a build whose project names a background of another server."""
    own = tmp_path / "build"
    shutil.copytree(build, own)
    published = json.loads((own / "published.json").read_text("utf-8"))
    layer = outside_layer(MapTable(background_wmts=TILES, background_attribution="©"))[0]
    published["layers"].append(json.loads(layer.model_dump_json(by_alias=True)))
    (own / "published.json").write_text(json.dumps(published), encoding="utf-8")
    return TestClient(create_app(Settings(build=own, web=web)))


def test_no_other_host_is_allowed_unless_a_project_names_one(client):
    policy = client.get("/").headers["content-security-policy"]
    assert "https:" not in policy
    style = client.get("/api/style.json").json()
    assert "outside" not in style["sources"]


def test_exactly_the_named_host_is_allowed_and_only_for_the_page(outside):
    policy = outside.get("/").headers["content-security-policy"]
    allowed = [word for part in policy.split(";") for word in part.split() if "https" in word]
    assert allowed == ["https://tiles.example:8443"] * 2
    assert "https" not in outside.get("/api/project").headers["content-security-policy"]
    style = outside.get("/api/style.json").json()
    assert style["sources"]["outside"]["tiles"] == [TILES]
    order = [layer["id"] for layer in style["layers"]]
    assert order.index("outside") == order.index("paper") + 1


@pytest.mark.parametrize(
    "address",
    [
        "http://tiles.example/{z}/{x}/{y}",
        "https://tiles.example/{z}/{x}.png",
        "https://tiles.example/{z}/{x}/{y}; script-src *",
        "https://a.example https://b.example/{z}/{x}/{y}",
        "https://*/{z}/{x}/{y}",
        "file:///{z}/{x}/{y}",
    ],
)
def test_an_address_that_could_widen_the_policy_is_refused(address, tmp_path):
    raw = {
        "project": {"name": "a", "crs": "EPSG:31370"},
        "inputs": {
            "dsm": {"path": "a"},
            "buildings": {"path": "a"},
            "weather": {"path": "a"},
        },
    }
    parse_project(raw, tmp_path / "p.toml")
    with pytest.raises(ConfigError, match="background_wmts"):
        parse_project({**raw, "map": {"background_wmts": address}}, tmp_path / "p.toml")
