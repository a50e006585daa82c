"""``/mockups`` hands out what stands in the build folder, and nothing else."""

from __future__ import annotations

import shutil

import pytest
from fastapi.testclient import TestClient

from zonnekaart.api.app import create_app
from zonnekaart.config import Settings

PAGE = "<!DOCTYPE html><html><head><title>Raad: zon &amp; net</title></head><body>x</body></html>"


@pytest.fixture
def served(build, web, tmp_path):
    copy = tmp_path / "build"
    shutil.copytree(build, copy)
    folder = copy / "mockups"
    folder.mkdir()
    (folder / "schepen-nl.html").write_text(PAGE, encoding="utf-8")
    (folder / "schepen-nl.pdf").write_bytes(b"%PDF-")
    (folder / "Secret-nl.html").write_text("no", encoding="utf-8")
    (folder / "notes.html").write_text("no", encoding="utf-8")
    (folder / "link-nl.html").symlink_to("/etc/hostname")
    return TestClient(create_app(Settings(build=copy, web=web)))


def test_the_list_names_what_is_there(served):
    answer = served.get("/mockups")
    assert answer.status_code == 200
    assert '<a href="mockups/schepen-nl">Raad: zon &amp; net</a> (nl)' in answer.text
    assert answer.text.count("<li>") == 1


def test_a_mockup_is_shut_in(served):
    answer = served.get("/mockups/schepen-nl")
    assert answer.text == PAGE
    policy = answer.headers["content-security-policy"]
    assert "sandbox allow-scripts" in policy
    assert "allow-same-origin" not in policy
    assert "default-src 'none'" in policy
    assert "connect-src" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    # Known to the client already.
    again = served.get("/mockups/schepen-nl", headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(
    "name",
    [
        "none-nl",
        "link-nl",
        "Secret-nl",
        "notes",
        "schepen-nl.html",
        "schepen-nl.pdf",
        "..%2fpublished",
        "..%2f..%2fetc%2fhostname",
        "schepen-nl%00",
    ],
)
def test_what_is_not_a_mockup_is_not_there(served, name):
    assert served.get(f"/mockups/{name}").status_code == 404


def test_without_mockups_the_list_says_how_to_make_them(client):
    answer = client.get("/mockups")
    assert answer.status_code == 200
    assert "zonnekaart mockup" in answer.text
