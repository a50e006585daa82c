"""The matrix pages and what they read."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from zonnekaart.api.app import create_app
from zonnekaart.config import Settings

PAGES = ("/matrix", "/ervaring", "/stappenplan")


def test_both_matrices_are_served_with_what_the_gaps_touch(client):
    answer = client.get("/api/matrix")
    assert answer.status_code == 200
    found = answer.json()
    assert len(found["sources"]) == 85
    assert len(found["missing"]) == 22
    assert len(found["project"]["gaps"]) >= 22
    assert {"properties", "values", "words"} == set(found["labels"])
    names = set(found["labels"]["properties"])
    assert all(set(row["properties"]) == names for row in found["sources"])


def test_no_path_of_the_machine_is_served(client, build):
    assert str(build.parent) not in client.get("/api/matrix").text


@pytest.mark.parametrize("address", PAGES)
def test_pages_are_the_packages_own(build, address):
    answer = TestClient(create_app(Settings(build=build))).get(address)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert 'src="/static/' in answer.text


@pytest.mark.parametrize("address", PAGES)
def test_page_that_is_not_there_is_not_found(client, address):
    assert client.get(address).status_code == 404


def test_build_of_before_the_matrix_says_what_to_do(build, tmp_path, web):
    for name in ("published.json", "warehouse.duckdb", "tiles"):
        (tmp_path / name).symlink_to(build / name)
    (tmp_path / "serving").mkdir()
    for path in (build / "serving").glob("*.tif"):
        (tmp_path / "serving" / path.name).symlink_to(path)
    answer = TestClient(create_app(Settings(build=tmp_path, web=web))).get("/api/matrix")
    assert answer.status_code == 503
    assert answer.json()["code"] == "not_built"
