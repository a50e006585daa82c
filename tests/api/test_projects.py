"""Two projects side by side under one server."""

from __future__ import annotations

import shutil

import pytest
from fastapi.testclient import TestClient

from zonnekaart.api.app import create_app
from zonnekaart.config import Settings


@pytest.fixture(scope="module")
def two(build, web, tmp_path_factory):
    """A client of a server with the sample, a copy of it, and a project not built yet."""
    copy = tmp_path_factory.mktemp("second") / "build"
    shutil.copytree(build, copy)
    path = copy / "published.json"
    path.write_text(path.read_text("utf-8").replace('"Voorbeeld =1+1"', '"Tweede"'), "utf-8")
    empty = tmp_path_factory.mktemp("third")
    projects = {"eerste": build, "tweede": copy, "leeg": empty}
    return TestClient(create_app(Settings(projects=projects, web=web)))


def test_each_answers_under_its_name_and_the_first_without(two):
    for prefix, name in (
        ("", "Voorbeeld =1+1"),
        ("/p/eerste", "Voorbeeld =1+1"),
        ("/p/tweede", "Tweede"),
    ):
        assert two.get(f"{prefix}/api/project").json()["name"] == name
        assert two.get(f"{prefix}/ogc").json()["title"] == name
        assert two.get(f"{prefix}/").status_code == 200
    assert two.get("/p/leeg/api/project").status_code == 503
    assert two.get("/p/nope/api/project").status_code == 404


def test_addresses_in_answers_stay_within_the_project(two):
    base = "http://testserver/p/tweede"
    style = two.get("/p/tweede/api/style.json").text
    assert f"{base}/tiles/zones/" in style
    assert two.get("/p/tweede/tiles/zones.json").json()["tiles"][0].startswith(f"{base}/tiles/")
    for link in two.get("/p/tweede/ogc").json()["links"]:
        assert link["href"].startswith(base) or link["rel"] == "service-desc"
    page = two.get("/p/tweede/ogc/collections/buildings/items?limit=10").json()
    (after,) = [x["href"] for x in page["links"] if x["rel"] == "next"]
    assert after.startswith(base)
    assert two.get(after).json()["numberReturned"] == 10
    assert f"{base}/tiles/zones.pmtiles" in two.get("/p/tweede/catalog").text


def test_the_list_says_which_are_ready(two):
    found = {x["id"]: x for x in two.get("/api/projects").json()}
    assert [x["ready"] for x in found.values()] == [True, True, False]
    assert found["tweede"] == {
        "id": "tweede",
        "title": "Tweede",
        "href": "/p/tweede/",
        "ready": True,
    }


def test_without_the_slash_leads_to_the_page(two):
    answer = two.get("/p/tweede", follow_redirects=False, headers={"host": "evil.example"})
    assert answer.status_code == 308
    assert answer.headers["location"] == "/p/tweede/"


def test_a_server_of_one_project_without_a_name_has_no_list(client):
    assert client.get("/api/projects").json() == []
